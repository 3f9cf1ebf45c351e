/* SPDX-License-Identifier: GPL-2.0-only */
#include "fiber_stack.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "diag.h"

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define HAVE_VALGRIND 1
#endif
#endif

#ifdef WL_ASAN
#include <sanitizer/asan_interface.h>
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum { STACKS_PER_SLAB = 64, MPROTECT_GUARDS_MAX = 16384 };

static const uint64_t watchword = 0x5ca1ab1e0ddba11ULL;

/* More than a usual frame, so that one that oversteps it has left its return address in it. */
enum { WATCHED_WORDS = 128 };

struct slab {
    struct slab *next;
    char *memory;
    size_t bytes;
    struct wl_stack stacks[STACKS_PER_SLAB];
};

struct wl_fiber_pool {
    size_t stack_bytes, page_bytes;
    struct slab *slabs;
    struct wl_stack *unused;
    unsigned mprotect_guards;
    bool no_marker_guards; /* the kernel has said that it knows no MADV_GUARD_INSTALL */
};

struct wl_fiber_pool *wl_fiber_pool_new(size_t stack_bytes)
{
    struct wl_fiber_pool *pool = wl_alloc(1, sizeof(*pool));

    pool->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    pool->stack_bytes = (stack_bytes + pool->page_bytes - 1) & ~(pool->page_bytes - 1);
    return pool;
}

static void valgrind_register(struct wl_stack *stack)
{
#ifdef HAVE_VALGRIND
    stack->valgrind_id = VALGRIND_STACK_REGISTER(stack->bottom, stack->bottom + stack->bytes);
#else
    (void)stack;
#endif
}

static void valgrind_deregister(const struct wl_stack *stack)
{
#ifdef HAVE_VALGRIND
    VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
#endif
    (void)stack;
}

void wl_fiber_pool_free(struct wl_fiber_pool *pool)
{
    while (pool->slabs) {
        struct slab *slab = pool->slabs;

        pool->slabs = slab->next;
        for (int i = 0; i < STACKS_PER_SLAB; i++)
            valgrind_deregister(&slab->stacks[i]);
        munmap(slab->memory, slab->bytes);
        free(slab);
    }
    free(pool);
}

static bool guard(struct wl_fiber_pool *pool, char *page)
{
    if (!pool->no_marker_guards) {
        if (madvise(page, pool->page_bytes, MADV_GUARD_INSTALL) == 0)
            return true;
        pool->no_marker_guards = true;
    }
    if (pool->mprotect_guards >= MPROTECT_GUARDS_MAX || mprotect(page, pool->page_bytes, PROT_NONE))
        return false;
    pool->mprotect_guards++;
    return true;
}

/*
 * Reserved, not committed: a stack costs the pages it has touched. Huge pages must stay away, or
 * the first touch of one stack would commit its thirty neighbours as well.
 */
static struct slab *slab_new(struct wl_fiber_pool *pool)
{
    size_t pitch = pool->stack_bytes + pool->page_bytes;
    size_t bytes = pitch * STACKS_PER_SLAB;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    struct slab *slab;

    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    slab = wl_alloc(1, sizeof(*slab));
    slab->memory = memory;
    slab->bytes = bytes;
    for (int i = 0; i < STACKS_PER_SLAB; i++) {
        struct wl_stack *stack = &slab->stacks[i];

        stack->watched = !guard(pool, memory + (size_t)i * pitch);
        stack->bottom = memory + (size_t)i * pitch + pool->page_bytes;
        stack->bytes = pool->stack_bytes;
        stack->next = i ? &slab->stacks[i - 1] : NULL;
        valgrind_register(stack);
    }
    return slab;
}

/* A fiber that was freed half-way has left its variables' red zones behind. */
static void unpoison(const struct wl_stack *stack)
{
#ifdef WL_ASAN
    ASAN_UNPOISON_MEMORY_REGION(stack->bottom, stack->bytes);
#else
    (void)stack;
#endif
}

/* The watched words are written only where they are the sole guard: they cost a page of their own.
 */
struct wl_stack *wl_stack_take(struct wl_fiber_pool *pool)
{
    struct wl_stack *stack;

    if (!pool->unused) {
        struct slab *slab = slab_new(pool);

        if (!slab)
            return NULL;
        slab->next = pool->slabs;
        pool->slabs = slab;
        pool->unused = &slab->stacks[STACKS_PER_SLAB - 1];
    }
    stack = pool->unused;
    pool->unused = stack->next;
    unpoison(stack);
    for (size_t i = 0; stack->watched && i < WATCHED_WORDS; i++)
        ((uint64_t *)(void *)stack->bottom)[i] = watchword;
    return stack;
}

void wl_stack_return(struct wl_fiber_pool *pool, struct wl_stack *stack)
{
    stack->next = pool->unused;
    pool->unused = stack;
}

void wl_stack_check(const struct wl_stack *stack)
{
    const uint64_t *words = (const void *)stack->bottom;

    for (size_t i = 0; stack->watched && i < WATCHED_WORDS; i++)
        if (words[i] != watchword) {
            wl_error("a coroutine has run over the end of its stack");
            abort();
        }
}
