/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pool: worker processes that are there before the tasks are, and a queue of tasks. The queue is a
 * pipe of task numbers: whoever is free reads the next; at its end there is nothing more to do.
 * A read takes a whole number, because so small a write to a pipe is never split.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "diag.h"

struct queue {
    int read, write;
};

static int work(struct wl_run *run, unsigned index, void *arg)
{
    const struct queue *queue = arg;
    unsigned task;

    (void)index;
    close(queue->write); /* or the end would never be seen */
    for (;;) {
        ssize_t got = read(queue->read, &task, sizeof(task));

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            return 0;
        if (got != sizeof(task)) {
            wl_error("the queue cannot be read: %s", strerror(errno));
            return WL_EXIT_FAILURE;
        }
        wl_run_one(run, task);
    }
}

/* Fails only if all workers have died, and that is told where they are waited for. */
static void fill(const struct queue *queue, unsigned tasks)
{
    for (unsigned i = 0; i < tasks; i++)
        while (write(queue->write, &i, sizeof(i)) < 0)
            if (errno != EINTR)
                return;
}

static int run_pool(struct wl_run *run)
{
    struct queue queue;
    unsigned started = 0;
    int ends[2], rc;

    if (pipe2(ends, O_CLOEXEC))
        return wl_error("no pipe for the queue: %s", strerror(errno));
    queue = (struct queue){.read = ends[0], .write = ends[1]};
    for (; started < run->workers; started++) {
        char name[16];

        snprintf(name, sizeof(name), "worker-%u", started % 100000000);
        if (wl_child_start(run, name, started, work, &queue) < 0)
            break;
    }
    close(queue.read);
    signal(SIGPIPE, SIG_IGN);
    if (started == run->workers)
        fill(&queue, run->tasks);
    close(queue.write);
    rc = wl_children_wait(run, started);
    return started < run->workers ? -1 : rc;
}

const struct wl_mode wl_mode_pool = {
    .name = "pool",
    .summary = "--workers processes, forked beforehand, take the tasks from a queue",
    .workers = WL_WORKERS_PER_CPU,
    .run = run_pool,
};
