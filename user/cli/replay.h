/* SPDX-License-Identifier: GPL-2.0-only */
/* conctrace report FILE: the report of a run from its recording. */
#ifndef CT_CLI_REPLAY_H
#define CT_CLI_REPLAY_H

#include <stdio.h>

#include "user/cli/options.h"
#include "user/core/result.h"

/* Returns the exit status. */
int ct_replay_report(const struct ct_options *o);

/*
 * The run that is recorded in path; the caller frees *out. o: for what is to be said, and so that
 * no output is written over it. 0, or the exit status after one line on standard error.
 */
int ct_replay_load(const struct ct_options *o, const char *path, struct ct_result **out);

/* The intervals of a run that was recorded. */
struct ct_replay_intervals {
    struct ct_intervals intervals; /* first */
    const struct ct_options *o;
    FILE *in;
    uint64_t wall_ns;
};

/*
 * Tells r, the result of the run that `in` holds a recording of, where its intervals can be heard:
 * as long as *to and `in` are there. in: can be read from its start, again and again.
 */
void ct_replay_intervals(struct ct_replay_intervals *to, const struct ct_options *o, FILE *in,
                         struct ct_result *r);

#endif
