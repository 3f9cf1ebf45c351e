/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coroutines on the event loop, as asyncio has them: create_task, await, gather, sleep.
 *
 * A coroutine is a plain C function on a fiber of its own. Awaiting a function at once is simply
 * calling it; wl_create_task makes it a coroutine that runs beside the caller. Those that can go on
 * stand in one queue, first come first served; when it is empty, the loop waits for events.
 *
 * Invariants: one thread; a coroutine is awaited exactly once, and that frees it; only a coroutine
 * may await, sleep or suspend; wake may come from a callback of the loop or from a coroutine.
 */
#ifndef WL_ASYNC_H
#define WL_ASYNC_H

#include <stddef.h>
#include <stdint.h>

struct wl_async;
struct wl_coro;
struct wl_loop;

typedef long wl_coro_main(void *arg);

struct wl_async *wl_async_new(void); /* NULL after a message */
void wl_async_free(struct wl_async *async);
struct wl_loop *wl_async_loop(struct wl_async *async);

/* Runs main as the first coroutine until it has ended. -1 after a message. */
int wl_async_run(struct wl_async *async, wl_coro_main *main, void *arg);

/* NULL after a message: no memory for its stack. */
struct wl_coro *wl_create_task(struct wl_async *async, wl_coro_main *main, void *arg);

/* Waits until the coroutine has ended and gives what it returned. */
long wl_await(struct wl_coro *coro);

/* Awaits all; the results stand in the order of coros, not of their ends. results may be NULL. */
void wl_gather(struct wl_coro **coros, size_t count, long *results);

void wl_async_sleep_until(struct wl_async *async, uint64_t deadline_ns);

/* What the above are made of: stop here until somebody wakes the coroutine. */
struct wl_coro *wl_async_current(struct wl_async *async);
void wl_async_suspend(struct wl_async *async);
void wl_async_wake(struct wl_coro *coro);

#endif
