/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The threads' tables put together: system calls and locks by process, wakers by thread, preemptors
 * over the run. Taken in as threads end, so that memory grows with what is told apart, not with the
 * number of threads.
 */
#ifndef CT_TABLES_H
#define CT_TABLES_H

#include "user/base/map.h"
#include "user/core/result.h"

struct ct_tables {
    struct ct_call *calls;
    size_t calls_cnt, calls_room;
    struct ct_map calls_at; /* (process, number) */
    struct ct_call *thread_calls;
    size_t thread_calls_cnt, thread_calls_room;
    bool thread_calls_cut;
    struct ct_lock *locks;
    size_t locks_cnt, locks_room;
    struct ct_map locks_at; /* (process or SHARED, address) */
    struct ct_waker *wakers;
    size_t wakers_cnt, wakers_room;
    struct ct_preemptor *preemptors;
    size_t preemptors_cnt, preemptors_room;
    struct ct_map preemptors_at; /* (key, 0) */
};

/* Takes in one table of a thread of that process. 0 or -ENOMEM. */
int ct_tables_add(struct ct_tables *t, const struct ct_rec_rows *rec, uint32_t process);

/* Names a lock that process has waited for. 0 or -ENOMEM. */
int ct_tables_name(struct ct_tables *t, const struct ct_rec_lock *rec, uint32_t process);

/* Hands all of it to r, sorted. 0 or -ENOMEM. */
int ct_tables_seal(struct ct_tables *t, struct ct_result *r);

void ct_tables_fini(struct ct_tables *t);

#endif
