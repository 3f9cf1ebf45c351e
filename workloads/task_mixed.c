/* SPDX-License-Identifier: GPL-2.0-only */
/* mixed: computes and fetches in turn; together as much computing as one cpu task does. */
#include "net.h"
#include "series.h"
#include "tasks.h"

enum { ROUNDS = 2 };

static void compute(struct wl_job *job, uint64_t round)
{
    uint64_t amount = job->options->amount;
    uint64_t first = amount * round / ROUNDS;
    uint64_t behind = amount * (round + 1) / ROUNDS;

    job->record->result += wl_series_sum(first, behind - first, amount, job->gil);
}

static bool take_answer(struct wl_job *job)
{
    int64_t bytes = wl_fetch_result(job->state, job->record->error, sizeof(job->record->error));

    wl_fetch_free(job->state);
    job->state = NULL;
    job->record->result += bytes > 0 ? (double)bytes : 0;
    return bytes >= 0;
}

static struct wl_wait step(struct wl_job *job)
{
    unsigned round = job->stage++;

    if (round > 0 && !take_answer(job))
        return (struct wl_wait){.kind = WL_FAILED};
    if (round == ROUNDS)
        return (struct wl_wait){.kind = WL_DONE};
    compute(job, round);
    job->state = wl_fetch_new(job->net);
    return (struct wl_wait){.kind = WL_OPERATION, .operation = wl_fetch_operation(job->state)};
}

const struct wl_task wl_task_mixed = {
    .name = "mixed",
    .summary = "computes and fetches in turn",
    .needs_server = true,
    .step = step,
};
