/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How several designs differ, and why. Floor 2': reads their results, fills in the comparison;
 * knows no kernel, no clock, no environment, no format.
 */
#ifndef CT_CONTRAST_H
#define CT_CONTRAST_H

#include "user/core/comparison.h"

/*
 * Fills c->contrasts, medians, verdict and reasons, which must be zero. 0 or -ENOMEM; what is
 * there then is freed by ct_comparison_fini.
 */
int ct_contrast_run(struct ct_comparison *c);

#endif
