/* SPDX-License-Identifier: GPL-2.0-only */
/* Which options go together, verb by verb: 0, or -EINVAL after one line on standard error. */
#ifndef CT_OPTION_CHECKS_H
#define CT_OPTION_CHECKS_H

#include "user/cli/options.h"

int ct_options_check_run(const struct ct_options *o);
int ct_options_check_compare(const struct ct_options *o);
/* Also takes the recording from the words. */
int ct_options_check_report(struct ct_options *o);

/* compare, of recordings: what says how to run comes too late. */
int ct_options_check_recorded(const struct ct_options *o);

#endif
