/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reporters: each turns a finished result into one format. One file a format, one row in the
 * table of reporters. A reporter knows the result and its FILE, nothing else.
 */
#ifndef CT_REPORT_H
#define CT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "user/core/result.h"

struct ct_report_style {
    bool color;   /* may emit ANSI colours */
    bool unicode; /* may emit block characters */
    int width;    /* columns of the screen (at least 40; 0: not a screen, take 100) */
    bool verbose; /* -v: all threads, all details */
};

/*
 * Writes r to out. Returns 0, or -errno of the write that failed (out is flushed, not closed).
 */
typedef int (*ct_report_fn)(const struct ct_result *r, const struct ct_report_style *style,
                            FILE *out);

int ct_report_text(const struct ct_result *r, const struct ct_report_style *style, FILE *out);
int ct_report_folded(const struct ct_result *r, const struct ct_report_style *style, FILE *out);
int ct_report_csv(const struct ct_result *r, const struct ct_report_style *style, FILE *out);
int ct_report_perfetto(const struct ct_result *r, const struct ct_report_style *style, FILE *out);
int ct_report_json(const struct ct_result *r, const struct ct_report_style *style, FILE *out);
int ct_report_html(const struct ct_result *r, const struct ct_report_style *style, FILE *out);

#endif
