/* SPDX-License-Identifier: GPL-2.0-only */
/* The search in the threads' tables. */
#include "tables.bpf.h"

/* Adds one row to another, and empties it. */
static __always_inline void pour(struct ct_row *to, struct ct_row *from)
{
    to->cnt += from->cnt;
    to->sum_ns += from->sum_ns;
    if (from->max_ns > to->max_ns)
        to->max_ns = from->max_ns;
    to->errors += from->errors;
    from->cnt = from->sum_ns = from->max_ns = from->errors = 0;
    from->note[0] = from->note[1] = 0;
}

_Static_assert(sizeof(struct ct_locks) == sizeof(struct ct_wakers) &&
                   sizeof(struct ct_locks) == sizeof(struct ct_preemptors),
               "one function serves the three small tables");

/* Two simple loops: one that remembered the least row's place would multiply the verifier's work.
 */
__noinline int least_row(struct ct_locks *table)
{
    __u64 least_ns = ~0ULL;
    __u32 at = 0;

    if (!table)
        return 0;
    for (__u32 i = 0; i < CT_SLOTS_LOCKS - 1; i++)
        if (table->row[i].sum_ns < least_ns)
            least_ns = table->row[i].sum_ns;
    while (at < CT_SLOTS_LOCKS - 2 && table->row[at].sum_ns != least_ns)
        at++;
    return at;
}

__noinline int charge_row(struct ct_locks *table, __u64 key, __u64 ns, __u64 note0, __u64 note1)
{
    if (!table)
        return 0;
    const __u32 last = CT_SLOTS_LOCKS - 1, cnt = table->rec.cnt;
    __u32 at = 0;

    while (at < last && at < cnt && table->row[at].key != key)
        at++;
    if (at == last) {
        table->row[last].key = CT_KEY_REST;
        table->rec.cnt = last + 1;
        at = least_row(table);
        pour(&table->row[last], &table->row[at & last]);
    } else if (at >= cnt) {
        table->rec.cnt = at + 1;
    }
    struct ct_row *row = &table->row[at & last];
    row->key = key;
    row->cnt++;
    row->sum_ns += ns;
    if (ns > row->max_ns)
        row->max_ns = ns;
    row->note[0] = note0;
    row->note[1] = note1;
    return at;
}

__noinline int place_call(struct ct_calls *calls, __u32 nr)
{
    if (!calls)
        return 0;
    const __u32 last = CT_SLOTS_CALLS - 1, cnt = calls->rec.cnt;
    __u32 at = 0;

    while (at < last && at < cnt && calls->row[at].key != nr)
        at++;
    if (at >= cnt) {
        calls->row[at & last].key = at == last ? CT_KEY_REST : nr;
        calls->rec.cnt = at + 1;
    }
    return at;
}

char LICENSE[] SEC("license") = "GPL";
