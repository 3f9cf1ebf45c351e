/* SPDX-License-Identifier: GPL-2.0-only */
#include "async.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "fiber.h"
#include "loop.h"

/* Room for what a task may call, TLS handshakes of a blocking client included; only what is
 * touched costs memory. Sanitizers make frames several times as large. */
#ifdef WL_ASAN
enum { STACK_BYTES = 256 * 1024 };
#else
enum { STACK_BYTES = 128 * 1024 };
#endif

struct wl_coro {
    struct wl_async *async;
    struct wl_fiber *fiber;
    wl_coro_main *main;
    void *arg;
    long result;
    bool ended;
    struct wl_coro *waiter;     /* who awaits it */
    struct wl_coro *next_ready; /* in the queue */
};

struct wl_async {
    struct wl_loop *loop;
    struct wl_fiber_pool *pool;
    struct wl_coro *current;
    struct wl_coro *ready, **ready_end;
};

struct wl_async *wl_async_new(void)
{
    struct wl_loop *loop = wl_loop_new();
    struct wl_async *async;

    if (!loop)
        return NULL;
    async = wl_alloc(1, sizeof(*async));
    async->loop = loop;
    async->pool = wl_fiber_pool_new(STACK_BYTES);
    async->ready_end = &async->ready;
    return async;
}

void wl_async_free(struct wl_async *async)
{
    if (!async)
        return;
    wl_fiber_pool_free(async->pool);
    wl_loop_free(async->loop);
    free(async);
}

struct wl_loop *wl_async_loop(struct wl_async *async)
{
    return async->loop;
}

struct wl_coro *wl_async_current(struct wl_async *async)
{
    return async->current;
}

void wl_async_wake(struct wl_coro *coro)
{
    struct wl_async *async = coro->async;

    coro->next_ready = NULL;
    *async->ready_end = coro;
    async->ready_end = &coro->next_ready;
}

void wl_async_suspend(struct wl_async *async)
{
    (void)async;
    wl_fiber_yield();
}

static void coro_main(void *arg)
{
    struct wl_coro *coro = arg;

    coro->result = coro->main(coro->arg);
    coro->ended = true;
    if (coro->waiter)
        wl_async_wake(coro->waiter);
}

struct wl_coro *wl_create_task(struct wl_async *async, wl_coro_main *main, void *arg)
{
    struct wl_coro *coro = wl_alloc(1, sizeof(*coro));

    *coro = (struct wl_coro){.async = async, .main = main, .arg = arg};
    coro->fiber = wl_fiber_new(async->pool, coro_main, coro);
    if (!coro->fiber) {
        wl_error("no stack for another coroutine: %s", strerror(errno));
        free(coro);
        return NULL;
    }
    wl_async_wake(coro);
    return coro;
}

static long take_result(struct wl_coro *coro)
{
    long result = coro->result;

    wl_fiber_free(coro->fiber);
    free(coro);
    return result;
}

long wl_await(struct wl_coro *coro)
{
    if (!coro->ended) {
        coro->waiter = coro->async->current;
        wl_async_suspend(coro->async);
    }
    return take_result(coro);
}

void wl_gather(struct wl_coro **coros, size_t count, long *results)
{
    for (size_t i = 0; i < count; i++) {
        long result = wl_await(coros[i]);

        if (results)
            results[i] = result;
    }
}

static void wake_sleeper(void *arg)
{
    wl_async_wake(arg);
}

void wl_async_sleep_until(struct wl_async *async, uint64_t deadline_ns)
{
    struct wl_timer timer = {.fire = wake_sleeper, .arg = async->current};

    wl_timer_set(async->loop, &timer, deadline_ns);
    wl_async_suspend(async);
}

/* One round: those that are ready now. Whoever becomes ready meanwhile comes after the loop has
 * looked for events, so that a coroutine that always has work cannot starve them. */
static void run_ready(struct wl_async *async)
{
    struct wl_coro *coro = async->ready;

    async->ready = NULL;
    async->ready_end = &async->ready;
    while (coro) {
        struct wl_coro *next = coro->next_ready;

        async->current = coro;
        wl_fiber_resume(coro->fiber);
        async->current = NULL;
        coro = next;
    }
}

int wl_async_run(struct wl_async *async, wl_coro_main *main, void *arg)
{
    struct wl_coro *first = wl_create_task(async, main, arg);

    if (!first)
        return -1;
    for (;;) {
        run_ready(async);
        if (first->ended)
            break;
        if (!wl_loop_turn(async->loop, !async->ready) && !async->ready)
            return wl_error("all coroutines wait and nothing can wake them");
    }
    take_result(first);
    return 0;
}
