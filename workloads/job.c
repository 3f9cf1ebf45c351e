/* SPDX-License-Identifier: GPL-2.0-only */
#include "job.h"

#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "gil.h"

static void block(void *context, struct wl_job *job, const struct wl_wait *wait)
{
    (void)context;
    wl_gil_drop(job->gil);
    if (wait->kind == WL_UNTIL)
        wl_sleep_until(wait->deadline_ns);
    else
        wait->operation->perform(wait->operation);
    wl_gil_take(job->gil);
}

const struct wl_waiter wl_blocking_waiter = {.wait = block};

void wl_job_run(struct wl_job *job, const struct wl_waiter *waiter, void *context)
{
    struct wl_wait wait;

    wl_task_begin(job->record);
    for (;;) {
        wait = job->task->step(job);
        if (wait.kind == WL_DONE || wait.kind == WL_FAILED)
            break;
        waiter->wait(context, job, &wait);
    }
    if (job->task->finish)
        job->task->finish(job);
    wl_task_end(job->record);
    job->record->status = wait.kind == WL_DONE ? WL_TASK_OK : WL_TASK_FAILED;
}

struct wl_wait wl_job_fail(struct wl_job *job, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(job->record->error, sizeof(job->record->error), format, args);
    va_end(args);
    return (struct wl_wait){.kind = WL_FAILED};
}
