/* SPDX-License-Identifier: GPL-2.0-only */
/* Hello from a second thread, and hello from a child process. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "diag.h"
#include "scenarios.h"

static void *thread_main(void *arg)
{
    const struct wl_run *run = arg;
    struct wl_thread_record *record = wl_thread_begin(run->truth, "hello-thread");

    printf("hello from thread %s (thread %d of process %d)\n", record->name, gettid(), getpid());
    wl_thread_end(record);
    return NULL;
}

static int hello_thread(struct wl_run *run)
{
    pthread_t thread;
    int rc;

    printf("hello from the main thread (thread %d of process %d)\n", gettid(), getpid());
    fflush(stdout);
    rc = pthread_create(&thread, NULL, thread_main, run);
    if (rc)
        return wl_error("no thread: %s", strerror(rc));
    pthread_join(thread, NULL);
    puts("the thread has ended");
    return 0;
}

static int child_main(struct wl_run *run, unsigned index, void *arg)
{
    (void)run;
    (void)index;
    (void)arg;
    printf("hello from the child process %d, started by %d\n", getpid(), getppid());
    return 0;
}

static int hello_process(struct wl_run *run)
{
    printf("hello from the first process %d\n", getpid());
    if (wl_child_start(run, "hello-process", 0, child_main, NULL) < 0 || wl_children_wait(run, 1))
        return -1;
    puts("the child process has ended");
    return 0;
}

const struct wl_scenario wl_scenario_hello_thread = {
    .name = "hello-thread",
    .summary = "a thread says hello; its process waits for it",
    .workers = 1,
    .run = hello_thread,
};

const struct wl_scenario wl_scenario_hello_process = {
    .name = "hello-process",
    .summary = "a child process says hello; its parent waits for it",
    .workers = 1,
    .run = hello_process,
};
