/* SPDX-License-Identifier: GPL-2.0-only */
/* Reporters of a comparison: as those of a single run (report.h), a file a format. */
#ifndef CT_COMPARE_H
#define CT_COMPARE_H

#include <stdio.h>

#include "user/core/comparison.h"
#include "user/report/report.h"

/* Writes c to out. 0, or -errno of the write that failed (out is flushed, not closed). */
typedef int (*ct_compare_fn)(const struct ct_comparison *c, const struct ct_report_style *style,
                             FILE *out);

int ct_compare_text(const struct ct_comparison *c, const struct ct_report_style *style, FILE *out);
int ct_compare_json(const struct ct_comparison *c, const struct ct_report_style *style, FILE *out);
int ct_compare_html(const struct ct_comparison *c, const struct ct_report_style *style, FILE *out);

#endif
