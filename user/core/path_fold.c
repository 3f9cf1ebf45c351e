/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/path_internal.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_NS                                                                                  \
    1000000000ULL            /* how long the dead are remembered: they may have woken somebody     \
                              */
#define FOLD_FIRST (1 << 16) /* folding begins at this part of the run so far */

enum { DEAD_WOOD, ONE_CHILD, FORK, TIP };

/* ---- sums ---- */

static void fold_share(struct ct_path_fold *f, const struct ct_path_share *s)
{
    for (uint32_t i = 0; i < f->top_cnt; i++)
        if (f->top[i].id == s->id) {
            ct_path_add_sums(&f->top[i].sums, &s->sums);
            return;
        }
    if (s->id && f->top_cnt < CT_PATH_FOLD_TOP)
        f->top[f->top_cnt++] = *s;
    else
        ct_path_add_sums(&f->rest, &s->sums);
}

/* Adds ns of a plain node's stretch, or all of a folded one's. */
void ct_path_fold_node(struct ct_path_builder *b, struct ct_path_fold *f,
                       const struct ct_path_node *n, uint64_t ns)
{
    if (n->state == CT_PATH_FOLDED) {
        const struct ct_path_fold *from = &b->folds[n->fold];
        for (int i = 0; i < CT_ST_COUNT; i++)
            f->state_ns[i] += from->state_ns[i];
        f->timer_ns += from->timer_ns;
        f->network_ns += from->network_ns;
        for (uint32_t i = 0; i < from->top_cnt; i++)
            fold_share(f, &from->top[i]);
        ct_path_add_sums(&f->rest, &from->rest);
        return;
    }
    struct ct_path_share s = {.id = n->id};
    *ct_path_sum_of(&s.sums, n->state) = ns;
    fold_share(f, &s);
    f->state_ns[n->state] += ns;
    if (n->state == CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT && n->wake == CT_WAKE_HARDIRQ)
        f->timer_ns += ns;
    if (n->state == CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT && n->wake == CT_WAKE_SOFTIRQ)
        f->network_ns += ns;
}

/* ---- folded nodes' sums: a pool ---- */

static void fold_free(struct ct_path_builder *b, uint32_t fold)
{
    if (!fold)
        return;
    b->folds[fold].next_free = b->folds_free;
    b->folds_free = fold;
}

/* 0: no memory. */
static uint32_t fold_new(struct ct_path_builder *b)
{
    uint32_t fold = b->folds_free;

    if (fold) {
        b->folds_free = b->folds[fold].next_free;
    } else {
        if (b->folds_cnt == b->folds_room) {
            const uint32_t room = b->folds_room ? 2 * b->folds_room : 1024;
            struct ct_path_fold *bigger = realloc(b->folds, room * sizeof(*bigger));
            if (!bigger) {
                b->no_memory = true;
                return 0;
            }
            b->folds = bigger;
            b->folds_room = room;
        }
        fold = b->folds_cnt++;
    }
    b->folds[fold] = (struct ct_path_fold){0};
    return fold;
}

/* ---- cleaning up ---- */

static void need(struct ct_path_builder *b, uint32_t n, uint8_t as)
{
    struct ct_path_node *node = &b->nodes[n];

    if (as == TIP)
        node->mark = TIP;
    else if (node->mark != TIP)
        node->mark = node->mark == DEAD_WOOD ? ONE_CHILD : FORK;
}

/* Marks what is needed by the paths of those who live, or have died just now. */
static void mark(struct ct_path_builder *b, uint64_t now)
{
    for (size_t i = 0; i < b->nodes_cnt; i++)
        b->nodes[i].mark = DEAD_WOOD;
    for (size_t i = 0; i < b->tips_cnt; i++) {
        struct ct_path_tip *t = &b->tips[i];
        if (t->died_ns && t->died_ns + MEMORY_NS < now)
            *t = (struct ct_path_tip){.died_ns = t->died_ns};
        for (int k = 0; k < CT_PATH_MEMORY; k++)
            need(b, t->node[k], TIP);
    }
    b->nodes[CT_PATH_ROOT].mark = TIP;
    for (size_t i = b->nodes_cnt; i-- > 1;)
        if (b->nodes[i].mark != DEAD_WOOD)
            need(b, b->nodes[i].parent, ONE_CHILD);
}

