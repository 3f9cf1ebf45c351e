/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines and -L lists become the designs of a comparison, each with a label of its own. */
#ifndef CT_DESIGNS_H
#define CT_DESIGNS_H

#include "user/cli/options.h"
#include "user/core/comparison.h"

/*
 * Fills c->designs from o's command lines: one for each, or, where {VAR} stands in it, one for each
 * value of -L's list (of several: for each combination). 0, or -errno after one line on standard
 * error; -EINVAL: bad usage.
 */
int ct_designs_make(struct ct_comparison *c, const struct ct_options *o);

/* Gives labels that are alike a number. 0, or -ENOMEM after one line on standard error. */
int ct_designs_part(struct ct_comparison *c);

#endif
