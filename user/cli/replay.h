/* SPDX-License-Identifier: GPL-2.0-only */
/* conctrace report FILE: the report of a run from its recording. */
#ifndef CT_CLI_REPLAY_H
#define CT_CLI_REPLAY_H

#include "user/cli/options.h"

#include "user/core/result.h"

/* Returns the exit status. */
int ct_replay_report(const struct ct_options *o);

/*
 * The run that is recorded in path; the caller frees *out. o: for what is to be said, and so that
 * no output is written over it. 0, or the exit status after one line on standard error.
 */
int ct_replay_load(const struct ct_options *o, const char *path, struct ct_result **out);

#endif
