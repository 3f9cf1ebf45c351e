/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own word on each mapping of code, as perf gets it: with its time, and however short
 * the process lives. One ring a CPU, read at each drain; what other people's processes map is
 * dropped unread.
 *
 * Rejected: reading /proc/PID/maps now and then misses whatever lives shorter than that. It is what
 * remains where the kernel refuses us the events.
 */
#ifndef CT_PERF_MAPS_H
#define CT_PERF_MAPS_H

#include "user/source/spaces.h"

struct ct_perf_maps;

/* NULL: the kernel refuses, or no memory. */
struct ct_perf_maps *ct_perf_maps_open(void);

/* Marks what is there to be read: before the records are drained that tell which process is ours.
 */
void ct_perf_maps_mark(struct ct_perf_maps *p);

/* Hands over what was there at the mark. */
void ct_perf_maps_take(struct ct_perf_maps *p, struct ct_spaces *s);

void ct_perf_maps_free(struct ct_perf_maps *p);

#endif
