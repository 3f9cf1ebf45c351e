/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stretches of time in which records were lost: sorted, without overlap, and not more of them
 * than can be looked through: where there would be, neighbours become one.
 */
#ifndef CT_GAPS_H
#define CT_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/core/result.h"

#define CT_GAPS_MAX 4096

struct ct_gaps {
    struct ct_gap *all; /* the records' clock */
    size_t cnt;
    size_t room;
};

/* Adds one, joined with those that it meets; *gap is then all of it. false: no memory. */
bool ct_gaps_add(struct ct_gaps *g, struct ct_gap *gap);

/* The first one that ends after ns, or NULL. */
const struct ct_gap *ct_gaps_after(const struct ct_gaps *g, uint64_t ns);

#endif
