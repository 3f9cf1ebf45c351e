/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each CPU and thread did, from left to right. A cell shows what took the larger part of its
 * time; what took a small part leaves a smaller mark, so that nothing that happened vanishes.
 *
 * Rejected: scattering marks such that their density is the share of time (dithering): it draws
 * turns that nobody took.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/text_internal.h"

#define LINES_WANTED  42 /* of the whole page, as long as that leaves room for some threads */
#define THREADS_LEAST 5
#define CPUS_MOST     4
#define CELLS_LEAST   16
#define LABEL_MOST    24

enum mark {
    MARK_NONE,
    MARK_RUNS,
    MARK_PART,
    MARK_MOMENT,
    MARK_TURNS,
    MARK_READY,
    MARK_BLOCKED,
    MARK_LOST,
    MARK_COUNT
};

static const struct {
    const char *ascii, *unicode, *words;
    enum ct_ink ink;
} marks[MARK_COUNT] = {
    [MARK_NONE] = {" ", " ", NULL, CT_INK_PLAIN},
    [MARK_RUNS] = {"#", "\xe2\x96\x88", "running", CT_INK_RUNNING},
    [MARK_PART] = {"+", "\xe2\x96\x84", "running in part", CT_INK_RUNNING},
    [MARK_MOMENT] = {".", "\xe2\x96\x81", "running for a moment", CT_INK_RUNNING},
    [MARK_TURNS] = {"=", "\xe2\x96\x92", "taking turns on a CPU", CT_INK_RUNNABLE},
    [MARK_READY] = {"-", "\xe2\x96\x91", "waiting for a CPU", CT_INK_RUNNABLE},
    [MARK_BLOCKED] = {"~", "\xc2\xb7", "blocked", CT_INK_BLOCKED},
    [MARK_LOST] = {"?", "?", "events lost", CT_INK_BAD},
};

struct lanes {
    struct ct_page *p;
    int label; /* columns */
    int cells;
    bool used[MARK_COUNT];
    bool by_number; /* two lanes have the same name */
};

/* ---- what a cell shows ---- */

struct shares {
    double running, runnable, blocked;
};

/* The part of a strip that lies behind one cell: bins count by how much of them does. */
static struct shares shares_of(const struct ct_strip *s, int cell, int cells)
{
    const double from = (double)cell * CT_STRIP_BINS / cells;
    const double to = (double)(cell + 1) * CT_STRIP_BINS / cells;
    struct shares sum = {0};

    for (int b = (int)from; b < CT_STRIP_BINS && b < to; b++) {
        const double left = b > from ? b : from, right = b + 1 < to ? b + 1 : to;
        const double part = (right - left) / (to - from) / 255.0;
        if (part < 1e-9)
            continue;
        sum.running += part * s->running[b];
        sum.runnable += part * s->runnable[b];
        sum.blocked += part * s->blocked[b];
    }
    return sum;
}

static enum mark mark_of_cpu(struct shares s)
{
    return s.running <= 0       ? MARK_NONE
           : s.running >= 0.5   ? MARK_RUNS
           : s.running >= 0.125 ? MARK_PART
                                : MARK_MOMENT;
}

/* Shares of the part of the cell in which the thread lived. */
static enum mark mark_of_thread(struct shares s)
{
    const double alive = s.running + s.runnable + s.blocked;

    if (alive <= 0)
        return MARK_NONE;
    if (s.running >= alive / 2)
        return MARK_RUNS;
    if (s.runnable >= s.blocked)
        return s.running >= alive / 8 ? MARK_TURNS : MARK_READY;
    return s.running >= alive / 8 ? MARK_PART : s.running > 0 ? MARK_MOMENT : MARK_BLOCKED;
}

static void put_mark(struct lanes *l, enum mark m)
{
    const char *text = l->p->style->unicode ? marks[m].unicode : marks[m].ascii;

    l->used[m] = true;
    ct_page_ink(l->p, marks[m].ink);
    ct_page_put_piece(l->p, text, strlen(text), 1);
}

static void put_strip(struct lanes *l, const struct ct_strip *s,
                      enum mark (*mark_of)(struct shares))
{
    ct_page_to(l->p, l->label + 2);
    for (int i = 0; i < l->cells; i++)
        put_mark(l, mark_of(shares_of(s, i, l->cells)));
    ct_page_ink(l->p, CT_INK_PLAIN);
    ct_page_newline(l->p);
}

