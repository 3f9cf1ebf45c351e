/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as the designs of a comparison: a file each, with one run. */
#ifndef CT_RECORDED_H
#define CT_RECORDED_H

#include "user/cli/options.h"
#include "user/cli/replay.h"
#include "user/core/comparison.h"

/* How many of o's words are the names of recordings. */
size_t ct_recorded_count(const struct ct_options *o);

/* Recordings that are kept open, where intervals of results can be heard. */
struct ct_recorded {
    struct ct_replay_intervals **all;
    size_t cnt;
};

/*
 * Keeps `in`, a recording of the run that r is the result of, and tells r of it. in: read from its
 * start, again and again; closed with the rest, or at once if that fails. 0, or the exit status
 * after one line on standard error.
 */
int ct_recorded_keep(struct ct_recorded *to, const struct ct_options *o, FILE *in,
                     struct ct_result *r);

/*
 * Reads them all and fills c->designs: labelled by the files' names, commands as they were run. 0,
 * or the exit status after one line on standard error. *to is zeroed before; the caller calls
 * ct_recorded_close in any case, when nobody hears intervals any more.
 */
int ct_recorded_load(struct ct_comparison *c, struct ct_recorded *to, const struct ct_options *o);
void ct_recorded_close(struct ct_recorded *to);

#endif
