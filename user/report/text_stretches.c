/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heaviest stretches of the critical path, in the order of time: a stretch is what one thread
 * has of the path until another one takes over. Two stand side by side where there is room.
 */
#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/text_internal.h"
#include "user/report/text_say.h"

struct stretch {
    uint64_t start_ns, end_ns;
    uint32_t id;
    uint64_t state_ns[CT_ST_COUNT]; /* runnable: all under its first; blocked: see below */
    uint64_t blocked_ns;            /* for what, is not known any more: it was folded */
};

struct heaviest {
    struct stretch one[CT_STRETCHES_MOST];
    size_t cnt, most;
    size_t all; /* that there are */
};

static uint64_t length(const struct stretch *s)
{
    return s->end_ns - s->start_ns;
}

/* Takes it in, in the place of the lightest if there is no room. */
static void take(struct heaviest *h, const struct stretch *s)
{
    size_t lightest = 0;

    h->all++;
    if (h->cnt < h->most) {
        h->one[h->cnt++] = *s;
        return;
    }
    for (size_t i = 1; i < h->cnt; i++)
        if (length(&h->one[i]) < length(&h->one[lightest]))
            lightest = i;
    if (!h->cnt || length(s) <= length(&h->one[lightest]))
        return;
    memmove(&h->one[lightest], &h->one[lightest + 1],
            (h->cnt - lightest - 1) * sizeof(h->one[0])); /* the order of time stays */
    h->one[h->cnt - 1] = *s;
}

static void add_step(struct stretch *s, const struct ct_path_step *step)
{
    s->end_ns = step->end_ns;
    if (step->state >= CT_ST_BLOCKED && step->state < CT_ST_COUNT) {
        s->state_ns[step->state] += step->end_ns - step->start_ns;
        return;
    }
    s->state_ns[CT_ST_RUNNING] += step->sums.running_ns;
    s->state_ns[CT_ST_RUNNABLE] += step->sums.runnable_ns;
    s->state_ns[CT_ST_UNKNOWN] += step->sums.unknown_ns;
    s->blocked_ns += step->sums.blocked_ns;
}

static void find_heaviest(const struct ct_path *path, struct heaviest *h)
{
    struct stretch s = {0};

    for (size_t i = 0; i < path->steps_cnt; i++) {
        const struct ct_path_step *step = &path->steps[i];
        if (i && step->id != s.id)
            take(h, &s);
        if (!i || step->id != s.id)
            s = (struct stretch){.start_ns = step->start_ns, .id = step->id};
        add_step(&s, step);
    }
    if (path->steps_cnt)
        take(h, &s);
}

/* What it did for most of the stretch, and for how much of it if not nearly all. */
static void say_mostly(struct ct_sentence *to, const struct stretch *s)
{
    struct ct_totals t = {0};
    struct ct_part parts[CT_PARTS_MAX + 1], *most = parts;
    static const char waits[] = "waiting for ";
    char share[CT_NUMBER_LEN];

    memcpy(t.state_ns, s->state_ns, sizeof(s->state_ns));
    size_t n = ct_parts_of(&t, parts);
    if (s->blocked_ns)
        parts[n++] = (struct ct_part){.words = "waiting", .ns = s->blocked_ns};
    for (size_t i = 1; i < n; i++)
        if (parts[i].ns > most->ns)
            most = &parts[i];
    if (!n)
        return;
    ct_tell(to, "%s",
            strncmp(most->words, waits, strlen(waits)) ? most->words : most->words + strlen(waits));
    if (most->ns >= length(s) - length(s) / 20)
        return;
    ct_format_percent(share, most->ns, length(s));
    ct_tell(to, " %s", share);
}

#define NUMBER     8  /* columns of a time, with the blank before it */
#define CELL_LEAST 44 /* columns that a stretch needs to stand beside another one */

static void put_stretch(struct ct_page *p, const struct stretch *s, const struct ct_unit *unit,
                        const struct ct_unit *length_unit, int left, int right)
{
    const struct ct_thread *t = ct_result_thread(p->r, s->id);
    struct ct_sentence words = {0};
    char number[CT_NUMBER_LEN];

    ct_format_aligned(number, (double)s->start_ns / unit->ns, unit->ns > 1 ? 2 : 0);
    ct_page_put_right(p, left + NUMBER, number);
    ct_format_aligned(number, (double)length(s) / length_unit->ns, length_unit->ns > 1 ? 2 : 0);
    ct_page_put_right(p, left + 2 * NUMBER, number);
    ct_page_to(p, left + 2 * NUMBER + 2);
    if (t)
        ct_tell(&words, "%s %u: ", t->comm, t->tid);
    say_mostly(&words, s);
    ct_page_put_foreign(p, words.text, words.len, right - p->col, CT_CUT_END);
}

void ct_text_stretches(struct ct_page *p, size_t most)
{
    const int width = p->width < 2 * CELL_LEAST + 30 ? p->width : 2 * CELL_LEAST + 30;
    const int columns = width >= 2 * CELL_LEAST ? 2 : 1;
    struct heaviest h = {.most = most < CT_STRETCHES_MOST ? most : CT_STRETCHES_MOST};
    struct ct_sentence s = {0};
    uint64_t longest = 0;

    find_heaviest(&p->r->path, &h);
    if (!h.cnt || h.all < 2)
        return;
    for (size_t i = 0; i < h.cnt; i++)
        longest = length(&h.one[i]) > longest ? length(&h.one[i]) : longest;
    const struct ct_unit *unit = ct_unit_for(p->r->wall_ns), *length_unit = ct_unit_for(longest);
    if (h.cnt < h.all)
        ct_tell(&s, "The %zu heaviest of its %zu stretches: ", h.cnt, h.all);
    else
        ct_tell(&s, "Its stretches: ");
    ct_tell(&s, "from [%s], length [%s], who, running or waiting for", unit->name,
            length_unit->name);
    ct_page_to(p, 2);
    ct_page_put_wrapped(p, s.text, 4);
    const size_t rows = (h.cnt + (size_t)columns - 1) / (size_t)columns;
    for (size_t i = 0; i < rows; i++) {
        put_stretch(p, &h.one[i], unit, length_unit, 0, width / columns - (columns > 1));
        if (columns > 1 && i + rows < h.cnt)
            put_stretch(p, &h.one[i + rows], unit, length_unit, width / columns, width);
        ct_page_newline(p);
    }
}
