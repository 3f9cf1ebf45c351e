/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three waiters that wait 1, 2 and 3 seconds, five ways to run them, five different sums:
 *   tasks       all started, then awaited                             3 s, the longest
 *   sequential  each awaited before the next one starts               1 + 2 + 3 s
 *   staggered   started half a second apart                           0.5 + 0.5 + 3 s
 *   blocking    as tasks, but the second then blocks for 5 s          2 + 5 s, the third is late
 *   gather      the first awaited, then the other two gathered        1 + 3 s
 */
#include <stdio.h>
#include <time.h>

#include "async.h"
#include "clock.h"
#include "scenarios.h"

enum { WAITERS = 3 };

struct program {
    const struct wl_options *options;
    struct wl_async *async;
    uint64_t start_ns;
    void (*body)(struct program *program);
};

struct waiter {
    struct program *program;
    int number;
    double blocks; /* seconds in a plain blocking sleep, after its wait */
};

static double elapsed(const struct program *program)
{
    return (double)(wl_now_ns() - program->start_ns) / (double)WL_NS_PER_S;
}

static void pause_for(struct program *program, double seconds)
{
    wl_async_sleep_until(program->async, wl_now_ns() + wl_scaled_ns(program->options, seconds));
}

static long waiter(void *arg)
{
    const struct waiter *self = arg;
    struct program *program = self->program;
    double speed = program->options->speed;

    printf("waiter %d: waits %g s\n", self->number, self->number / speed);
    pause_for(program, self->number);
    if (self->blocks > 0) {
        printf("waiter %d: blocks %g s\n", self->number, self->blocks / speed);
        wl_sleep_until(wl_now_ns() + wl_scaled_ns(program->options, self->blocks));
    }
    printf("waiter %d: finished after %.2f s\n", self->number, elapsed(program));
    return self->number;
}

/* seconds between two starts; which of them blocks, 0 for none */
static void start_and_await(struct program *program, double seconds, int blocker)
{
    struct waiter waiters[WAITERS];
    struct wl_coro *tasks[WAITERS];
    size_t started = 0;

    for (; started < WAITERS; started++) {
        if (started > 0 && seconds > 0)
            pause_for(program, seconds);
        waiters[started] = (struct waiter){.program = program, .number = (int)started + 1};
        waiters[started].blocks = blocker == waiters[started].number ? 5 : 0;
        tasks[started] = wl_create_task(program->async, waiter, &waiters[started]);
        if (!tasks[started])
            break;
    }
    wl_gather(tasks, started, NULL);
}

static void tasks_body(struct program *program)
{
    start_and_await(program, 0, 0);
}

static void staggered_body(struct program *program)
{
    start_and_await(program, 0.5, 0);
}

static void blocking_body(struct program *program)
{
    start_and_await(program, 0, 2);
}

static void sequential_body(struct program *program)
{
    for (int number = 1; number <= WAITERS; number++)
        waiter(&(struct waiter){.program = program, .number = number});
}

static void gather_body(struct program *program)
{
    struct waiter first = {.program = program, .number = 1};
    struct waiter others[] = {{.program = program, .number = 2}, {.program = program, .number = 3}};
    struct wl_coro *tasks[2];
    long results[2];

    waiter(&first);
    tasks[0] = wl_create_task(program->async, waiter, &others[0]);
    tasks[1] = wl_create_task(program->async, waiter, &others[1]);
    if (!tasks[0] || !tasks[1])
        return;
    wl_gather(tasks, 2, results);
    printf("gathered: %ld and %ld\n", results[0], results[1]);
}

static void print_time(const char *what)
{
    time_t now = time(NULL);
    struct tm local;
    char text[16];

    strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&now, &local));
    printf("%s at %s", what, text);
}

static long program_main(void *arg)
{
    struct program *program = arg;

    print_time("started");
    putchar('\n');
    program->body(program);
    print_time("finished");
    printf(" after %.2f s\n", elapsed(program));
    return 0;
}

static int play(struct wl_run *run, void (*body)(struct program *))
{
    struct program program = {.options = run->options, .async = wl_async_new(), .body = body};
    int rc;

    if (!program.async)
        return -1;
    program.start_ns = wl_now_ns();
    rc = wl_async_run(program.async, program_main, &program);
    wl_async_free(program.async);
    return rc;
}

#define WAITERS_SCENARIO(id, text)                                                                 \
    static int play_##id(struct wl_run *run)                                                       \
    {                                                                                              \
        return play(run, id##_body);                                                               \
    }                                                                                              \
    const struct wl_scenario wl_scenario_waiters_##id = {                                          \
        .name = "waiters-" #id, .summary = (text), .run = play_##id}

WAITERS_SCENARIO(tasks, "three coroutines started as tasks, then awaited: 3 s");
WAITERS_SCENARIO(sequential, "the three awaited one after another: 6 s");
WAITERS_SCENARIO(staggered, "the three started half a second apart: 4 s");
WAITERS_SCENARIO(blocking, "one of the three blocks the loop for 5 s: 7 s");
WAITERS_SCENARIO(gather, "one awaited, then two gathered: 4 s");
