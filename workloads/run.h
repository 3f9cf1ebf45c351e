/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run: a mode (row of modes.c) applied to a number of tasks of one kind. A mode decides who
 * runs which task and how a wait is spent; it knows nothing of what a task does.
 */
#ifndef WL_RUN_H
#define WL_RUN_H

#include "job.h"
#include "names.h"
#include "options.h"
#include "truth.h"

struct wl_run {
    const struct wl_options *options;
    const struct wl_mode *mode;
    const struct wl_task *task;
    struct wl_truth *truth;
    struct wl_gil *gil; /* set by the mode that has use for it */
    struct wl_net *net; /* for tasks that need a server */
    unsigned tasks, workers;
    const struct wl_scenario *scenario; /* then there is neither mode nor task */
    int (*body)(struct wl_run *run);    /* the mode's or the scenario's */
};

enum wl_workers { WL_WORKERS_NONE, WL_WORKERS_PER_TASK, WL_WORKERS_PER_CPU };

struct wl_mode {
    const char *name, *summary;
    const char *aliases[3];
    enum wl_workers workers;        /* how many, unless --workers says */
    int (*run)(struct wl_run *run); /* -1 after a message; a failed task is not a failed run */
};

extern const struct wl_mode wl_mode_serial, wl_mode_threads, wl_mode_processes, wl_mode_pool,
    wl_mode_eventloop;

const struct wl_mode *wl_mode_find(const char *name); /* by name or alias; NULL: no such mode */
const struct wl_mode *wl_mode_at(size_t index);       /* NULL behind the last */
wl_name_at wl_mode_name_at;

/* The job for task number index of this run. */
struct wl_job wl_run_job(const struct wl_run *run, unsigned index);

/* Runs one task in the calling thread, blocking; false: it failed. */
bool wl_run_one(const struct wl_run *run, unsigned index);

/* The same for tasks first, first + stride, ... until one fails. */
void wl_run_share(const struct wl_run *run, unsigned first, unsigned stride);

/* The whole of it: the options' mode and task, the summary, the truth. An exit status. */
int wl_run_main(const struct wl_options *options);

#endif
