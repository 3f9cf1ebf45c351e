/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * threads: one thread a task, or --workers threads that share the tasks; with --gil all of them
 * under one interpreter lock. Who runs which task is fixed beforehand (every n-th): with a shared
 * queue a quick first thread would take the second's task, and "one thread a task" would be false.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "gil.h"
#include "run.h"

struct worker {
    const struct wl_run *run;
    unsigned index;
    pthread_t thread;
};

static void *work(void *arg)
{
    const struct worker *worker = arg;
    struct wl_thread_record *record;
    char name[16];

    snprintf(name, sizeof(name), "worker-%u", worker->index % 100000000);
    record = wl_thread_begin(worker->run->truth, name);
    wl_gil_take(worker->run->gil);
    wl_run_share(worker->run, worker->index, worker->run->workers);
    wl_gil_drop(worker->run->gil);
    wl_thread_end(record);
    return NULL;
}

static int run_threads(struct wl_run *run)
{
    struct worker *workers = wl_alloc(run->workers, sizeof(*workers));
    unsigned started = 0;
    int rc = 0;

    if (run->options->gil)
        run->gil = wl_gil_new(run->options->switch_interval_ns);
    for (; started < run->workers; started++) {
        workers[started] = (struct worker){.run = run, .index = started};
        rc = pthread_create(&workers[started].thread, NULL, work, &workers[started]);
        if (rc) {
            wl_error("thread %u of %u cannot be started: %s", started, run->workers, strerror(rc));
            break;
        }
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    wl_gil_free(run->gil);
    run->gil = NULL;
    free(workers);
    return rc ? -1 : 0;
}

const struct wl_mode wl_mode_threads = {
    .name = "threads",
    .summary = "a thread for each task, or --workers threads; --gil: one at a time",
    .workers = WL_WORKERS_PER_TASK,
    .run = run_threads,
};
