/* SPDX-License-Identifier: GPL-2.0-only */
/* All that a run, or a recording of one, is to be written to. */
#ifndef CT_OUTPUTS_H
#define CT_OUTPUTS_H

#include "user/cli/options.h"
#include "user/cli/output.h"

struct ct_outputs {
    struct ct_output text;
    struct ct_output json;
    struct ct_output perfetto;
    struct ct_output csv;
    struct ct_output folded;
    struct ct_output html;
    struct ct_output record; /* written by a recorder, not by ct_outputs_write */
};

/* Whether a format is asked for that draws each interval: then the run needs a recording. */
bool ct_outputs_want_intervals(const struct ct_options *o);

/* Opens what the options ask for. 0, or the exit status after one line on standard error. */
int ct_outputs_open(struct ct_outputs *out, const struct ct_options *o);

/* Writes r to each. 0, or the exit status, likewise; what can be written is. */
int ct_outputs_write(struct ct_outputs *out, const struct ct_options *o, const struct ct_result *r);

/* Closes what was never written. */
void ct_outputs_fini(struct ct_outputs *out);

#endif
