/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why it waited: the locks, the system calls, who took the CPU, who woke whom. Each only as far as
 * it matters to this run (verbose: all there is).
 */
#ifndef CT_TEXT_WHY_H
#define CT_TEXT_WHY_H

#include "user/report/text_ledger.h"

/* Times matter from this part of the threads' time on; rows from this part of their table's. */
#define CT_WHY_PART 50

/* What the report is made of, so far. */
struct ct_why {
    const struct ct_result *r;
    bool verbose;
    size_t rows;   /* of each table; the rest becomes one row */
    uint64_t life; /* thread time */
    struct ct_ledger *to;
};

/* Tables of `rows` rows each; verbose: of all. 0 or -ENOMEM. The caller calls ct_ledger_fini in
 * either case. */
int ct_text_why(struct ct_ledger *to, const struct ct_result *r, bool verbose, size_t rows);

/* Its parts, top to bottom; text_folds.c has those that put alike threads together. */
void ct_why_locks(const struct ct_why *w);
int ct_why_calls(const struct ct_why *w);
int ct_why_preemptors(const struct ct_why *w);
int ct_why_wakers(const struct ct_why *w);

/* Whether ns is a part of the threads' time that matters. */
bool ct_why_matters(const struct ct_why *w, uint64_t ns);
/* How many rows, of cnt in falling order of what get tells, are worth their line: `most`, or all if
 * verbose. *sum: over all rows. */
size_t ct_why_worth(const struct ct_why *w, const void *rows, size_t cnt, size_t size, size_t most,
                    uint64_t (*get)(const void *row), uint64_t *sum);

#endif
