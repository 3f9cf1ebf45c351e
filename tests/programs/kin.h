/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program knows of its own threads and processes: a table that they all share, printed at
 * the end for tests/check/same_kin.py to hold a report against.
 */
#ifndef CT_KIN_H
#define CT_KIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

enum { KIN_MAX = 4096 };

struct kin_process {
    pid_t pid;
    pid_t ppid; /* at birth */
    int code;   /* -1: it dies of a signal */
    int signal;
    char comm[16];
    char arg[16]; /* the last of argv; "": that of the program */
};

struct kin {
    atomic_int processes_cnt;
    atomic_int threads_cnt;
    struct kin_process processes[KIN_MAX];
    struct {
        pid_t tid;
        pid_t pid;
        bool alias; /* another number under which the first thread of pid may be told */
    } threads[KIN_MAX];
};

static struct kin *kin;

static inline void kin_start(void)
{
    kin = mmap(NULL, sizeof(*kin), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (kin == MAP_FAILED)
        exit(125);
}

static inline void kin_number(pid_t tid, pid_t pid, bool alias)
{
    const int i = atomic_fetch_add(&kin->threads_cnt, 1);
    kin->threads[i].tid = tid;
    kin->threads[i].pid = pid;
    kin->threads[i].alias = alias;
}

static inline void kin_thread(pid_t tid, pid_t pid)
{
    kin_number(tid, pid, false);
}

/* A process with its first thread; its end is announced ahead. */
static inline void kin_process(struct kin_process p)
{
    const int i = atomic_fetch_add(&kin->processes_cnt, 1);
    kin->processes[i] = p;
    kin_thread(p.pid, p.pid);
}

/* The caller is a new child of parent; it takes its name and tells its end. */
static inline void kin_child(pid_t parent, const char *name, int code, int signal)
{
    struct kin_process p = {.pid = getpid(), .ppid = parent, .code = code, .signal = signal};
    strncpy(p.comm, name, sizeof(p.comm) - 1);
    prctl(PR_SET_NAME, name);
    kin_process(p);
}

static inline void kin_print(void)
{
    for (int i = 0; i < kin->processes_cnt; i++) {
        const struct kin_process *p = &kin->processes[i];
        printf("process %d %d %s %d %d %s\n", p->pid, p->ppid, p->comm, p->code, p->signal, p->arg);
    }
    for (int i = 0; i < kin->threads_cnt; i++)
        printf("%s %d %d\n", kin->threads[i].alias ? "alias" : "thread", kin->threads[i].tid,
               kin->threads[i].pid);
}

#endif
