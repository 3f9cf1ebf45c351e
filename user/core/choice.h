/* SPDX-License-Identifier: GPL-2.0-only */
/* Which part of a recorded run is reported on: of its time, and of its threads. */
#ifndef CT_CHOICE_H
#define CT_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT_CHOICE_MAX 64

struct ct_choice {
    uint64_t from_ns; /* from the run's start; the moment itself belongs to the part */
    uint64_t to_ns;   /* this one does not, but for the run's end; 0: that is meant */
    uint64_t run_ns;  /* how long the run was; of a result only */
    /* a thread is chosen if it is in each list that is not empty */
    uint32_t pids[CT_CHOICE_MAX];
    size_t pids_cnt;
    uint32_t tids[CT_CHOICE_MAX];
    size_t tids_cnt;
    const char *comm; /* a shell's pattern for the name of the thread or its process; NULL: any */
};

static inline bool ct_choice_of_time(const struct ct_choice *c)
{
    return c->from_ns || c->to_ns;
}

static inline bool ct_choice_of_threads(const struct ct_choice *c)
{
    return c->pids_cnt || c->tids_cnt || c->comm;
}

static inline bool ct_choice_any(const struct ct_choice *c)
{
    return ct_choice_of_time(c) || ct_choice_of_threads(c);
}

#endif
