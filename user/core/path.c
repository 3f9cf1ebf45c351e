/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/path_internal.h"

#include <stdlib.h>
#include <string.h>

#define NODES_FIRST 1024

bool ct_path_init(struct ct_path_builder *b, uint64_t start_ns)
{
    *b = (struct ct_path_builder){
        .folds_cnt = 1, .clean_at = CT_PATH_SLACK, .nodes_room = NODES_FIRST};
    b->nodes = calloc(b->nodes_room, sizeof(*b->nodes));
    b->folds = calloc(1024, sizeof(*b->folds));
    b->folds_room = 1024;
    b->no_memory = !b->nodes || !b->folds;
    if (b->no_memory)
        return false;
    b->nodes[CT_PATH_ROOT].end_ns = start_ns;
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

struct ct_path_tip *ct_path_tip_new(struct ct_path_builder *b, uint32_t id)
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
uint32_t ct_path_grow(struct ct_path_builder *b, uint32_t parent, uint32_t id, uint8_t state,
                      enum ct_wake wake, uint64_t end_ns)
{
    if (end_ns <= b->nodes[parent].end_ns || b->no_memory)
        return parent;
    if (b->nodes_cnt == b->nodes_room) {
        const size_t room = b->nodes_room ? 2 * b->nodes_room : NODES_FIRST;
        struct ct_path_node *bigger = realloc(b->nodes, room * sizeof(*bigger));
        if (!bigger) {
            b->no_memory = true;
            return parent;
        }
        b->nodes = bigger;
        b->nodes_room = room;
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
        ct_path_clean_up(b, b->nodes[node].end_ns);
}

void ct_path_extend(struct ct_path_builder *b, uint32_t id, uint8_t state, enum ct_wake wake,
                    uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : ct_path_tip_of(b, id);

    if (t)
        move_tip(b, t, ct_path_grow(b, t->node[0], id, state, wake, now));
}

/*
 * The path that ended with thread id at `now`, which may be a moment ago: the last of its states
 * that had ended by then, and what it has run since (or waited for a CPU: its last moments before a
 * switch may count as that; or been blocked, if `blocked` says so: clocks of two CPUs may differ).
 * `state` is its present one. SIZE_MAX: it is not known any more.
 */
static size_t path_at(struct ct_path_builder *b, uint32_t id, uint8_t state, bool blocked,
                      uint64_t now)
{
    const struct ct_path_tip *t = id < b->tips_cnt ? &b->tips[id] : NULL;

    for (int k = 0; t && t->known && k < CT_PATH_MEMORY; k++) {
        const uint32_t at = t->node[k];
        if (at == CT_PATH_ROOT && k) /* beyond its beginning, or its memory */
            break;
        if (b->nodes[at].end_ns > now)
            continue;
        const struct ct_path_node *after = k ? &b->nodes[t->node[k - 1]] : NULL;
        if (after)
            state = after->parent == at && after->id == id ? after->state : CT_ST_UNKNOWN;
        const bool counts = state == CT_ST_RUNNING || ct_path_wants_cpu(state) ||
                            (blocked && state >= CT_ST_BLOCKED);
        return counts ? ct_path_grow(b, at, id, state, CT_WAKE_UNKNOWN, now) : at;
    }
    return SIZE_MAX;
}

void ct_path_wake(struct ct_path_builder *b, uint32_t id, uint8_t state, uint32_t waker,
                  uint8_t waker_state, uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : ct_path_tip_of(b, id);
    if (!t)
        return;
    const size_t from = path_at(b, waker, waker_state, false, now);
    if (from == SIZE_MAX)
        b->unfollowed++;
    const uint32_t node = from == SIZE_MAX ? t->node[0] : (uint32_t)from;
    move_tip(b, t, ct_path_grow(b, node, id, state, CT_WAKE_TASK, now));
}

void ct_path_begin(struct ct_path_builder *b, uint32_t id, uint32_t parent, uint8_t parent_state,
                   uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : ct_path_tip_of(b, id);
    if (!t)
        return;
    const size_t from = parent ? path_at(b, parent, parent_state, true, now) : SIZE_MAX;
    const uint32_t node = from == SIZE_MAX ? CT_PATH_ROOT : (uint32_t)from;
    t->known = true;
    move_tip(b, t, ct_path_grow(b, node, id, CT_ST_UNKNOWN, CT_WAKE_UNKNOWN, now));
}

void ct_path_die(struct ct_path_builder *b, uint32_t id, uint64_t now)
{
    struct ct_path_tip *t = b->no_memory ? NULL : ct_path_tip_of(b, id);

    if (t)
        t->died_ns = now ? now : 1;
}
