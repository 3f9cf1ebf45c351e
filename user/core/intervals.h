/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each thread did, stretch by stretch: for the formats that draw a run in full. A result keeps
 * sums only, so these come from the stream of records once more, in constant memory.
 */
#ifndef CT_INTERVALS_H
#define CT_INTERVALS_H

#include <stdint.h>

/* One thread in one state. Times are relative to the run, as in struct ct_result. */
struct ct_interval {
    uint64_t start_ns;
    uint64_t end_ns;   /* above start_ns */
    uint32_t id;       /* the thread's */
    uint32_t other_id; /* blocked: the traced thread that woke it; preempted: the one that took its
                          CPU; 0: none of ours, or not known */
    int32_t call;      /* blocked: the system call, as in ct_call.nr; -1: none, or not known */
    uint16_t cpu;      /* running: where */
    uint8_t state;     /* enum ct_state, never DEAD */
    uint8_t wake;      /* blocked: enum ct_wake, who ended it */
};

typedef void (*ct_interval_fn)(const struct ct_interval *interval, void *ctx);

/*
 * The intervals of one run, to be heard as often as one likes. Those of a thread come in order and
 * tile its life; those of several threads almost in the order of their ends.
 */
struct ct_intervals {
    /* 0 or -errno; what was heard up to there holds. */
    int (*hear)(const struct ct_intervals *self, ct_interval_fn fn, void *ctx);
};

#endif
