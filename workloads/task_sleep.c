/* SPDX-License-Identifier: GPL-2.0-only */
/* sleep: wait for one second (divided by --speed) and compute nothing. */
#include "clock.h"
#include "tasks.h"

static struct wl_wait step(struct wl_job *job)
{
    if (job->stage++ > 0)
        return (struct wl_wait){.kind = WL_DONE};
    return (struct wl_wait){.kind = WL_UNTIL,
                            .deadline_ns = wl_now_ns() + wl_scaled_ns(job->options, 1)};
}

const struct wl_task wl_task_sleep = {
    .name = "sleep",
    .summary = "waits one second: all of it can overlap",
    .step = step,
};
