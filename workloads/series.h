/* SPDX-License-Identifier: GPL-2.0-only */
/* The lesson's piece of pure computation: the sine series, factorials and all. */
#ifndef WL_SERIES_H
#define WL_SERIES_H

#include <stdint.h>

struct wl_gil;

/*
 * The sum of count evaluations, x going evenly through [0, 1), number first the first of a total
 * of that many. Between two evaluations the interpreter lock (or NULL) is offered to others.
 */
double wl_series_sum(uint64_t first, uint64_t count, uint64_t total, struct wl_gil *gil);

#endif
