/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ground truth: what each task, thread and process measured of itself, for a tracer to be held
 * against.
 *
 * The records live in one shared mapping made before any thread or process starts: whoever works
 * writes into a slot of its own, without a lock, a pipe or an allocation, so that measuring adds
 * two clock reads and two getrusage calls to a task and nothing that blocks. JSON is written once,
 * by the first process, after everything has ended. Rejected: sending records through a pipe; the
 * measured threads would then wait for each other.
 *
 * A task's figures are its thread's between the task's start and end. On an event loop the tasks
 * share one thread, so there the figures of tasks that overlap cover each other too.
 */
#ifndef WL_TRUTH_H
#define WL_TRUTH_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

struct wl_usage {
    uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
    uint64_t cpu_ns;           /* CLOCK_THREAD_CPUTIME_ID; for a process user + system */
    int64_t voluntary, involuntary;
};

enum wl_task_status { WL_TASK_PENDING, WL_TASK_OK, WL_TASK_FAILED };

struct wl_task_record {
    pid_t pid, tid;
    enum wl_task_status status;
    double result; /* the same in every mode: the same work was done */
    struct wl_usage usage;
    char error[160];
};

struct wl_thread_record {
    pid_t pid, tid;
    char name[16];
    struct wl_usage usage;
};

struct wl_process_record {
    pid_t pid, ppid;
    char name[16];
    struct wl_usage usage;
    uint64_t user_ns, system_ns;
    int wait_status;
};

struct wl_truth {
    size_t bytes; /* of the mapping */
    size_t tasks_cnt, threads_max, processes_max;
    atomic_size_t threads_cnt;
    size_t processes_cnt; /* only the first process adds to it */
    uint64_t start_ns, end_ns;
    struct wl_task_record *tasks;
    struct wl_thread_record *threads;
    struct wl_process_record *processes;
};

/* NULL when the memory cannot be had; the reason is in errno. */
struct wl_truth *wl_truth_new(size_t tasks, size_t threads_max, size_t processes_max);
void wl_truth_free(struct wl_truth *truth);

void wl_task_begin(struct wl_task_record *record);
void wl_task_end(struct wl_task_record *record);

/* Called by the thread itself, first and last; begin also gives the thread its name. */
struct wl_thread_record *wl_thread_begin(struct wl_truth *truth, const char *name);
void wl_thread_end(struct wl_thread_record *record);

struct wl_process_record *wl_process_begin(struct wl_truth *truth, const char *name);
void wl_process_end(struct wl_process_record *record, const struct rusage *usage);

struct wl_truth_label {
    const char *mode, *task;
    unsigned workers;
    uint64_t amount;
    double speed;
    int gil;
    int server_pid; /* 0: none of ours */
};

void wl_truth_write(const struct wl_truth *truth, const struct wl_truth_label *label, FILE *out);

#endif
