/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers of all designs side by side. A row has one unit and as many digits as its largest
 * number needs. How much of a cell there is room for depends on the designs: where the ratio does
 * not fit beside the number it stands below it, and so does the range.
 */
#include <string.h>

#include "user/report/compare_internal.h"
#include "user/report/format.h"

#define CELL_MOST  30
#define CELL_RANGE 27 /* number, ratio and range side by side */
#define CELL_RATIO 14 /* number and ratio */
#define CELL_LEAST 12
#define COUNT_FITS 99999.5 /* exact up to here */
#define NUMBER     7       /* columns of a number: "<0.01" and what parts it from its neighbour */
#define TEXT_LEN   (3 * CT_NUMBER_LEN)

static const struct row {
    const char *words;
    enum ct_measure measure;
} rows[CT_METRIC_COUNT] = {
#define X(upper, name, words, measure, less) {words, CT_MEASURE_##measure},
    CT_METRICS(X)
#undef X
};

struct table {
    struct ct_page *p;
    const struct ct_comparison *c;
    int cell;        /* columns */
    size_t base;     /* the design that ratios are to */
    size_t from, to; /* those that stand side by side */
};

struct scale {
    const char *unit;
    double one;
    int decimals;
};

static struct scale scale_of(double most, enum ct_measure measure)
{
    static const struct scale counts[] = {{"", 1, 0}, {"k", 1e3, 0}, {"M", 1e6, 0}, {"G", 1e9, 0}};
    static const struct scale sizes[] = {
        {"B", 1, 0}, {"KiB", 1024, 0}, {"MiB", 1048576, 0}, {"GiB", 1073741824, 0}};
    struct scale s = {"", 1, 0};
    size_t u = 0;

    if (measure == CT_MEASURE_NS) {
        const struct ct_unit *unit = ct_unit_for((uint64_t)most);
        s = (struct scale){unit->name, unit->ns, 0};
    } else if (measure != CT_MEASURE_RATIO) {
        const struct scale *from = measure == CT_MEASURE_COUNT ? counts : sizes;
        const bool fits = measure == CT_MEASURE_COUNT && most < COUNT_FITS;
        while (!fits && u < 3 && most >= 999.5 * from[u].one)
            u++;
        s = from[u];
    }
    const bool whole = measure == CT_MEASURE_COUNT && s.one <= 1;
    s.decimals = whole || most / s.one >= 99.95 ? 0 : most / s.one >= 9.995 ? 1 : 2;
    return s;
}

static double most_of(const struct table *t, enum ct_metric m)
{
    double most = 0;

    for (size_t i = 0; i < t->c->designs_cnt; i++) {
        const struct ct_spread *s = &t->c->contrasts[m].spreads[i];
        most = s->known && s->max > most ? s->max : most;
    }
    return most;
}

static int column_of(const struct table *t, size_t design)
{
    return CT_COMPARE_LABEL + (int)(design - t->from) * t->cell;
}

/* ---- what a cell holds ---- */

static void number_text(char to[CT_NUMBER_LEN], double v, const struct scale *s)
{
    const double shown = v / s->one;
    const double least = s->decimals == 2 ? 0.01 : s->decimals == 1 ? 0.1 : 1;

    if (v > 0 && shown < least / 2)
        snprintf(to, CT_NUMBER_LEN, "<%.*f", s->decimals, least);
    else
        snprintf(to, CT_NUMBER_LEN, "%.*f", v > 0 ? s->decimals : 0, shown);
}

/* "1.98x", "~1.02x"; empty where there is nothing to say. */
static void ratio_text(const struct table *t, enum ct_metric m, size_t i, char to[CT_NUMBER_LEN])
{
    const struct ct_spread *s = t->c->contrasts[m].spreads;
    const double base = s[t->base].median;

    *to = 0;
    if (i == t->base || !s[i].known || !s[t->base].known || base <= 0 ||
        rows[m].measure == CT_MEASURE_RATIO || s[i].median == base)
        return;
    const double x = s[i].median / base;
    const bool same = !ct_comparison_apart(t->c, i, t->base, m);
    if (x >= 9999.5)
        snprintf(to, CT_NUMBER_LEN, ">9999x");
    else if (x > 0 && x < 0.005)
        snprintf(to, CT_NUMBER_LEN, "<0.01x");
    else
        snprintf(to, CT_NUMBER_LEN, "%s%.*fx", same ? "~" : "",
                 x < 9.995   ? 2
                 : x < 99.95 ? 1
                             : 0,
                 x);
}

static void range_text(const struct table *t, enum ct_metric m, size_t i, const struct scale *scale,
                       char to[TEXT_LEN])
{
    const struct ct_spread *s = &t->c->contrasts[m].spreads[i];
    char min[CT_NUMBER_LEN], max[CT_NUMBER_LEN];

    *to = 0;
    if (!s->known || s->min >= s->max)
        return;
    number_text(min, s->min, scale);
    number_text(max, s->max, scale);
    if (strcmp(min, max))
        snprintf(to, TEXT_LEN, "%s..%s", min, max);
}

