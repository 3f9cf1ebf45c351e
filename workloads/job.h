/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One task, written once, run in every mode.
 *
 * A task (a row of tasks.c) is a step function. Each call does some work and then says what has to
 * happen before the next call: nothing (WL_DONE, WL_FAILED), a moment (WL_UNTIL) or an operation
 * (WL_OPERATION, such as a transfer). It never blocks. How the wait is spent is the mode's affair:
 * a waiter blocks the thread, or suspends a coroutine and lets the loop go on with the others.
 * A job is one task being run; wl_job_run is the only loop that calls step.
 *
 * Invariants: a job runs in one thread from begin to end; step is called again only after the wait
 * it asked for has ended; finish is called exactly once, also after a failure.
 */
#ifndef WL_JOB_H
#define WL_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "truth.h"

struct wl_loop;
struct wl_gil;
struct wl_net;
struct wl_job;

/*
 * Something that takes time and can be done in two ways. perform blocks the thread until it has
 * ended. begin starts it on a loop, which calls done(arg) at its end, never from within begin.
 * Whether it went well is for the task to find out from its own data.
 */
struct wl_operation {
    void (*perform)(struct wl_operation *operation);
    void (*begin)(struct wl_operation *operation, struct wl_loop *loop);
    void (*done)(void *arg);
    void *arg;
};

enum wl_wait_kind { WL_DONE, WL_FAILED, WL_UNTIL, WL_OPERATION };

struct wl_wait {
    enum wl_wait_kind kind;
    uint64_t deadline_ns;           /* WL_UNTIL */
    struct wl_operation *operation; /* WL_OPERATION */
};

struct wl_task {
    const char *name, *summary;
    bool needs_server;
    struct wl_wait (*step)(struct wl_job *job);
    void (*finish)(struct wl_job *job); /* NULL: nothing to release */
};

struct wl_job {
    const struct wl_task *task;
    const struct wl_options *options;
    struct wl_gil *gil; /* NULL: no interpreter lock */
    struct wl_net *net; /* NULL unless the task needs a server */
    struct wl_task_record *record;
    unsigned stage; /* how many waits lie behind; the task's own to count */
    void *state;    /* the task's own */
};

struct wl_waiter {
    void (*wait)(void *context, struct wl_job *job, const struct wl_wait *wait);
};

/* Runs a job to its end and fills its record. */
void wl_job_run(struct wl_job *job, const struct wl_waiter *waiter, void *context);

/* The waiter of every mode but the event loop: the interpreter lock dropped, the thread blocked. */
extern const struct wl_waiter wl_blocking_waiter;

/* For a step function: "return wl_job_fail(job, ...)". */
struct wl_wait wl_job_fail(struct wl_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
