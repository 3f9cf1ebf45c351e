/* SPDX-License-Identifier: GPL-2.0-only */
/* What a compared run writes: kept apart, so that it mixes with nothing and costs no terminal. */
#ifndef CT_RUN_OUTPUT_H
#define CT_RUN_OUTPUT_H

#include <stddef.h>

#include "user/source/launch.h"

struct ct_run_output {
    int streams[3]; /* standard input, output and error of the run; all above 2 */
};

/*
 * Output and error go to folder/LABEL-RUN.txt, opened as invoker; without a folder to a file in
 * memory without a name. The input is /dev/null. 0, or -errno after one line on standard error.
 */
int ct_run_output_open(struct ct_run_output *out, const char *folder, const char *label, size_t run,
                       const struct ct_identity *invoker);

/* The end of what was written: raw, NUL bytes left out. NULL: nothing, or no memory. */
char *ct_run_output_end(const struct ct_run_output *out);

void ct_run_output_close(struct ct_run_output *out);

#endif