static void put_number(const struct table *t, enum ct_metric m, size_t i, const struct scale *scale)
{
    const struct ct_contrast *to = &t->c->contrasts[m];
    const int right = column_of(t, i) + NUMBER;
    char text[CT_NUMBER_LEN] = "-";

    if (to->spreads[i].known)
        number_text(text, to->spreads[i].median, scale);
    ct_page_ink(t->p, to->tied[i] ? CT_INK_STRONG : CT_INK_PLAIN);
    ct_page_put_right(t->p, right, text);
    if (to->tied[i])
        ct_page_put(t->p, "*");
    ct_page_ink(t->p, CT_INK_PLAIN);
}

/* ---- rows ---- */

static void put_below(const struct table *t, enum ct_metric m, const struct scale *scale,
                      bool ratios)
{
    char text[TEXT_LEN];
    bool any = false;

    ct_page_ink(t->p, CT_INK_FAINT);
    for (size_t i = t->from; i < t->to; i++) {
        if (ratios)
            ratio_text(t, m, i, text);
        else
            range_text(t, m, i, scale, text);
        if (!*text || (int)strlen(text) >= t->cell)
            continue;
        any = true;
        const int right = column_of(t, i) + NUMBER + (ratios ? 1 : 2);
        const int least = column_of(t, i) + (int)strlen(text) + 1;
        ct_page_put_right(t->p, right > least ? right : least, text);
    }
    ct_page_ink(t->p, CT_INK_PLAIN);
    if (any)
        ct_page_newline(t->p);
}

static void put_row(const struct table *t, enum ct_metric m)
{
    const struct scale scale = scale_of(most_of(t, m), rows[m].measure);
    const bool all = t->p->style->verbose || m <= CT_METRIC_CPU;
    char text[TEXT_LEN];

    ct_page_put(t->p, "  ");
    ct_page_put(t->p, rows[m].words);
    ct_page_ink(t->p, CT_INK_FAINT);
    if (most_of(t, m) > 0)
        ct_page_put_right(t->p, CT_COMPARE_LABEL + 1, scale.unit);
    ct_page_ink(t->p, CT_INK_PLAIN);
    for (size_t i = t->from; i < t->to; i++) {
        put_number(t, m, i, &scale);
        ct_page_ink(t->p, CT_INK_FAINT);
        ratio_text(t, m, i, text);
        if (t->cell >= CELL_RATIO)
            ct_page_put_right(t->p, column_of(t, i) + NUMBER + 7, text);
        range_text(t, m, i, &scale, text);
        if (t->cell >= CELL_RANGE && *text) {
            ct_page_to(t->p, column_of(t, i) + NUMBER + 9);
            ct_page_put(t->p, text);
        }
        ct_page_ink(t->p, CT_INK_PLAIN);
    }
    ct_page_newline(t->p);
    if (t->cell < CELL_RATIO && all)
        put_below(t, m, &scale, true);
    if (t->cell < CELL_RANGE && all)
        put_below(t, m, &scale, false);
}

static void put_head(const struct table *t)
{
    ct_page_ink(t->p, CT_INK_STRONG);
    for (size_t i = t->from; i < t->to; i++) {
        ct_page_to(t->p, column_of(t, i) + 2);
        ct_compare_put_label(t->p, t->c, i, t->cell - 3);
    }
    ct_page_ink(t->p, CT_INK_PLAIN);
    ct_page_newline(t->p);
}

/* Of what is above: only what is there. */
static void put_legend(const struct table *t)
{
    const bool several = t->c->designs_cnt > 1;
    bool best = false, same = false;
    char text[32], ratio[CT_NUMBER_LEN];

    if (!several)
        return;
    for (size_t m = 0; m < CT_METRIC_COUNT; m++) {
        best |= t->c->contrasts[m].best < t->c->designs_cnt;
        for (size_t i = 0; i < t->c->designs_cnt; i++) {
            ratio_text(t, (enum ct_metric)m, i, ratio);
            same |= *ratio == '~';
        }
    }
    snprintf(text, sizeof(text), "times %c", (char)('A' + (int)t->base));
    ct_compare_put_key(t->p, "x", 1, text);
    if (best)
        ct_compare_put_key(t->p, "*", 1, "best");
    if (same)
        ct_compare_put_key(t->p, "~", 1, "no difference shown (runs overlap)");
    ct_page_newline(t->p);
}

static void put_block(const struct table *t)
{
    put_head(t);
    for (size_t m = 0; m < CT_METRIC_COUNT; m++)
        if (t->c->contrasts[m].matters ||
            (t->p->style->verbose && most_of(t, (enum ct_metric)m) > 0))
            put_row(t, (enum ct_metric)m);
}

void ct_compare_table(struct ct_page *p, const struct ct_comparison *c)
{
    struct table t = {.p = p, .c = c};
    const size_t room = (size_t)((p->width - CT_COMPARE_LABEL) / CELL_LEAST);
    const size_t most = room ? room : 1;
    const size_t beside = c->designs_cnt < most ? c->designs_cnt : most;

    while (t.base < c->designs_cnt && !c->designs[t.base].samples_cnt)
        t.base++;
    if (t.base == c->designs_cnt)
        return; /* nobody has a number */
    t.cell = (p->width - CT_COMPARE_LABEL) / (int)beside;
    if (t.cell > CELL_MOST)
        t.cell = CELL_MOST;
    for (t.from = 0; t.from < c->designs_cnt; t.from = t.to) {
        t.to = t.from + beside < c->designs_cnt ? t.from + beside : c->designs_cnt;
        put_block(&t);
    }
    put_legend(&t);
}
