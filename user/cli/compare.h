/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CT_CLI_COMPARE_H
#define CT_CLI_COMPARE_H

#include "user/cli/options.h"

/*
 * Runs the command lines in turn, traced, and reports how they differ. Returns the exit status: 0
 * every run went well, 1 some did not. Does not return if a signal cut it short.
 */
int ct_compare(const struct ct_options *o);

#endif
