/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Draws intervals into a strip of fixed size while the run's length is still unknown: when time
 * outgrows the strip, each pair of bins becomes one. Constant memory, one pass.
 */
#ifndef CT_STRIP_H
#define CT_STRIP_H

#include <stdint.h>

#include "user/core/result.h"

enum ct_paint { CT_PAINT_RUNNING, CT_PAINT_RUNNABLE, CT_PAINT_BLOCKED, CT_PAINT_COUNT };

struct ct_strip_pen {
    uint64_t acc_ns[CT_PAINT_COUNT]; /* of the bin being filled: shares alone would round away */
    uint16_t bin;
    uint8_t shift; /* a bin is 2^shift ns wide */
};

/*
 * Adds [from, to) ns since the start of the run. Intervals of one strip must not overlap and come
 * in the order of time. A zeroed strip and pen are ready to use.
 */
void ct_strip_add(struct ct_strip *s, struct ct_strip_pen *p, enum ct_paint paint, uint64_t from,
                  uint64_t to);

/* Ends the drawing: stretches what was drawn so that the strip spans exactly wall_ns. */
void ct_strip_seal(struct ct_strip *s, struct ct_strip_pen *p, uint64_t wall_ns);

#endif
