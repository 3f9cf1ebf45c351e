/* SPDX-License-Identifier: GPL-2.0-only */
#include "truth.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"

static size_t align_up(size_t bytes)
{
    return (bytes + 63) & ~(size_t)63;
}

struct wl_truth *wl_truth_new(size_t tasks, size_t threads_max, size_t processes_max)
{
    size_t head = align_up(sizeof(struct wl_truth));
    size_t tasks_bytes = align_up(tasks * sizeof(struct wl_task_record));
    size_t threads_bytes = align_up(threads_max * sizeof(struct wl_thread_record));
    size_t bytes =
        head + tasks_bytes + threads_bytes + processes_max * sizeof(struct wl_process_record);
    char *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct wl_truth *truth = (void *)base;

    if (base == MAP_FAILED)
        return NULL;
    truth->bytes = bytes;
    truth->tasks_cnt = tasks;
    truth->threads_max = threads_max;
    truth->processes_max = processes_max;
    truth->tasks = (void *)(base + head);
    truth->threads = (void *)(base + head + tasks_bytes);
    truth->processes = (void *)(base + head + tasks_bytes + threads_bytes);
    return truth;
}

void wl_truth_free(struct wl_truth *truth)
{
    if (truth)
        munmap(truth, truth->bytes);
}

static void read_switches(struct wl_usage *usage)
{
    struct rusage now;

    getrusage(RUSAGE_THREAD, &now);
    usage->voluntary = now.ru_nvcsw - usage->voluntary;
    usage->involuntary = now.ru_nivcsw - usage->involuntary;
}

void wl_task_begin(struct wl_task_record *record)
{
    record->pid = getpid();
    record->tid = gettid();
    record->usage = (struct wl_usage){.start_ns = wl_now_ns()};
    read_switches(&record->usage);
    record->usage.cpu_ns = wl_thread_cpu_ns();
}

void wl_task_end(struct wl_task_record *record)
{
    record->usage.cpu_ns = wl_thread_cpu_ns() - record->usage.cpu_ns;
    read_switches(&record->usage);
    record->usage.end_ns = wl_now_ns();
}

/* No slot is left only if a mode starts more threads than it announced: that is our bug. */
struct wl_thread_record *wl_thread_begin(struct wl_truth *truth, const char *name)
{
    size_t slot = atomic_fetch_add(&truth->threads_cnt, 1);
    struct wl_thread_record *record = &truth->threads[slot < truth->threads_max ? slot : 0];

    if (name)
        prctl(PR_SET_NAME, name);
    record->pid = getpid();
    record->tid = gettid();
    prctl(PR_GET_NAME, record->name);
    record->usage.start_ns = wl_now_ns();
    return record;
}

/* Both clocks count from the thread's birth, so the figures are totals, not differences. */
void wl_thread_end(struct wl_thread_record *record)
{
    read_switches(&record->usage);
    record->usage.end_ns = wl_now_ns();
    record->usage.cpu_ns = wl_thread_cpu_ns();
}

struct wl_process_record *wl_process_begin(struct wl_truth *truth, const char *name)
{
    size_t slot = truth->processes_cnt < truth->processes_max ? truth->processes_cnt++ : 0;
    struct wl_process_record *record = &truth->processes[slot];

    strncpy(record->name, name, sizeof(record->name) - 1);
    record->usage.start_ns = wl_now_ns();
    return record;
}

static uint64_t timeval_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * WL_NS_PER_S + (uint64_t)t.tv_usec * WL_NS_PER_US;
}

void wl_process_end(struct wl_process_record *record, const struct rusage *usage)
{
    record->usage.end_ns = wl_now_ns();
    record->user_ns = timeval_ns(usage->ru_utime);
    record->system_ns = timeval_ns(usage->ru_stime);
    record->usage.cpu_ns = record->user_ns + record->system_ns;
    record->usage.voluntary = usage->ru_nvcsw;
    record->usage.involuntary = usage->ru_nivcsw;
}
