/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/text_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"

#define INDENT       2
#define NAME_LEAST   16
#define NAME_MOST    44
#define REMARK_LEAST 14

/* ---- collecting ---- */

static void *append(struct ct_ledger *l, void **array, size_t *cnt, size_t *room, size_t size)
{
    if (*cnt == *room) {
        const size_t more = *room ? 2 * *room : 16;
        void *bigger = realloc(*array, more * size);
        if (!bigger) {
            l->no_memory = true;
            return NULL;
        }
        *array = bigger;
        *room = more;
    }
    return memset((char *)*array + (*cnt)++ * size, 0, size);
}

void ct_ledger_begin(struct ct_ledger *l, const struct ct_ledger_head *head)
{
    struct ct_ledger_section *s =
        append(l, (void **)&l->sections, &l->sections_cnt, &l->sections_room, sizeof(*l->sections));
    if (s)
        *s = (struct ct_ledger_section){.head = *head, .from = l->rows_cnt};
}

struct ct_ledger_row *ct_ledger_row(struct ct_ledger *l)
{
    struct ct_ledger_row *row = l->sections_cnt ? append(l, (void **)&l->rows, &l->rows_cnt,
                                                         &l->rows_room, sizeof(*l->rows))
                                                : NULL;
    if (!row)
        return NULL;
    l->sections[l->sections_cnt - 1].cnt++;
    for (int c = 0; c < CT_LEDGER_COLUMNS; c++)
        row->value[c] = NAN;
    return row;
}

void ct_ledger_note(struct ct_ledger *l, const char *note)
{
    if (l->sections_cnt)
        l->sections[l->sections_cnt - 1].note = note;
}

size_t ct_ledger_lines(const struct ct_ledger *l)
{
    size_t lines = l->sections_cnt + l->rows_cnt;

    for (size_t i = 0; i < l->sections_cnt; i++)
        lines += l->sections[i].note != NULL;
    return lines;
}

void ct_ledger_fini(struct ct_ledger *l)
{
    free(l->sections);
    free(l->rows);
    *l = (struct ct_ledger){0};
}

/* ---- cells ---- */

/* How one section writes one column. */
struct style {
    const struct ct_unit *unit; /* of times: that of the greatest */
    int trail;                  /* blanks that end each of its cells */
};

static void format_cell(const struct ct_ledger_section *s, int c, const struct ct_unit *unit,
                        double v, char to[CT_NUMBER_LEN])
{
    switch (s->head.column[c].kind) {
    case CT_LEDGER_TIME:
        ct_format_aligned(to, v / unit->ns, unit->ns > 1 ? 2 : 0);
        break;
    case CT_LEDGER_COUNT:
        if (isnan(v))
            snprintf(to, CT_NUMBER_LEN, "-");
        else
            ct_format_count(to, v < 1e19 ? (uint64_t)v : UINT64_MAX);
        break;
    case CT_LEDGER_PERCENT:
        ct_format_aligned(to, v, 1);
        break;
    case CT_LEDGER_NONE:
        to[0] = 0;
    }
}

static int trail_of(const char *text)
{
    int trail = 0;

    for (size_t len = strlen(text); len && text[len - 1] == ' '; len--)
        trail++;
    return trail;
}

static struct style style_of(const struct ct_ledger *l, const struct ct_ledger_section *s, int c)
{
    struct style st = {.trail = CT_NUMBER_LEN};
    const struct ct_ledger_row *rows = l->rows + s->from;
    char text[CT_NUMBER_LEN];
    double most = 0;

    for (size_t i = 0; i < s->cnt; i++)
        most = rows[i].value[c] > most ? rows[i].value[c] : most;
    st.unit = ct_unit_for(most < 1 ? 1000 : most < 1e19 ? (uint64_t)most : UINT64_MAX);
    for (size_t i = 0; i < s->cnt; i++) {
        format_cell(s, c, st.unit, rows[i].value[c], text);
        const int trail = trail_of(text);
        st.trail = trail < st.trail ? trail : st.trail;
    }
    return st;
}

static void header_cell(const struct ct_ledger_section *s, int c, const struct ct_unit *unit,
                        char to[CT_NUMBER_LEN])
{
    const char *title = s->head.column[c].title;
    const enum ct_ledger_kind kind = s->head.column[c].kind;

    snprintf(to, CT_NUMBER_LEN, "%s%s%s", title ? title : "",
             kind == CT_LEDGER_TIME      ? " "
             : kind == CT_LEDGER_PERCENT ? " %"
                                         : "",
             kind == CT_LEDGER_TIME ? unit->name : "");
}

/* ---- the grid ---- */

struct grid {
    int name;
    int width[CT_LEDGER_COLUMNS];
    bool shown[CT_LEDGER_COLUMNS];
};

static void widen(int *width, int cols)
{
    *width = cols > *width ? cols : *width;
}

