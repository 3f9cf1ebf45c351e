/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where it waited: the stacks as a tree for each kind of wait, as far as there is room. Frames
 * that all stacks of a branch share stand in one line, the outermost first.
 */
#include <inttypes.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/stack_tree.h"
#include "user/report/text_internal.h"

#define LINES_MOST 20
#define FORKS_MOST 8  /* branches shown of one fork */
#define DEPTH_MOST 24 /* forks above one another */
#define INDENT     2
#define NS_COLUMNS 20 /* "1.62 s   95.2 %" at the right */

static const char *state_title(uint8_t state)
{
    static const char *const titles[CT_ST_COUNT] = {[CT_ST_RUNNABLE + CT_RUN_PREEMPTED] =
                                                        "lost the CPU",
#define X(upper, lower, words) [CT_ST_BLOCKED + CT_CAUSE_##upper] = "waited for " words,
                                                    CT_CAUSES(X)
#undef X
    };
    return state < CT_ST_COUNT && titles[state] ? titles[state] : "waited";
}

/* Draws, or (p NULL) only counts lines. */
struct drawing {
    struct ct_page *p;
    const struct ct_stack_tree *t;
    uint64_t total; /* all stacks' time: what the shares are of */
    uint64_t least;
    size_t lines;
};

static void put_weight(struct ct_page *p, uint64_t ns, uint64_t total)
{
    char text[CT_NUMBER_LEN];

    ct_format_ns(text, ns);
    ct_page_put_right(p, p->width - 9, text);
    ct_format_percent(text, ns, total);
    ct_page_put_right(p, p->width, text);
    ct_page_newline(p);
}

/* The frames of a branch, as many of them as there is room for: the innermost ones. */
static void put_frames(struct ct_page *p, const struct ct_stack *s, const struct ct_branch *b)
{
    const int room = p->width - p->col - NS_COLUMNS;
    size_t first = b->length;
    int used = 0;

    while (first > 0) {
        const char *f = ct_stack_frame(s, b->depth + first - 1);
        const int cols = ct_page_columns(p, f, strlen(f)) + (first < b->length ? 3 : 0);
        if (used + cols + (first > 1 ? 5 : 0) > room)
            break;
        used += cols;
        first--;
    }
    if (first && used)
        ct_page_put(p, ".. > ");
    if (first == b->length)
        first--; /* one at least, cut */
    for (size_t i = first; i < b->length; i++) {
        const char *f = ct_stack_frame(s, b->depth + i);
        if (i > first)
            ct_page_put(p, " > ");
        ct_page_put_foreign(p, f, strlen(f), room > 3 ? room : 3, CT_CUT_MIDDLE);
    }
}

static void draw(struct drawing *d, size_t from, size_t to, size_t depth, int level)
{
    struct ct_branch forks[FORKS_MOST];
    const size_t cnt = ct_stack_tree_branches(d->t, from, to, depth, d->least, forks, FORKS_MOST);

    for (size_t i = 0; i < cnt; i++) {
        const struct ct_branch *b = &forks[i];
        d->lines++;
        if (d->p) {
            const int indent = INDENT * (level + 1);
            ct_page_to(d->p, indent < d->p->width / 3 ? indent : d->p->width / 3);
            put_frames(d->p, &d->t->stacks[b->from], b);
            put_weight(d->p, b->ns, d->total);
        }
        if (level + 1 < DEPTH_MOST)
            draw(d, b->from, b->to, depth + b->length, level + 1);
    }
}

/* All states' trees, heaviest first. */
struct forest {
    struct ct_stack_tree trees[CT_ST_COUNT];
    uint8_t states[CT_ST_COUNT];
    size_t cnt;
    uint64_t ns;
};

static int plant(struct forest *f, const struct ct_result *r, bool kernel)
{
    for (int state = 0; state < CT_ST_COUNT; state++) {
        struct ct_stack_tree t;
        const int err = ct_stack_tree_init(&t, r, (uint8_t)state, kernel);
        if (err)
            return err;
        if (!t.cnt) {
            ct_stack_tree_fini(&t);
            continue;
        }
        size_t i = f->cnt++;
        for (; i > 0 && f->trees[i - 1].ns < t.ns; i--) {
            f->trees[i] = f->trees[i - 1];
            f->states[i] = f->states[i - 1];
        }
        f->trees[i] = t;
        f->states[i] = (uint8_t)state;
        f->ns += t.ns;
    }
    return 0;
}

/* p NULL: only counts. */
static size_t draw_forest(struct ct_page *p, const struct forest *f, uint64_t least)
{
    size_t lines = 0;

    for (size_t i = 0; i < f->cnt; i++) {
        struct drawing d = {.p = p, .t = &f->trees[i], .total = f->ns, .least = least};
        if (f->trees[i].ns < least)
            continue;
        lines++;
        if (p) {
            ct_page_ink(p, f->states[i] < CT_ST_BLOCKED ? CT_INK_RUNNABLE : CT_INK_BLOCKED);
            ct_page_put(p, state_title(f->states[i]));
            ct_page_ink(p, CT_INK_PLAIN);
            put_weight(p, f->trees[i].ns, f->ns);
        }
        draw(&d, 0, f->trees[i].cnt, 0, 0);
        lines += d.lines;
    }
    return lines;
}

int ct_text_stacks(struct ct_page *p)
{
    static const unsigned shares[] = {1000, 500, 200, 100, 50, 20, 10, 5, 3, 2};
    const struct ct_result *r = p->r;
    struct forest f = {.cnt = 0};
    uint64_t least = 1;
    int err = plant(&f, r, p->style->verbose);

    for (size_t i = 0; !err && !p->style->verbose && i < sizeof(shares) / sizeof(shares[0]); i++) {
        if (i && draw_forest(NULL, &f, least) <= LINES_MOST)
            break;
        least = f.ns / shares[i] + 1;
    }
    if (!err && f.cnt) {
        ct_page_ink(p, CT_INK_STRONG);
        ct_page_put(p, "where it waited");
        ct_page_ink(p, CT_INK_PLAIN);
        ct_page_newline(p);
        draw_forest(p, &f, least);
    }
    for (size_t i = 0; i < f.cnt; i++)
        ct_stack_tree_fini(&f.trees[i]);
    return err;
}
