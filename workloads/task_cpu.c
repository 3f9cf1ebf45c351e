/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu: compute and never wait. In an event loop nobody else runs meanwhile: that is the lesson. */
#include "series.h"
#include "tasks.h"

static struct wl_wait step(struct wl_job *job)
{
    uint64_t amount = job->options->amount;

    job->record->result = wl_series_sum(0, amount, amount, job->gil);
    return (struct wl_wait){.kind = WL_DONE};
}

const struct wl_task wl_task_cpu = {
    .name = "cpu",
    .summary = "sums --amount values of the sine series: only a CPU can do it faster",
    .step = step,
};
