/* SPDX-License-Identifier: GPL-2.0-only */
/* conctrace report FILE: the report of a run from its recording. */
#ifndef CT_CLI_REPLAY_H
#define CT_CLI_REPLAY_H

#include "user/cli/options.h"

/* Returns the exit status. */
int ct_replay_report(const struct ct_options *o);

#endif
