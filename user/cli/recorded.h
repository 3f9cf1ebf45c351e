/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings as the designs of a comparison: a file each, with one run. */
#ifndef CT_RECORDED_H
#define CT_RECORDED_H

#include "user/cli/options.h"
#include "user/core/comparison.h"

/* How many of o's words are the names of recordings. */
size_t ct_recorded_count(const struct ct_options *o);

/*
 * Reads them all and fills c->designs: labelled by the files' names, commands as they were run. 0,
 * or the exit status after one line on standard error.
 */
int ct_recorded_load(struct ct_comparison *c, const struct ct_options *o);

#endif
