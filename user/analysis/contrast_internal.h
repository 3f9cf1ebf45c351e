/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the contrast share: numbers, sentences about one number, the verdict. */
#ifndef CT_CONTRAST_INTERNAL_H
#define CT_CONTRAST_INTERNAL_H

#include "user/analysis/contrast.h"

/* The designs with the most and the least of a number. false: fewer than two know it. */
bool ct_contrast_ends(const struct ct_comparison *c, enum ct_metric m, size_t *most, size_t *least);

#define CT_NAME_MOST     28 /* longer labels go by their letter */
#define CT_NAME_LEN      (CT_NAME_MOST + 8)
#define CT_SPAN_TEXT_LEN 40

/* "threads", or "B" where the label is long or holds more than plain characters. Returns to. */
const char *ct_contrast_name(const struct ct_comparison *c, size_t i, char to[CT_NAME_LEN]);
/* "1.62 s", "12.3 MiB", "1.98". Returns to. */
const char *ct_contrast_span(char to[CT_SPAN_TEXT_LEN], double v, enum ct_measure measure);
/* As asprintf. NULL: no memory. */
char *ct_contrast_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Stores text, which may be NULL for want of memory. 0 or -ENOMEM. */
int ct_contrast_keep(char **to, char *text);

/* Fill in the texts. 0 or -ENOMEM. */
int ct_contrast_verdict(struct ct_comparison *c);
int ct_contrast_explain(struct ct_comparison *c, enum ct_metric m);
int ct_contrast_reasons(struct ct_comparison *c);

#endif
