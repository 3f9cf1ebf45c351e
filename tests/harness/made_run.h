/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up run whose intervals are known, for the formats that draw them: threads in random but
 * lawful states, named as hostile programs name themselves. Deterministic in its arguments.
 */
#ifndef CT_MADE_RUN_H
#define CT_MADE_RUN_H

#include "user/core/result.h"

struct made_run {
    struct ct_intervals intervals; /* first */
    struct ct_interval *all;       /* by end */
    size_t cnt;
    struct ct_result *result; /* its accounts are the sums of the intervals */
};

#define MADE_HOSTILE "<img src=x onerror=document.title='owned'></script><!--"

/* cnt intervals of `threads` threads on 4 CPUs. The caller calls made_run_free. */
void made_run_make(struct made_run *m, size_t threads, size_t cnt);
void made_run_free(struct made_run *m);

#endif
