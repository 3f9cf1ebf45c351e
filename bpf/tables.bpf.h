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

/*
 * The functions with loops are global: the verifier then looks at each once, not again on each path
 * that leads to it, which made loading take ten times as long.
 */

/*
 * Adds one wait of ns to the row of its key, and notes two words there. A new key takes the place
 * of the one with the least time if there is no other: that goes to the rest, the last row. Returns
 * the row's place.
 */
int charge_row(struct ct_locks *table, __u64 key, __u64 ns, __u64 note0, __u64 note1);

/* Where a system call's row is, or is put; the last one is for all that find no room. */
int place_call(struct ct_calls *calls, __u32 nr);

/* The row of a system call, found by an index; the 32-bit table's may share an entry of it. */
static __always_inline struct ct_row *call_row(struct ct_task *t, __u32 nr)
{
    const __u32 entry = nr & (CT_SYSCALLS_MAX - 1), slot = t->call_row[entry];
    struct ct_row *row = &t->calls.row[(slot - 1) & (CT_SLOTS_CALLS - 1)];

    if (slot && row->key == nr)
        return row;
    const __u32 at = place_call(&t->calls, nr) & (CT_SLOTS_CALLS - 1);
    t->call_row[entry] = at + 1;
    return &t->calls.row[at];
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
    if (t->loop_left_ns && ns > t->loop_call_ns) {
        t->loop_call_ns = ns;
        t->loop_call_nr = t->call_nr;
    }
    if (ns > t->call_off_ns)
        t->totals.kernel_ns += ns - t->call_off_ns;
    struct ct_row *row = call_row(t, t->call_nr);
    row->sum_ns += ns;
    if (ns > row->max_ns)
        row->max_ns = ns;
    /* at the end of the run a wait may reach a moment beyond what is off the CPU by then */
    const __u64 blocked = t->call_blocked_ns < t->call_off_ns ? t->call_blocked_ns : t->call_off_ns;
    row->note[0] += blocked;
    row->errors |= t->call_other;
    row->note[1] += t->call_off_ns - blocked;
    return row;
}

#endif
