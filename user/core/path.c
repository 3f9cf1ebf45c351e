/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOT  0U
#define SLACK (128 * 1024) /* nodes that may gather before it is cleaned up */
#define MEMORY_NS                                                                                  \
    5000000000ULL            /* how long the dead are remembered: they may have woken somebody     \
                              */
#define FOLD_FIRST (1 << 16) /* folding begins at this part of the run so far */
#define FOLD_TOP   6         /* threads that a folded node tells apart */
#define FOLDED     CT_PATH_FOLDED

struct ct_path_node {
    uint64_t end_ns; /* it begins where its parent ends */
    uint32_t parent;
    uint32_t id;
    uint32_t fold; /* 0: none */
    uint8_t state; /* enum ct_state, or FOLDED */
    uint8_t wake;  /* enum ct_wake: who ended it */
    uint8_t mark;  /* while cleaning up: see enum */
    uint8_t pad;
};

enum {
    DEAD_WOOD,
    ONE_CHILD,
    FORK,
    TIP
}; /* a node that is needed: by one, by several, by a thread */

struct ct_path_fold {
    uint64_t state_ns[CT_ST_COUNT];
    uint64_t timer_ns;
    uint64_t network_ns;
    struct ct_path_share top[FOLD_TOP];
    struct ct_path_sums rest;
    uint32_t top_cnt;
    uint32_t next_free;
};

/* ---- sums ---- */

static bool wants_cpu(uint8_t state)
{
    return state >= CT_ST_RUNNABLE && state < CT_ST_BLOCKED;
}

static uint64_t *sum_of(struct ct_path_sums *s, uint8_t state)
{
    if (state == CT_ST_RUNNING)
        return &s->running_ns;
    if (state >= CT_ST_BLOCKED)
        return &s->blocked_ns;
    return wants_cpu(state) ? &s->runnable_ns : &s->unknown_ns;
}

static uint64_t total(const struct ct_path_sums *s)
{
    return s->running_ns + s->runnable_ns + s->blocked_ns + s->unknown_ns;
}

static void add_sums(struct ct_path_sums *to, const struct ct_path_sums *from)
{
    to->running_ns += from->running_ns;
    to->runnable_ns += from->runnable_ns;
    to->blocked_ns += from->blocked_ns;
    to->unknown_ns += from->unknown_ns;
}

static void fold_share(struct ct_path_fold *f, const struct ct_path_share *s)
{
    for (uint32_t i = 0; i < f->top_cnt; i++)
        if (f->top[i].id == s->id) {
            add_sums(&f->top[i].sums, &s->sums);
            return;
        }
    if (s->id && f->top_cnt < FOLD_TOP)
        f->top[f->top_cnt++] = *s;
    else
        add_sums(&f->rest, &s->sums);
}

/* Adds ns of a plain node's stretch, or all of a folded one's. */
static void fold_node(struct ct_path_builder *b, struct ct_path_fold *f,
                      const struct ct_path_node *n, uint64_t ns)
{
    if (n->state == FOLDED) {
        const struct ct_path_fold *from = &b->folds[n->fold];
        for (int i = 0; i < CT_ST_COUNT; i++)
            f->state_ns[i] += from->state_ns[i];
        f->timer_ns += from->timer_ns;
        f->network_ns += from->network_ns;
        for (uint32_t i = 0; i < from->top_cnt; i++)
            fold_share(f, &from->top[i]);
        add_sums(&f->rest, &from->rest);
        return;
    }
    struct ct_path_share s = {.id = n->id};
    *sum_of(&s.sums, n->state) = ns;
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
    b->nodes[ROOT].mark = TIP;
    for (size_t i = b->nodes_cnt; i-- > 1;)
        if (b->nodes[i].mark != DEAD_WOOD)
            need(b, b->nodes[i].parent, ONE_CHILD);
}

static uint64_t start_of(const struct ct_path_builder *b, const struct ct_path_node *n)
{
    return b->nodes[n->parent].end_ns;
}

