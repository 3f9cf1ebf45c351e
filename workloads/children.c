/* SPDX-License-Identifier: GPL-2.0-only */
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag.h"

/* The parent may have died between fork and prctl: then no signal comes any more. */
static void die_with_parent(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(WL_EXIT_FAILURE);
}

/* No stdio at the end: a child must not flush again what the parent had left in the buffers. */
static void child_main(struct wl_run *run, const char *name, unsigned index, wl_child_body *body,
                       void *arg)
{
    struct wl_thread_record *record = wl_thread_begin(run->truth, name);
    int status = body(run, index, arg);

    fflush(stdout);
    wl_thread_end(record);
    _exit(status);
}

pid_t wl_child_start(struct wl_run *run, const char *name, unsigned index, wl_child_body *body,
                     void *arg)
{
    struct wl_process_record *record = wl_process_begin(run->truth, name);
    pid_t parent = getpid();
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        die_with_parent(parent);
        child_main(run, name, index, body, arg);
    }
    if (pid < 0) {
        run->truth->processes_cnt--;
        return wl_error("process %s cannot be started: %s", name, strerror(errno));
    }
    record->pid = pid;
    record->ppid = parent;
    return pid;
}

static struct wl_process_record *find_process(struct wl_truth *truth, pid_t pid)
{
    for (size_t i = 0; i < truth->processes_cnt; i++)
        if (truth->processes[i].pid == pid)
            return &truth->processes[i];
    return NULL;
}

static int judge(const struct wl_process_record *record)
{
    int status = record->wait_status;

    if (WIFSIGNALED(status))
        return wl_error("process %s (%d) died of signal %d", record->name, record->pid,
                        WTERMSIG(status));
    if (WEXITSTATUS(status))
        return wl_error("process %s (%d) ended with status %d", record->name, record->pid,
                        WEXITSTATUS(status));
    return 0;
}

/* Reaping in whatever order they end keeps each one's end time true. */
int wl_children_wait(struct wl_run *run, unsigned count)
{
    int result = 0;

    while (count > 0) {
        struct wl_process_record *record;
        struct rusage usage;
        int status;
        pid_t pid = wait4(-1, &status, 0, &usage);

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return wl_error("wait4: %s", strerror(errno));
        record = find_process(run->truth, pid);
        if (!record)
            continue; /* not one of ours: the built-in server, say */
        record->wait_status = status;
        wl_process_end(record, &usage);
        if (judge(record))
            result = -1;
        count--;
    }
    return result;
}
