/* SPDX-License-Identifier: GPL-2.0-only */
/* net: one HTTP GET. */
#include "net.h"
#include "tasks.h"

static struct wl_wait step(struct wl_job *job)
{
    int64_t bytes;

    if (job->stage++ == 0) {
        job->state = wl_fetch_new(job->net);
        return (struct wl_wait){.kind = WL_OPERATION, .operation = wl_fetch_operation(job->state)};
    }
    bytes = wl_fetch_result(job->state, job->record->error, sizeof(job->record->error));
    if (bytes < 0)
        return (struct wl_wait){.kind = WL_FAILED};
    job->record->result = (double)bytes;
    return (struct wl_wait){.kind = WL_DONE};
}

static void finish(struct wl_job *job)
{
    wl_fetch_free(job->state);
}

const struct wl_task wl_task_net = {
    .name = "net",
    .summary = "fetches a page with libcurl: it waits for the network",
    .needs_server = true,
    .step = step,
    .finish = finish,
};
