/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/stack_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *ct_state_word(uint8_t state)
{
    static const char *const words[CT_ST_COUNT] = {[CT_ST_UNKNOWN] = "unknown",
                                                   [CT_ST_RUNNING] = "running",
                                                   [CT_ST_DEAD] = "dead",
#define X(upper, lower, in_words) [CT_ST_RUNNABLE + CT_RUN_##upper] = #lower,
                                                   CT_RUNNABLE(X)
#undef X
#define X(upper, lower, in_words) [CT_ST_BLOCKED + CT_CAUSE_##upper] = #lower,
                                                       CT_CAUSES(X)
#undef X
    };
    return state < CT_ST_COUNT ? words[state] : "unknown";
}

const char *ct_stack_frame(const struct ct_stack *s, size_t depth)
{
    const char *f = s->frames, *end = s->frames + s->frames_len;

    while (f < end && depth--)
        f += strlen(f) + 1;
    return f < end ? f : NULL;
}

static int frames_order(const void *va, const void *vb)
{
    const struct ct_stack *a = va, *b = vb;
    const size_t least = a->frames_len < b->frames_len ? a->frames_len : b->frames_len;
    const int order = memcmp(a->frames, b->frames, least);

    if (order)
        return order;
    return a->frames_len < b->frames_len ? -1 : a->frames_len > b->frames_len;
}

/* The length of the frames before the kernel's; all of them if there are no others. */
static size_t user_len(const struct ct_stack *s)
{
    for (size_t at = 0; at < s->frames_len;) {
        const size_t len = strlen(s->frames + at);
        if (at && len > 4 && !strcmp(s->frames + at + len - 4, "_[k]"))
            return at;
        at += len + 1;
    }
    return s->frames_len;
}

int ct_stack_tree_init(struct ct_stack_tree *t, const struct ct_result *r, uint8_t state,
                       bool kernel)
{
    *t = (struct ct_stack_tree){0};
    t->stacks = calloc(r->stacks_cnt + 1, sizeof(*t->stacks));
    if (!t->stacks)
        return -ENOMEM;
    for (size_t i = 0; i < r->stacks_cnt; i++) {
        if (r->stacks[i].state != state)
            continue;
        struct ct_stack *s = &t->stacks[t->cnt++];
        *s = r->stacks[i];
        if (!kernel)
            s->frames_len = user_len(s);
        t->ns += r->stacks[i].ns;
    }
    if (t->cnt > 1)
        qsort(t->stacks, t->cnt, sizeof(*t->stacks), frames_order);
    return 0;
}

void ct_stack_tree_fini(struct ct_stack_tree *t)
{
    free(t->stacks);
    *t = (struct ct_stack_tree){0};
}

/* Whether all of the branch's stacks go on alike at this depth. */
static bool is_common(const struct ct_stack_tree *t, const struct ct_branch *b, size_t depth)
{
    const char *first = ct_stack_frame(&t->stacks[b->from], depth);
    const char *last = ct_stack_frame(&t->stacks[b->to - 1], depth);

    return first && last && !strcmp(first, last); /* sorted: so are those between */
}

static void insert(struct ct_branch *out, size_t *cnt, size_t max, const struct ct_branch *b)
{
    size_t i = *cnt;

    if (i == max && out[i - 1].ns >= b->ns)
        return;
    i = i == max ? i - 1 : (*cnt)++;
    for (; i > 0 && out[i - 1].ns < b->ns; i--)
        out[i] = out[i - 1];
    out[i] = *b;
}

size_t ct_stack_tree_branches(const struct ct_stack_tree *t, size_t from, size_t to, size_t depth,
                              uint64_t least, struct ct_branch *out, size_t max)
{
    size_t cnt = 0;

    while (from < to) {
        const char *name = ct_stack_frame(&t->stacks[from], depth);
        struct ct_branch b = {.name = name, .depth = depth, .length = 1, .from = from};
        for (b.to = from; b.to < to; b.to++) {
            const char *other = ct_stack_frame(&t->stacks[b.to], depth);
            if (!name != !other || (name && strcmp(name, other)))
                break;
            b.ns += t->stacks[b.to].ns;
            b.count += t->stacks[b.to].count;
        }
        from = b.to;
        if (!name || b.ns < least)
            continue;
        while (is_common(t, &b, depth + b.length))
            b.length++;
        insert(out, &cnt, max, &b);
    }
    return cnt;
}