/* ---- the axis ---- */

/* A round step that leaves room for the labels between two ticks. */
static uint64_t step_of(uint64_t wall_ns, int cells)
{
    static const unsigned round[] = {1, 2, 5};

    for (uint64_t ten = 1; ten < UINT64_MAX / 100; ten *= 10)
        for (size_t i = 0; i < 3; i++)
            if ((double)(ten * round[i]) / (double)wall_ns * cells >= 11)
                return ten * round[i];
    return wall_ns;
}

void ct_text_axis(struct ct_page *p, int left, int cells, uint64_t wall)
{
    const uint64_t step = step_of(wall, cells);
    const struct ct_unit *unit = ct_unit_for(wall);
    char text[CT_NUMBER_LEN];

    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put(p, "timeline");
    ct_page_ink(p, CT_INK_FAINT);
    for (uint64_t t = 0; t < wall; t += step) {
        const int at = (int)((double)t / (double)wall * cells);
        /* exact in the digits that a round number has */
        const int len = snprintf(text, sizeof(text), t ? "|%.6g" : "|%.6g %s", (double)t / unit->ns,
                                 unit->name);
        if (at + len > cells)
            break;
        ct_page_to(p, left + at);
        ct_page_put(p, text);
    }
    ct_page_ink(p, CT_INK_PLAIN);
    ct_page_newline(p);
}

/* ---- lanes ---- */

static bool is_lane(const struct ct_text_row *row)
{
    return row->kind == CT_TEXT_THREAD && row->thread->strip;
}

/* A thread's label: its name, with its number where names are not enough. */
static size_t label_of(const struct lanes *l, const struct ct_text_row *row, char to[64])
{
    int n = snprintf(to, 64, "%s", row->thread->comm);

    if (l->by_number)
        n += snprintf(to + n, 64 - (size_t)n, " %u", row->thread->tid);
    return (size_t)n;
}

static void put_threads(struct lanes *l, const struct ct_text_rows *rows, size_t most)
{
    char label[64];

    for (size_t i = 0; i < rows->cnt && most; i++) {
        if (!is_lane(&rows->rows[i]))
            continue;
        const size_t len = label_of(l, &rows->rows[i], label);
        ct_page_to(l->p, 2);
        ct_page_put_foreign(l->p, label, len, l->label - 2, CT_CUT_MIDDLE);
        put_strip(l, rows->rows[i].thread->strip, mark_of_thread);
        most--;
    }
}

/* Of many CPUs: those that did most, in the order of their numbers. */
static bool is_shown(const struct ct_result *r, const struct ct_cpu *cpu, size_t most)
{
    size_t busier = 0;

    for (size_t i = 0; i < r->cpus_cnt; i++)
        busier += r->cpus[i].traced_ns > cpu->traced_ns ||
                  (r->cpus[i].traced_ns == cpu->traced_ns && r->cpus[i].cpu < cpu->cpu);
    return busier < most;
}

/* The other CPUs, as if they were one: their mean, and nothing vanishes. */
static void put_other_cpus(struct lanes *l, size_t most)
{
    const struct ct_result *r = l->p->r;
    struct ct_strip mean = {0};
    unsigned sum[CT_STRIP_BINS] = {0}, cnt = 0;
    char text[32];

    for (size_t i = 0; i < r->cpus_cnt; i++) {
        if (is_shown(r, &r->cpus[i], most))
            continue;
        cnt++;
        for (int b = 0; b < CT_STRIP_BINS; b++)
            sum[b] += r->cpus[i].strip.running[b];
    }
    for (int b = 0; b < CT_STRIP_BINS && cnt; b++)
        mean.running[b] = (uint8_t)((sum[b] + cnt - 1) / cnt);
    snprintf(text, sizeof(text), "%u others", cnt);
    ct_page_to(l->p, 2);
    ct_page_put(l->p, text);
    put_strip(l, &mean, mark_of_cpu);
}

static void put_cpus(struct lanes *l)
{
    const struct ct_result *r = l->p->r;
    const size_t most =
        l->p->style->verbose || r->cpus_cnt <= CPUS_MOST ? r->cpus_cnt : CPUS_MOST - 1;
    size_t shown = 0;
    char text[32];

    for (size_t i = 0; i < r->cpus_cnt; i++) {
        if (most < r->cpus_cnt && !is_shown(r, &r->cpus[i], most))
            continue;
        snprintf(text, sizeof(text), "CPU %u", r->cpus[i].cpu);
        ct_page_to(l->p, 2);
        ct_page_put(l->p, text);
        put_strip(l, &r->cpus[i].strip, mark_of_cpu);
        shown++;
    }
    if (shown < r->cpus_cnt)
        put_other_cpus(l, most);
}

