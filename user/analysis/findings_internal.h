/* SPDX-License-Identifier: GPL-2.0-only */
/* What the analyses share. */
#ifndef CT_FINDINGS_INTERNAL_H
#define CT_FINDINGS_INTERNAL_H

#include "user/analysis/findings.h"

struct ct_found {
    struct ct_result *r;
    size_t room;
    int err; /* 0 or -ENOMEM; then nothing more is added */
};

/* A new finding, zeroed but for its id; NULL: no memory. Valid until the next one is added. */
struct ct_finding *ct_found_add(struct ct_found *f, enum ct_finding_id id);

/* Its three texts, as printf makes them; advice NULL: none. */
void ct_found_title(struct ct_found *f, struct ct_finding *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ct_found_explain(struct ct_found *f, struct ct_finding *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ct_found_advise(struct ct_found *f, struct ct_finding *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Evidence: one number each. The key is a constant that ends in its unit. */
void ct_found_number(struct ct_finding *to, const char *key, uint64_t number);
void ct_found_ratio(struct ct_finding *to, const char *key, double ratio);
void ct_found_text(struct ct_finding *to, const char *key, const char *text);

/* The analyses, a file each: finding_*.c */
void ct_find_good_overlap(struct ct_found *f);

#endif
