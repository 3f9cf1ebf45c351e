/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * eventloop: a coroutine for each task, all of them in one thread. A task that waits gives the
 * thread to the others; one that computes keeps it until it is done.
 */
#include <stdlib.h>

#include "async.h"
#include "diag.h"
#include "run.h"

struct program {
    struct wl_run *run;
    struct wl_async *async;
    int rc;
};

struct member {
    struct wl_async *async;
    struct wl_job job;
};

static void wake(void *arg)
{
    wl_async_wake(arg);
}

static void suspend(void *context, struct wl_job *job, const struct wl_wait *wait)
{
    struct wl_async *async = context;

    if (wait->kind == WL_UNTIL) {
        wl_async_sleep_until(async, wait->deadline_ns);
        return;
    }
    if (job->options->blocking_client) {
        wait->operation->perform(wait->operation);
        return;
    }
    wait->operation->done = wake;
    wait->operation->arg = wl_async_current(async);
    wait->operation->begin(wait->operation, wl_async_loop(async));
    wl_async_suspend(async);
}

static const struct wl_waiter coroutine_waiter = {.wait = suspend};

static long run_member(void *arg)
{
    struct member *member = arg;

    wl_job_run(&member->job, &coroutine_waiter, member->async);
    return 0;
}

static long run_all(void *arg)
{
    struct program *program = arg;
    unsigned tasks = program->run->tasks, started = 0;
    struct member *members = wl_alloc(tasks, sizeof(*members));
    struct wl_coro **coros = wl_alloc(tasks, sizeof(struct wl_coro *));

    for (; started < tasks; started++) {
        members[started] =
            (struct member){.async = program->async, .job = wl_run_job(program->run, started)};
        coros[started] = wl_create_task(program->async, run_member, &members[started]);
        if (!coros[started])
            break;
    }
    wl_gather(coros, started, NULL);
    program->rc = started < tasks ? -1 : 0;
    free(coros);
    free(members);
    return 0;
}

static int run_eventloop(struct wl_run *run)
{
    struct program program = {.run = run, .async = wl_async_new()};

    if (!program.async)
        return -1;
    if (wl_async_run(program.async, run_all, &program))
        program.rc = -1;
    wl_async_free(program.async);
    return program.rc;
}

const struct wl_mode wl_mode_eventloop = {
    .name = "eventloop",
    .summary = "a coroutine for each task on one event loop, all in one thread",
    .aliases = {"event-loop", "async"},
    .run = run_eventloop,
};
