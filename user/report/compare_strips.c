/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the median run of each design looked like: how many threads ran at once, and, where that
 * matters, how many waited for a CPU. All on one axis of time, so that who ends first is seen.
 */
#include <string.h>

#include "user/report/compare_internal.h"
#include "user/report/format.h"
#include "user/report/text_internal.h"

#define READY_MATTERS 0.25 /* threads, on the average of somebody's run */
#define MOMENT        0.02 /* of a cell: less is not drawn as a wait for a CPU */
#define CELLS_MOST    120

/* Threads, by slice of time. */
struct lane {
    double running[CT_STRIP_BINS];
    double ready[CT_STRIP_BINS];
    double blocked[CT_STRIP_BINS];
};

struct strips {
    struct ct_page *p;
    const struct ct_comparison *c;
    int cells;
    uint64_t wall_ns; /* the longest */
    double scale;     /* threads: a full block */
    bool ready;       /* a second lane */
    bool used[4];     /* kinds of marks, for the legend */
};
enum { USED_NUMBER, USED_MOMENT, USED_READY, USED_BLOCKED };

static void lane_of(struct lane *l, const struct ct_result *r)
{
    *l = (struct lane){0};
    for (int b = 0; b < CT_STRIP_BINS; b++) {
        for (size_t i = 0; i < r->cpus_cnt; i++)
            l->running[b] += r->cpus[i].strip.running[b] / 255.0;
        for (size_t i = 0; i < r->threads_cnt; i++) {
            const struct ct_strip *s = r->threads[i]->strip;
            if (!s)
                continue;
            l->ready[b] += s->runnable[b] / 255.0;
            l->blocked[b] += s->blocked[b] / 255.0;
        }
    }
}

/* Mean of the slices [from, to), which need not be whole ones. */
static double mean(const double *bins, double from, double to)
{
    double sum = 0;

    for (int b = (int)from; b < CT_STRIP_BINS && b < to; b++) {
        const double left = b > from ? b : from, right = b + 1 < to ? b + 1 : to;
        sum += (right - left) * bins[b];
    }
    return to > from ? sum / (to - from) : 0;
}

/* ---- marks ---- */