/* Where events were lost the lanes above are blank, and this one says why. */
static void put_gaps(struct lanes *l)
{
    const struct ct_result *r = l->p->r;
    if (!r->gaps_cnt)
        return;
    char *lost = calloc((size_t)l->cells, 1);
    if (!lost) {
        l->p->err = -ENOMEM;
        return;
    }
    for (size_t i = 0; i < r->gaps_cnt; i++) {
        const double scale = (double)l->cells / (double)r->wall_ns;
        const int from = (int)((double)r->gaps[i].start_ns * scale);
        const int to = (int)((double)r->gaps[i].end_ns * scale);
        for (int c = from; c <= to && c < l->cells; c++)
            lost[c] = 1;
    }
    ct_page_to(l->p, 2);
    ct_page_put(l->p, "(lost)");
    ct_page_to(l->p, l->label + 2);
    for (int c = 0; c < l->cells; c++)
        put_mark(l, lost[c] ? MARK_LOST : MARK_NONE);
    ct_page_ink(l->p, CT_INK_PLAIN);
    ct_page_newline(l->p);
    free(lost);
}

static void put_legend(struct lanes *l)
{
    struct ct_page *p = l->p;

    for (int m = 0; m < MARK_COUNT; m++) {
        if (!l->used[m] || !marks[m].words)
            continue;
        const char *text = p->style->unicode ? marks[m].unicode : marks[m].ascii;
        const int at = p->col ? p->col + 3 : 2;
        if (at + 2 + (int)strlen(marks[m].words) > p->width)
            ct_page_newline(p);
        ct_page_to(p, p->col ? at : 2);
        ct_page_ink(p, marks[m].ink);
        ct_page_put_piece(p, text, strlen(text), 1);
        ct_page_ink(p, CT_INK_FAINT);
        ct_page_to(p, p->col + 1);
        ct_page_put(p, marks[m].words);
    }
    ct_page_ink(p, CT_INK_PLAIN);
    if (p->col)
        ct_page_newline(p);
}

struct named {
    const struct ct_text_row *row;
};

static int compare_names(const void *va, const void *vb)
{
    const struct named *a = va, *b = vb;

    return strcmp(a->row->thread->comm, b->row->thread->comm);
}

static void lay_out(struct lanes *l, const struct ct_text_rows *rows)
{
    struct named *named = calloc(rows->cnt + 1, sizeof(*named));
    size_t cnt = 0;
    char label[64];

    for (size_t i = 0; i < rows->cnt && named; i++)
        if (is_lane(&rows->rows[i]))
            named[cnt++].row = &rows->rows[i];
    if (named)
        qsort(named, cnt, sizeof(*named), compare_names);
    else
        l->p->err = -ENOMEM;
    for (size_t i = 1; i < cnt; i++)
        l->by_number |= !compare_names(&named[i - 1], &named[i]);
    l->label = 10;
    for (size_t i = 0; i < cnt; i++) {
        const int cols = 2 + ct_page_columns(l->p, label, label_of(l, named[i].row, label));
        l->label = cols > l->label ? cols : l->label;
    }
    free(named);
    if (l->label > LABEL_MOST)
        l->label = LABEL_MOST;
    if (l->label > l->p->width / 3)
        l->label = l->p->width / 3;
    const int room = l->p->width - l->label - 2;
    l->cells = room < CT_STRIP_BINS ? room : CT_STRIP_BINS;
}

void ct_text_timeline(struct ct_page *p, const struct ct_text_rows *rows)
{
    struct lanes l = {.p = p};

    if (!p->r->wall_ns || !p->r->threads_cnt)
        return;
    lay_out(&l, rows);
    ct_text_axis(p, l.label + 2, l.cells, p->r->wall_ns);
    put_cpus(&l);
    /* below the lanes: the legend, an empty line, the account of trust */
    const int left = LINES_WANTED - p->lines - 5;
    put_threads(&l, rows,
                p->style->verbose      ? rows->cnt
                : left > THREADS_LEAST ? (size_t)left
                                       : THREADS_LEAST);
    put_gaps(&l);
    put_legend(&l);
}
