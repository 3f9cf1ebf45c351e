/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up scheduler that makes random but lawful runs: threads are forked, get CPUs, are
 * preempted, yield, block, are woken, die. It keeps each thread's account by itself, so that the
 * model's drawing can be held against an account it has never seen. Deterministic in its seed.
 */
#ifndef CT_SIM_H
#define CT_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "user/core/model.h"

#define SIM_START_NS 5000000000ULL

struct sim_rec {
    union {
        struct ct_rec_head head;
        struct ct_rec_switch sw;
        struct ct_rec_new fresh;
        struct ct_rec_totals totals;
        struct ct_rec_lost lost;
    };
};

struct sim {
    struct sim_rec *recs;
    size_t cnt;
    size_t room;
    struct ct_run_end end;
    struct ct_cpu_times cpus[8];
};

/* Makes a run of about `steps` steps on `cpus` (1..8) CPUs. The caller calls sim_free. */
void sim_make(struct sim *s, unsigned seed, size_t steps, unsigned cpus);
void sim_free(struct sim *s);

/* Feeds the records in the given order (NULL: as made) and seals. Never NULL. */
struct ct_result *sim_run(const struct sim *s, const size_t *order);

/* The same, as made; fn hears the intervals. */
struct ct_result *sim_hear(const struct sim *s, ct_interval_fn fn, void *ctx);
/* The same of a part of the run's time. */
struct ct_result *sim_run_part(const struct sim *s, const size_t *order, struct ct_span span);

#endif
