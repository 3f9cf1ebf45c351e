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

#define BETWEEN  " > "
#define LEFT_OUT ".."

static int columns_of(const struct ct_page *p, const char *frame)
{
    return ct_page_columns(p, frame, strlen(frame));
}

/*
 * How many of a branch's innermost frames there is room for. Where something must go, its first
 * frame stays (`*first`), which tells it from its siblings, unless it has none.
 */
static size_t choose(const struct ct_page *p, const struct ct_stack *s, const struct ct_branch *b,
                     int room, bool *first)
{
    const int between = (int)strlen(BETWEEN), left_out = (int)strlen(LEFT_OUT) + between;
    int used = 0;
    size_t n = 0;

    *first = false;
    for (; n < b->length; n++) {
        const int cols =
            columns_of(p, ct_stack_frame(s, b->depth + b->length - n - 1)) + (n ? between : 0);
        const bool last = n + 1 == b->length;
        if (used + cols + (last ? 0 : left_out) > room)
            break;
        used += cols;
    }
    if (n == b->length || !b->depth)
        return n;
    *first = true;
    used = columns_of(p, ct_stack_frame(s, b->depth)) + left_out;
    for (n = 0; n + 1 < b->length; n++) {
        used += columns_of(p, ct_stack_frame(s, b->depth + b->length - n - 1)) + between;
        if (used > room)
            break;
    }
    return n;
}

static void put_frames(struct ct_page *p, const struct ct_stack *s, const struct ct_branch *b)
{
    const int room = p->width - p->col - NS_COLUMNS;
    const int most = room > 3 ? room : 3;
    bool first;
    size_t n = choose(p, s, b, room, &first);
    const bool whole = n == b->length;

    if (!n && !first)
        n = 1; /* one at least, cut */
    if (first) {
        const char *f = ct_stack_frame(s, b->depth);
        const int tail = b->length > 1 ? (int)strlen(BETWEEN LEFT_OUT) : 0;
        ct_page_put_foreign(p, f, strlen(f), most > tail + 3 ? most - tail : 3, CT_CUT_MIDDLE);
    }
    if (!whole && b->length > n + first && (first || n > 1))
        ct_page_put(p, first ? BETWEEN LEFT_OUT : LEFT_OUT);
    for (size_t i = b->length - n; i < b->length; i++) {
        const char *f = ct_stack_frame(s, b->depth + i);
        if (i > b->length - n || first || (!whole && n > 1))
            ct_page_put(p, BETWEEN);
        ct_page_put_foreign(p, f, strlen(f), most, CT_CUT_MIDDLE);
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

static void put_losses(struct ct_page *p)
{
    const struct ct_result *r = p->r;
    char count[CT_NUMBER_LEN], time[CT_NUMBER_LEN], line[160];

    if (r->lost_waits) {
        ct_format_count(count, r->lost_waits);
        ct_format_ns(time, r->lost_waits_ns);
        snprintf(line, sizeof(line), "%s waits, of %s, found no room among these places", count,
                 time);
        ct_page_ink(p, CT_INK_BAD);
        ct_page_put_wrapped(p, line, INDENT);
    }
    if (r->with_stacks && r->lost_names) {
        ct_page_ink(p, CT_INK_BAD);
        ct_page_put_wrapped(p, "some mappings were missed: functions in them have no name", INDENT);
    }
    ct_page_ink(p, CT_INK_PLAIN);
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
    put_losses(p);
    for (size_t i = 0; i < f.cnt; i++)
        ct_stack_tree_fini(&f.trees[i]);
    return err;
}
