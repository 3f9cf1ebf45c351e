/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the comparison's page: compare_text.c puts them in order. */
#ifndef CT_COMPARE_INTERNAL_H
#define CT_COMPARE_INTERNAL_H

#include "user/report/compare.h"
#include "user/report/text_page.h"

#define CT_COMPARE_LABEL 18 /* columns of what a row is called, and its unit */

/* "A threads", in at most `cols` columns. */
void ct_compare_put_label(struct ct_page *p, const struct ct_comparison *c, size_t design,
                          int cols);

/* One entry of a legend: a mark of one column (len 0: none) and what it means. */
void ct_compare_put_key(struct ct_page *p, const char *mark, size_t len, const char *words);

/* The numbers, side by side. */
void ct_compare_table(struct ct_page *p, const struct ct_comparison *c);
/* What each median run looked like, on one axis of time. */
void ct_compare_strips(struct ct_page *p, const struct ct_comparison *c);

#endif