/* Adds child to the stretch of its parent `to`, whose only child it is. false: no memory. */
static bool join(struct ct_path_builder *b, struct ct_path_node *to, struct ct_path_node *child)
{
    const uint64_t to_ns = to->end_ns - start_of(b, to), child_ns = child->end_ns - to->end_ns;
    const bool alike = to->state == child->state && to->id == child->id && to->state != FOLDED &&
                       (to->state < CT_ST_BLOCKED || to->wake == child->wake);

    if (!alike) {
        if (to->state != FOLDED) {
            const uint32_t fold = fold_new(b);
            if (!fold)
                return false;
            fold_node(b, &b->folds[fold], to, to_ns);
            to->state = FOLDED;
            to->fold = fold;
        }
        fold_node(b, &b->folds[to->fold], child, child_ns);
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

    map[ROOT] = ROOT;
    for (size_t i = 1; i < b->nodes_cnt; i++) {
        struct ct_path_node n = b->nodes[i];
        if (n.mark == DEAD_WOOD) {
            fold_free(b, n.fold);
            continue;
        }
        n.parent = map[n.parent];
        struct ct_path_node *p = &b->nodes[n.parent];
        const bool alike = p->state == n.state && p->id == n.id && n.state != FOLDED;
        if (n.parent != ROOT && p->mark == ONE_CHILD &&
            ((alike && p->wake == n.wake) || n.end_ns - start_of(b, p) <= b->fold_ns)) {
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
    return b->nodes_cnt > SLACK / 2 + 2 * tips;
}

static void clean_up(struct ct_path_builder *b, uint64_t now)
{
    uint32_t *map = malloc(b->nodes_cnt * sizeof(*map));
    const uint64_t run_ns = now > b->nodes[ROOT].end_ns ? now - b->nodes[ROOT].end_ns : 1;

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
    b->clean_at = 2 * b->nodes_cnt + SLACK;
    free(map);
}

/* ---- growing ---- */

bool ct_path_init(struct ct_path_builder *b, uint64_t start_ns)
{
    *b = (struct ct_path_builder){.folds_cnt = 1, .clean_at = SLACK, .nodes_room = 1024};
    b->nodes = calloc(b->nodes_room, sizeof(*b->nodes));
    b->folds = calloc(1024, sizeof(*b->folds));
    b->folds_room = 1024;
    b->no_memory = !b->nodes || !b->folds;
    if (b->no_memory)
        return false;
    b->nodes[ROOT].end_ns = start_ns;
    b->nodes_cnt = 1;
    return true;
}

void ct_path_fini(struct ct_path_builder *b)
{
    free(b->nodes);
    free(b->folds);
    free(b->tips);
    *b = (struct ct_path_builder){0};
}

/* The thread's tip, made at its first sight. NULL: no memory. */
static struct ct_path_tip *tip_of(struct ct_path_builder *b, uint32_t id)
{
    while (id >= b->tips_room) {
        const size_t room = b->tips_room ? 2 * b->tips_room : 64;
        struct ct_path_tip *bigger = realloc(b->tips, room * sizeof(*bigger));
        if (!bigger) {
            b->no_memory = true;
            return NULL;
        }
        memset(bigger + b->tips_room, 0, (room - b->tips_room) * sizeof(*bigger));
        b->tips = bigger;
        b->tips_room = room;
    }
    if (id >= b->tips_cnt)
        b->tips_cnt = id + 1;
    return &b->tips[id];
}

/* A stretch behind `parent`. Returns parent itself if there is nothing between it and end_ns. */
static uint32_t grow(struct ct_path_builder *b, uint32_t parent, uint32_t id, uint8_t state,
                     enum ct_wake wake, uint64_t end_ns)
{
    if (end_ns <= b->nodes[parent].end_ns || b->no_memory)
        return parent;
    if (b->nodes_cnt == b->nodes_room) {
        struct ct_path_node *bigger = realloc(b->nodes, 2 * b->nodes_room * sizeof(*bigger));
        if (!bigger) {
            b->no_memory = true;
            return parent;
        }
        b->nodes = bigger;
        b->nodes_room *= 2;
    }
    b->nodes[b->nodes_cnt] = (struct ct_path_node){
        .end_ns = end_ns, .parent = parent, .id = id, .state = state, .wake = (uint8_t)wake};
    return (uint32_t)b->nodes_cnt++;
}

/* `node` is where the thread's path ends now. */
static void move_tip(struct ct_path_builder *b, struct ct_path_tip *t, uint32_t node)
{
    if (node != t->node[0]) {
        memmove(t->node + 1, t->node, (CT_PATH_MEMORY - 1) * sizeof(t->node[0]));
        t->node[0] = node;
    }
    if (b->nodes_cnt >= b->clean_at)
        clean_up(b, b->nodes[node].end_ns);
}

void ct_path_extend(struct ct_path_builder *b, uint32_t id, uint8_t state, enum ct_wake wake,
                    uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : tip_of(b, id);

    if (t)
        move_tip(b, t, grow(b, t->node[0], id, state, wake, now));
}

/*
 * The path that ended with thread id at `now`, which may be a moment ago: the last of its states
 * that had ended by then, and what it has run since (or waited for a CPU: its last moments before a
 * switch may count as that). `state` is its present one. SIZE_MAX: it is not known any more.
 */
static size_t path_at(struct ct_path_builder *b, uint32_t id, uint8_t state, uint64_t now)
{
    const struct ct_path_tip *t = id < b->tips_cnt ? &b->tips[id] : NULL;

    for (int k = 0; t && t->known && k < CT_PATH_MEMORY; k++) {
        const uint32_t at = t->node[k];
        if (at == ROOT && k) /* beyond its beginning, or its memory */
            break;
        if (b->nodes[at].end_ns > now)
            continue;
        const struct ct_path_node *after = k ? &b->nodes[t->node[k - 1]] : NULL;
        if (after)
            state = after->parent == at && after->id == id ? after->state : CT_ST_UNKNOWN;
        const bool active = state == CT_ST_RUNNING || wants_cpu(state);
        return active ? grow(b, at, id, state, CT_WAKE_UNKNOWN, now) : at;
    }
    return SIZE_MAX;
}

void ct_path_wake(struct ct_path_builder *b, uint32_t id, uint8_t state, uint32_t waker,
                  uint8_t waker_state, uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : tip_of(b, id);
    if (!t)
        return;
    const size_t from = path_at(b, waker, waker_state, now);
    if (from == SIZE_MAX)
        b->unfollowed++;
    const uint32_t node = from == SIZE_MAX ? t->node[0] : (uint32_t)from;
    move_tip(b, t, grow(b, node, id, state, CT_WAKE_TASK, now));
}

void ct_path_begin(struct ct_path_builder *b, uint32_t id, uint32_t parent, uint8_t parent_state,
                   uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : tip_of(b, id);
    if (!t)
        return;
    const size_t from = parent ? path_at(b, parent, parent_state, now) : SIZE_MAX;
    const uint32_t node = from == SIZE_MAX ? ROOT : (uint32_t)from;
    t->known = true;
    move_tip(b, t, grow(b, node, id, CT_ST_UNKNOWN, CT_WAKE_UNKNOWN, now));
}

void ct_path_die(struct ct_path_builder *b, uint32_t id, uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : tip_of(b, id);

    if (t)
        t->died_ns = now ? now : 1;
}

/* ---- the answer ---- */

static int by_size(const void *a, const void *b)
{
    const struct ct_path_share *x = a, *y = b;
    const uint64_t p = total(&x->sums), q = total(&y->sums);

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
    struct ct_path_step s = {.start_ns = start_of(b, n) - start_ns,
                             .end_ns = n->end_ns - start_ns,
                             .id = n->id,
                             .state = n->state};

    if (n->state == FOLDED) {
        const struct ct_path_fold *f = &b->folds[n->fold];
        s.id = leader_of(f);
        for (uint32_t i = 0; i < f->top_cnt; i++)
            add_sums(&s.sums, &f->top[i].sums);
        add_sums(&s.sums, &f->rest);
    } else {
        *sum_of(&s.sums, n->state) = s.end_ns - s.start_ns;
    }
    return s;
}

/* Sums by state and by thread, over the nodes of the path. shares: one a thread, by id. */
static void sum_up(struct ct_path_builder *b, uint32_t tip, struct ct_path *out)
{
    for (uint32_t n = tip; n != ROOT; n = b->nodes[n].parent) {
        struct ct_path_fold all = {0};
        const struct ct_path_node *node = &b->nodes[n];
        fold_node(b, &all, node, node->end_ns - start_of(b, node));
        for (int i = 0; i < CT_ST_COUNT; i++)
            out->state_ns[i] += all.state_ns[i];
        out->event_timer_ns += all.timer_ns;
        out->event_network_ns += all.network_ns;
        for (uint32_t i = 0; i < all.top_cnt; i++)
            add_sums(&out->shares[all.top[i].id].sums, &all.top[i].sums);
        add_sums(&out->shares[0].sums, &all.rest);
    }
    for (size_t i = 0; i < b->tips_cnt; i++) {
        out->shares[i].id = (uint32_t)i;
        if (total(&out->shares[i].sums))
            out->shares[out->shares_cnt++] = out->shares[i];
    }
    if (out->shares_cnt > 1)
        qsort(out->shares, out->shares_cnt, sizeof(*out->shares), by_size);
}

static size_t length_of(const struct ct_path_builder *b, uint32_t tip)
{
    size_t cnt = 0;

    for (uint32_t n = tip; n != ROOT; n = b->nodes[n].parent)
        cnt++;
    return cnt;
}

/* Only this path is left, in as few nodes as are told. Returns its tip. */
static uint32_t cut_down(struct ct_path_builder *b, uint32_t tip, uint64_t end_ns)
{
    memset(b->tips, 0, b->tips_cnt * sizeof(*b->tips));
    b->tips[0].node[0] = tip;
    clean_up(b, end_ns);
    while (!b->no_memory && length_of(b, b->tips[0].node[0]) > CT_PATH_STEPS_MAX) {
        b->fold_ns =
            b->fold_ns ? 2 * b->fold_ns : 1 + (end_ns - b->nodes[ROOT].end_ns) / CT_PATH_STEPS_MAX;
        clean_up(b, end_ns);
    }
    return b->tips[0].node[0];
}

int ct_path_seal(struct ct_path_builder *b, uint32_t id, uint64_t start_ns, uint64_t end_ns,
                 struct ct_path *out)
{
    struct ct_path_tip *t = b->no_memory ? NULL : tip_of(b, id);
    struct ct_path p = {.known = true, .unfollowed = b->unfollowed};

    if (!t)
        return -ENOMEM;
    if (b->nodes[ROOT].end_ns != start_ns || b->nodes[t->node[0]].end_ns > end_ns) {
        *out = (struct ct_path){0};
        return 0;
    }
    uint32_t tip = grow(b, t->node[0], id, CT_ST_UNKNOWN, CT_WAKE_UNKNOWN, end_ns);
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
    for (uint32_t n = tip; n != ROOT; n = b->nodes[n].parent)
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
