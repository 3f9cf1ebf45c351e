/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A part of a run's threads, as if only they had been traced: a filter between a recording and the
 * model. Who is not chosen becomes one of the others: a CPU that is not ours, a waker or preemptor
 * by tid and name. What is chosen keeps its accounts and tables.
 */
#ifndef CT_SELECTION_H
#define CT_SELECTION_H

#include "user/core/model.h"

struct ct_selection;

/*
 * lives: all threads and processes of the run, from a first reading; it must outlive the selection.
 * What is chosen goes to sink. NULL: no memory.
 */
struct ct_selection *ct_selection_new(const struct ct_choice *choice, const struct ct_result *lives,
                                      ct_record_fn sink, void *ctx);

/* How many threads are chosen. */
size_t ct_selection_cnt(const struct ct_selection *s);

/* Takes one record (a ct_record_fn). */
void ct_selection_record(const struct ct_rec_head *rec, void *selection);

void ct_selection_free(struct ct_selection *s);

#endif