static void put_count(struct strips *s, double threads, enum ct_ink ink)
{
    static const char *const blocks[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                         "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                         "\xe2\x96\x87", "\xe2\x96\x88"};
    char digit[2] = ".";

    ct_page_ink(s->p, ink);
    s->used[threads < 0.5 && !s->p->style->unicode ? USED_MOMENT : USED_NUMBER] = true;
    if (s->p->style->unicode) {
        const int level = (int)(threads / s->scale * 8 - 1e-6);
        ct_page_put_piece(s->p, blocks[level > 7 ? 7 : level < 0 ? 0 : level], 3, 1);
        return;
    }
    if (threads >= 9.5)
        digit[0] = '#';
    else if (threads >= 0.5)
        digit[0] = (char)('0' + (int)(threads + 0.5));
    ct_page_put_piece(s->p, digit, 1, 1);
}

static void put_cell(struct strips *s, double running, double ready, double blocked)
{
    const bool unicode = s->p->style->unicode;

    if (running > 0) {
        put_count(s, running, CT_INK_RUNNING);
    } else if (ready > MOMENT && ready >= blocked / 8) {
        s->used[USED_READY] = true;
        ct_page_ink(s->p, CT_INK_RUNNABLE);
        ct_page_put_piece(s->p, unicode ? "\xe2\x96\x91" : "-", unicode ? 3 : 1, 1);
    } else if (blocked > 0) {
        s->used[USED_BLOCKED] = true;
        ct_page_ink(s->p, CT_INK_BLOCKED);
        ct_page_put_piece(s->p, unicode ? "\xc2\xb7" : "~", unicode ? 2 : 1, 1);
    } else {
        ct_page_put_piece(s->p, " ", 1, 1);
    }
}

/* ---- lanes ---- */

static int cells_of(const struct strips *s, uint64_t wall_ns)
{
    const int cells = (int)((double)s->cells * (double)wall_ns / (double)s->wall_ns + 0.5);

    return cells < 1 ? 1 : cells > s->cells ? s->cells : cells;
}

static void put_running(struct strips *s, const struct lane *l, int cells)
{
    ct_page_to(s->p, CT_COMPARE_LABEL + 1);
    for (int c = 0; c < cells; c++) {
        const double from = (double)c * CT_STRIP_BINS / cells;
        const double to = (double)(c + 1) * CT_STRIP_BINS / cells;
        put_cell(s, mean(l->running, from, to), mean(l->ready, from, to),
                 mean(l->blocked, from, to));
    }
    if (cells < s->cells) {
        ct_page_ink(s->p, CT_INK_FAINT);
        ct_page_put_piece(s->p, "|", 1, 1);
    }
    ct_page_ink(s->p, CT_INK_PLAIN);
    ct_page_newline(s->p);
}

static void put_ready(struct strips *s, const struct lane *l, int cells)
{
    ct_page_put_right(s->p, CT_COMPARE_LABEL - 1, "for a CPU");
    ct_page_to(s->p, CT_COMPARE_LABEL + 1);
    for (int c = 0; c < cells; c++) {
        const double ready = mean(l->ready, (double)c * CT_STRIP_BINS / cells,
                                  (double)(c + 1) * CT_STRIP_BINS / cells);
        if (ready > MOMENT)
            put_count(s, ready, CT_INK_RUNNABLE);
        else
            ct_page_put_piece(s->p, " ", 1, 1);
    }
    ct_page_ink(s->p, CT_INK_PLAIN);
    ct_page_newline(s->p);
}

static void put_design(struct strips *s, size_t i)
{
    const struct ct_result *r = ct_comparison_median(s->c, i);
    struct lane l;

    ct_page_to(s->p, 2);
    ct_compare_put_label(s->p, s->c, i, CT_COMPARE_LABEL - 3);
    if (!r) {
        ct_page_newline(s->p);
        return;
    }
    lane_of(&l, r);
    const int cells = cells_of(s, r->wall_ns);
    put_running(s, &l, cells);
    if (s->ready && mean(l.ready, 0, CT_STRIP_BINS) > MOMENT)
        put_ready(s, &l, cells);
}

static void put_legend(struct strips *s)
{
    const bool unicode = s->p->style->unicode;
    char full[64];

    snprintf(full, sizeof(full), "%.0f %s at once (less is lower)", s->scale,
             s->scale > 1 ? "threads" : "thread");
    if (s->used[USED_NUMBER] && unicode)
        ct_compare_put_key(s->p, "\xe2\x96\x88", 3, full);
    else if (s->used[USED_NUMBER])
        ct_compare_put_key(s->p, "", 0, "1 2 3 threads at once");
    if (s->used[USED_MOMENT])
        ct_compare_put_key(s->p, ".", 1, "one, for a moment");
    if (s->used[USED_READY])
        ct_compare_put_key(s->p, unicode ? "\xe2\x96\x91" : "-", unicode ? 3 : 1,
                           "none: waiting for a CPU");
    if (s->used[USED_BLOCKED])
        ct_compare_put_key(s->p, unicode ? "\xc2\xb7" : "~", unicode ? 2 : 1, "all blocked");
    if (s->p->col)
        ct_page_newline(s->p);
}

static void measure(struct strips *s)
{
    struct lane l;

    for (size_t i = 0; i < s->c->designs_cnt; i++) {
        const struct ct_result *r = ct_comparison_median(s->c, i);
        if (!r)
            continue;
        if (r->wall_ns > s->wall_ns)
            s->wall_ns = r->wall_ns;
        lane_of(&l, r);
        const double ready = mean(l.ready, 0, CT_STRIP_BINS);
        s->ready |= ready >= READY_MATTERS;
    }
    for (size_t i = 0; i < s->c->designs_cnt; i++) {
        const struct ct_result *r = ct_comparison_median(s->c, i);
        if (!r)
            continue;
        lane_of(&l, r);
        for (int b = 0; b < CT_STRIP_BINS; b++) {
            s->scale = l.running[b] > s->scale ? l.running[b] : s->scale;
            if (s->ready && l.ready[b] > s->scale)
                s->scale = l.ready[b];
        }
    }
    s->scale = (double)(int)(s->scale + 0.95);
    if (s->scale < 1)
        s->scale = 1;
}

void ct_compare_strips(struct ct_page *p, const struct ct_comparison *c)
{
    struct strips s = {.p = p, .c = c, .cells = p->width - CT_COMPARE_LABEL - 1};

    if (s.cells > CELLS_MOST)
        s.cells = CELLS_MOST;
    measure(&s);
    if (!s.wall_ns)
        return;
    ct_text_axis(p, CT_COMPARE_LABEL + 1, s.cells, s.wall_ns);
    for (size_t i = 0; i < c->designs_cnt; i++)
        put_design(&s, i);
    put_legend(&s);
}
