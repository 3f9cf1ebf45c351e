/* SPDX-License-Identifier: GPL-2.0-only */
/* What the critical path's files share: path.c (growth), path_fold.c (what is dropped and folded),
 * path_seal.c (the answer). */
#ifndef CT_PATH_INTERNAL_H
#define CT_PATH_INTERNAL_H

#include "user/core/path.h"

#define CT_PATH_ROOT     0U
#define CT_PATH_SLACK    (128 * 1024) /* nodes that may gather before it is cleaned up */
#define CT_PATH_FOLD_TOP 6            /* threads that a folded node tells apart */

struct ct_path_node {
    uint64_t end_ns; /* it begins where its parent ends */
    uint32_t parent;
    uint32_t id;
    uint32_t fold; /* 0: none */
    uint8_t state; /* enum ct_state, or CT_PATH_FOLDED */
    uint8_t wake;  /* enum ct_wake: who ended it */
    uint8_t mark;  /* while cleaning up: see enum */
    uint8_t pad;
};

struct ct_path_fold {
    uint64_t state_ns[CT_ST_COUNT];
    uint64_t timer_ns;
    uint64_t network_ns;
    struct ct_path_share top[CT_PATH_FOLD_TOP];
    struct ct_path_sums rest;
    uint32_t top_cnt;
    uint32_t next_free;
};

static inline bool ct_path_wants_cpu(uint8_t state)
{
    return state >= CT_ST_RUNNABLE && state < CT_ST_BLOCKED;
}

static inline uint64_t *ct_path_sum_of(struct ct_path_sums *s, uint8_t state)
{
    if (state == CT_ST_RUNNING)
        return &s->running_ns;
    if (state >= CT_ST_BLOCKED)
        return &s->blocked_ns;
    return ct_path_wants_cpu(state) ? &s->runnable_ns : &s->unknown_ns;
}

static inline uint64_t ct_path_total(const struct ct_path_sums *s)
{
    return s->running_ns + s->runnable_ns + s->blocked_ns + s->unknown_ns;
}

static inline void ct_path_add_sums(struct ct_path_sums *to, const struct ct_path_sums *from)
{
    to->running_ns += from->running_ns;
    to->runnable_ns += from->runnable_ns;
    to->blocked_ns += from->blocked_ns;
    to->unknown_ns += from->unknown_ns;
}

static inline uint64_t ct_path_start_of(const struct ct_path_builder *b,
                                        const struct ct_path_node *n)
{
    return b->nodes[n->parent].end_ns;
}

/* Adds ns of a plain node's stretch, or all of a folded one's, to f. */
void ct_path_fold_node(struct ct_path_builder *b, struct ct_path_fold *f,
                       const struct ct_path_node *n, uint64_t ns);

/* Drops what no living thread's path needs, and folds if that is not enough. May renumber nodes. */
void ct_path_clean_up(struct ct_path_builder *b, uint64_t now);

/* Makes the tip of a thread that was not seen yet. NULL: no memory. */
struct ct_path_tip *ct_path_tip_new(struct ct_path_builder *b, uint32_t id);

/* The thread's tip, made at its first sight. NULL: no memory. */
static inline struct ct_path_tip *ct_path_tip_of(struct ct_path_builder *b, uint32_t id)
{
    return id < b->tips_cnt ? &b->tips[id] : ct_path_tip_new(b, id);
}

/* A stretch behind `parent`. Returns parent itself if there is nothing between it and end_ns. */
uint32_t ct_path_grow(struct ct_path_builder *b, uint32_t parent, uint32_t id, uint8_t state,
                      enum ct_wake wake, uint64_t end_ns);

#endif
