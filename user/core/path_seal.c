/* SPDX-License-Identifier: GPL-2.0-only */
/* The end: the path of the run's last thread, and what it says. */
#include "user/core/path_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    const struct ct_path_share *x = a, *y = b;
    const uint64_t p = ct_path_total(&x->sums), q = ct_path_total(&y->sums);

    if (p != q)
        return p > q ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* The thread that has most of a folded node. */
static uint32_t leader_of(const struct ct_path_fold *f)
{
    const struct ct_path_share *best = &f->top[0];

    for (uint32_t i = 1; i < f->top_cnt; i++)
        if (by_size(&f->top[i], best) < 0)
            best = &f->top[i];
    return f->top_cnt ? best->id : 0;
}

static struct ct_path_step step_of(const struct ct_path_builder *b, const struct ct_path_node *n,
                                   uint64_t start_ns)
{
    struct ct_path_step s = {.start_ns = ct_path_start_of(b, n) - start_ns,
                             .end_ns = n->end_ns - start_ns,
                             .id = n->id,
                             .state = n->state};

    if (n->state == CT_PATH_FOLDED) {
        const struct ct_path_fold *f = &b->folds[n->fold];
        s.id = leader_of(f);
        for (uint32_t i = 0; i < f->top_cnt; i++)
            ct_path_add_sums(&s.sums, &f->top[i].sums);
        ct_path_add_sums(&s.sums, &f->rest);
    } else {
        *ct_path_sum_of(&s.sums, n->state) = s.end_ns - s.start_ns;
    }
    return s;
}

/* Sums by state and by thread, over the nodes of the path. shares: one a thread, by id. */
static void sum_up(struct ct_path_builder *b, uint32_t tip, struct ct_path *out)
{
    for (uint32_t n = tip; n != CT_PATH_ROOT; n = b->nodes[n].parent) {
        struct ct_path_fold all = {0};
        const struct ct_path_node *node = &b->nodes[n];
        ct_path_fold_node(b, &all, node, node->end_ns - ct_path_start_of(b, node));
        for (int i = 0; i < CT_ST_COUNT; i++)
            out->state_ns[i] += all.state_ns[i];
        out->event_timer_ns += all.timer_ns;
        out->event_network_ns += all.network_ns;
        for (uint32_t i = 0; i < all.top_cnt; i++)
            ct_path_add_sums(&out->shares[all.top[i].id].sums, &all.top[i].sums);
        ct_path_add_sums(&out->shares[0].sums, &all.rest);
    }
    for (size_t i = 0; i < b->tips_cnt; i++) {
        out->shares[i].id = (uint32_t)i;
        if (ct_path_total(&out->shares[i].sums))
            out->shares[out->shares_cnt++] = out->shares[i];
    }
    if (out->shares_cnt > 1)
        qsort(out->shares, out->shares_cnt, sizeof(*out->shares), by_size);
}

static size_t length_of(const struct ct_path_builder *b, uint32_t tip)
{
    size_t cnt = 0;

    for (uint32_t n = tip; n != CT_PATH_ROOT; n = b->nodes[n].parent)
        cnt++;
    return cnt;
}

/* Only this path is left, in as few nodes as are told. Returns its tip. */
static uint32_t cut_down(struct ct_path_builder *b, uint32_t tip, uint64_t end_ns)
{
    memset(b->tips, 0, b->tips_cnt * sizeof(*b->tips));
    b->tips[0].node[0] = tip;
    ct_path_clean_up(b, end_ns);
    while (!b->no_memory && length_of(b, b->tips[0].node[0]) > CT_PATH_STEPS_MAX) {
        b->fold_ns = b->fold_ns ? 2 * b->fold_ns
                                : 1 + (end_ns - b->nodes[CT_PATH_ROOT].end_ns) / CT_PATH_STEPS_MAX;
        ct_path_clean_up(b, end_ns);
    }
    return b->tips[0].node[0];
}

int ct_path_seal(struct ct_path_builder *b, uint32_t id, uint64_t start_ns, uint64_t end_ns,
                 struct ct_path *out)
{
    struct ct_path_tip *t = b->no_memory ? NULL : ct_path_tip_of(b, id);
    struct ct_path p = {.known = true, .unfollowed = b->unfollowed};

    if (!t)
        return -ENOMEM;
    if (b->nodes[CT_PATH_ROOT].end_ns != start_ns || b->nodes[t->node[0]].end_ns > end_ns) {
        *out = (struct ct_path){0};
        return 0;
    }
    uint32_t tip = ct_path_grow(b, t->node[0], id, CT_ST_UNKNOWN, CT_WAKE_UNKNOWN, end_ns);
    tip = cut_down(b, tip, end_ns);
    p.steps_cnt = length_of(b, tip);
    p.steps = calloc(p.steps_cnt + 1, sizeof(*p.steps));
    p.shares = calloc(b->tips_cnt + 1, sizeof(*p.shares));
    if (b->no_memory || !p.steps || !p.shares) {
        free(p.steps);
        free(p.shares);
        return -ENOMEM;
    }
    size_t i = p.steps_cnt;
    for (uint32_t n = tip; n != CT_PATH_ROOT; n = b->nodes[n].parent)
        p.steps[--i] = step_of(b, &b->nodes[n], start_ns);
    sum_up(b, tip, &p);
    *out = p;
    return 0;
}

/*
 * What most of the elapsed time went into. Waiting for a CPU is the CPU's, too. What a wait for
 * events was about is told by what ended it: a timer interrupts at once, the network's work is put
 * off to a soft interrupt.
 */
enum ct_bound ct_path_bound(const struct ct_path *p)
{
    const uint64_t *blocked = p->state_ns + CT_ST_BLOCKED;
    uint64_t ns[CT_BOUND_COUNT] = {
        [CT_BOUND_CPU] = p->state_ns[CT_ST_RUNNING],
        [CT_BOUND_NETWORK] = blocked[CT_CAUSE_SOCKET] + p->event_network_ns,
        [CT_BOUND_DISK] = blocked[CT_CAUSE_DISK] + blocked[CT_CAUSE_FAULT],
        [CT_BOUND_LOCK] = blocked[CT_CAUSE_LOCK],
        [CT_BOUND_SLEEP] = blocked[CT_CAUSE_SLEEP] + p->event_timer_ns,
        [CT_BOUND_CHILD] = blocked[CT_CAUSE_CHILD],
    };
    uint64_t all = 0;

    if (!p->known)
        return CT_BOUND_COUNT;
    for (int i = 0; i < CT_RUN_COUNT; i++)
        ns[CT_BOUND_CPU] += p->state_ns[CT_ST_RUNNABLE + i];
    for (int i = 0; i < CT_ST_COUNT; i++)
        all += p->state_ns[i];
    for (int i = 0; i < CT_BOUND_COUNT; i++)
        if (ns[i] > all / 2)
            return (enum ct_bound)i;
    return CT_BOUND_MIXED;
}
