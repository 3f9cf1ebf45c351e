/* SPDX-License-Identifier: GPL-2.0-only */
/* The recording of a run as the session sees it: a failure is told once and spoils nothing else. */
#ifndef CT_KEEP_H
#define CT_KEEP_H

#include <stdbool.h>

#include "user/cli/output.h"
#include "user/source/recording.h"

struct ct_keep {
    struct ct_recorder *recorder; /* NULL: none is wanted, or it has ended */
    const char *name;             /* of the file, for messages */
    bool failed;                  /* it ends before the run */
};

/* to: NULL, or not opened: nothing is kept. 0, or CT_EXIT_FAILED after one line on standard error.
 */
int ct_keep_start(struct ct_keep *k, const struct ct_output *to, const struct ct_model_info *info);

static inline void ct_keep_record(struct ct_keep *k, const struct ct_rec_head *rec)
{
    if (k->recorder)
        ct_recorder_record(rec, k->recorder);
}

/* To be called now and then while the run goes on. */
void ct_keep_tick(struct ct_keep *k);

/* end: NULL if it is not known. */
void ct_keep_end(struct ct_keep *k, const struct ct_run_end *end);

#endif