/* Adds child to the stretch of its parent `to`, whose only child it is. false: no memory. */
static bool join(struct ct_path_builder *b, struct ct_path_node *to, struct ct_path_node *child)
{
    const uint64_t to_ns = to->end_ns - ct_path_start_of(b, to),
                   child_ns = child->end_ns - to->end_ns;
    const bool alike = to->state == child->state && to->id == child->id &&
                       to->state != CT_PATH_FOLDED &&
                       (to->state < CT_ST_BLOCKED || to->wake == child->wake);

    if (!alike) {
        if (to->state != CT_PATH_FOLDED) {
            const uint32_t fold = fold_new(b);
            if (!fold)
                return false;
            ct_path_fold_node(b, &b->folds[fold], to, to_ns);
            to->state = CT_PATH_FOLDED;
            to->fold = fold;
        }
        ct_path_fold_node(b, &b->folds[to->fold], child, child_ns);
        fold_free(b, child->fold);
    }
    to->end_ns = child->end_ns;
    to->mark = child->mark;
    return true;
}

/* Drops what is not needed and joins what may be; map says where each node has gone. */
static bool compact(struct ct_path_builder *b, uint32_t *map)
{
    size_t cnt = 1;

    map[CT_PATH_ROOT] = CT_PATH_ROOT;
    for (size_t i = 1; i < b->nodes_cnt; i++) {
        struct ct_path_node n = b->nodes[i];
        if (n.mark == DEAD_WOOD) {
            fold_free(b, n.fold);
            continue;
        }
        n.parent = map[n.parent];
        struct ct_path_node *p = &b->nodes[n.parent];
        const bool alike = p->state == n.state && p->id == n.id && n.state != CT_PATH_FOLDED;
        if (n.parent != CT_PATH_ROOT && p->mark == ONE_CHILD &&
            ((alike && p->wake == n.wake) || n.end_ns - ct_path_start_of(b, p) <= b->fold_ns)) {
            if (!join(b, p, &n))
                return false;
            map[i] = n.parent;
            continue;
        }
        map[i] = (uint32_t)cnt;
        b->nodes[cnt++] = n;
    }
    b->nodes_cnt = cnt;
    return true;
}

/* As much of it as a run of this length may keep. */
static bool too_many(const struct ct_path_builder *b)
{
    size_t tips = 0;

    for (size_t i = 0; i < b->nodes_cnt; i++)
        tips += b->nodes[i].mark >= FORK;
    return b->nodes_cnt > CT_PATH_SLACK / 2 + 2 * tips;
}

void ct_path_clean_up(struct ct_path_builder *b, uint64_t now)
{
    uint32_t *map = malloc(b->nodes_cnt * sizeof(*map));
    const uint64_t run_ns =
        now > b->nodes[CT_PATH_ROOT].end_ns ? now - b->nodes[CT_PATH_ROOT].end_ns : 1;

    if (!map) {
        b->no_memory = true;
        return;
    }
    for (bool again = true; again && !b->no_memory;) {
        mark(b, now);
        if (!compact(b, map))
            break;
        for (size_t i = 0; i < b->tips_cnt; i++)
            for (int k = 0; k < CT_PATH_MEMORY; k++)
                b->tips[i].node[k] = map[b->tips[i].node[k]];
        again = too_many(b) && b->fold_ns < run_ns;
        if (again)
            b->fold_ns = b->fold_ns ? 2 * b->fold_ns : 1 + run_ns / FOLD_FIRST;
    }
    b->clean_at = 2 * b->nodes_cnt + CT_PATH_SLACK;
    free(map);
}
