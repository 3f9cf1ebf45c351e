/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accounts that a recording which was cut short lacks: those of the threads that lived on. They
 * are made up of what their switches tell: states and their times, how often they were switched and
 * woken. What only the kernel knew (its own figures, system calls, tables) stays unknown.
 */
#ifndef CT_RECORDING_LIVES_H
#define CT_RECORDING_LIVES_H

#include "user/core/model.h"

struct ct_lives;

/* NULL: no memory. */
struct ct_lives *ct_lives_new(void);

/* Follows one record, in the order of the stream (a ct_record_fn). */
void ct_lives_record(const struct ct_rec_head *rec, void *lives);

/*
 * Hands over an account (TOTALS) for each thread that has none, up to end_ns. How many, or -ENOMEM:
 * some could not be followed.
 */
long ct_lives_emit(struct ct_lives *l, uint64_t end_ns, ct_record_fn sink, void *ctx);

void ct_lives_free(struct ct_lives *l);

#endif
