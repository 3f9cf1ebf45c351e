/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CT_RUN_H
#define CT_RUN_H

#include "user/cli/options.h"

/*
 * Traces the command and reports. Returns the exit status; does not return if the command died of
 * a signal.
 */
int ct_run(const struct ct_options *o);

/* Dies of the signal, without a core. */
int ct_die_of(int sig);

#endif
