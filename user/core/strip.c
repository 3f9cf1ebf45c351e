/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/strip.h"

#define FIRST_SHIFT 13 /* 8 us a bin, 1 ms a strip: finer than any run that is looked at */

static uint8_t *row(struct ct_strip *s, int paint)
{
    uint8_t *const rows[] = {s->running, s->runnable, s->blocked};
    return rows[paint];
}

static uint8_t share(uint64_t ns, uint8_t shift)
{
    /* rounded up, so that what happened is never drawn as nothing */
    const uint64_t v = ((ns * 255) + (1ULL << shift) - 1) >> shift;
    return v > 255 ? 255 : (uint8_t)v;
}

/* Writes the bin being filled into the strip. */
static void put_bin(struct ct_strip *s, struct ct_strip_pen *p)
{
    for (int i = 0; i < CT_PAINT_COUNT; i++) {
        if (p->acc_ns[i])
            row(s, i)[p->bin] = share(p->acc_ns[i], p->shift);
        p->acc_ns[i] = 0;
    }
}

/* Halves the resolution. */
static void widen(struct ct_strip *s, struct ct_strip_pen *p)
{
    for (int i = 0; i < CT_PAINT_COUNT; i++) {
        uint8_t *r = row(s, i);
        if (p->bin & 1) /* its left neighbour joins the bin being filled */
            p->acc_ns[i] += ((uint64_t)r[p->bin - 1] << p->shift) / 255;
        for (int b = 0; b < CT_STRIP_BINS / 2; b++)
            r[b] = (uint8_t)((r[2 * b] + r[2 * b + 1] + 1) / 2);
        for (int b = CT_STRIP_BINS / 2; b < CT_STRIP_BINS; b++)
            r[b] = 0;
    }
    p->bin /= 2;
    p->shift++;
}

void ct_strip_add(struct ct_strip *s, struct ct_strip_pen *p, enum ct_paint paint, uint64_t from,
                  uint64_t to)
{
    if (!p->shift)
        p->shift = FIRST_SHIFT;
    while ((to >> p->shift) >= CT_STRIP_BINS && p->shift < 56)
        widen(s, p);
    while (from < to) {
        const uint64_t bin = from >> p->shift;
        if (bin != p->bin) {
            put_bin(s, p);
            p->bin = (uint16_t)bin;
        }
        const uint64_t edge = (bin + 1) << p->shift;
        const uint64_t until = to < edge ? to : edge;
        p->acc_ns[paint] += until - from;
        from = until;
    }
}

void ct_strip_seal(struct ct_strip *s, struct ct_strip_pen *p, uint64_t wall_ns)
{
    if (!p->shift)
        p->shift = FIRST_SHIFT;
    while ((wall_ns >> p->shift) >= CT_STRIP_BINS && p->shift < 56)
        widen(s, p); /* a lane that ended early: to the run's own scale, lest a sample miss it */
    /* the run may end within the last bin: its shares are of the part that was */
    const uint64_t width = 1ULL << p->shift, start = (uint64_t)p->bin << p->shift;
    const uint64_t covered = wall_ns > start ? wall_ns - start : width;
    for (int i = 0; i < CT_PAINT_COUNT && covered < width; i++)
        p->acc_ns[i] = (uint64_t)((double)p->acc_ns[i] * (double)width / (double)covered);
    put_bin(s, p);
    for (int i = 0; i < CT_PAINT_COUNT; i++) {
        uint8_t *r = row(s, i);
        uint8_t old[CT_STRIP_BINS];
        for (int b = 0; b < CT_STRIP_BINS; b++)
            old[b] = r[b];
        for (int b = 0; b < CT_STRIP_BINS; b++) {
            /* the middle of the new bin, in the old one's measure */
            const double at = (b + 0.5) / CT_STRIP_BINS * (double)wall_ns;
            const double bin = at / (double)(1ULL << p->shift);
            r[b] = bin < CT_STRIP_BINS ? old[(int)bin] : 0;
        }
    }
}
