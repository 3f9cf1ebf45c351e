/* SPDX-License-Identifier: GPL-2.0-only */
/* processes: a forked child for each task, or --workers children that share the tasks. */
#include <stdio.h>

#include "children.h"

static int work(struct wl_run *run, unsigned index, void *arg)
{
    (void)arg;
    wl_run_share(run, index, run->workers);
    return 0;
}

static int run_processes(struct wl_run *run)
{
    unsigned started = 0;
    int rc;

    for (; started < run->workers; started++) {
        char name[16];

        snprintf(name, sizeof(name), "worker-%u", started % 100000000);
        if (wl_child_start(run, name, started, work, NULL) < 0)
            break;
    }
    rc = wl_children_wait(run, started);
    return started < run->workers ? -1 : rc;
}

const struct wl_mode wl_mode_processes = {
    .name = "processes",
    .summary = "a forked process for each task, or --workers processes",
    .aliases = {"forked", "fork"},
    .workers = WL_WORKERS_PER_TASK,
    .run = run_processes,
};
