/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A result of a part of the run's time. Steps before its start are played as if they came just at
 * its start: so they take no time, and what they lead to is there. Those behind its end are not
 * played. The accounts are what is drawn, as the kernel's own are of whole lives.
 */
#ifndef CT_SPAN_H
#define CT_SPAN_H

#include "user/core/model_internal.h"

static inline bool ct_span_is_part(const struct ct_model *m)
{
    return m->info.span.to_ns != 0;
}

/* Fits a step into the part, and counts what it tells. false: it is not to be played. */
bool ct_span_fit(struct ct_model *m, struct ct_step *s);

/* All has been played: who did not live in the part is forgotten, the others' accounts close. */
void ct_span_close(struct ct_model *m);

/* What is known at the end of a run, of the part. */
struct ct_run_end ct_span_end(const struct ct_model *m, const struct ct_run_end *end);

/* Leaves of r what is known of a part, and the processes that have threads in it. 0 or -ENOMEM. */
int ct_span_seal(struct ct_result *r);

#endif