static void measure_column(const struct ct_ledger *l, int c, struct grid *g)
{
    char text[CT_NUMBER_LEN];

    for (size_t i = 0; i < l->sections_cnt; i++) {
        const struct ct_ledger_section *s = &l->sections[i];
        if (!s->head.column[c].title)
            continue;
        const struct style st = style_of(l, s, c);
        header_cell(s, c, st.unit, text);
        widen(&g->width[c], (int)strlen(text));
        for (size_t k = s->from; k < s->from + s->cnt; k++) {
            format_cell(s, c, st.unit, l->rows[k].value[c], text);
            widen(&g->width[c], (int)strlen(text) - st.trail);
        }
    }
}

static struct grid lay_out(const struct ct_page *p, const struct ct_ledger *l)
{
    struct grid g = {0};
    int wanted = NAME_LEAST, left = p->width - NAME_LEAST;
    bool room = true;

    for (size_t i = 0; i < l->sections_cnt; i++)
        widen(&wanted, (int)strlen(l->sections[i].head.title));
    for (size_t i = 0; i < l->rows_cnt; i++) {
        const struct ct_ledger_row *row = &l->rows[i];
        widen(&wanted, INDENT + ct_page_columns(p, row->name, strlen(row->name)));
    }
    wanted = wanted < NAME_MOST ? wanted : NAME_MOST;
    for (int c = 0; c < CT_LEDGER_COLUMNS; c++) {
        measure_column(l, c, &g);
        room = room && g.width[c] + 2 <= left;
        g.shown[c] = room && g.width[c];
        left -= g.shown[c] ? g.width[c] + 2 : 0;
    }
    g.name = wanted < NAME_LEAST + left ? wanted : NAME_LEAST + left;
    return g;
}

/* Where a section's remarks begin: behind the last column that it uses. 0: no room. */
static int remark_at(const struct ct_page *p, const struct ct_ledger_section *s,
                     const struct grid *g)
{
    int at = g->name, last = 0;

    for (int c = 0; c < CT_LEDGER_COLUMNS; c++) {
        at += g->shown[c] ? g->width[c] + 2 : 0;
        if (s->head.column[c].title && !g->shown[c])
            return 0;
        if (s->head.column[c].title)
            last = at + 2;
    }
    return last + REMARK_LEAST <= p->width ? last : 0;
}

/* ---- drawing ---- */

static void put_header(struct ct_page *p, const struct ct_ledger_section *s, const struct grid *g,
                       const struct style style[CT_LEDGER_COLUMNS])
{
    const int remark = remark_at(p, s, g);
    char text[CT_NUMBER_LEN];
    int at = g->name;

    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put_foreign(p, s->head.title, strlen(s->head.title), g->name, CT_CUT_END);
    ct_page_ink(p, CT_INK_FAINT);
    for (int c = 0; c < CT_LEDGER_COLUMNS; c++) {
        if (!g->shown[c])
            continue;
        at += g->width[c] + 2;
        if (!s->head.column[c].title)
            continue;
        header_cell(s, c, style[c].unit, text);
        ct_page_put_right(p, at, text);
    }
    if (remark && s->head.remark) {
        ct_page_to(p, remark);
        ct_page_put_foreign(p, s->head.remark, strlen(s->head.remark), p->width - remark,
                            CT_CUT_END);
    }
    ct_page_ink(p, CT_INK_PLAIN);
    ct_page_newline(p);
}

static void put_row(struct ct_page *p, const struct ct_ledger_section *s,
                    const struct ct_ledger_row *row, const struct grid *g,
                    const struct style style[CT_LEDGER_COLUMNS])
{
    const int remark = remark_at(p, s, g);
    char text[CT_NUMBER_LEN];
    int at = g->name;

    ct_page_to(p, INDENT);
    ct_page_put_foreign(p, row->name, strlen(row->name), g->name - INDENT, CT_CUT_MIDDLE);
    for (int c = 0; c < CT_LEDGER_COLUMNS; c++) {
        if (!g->shown[c])
            continue;
        at += g->width[c] + 2;
        if (!s->head.column[c].title)
            continue;
        format_cell(s, c, style[c].unit, row->value[c], text);
        text[strlen(text) - (size_t)style[c].trail] = 0;
        ct_page_put_right(p, at, text);
    }
    if (remark && row->remark[0]) {
        ct_page_to(p, remark);
        ct_page_put_foreign(p, row->remark, strlen(row->remark), p->width - remark, CT_CUT_END);
    }
    ct_page_newline(p);
}

static void put_section(struct ct_page *p, const struct ct_ledger *l,
                        const struct ct_ledger_section *s, const struct grid *g)
{
    struct style style[CT_LEDGER_COLUMNS];

    for (int c = 0; c < CT_LEDGER_COLUMNS; c++)
        style[c] = style_of(l, s, c);
    put_header(p, s, g, style);
    for (size_t i = s->from; i < s->from + s->cnt; i++)
        put_row(p, s, &l->rows[i], g, style);
    if (!s->note)
        return;
    ct_page_ink(p, CT_INK_FAINT);
    ct_page_to(p, INDENT);
    ct_page_put_wrapped(p, s->note, INDENT);
    ct_page_ink(p, CT_INK_PLAIN);
}

void ct_ledger_put(struct ct_page *p, const struct ct_ledger *l)
{
    const struct grid g = lay_out(p, l);

    for (size_t i = 0; i < l->sections_cnt; i++)
        put_section(p, l, &l->sections[i], &g);
}
