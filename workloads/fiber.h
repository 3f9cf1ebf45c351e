/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fibers: functions with a stack of their own that can stop in the middle and be resumed there.
 * The generator and the coroutines of the event loop are both built on them.
 *
 * Switching is a few instructions written by hand (fiber_switch.c). Rejected: ucontext, whose
 * swapcontext makes a sigprocmask system call at every switch, which would drown the trace; and
 * stackless step machines, because then a coroutine could not be written as plain C.
 *
 * Stacks come from a pool that maps them by the slab and keeps the used ones for the next fiber.
 * Below each stack lies a guard page. A guard made by mprotect costs two mappings, and a process
 * may have 65,530 in all, too few for 100,000 fibers. So the guards are page-table markers where
 * the kernel has them (MADV_GUARD_INSTALL, Linux 6.13), which cost no mapping at all. On an older
 * kernel the first 16,384 stacks get guards by mprotect and the ones after that only
 * watched words at their end: an overflow there is noticed at the next switch, after the fact, and
 * ends the program. fiber_stack.c has both.
 *
 * Invariants: a fiber is resumed only by the thread that made it and only while it is suspended;
 * resume returns when the fiber yields or its function returns; a fiber may resume others.
 */
#ifndef WL_FIBER_H
#define WL_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define WL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WL_ASAN 1
#endif
#endif

struct wl_fiber;
struct wl_fiber_pool;

typedef void wl_fiber_main(void *arg);

struct wl_fiber_pool *wl_fiber_pool_new(size_t stack_bytes);

/* All fibers of the pool must have been freed. */
void wl_fiber_pool_free(struct wl_fiber_pool *pool);

/* Suspended at its first instruction. NULL: no memory for a stack, errno says why. */
struct wl_fiber *wl_fiber_new(struct wl_fiber_pool *pool, wl_fiber_main *main, void *arg);

/* Also for a fiber that has not ended: its stack is taken away as it stands. */
void wl_fiber_free(struct wl_fiber *fiber);

void wl_fiber_resume(struct wl_fiber *fiber);
void wl_fiber_yield(void); /* back to who resumed the calling fiber */
bool wl_fiber_ended(const struct wl_fiber *fiber);

#endif
