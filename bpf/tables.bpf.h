/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables each thread carries: by system call, by lock, by waker, by preemptor (event.h: struct
 * ct_row). They stand in the thread's own storage, so that nothing is shared, nothing is locked and
 * no event can be lost; at its death they go out as records.
 *
 * Rejected: one hash map for all threads. It must be sized for the worst case beforehand, and fills
 * up just when it matters.
 */
#ifndef CT_TABLES_BPF_H
#define CT_TABLES_BPF_H

#include "task.bpf.h"

/* Adds one row to another, and empties it. */
static __always_inline void pour(struct ct_row *to, struct ct_row *from)
{
    to->cnt += from->cnt;
    to->sum_ns += from->sum_ns;
    if (from->max_ns > to->max_ns)
        to->max_ns = from->max_ns;
    from->cnt = from->sum_ns = from->max_ns = 0;
    from->note[0] = from->note[1] = 0;
}

/*
 * The row of a key in a small table: slots is a constant power of two, the last one is for the
 * rest. A new key takes the place of the one with the least time if there is no other.
 */
static __always_inline struct ct_row *find_row(struct ct_rec_rows *rec, struct ct_row *rows,
                                               const __u32 slots, __u64 key)
{
    const __u32 cnt = rec->cnt;
    __u32 least = 0;

    for (__u32 i = 0; i < slots - 1; i++) {
        if (i >= cnt) {
            rows[i].key = key;
            rec->cnt = i + 1;
            return &rows[i];
        }
        if (rows[i].key == key)
            return &rows[i];
        if (rows[i].sum_ns < rows[least & (slots - 1)].sum_ns)
            least = i;
    }
    rows[slots - 1].key = CT_KEY_REST;
    rec->cnt = slots;
    struct ct_row *row = &rows[least & (slots - 1)];
    pour(&rows[slots - 1], row);
    row->key = key;
    return row;
}

static __always_inline void add_to_row(struct ct_row *row, __u64 ns)
{
    row->sum_ns += ns;
    if (ns > row->max_ns)
        row->max_ns = ns;
}

/* A table without an index entry for this number, or with another ABI's: seldom. */
static __noinline struct ct_row *search_call(struct ct_task *t, __u32 nr)
{
    if (!t)
        return NULL;
    for (__u32 i = 0; i < CT_SLOTS_CALLS; i++) {
        struct ct_row *row = &t->calls.row[i];
        if (i >= t->calls.rec.cnt) {
            t->calls.rec.cnt = i + 1;
            row->key = i == CT_SLOTS_CALLS - 1 ? CT_KEY_REST : nr;
            t->call_row[nr & (CT_SYSCALLS_MAX - 1)] = i + 1;
            return row;
        }
        if (row->key == nr)
            return row;
    }
    return &t->calls.row[CT_SLOTS_CALLS - 1];
}

/* The row of a system call, found by an index. */
static __always_inline struct ct_row *call_row(struct ct_task *t, __u32 nr)
{
    const __u32 slot = t->call_row[nr & (CT_SYSCALLS_MAX - 1)];
    if (slot) {
        struct ct_row *row = &t->calls.row[(slot - 1) & (CT_SLOTS_CALLS - 1)];
        if (row->key == nr)
            return row;
    }
    return search_call(t, nr);
}

/*
 * Ends the open system call at `clock_ns` (monotonic clock, unlike all else here: only differences
 * count). What the thread spent off its CPU meanwhile is taken off the kernel time.
 */
static __always_inline struct ct_row *charge_call(struct ct_task *t, __u64 clock_ns)
{
    __u64 ns = clock_ns - t->call_enter_ns;
    if (ns >= 1ULL << 62) /* the clock of another CPU, a moment behind */
        ns = 0;
    t->call_enter_ns = 0;
    if (ns > t->call_off_ns)
        t->totals.kernel_ns += ns - t->call_off_ns;
    struct ct_row *row = call_row(t, t->call_nr);
    if (!row)
        return NULL;
    add_to_row(row, ns);
    row->note[0] += t->call_blocked_ns;
    row->note[1] += t->call_off_ns - t->call_blocked_ns;
    return row;
}

#endif
