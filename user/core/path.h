/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The critical path, followed forwards. For each thread the builder knows the path that ends with
 * it now: what had to happen, one thing after the other, so that it could be where it is. A thread
 * that leaves a state gets that stretch added to its path; a thread that another one wakes goes on
 * from the waker's path at that moment, and its own wait falls away. At the end the path of the
 * thread that ended the run is the answer, the same as if it had been followed back from there.
 *
 * The paths are one tree: a node is a stretch of one thread in one state, and paths that part later
 * share their beginning. What no thread's path needs any more is dropped now and then; where too
 * much is still needed, short neighbours become one folded node that keeps only their sums. So
 * memory does not grow with the run, and the sums stay exact.
 *
 * Rejected: keeping all switches and walking back at the end. It is the same answer, for memory
 * that grows by some 20 bytes a switch.
 */
#ifndef CT_PATH_H
#define CT_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/core/result.h"

/*
 * Ends of a thread's last states that are remembered, newest first: what it did at the moment when
 * it woke another one, which may be told later than what it did since.
 */
#define CT_PATH_MEMORY 5

struct ct_path_tip {
    uint32_t node[CT_PATH_MEMORY]; /* 0: the root */
    uint64_t died_ns;              /* 0: it lives */
    bool known;                    /* it has begun, and is not forgotten */
};

struct ct_path_node;
struct ct_path_fold;

struct ct_path_builder {
    struct ct_path_node *nodes; /* parents before children; [0] is the root: the run's start */
    size_t nodes_cnt, nodes_room, clean_at;
    struct ct_path_fold *folds; /* [0] unused */
    uint32_t folds_cnt, folds_room, folds_free;
    struct ct_path_tip *tips; /* by thread's id */
    size_t tips_cnt, tips_room;
    uint64_t fold_ns; /* neighbours that are shorter together may be folded */
    uint64_t unfollowed;
    bool no_memory; /* then all calls do nothing, and ct_path_seal fails */
};

/* The run begins at start_ns. To be called before all else; false: no memory. */
bool ct_path_init(struct ct_path_builder *b, uint64_t start_ns);
void ct_path_fini(struct ct_path_builder *b);

/* Thread id begins its life; parent 0: it comes out of nowhere. parent_state: its present one. */
void ct_path_begin(struct ct_path_builder *b, uint32_t id, uint32_t parent, uint8_t parent_state,
                   uint64_t now);

/* Thread id was in `state` until now, and `wake` ended it. */
void ct_path_extend(struct ct_path_builder *b, uint32_t id, uint8_t state, enum ct_wake wake,
                    uint64_t now);

/* Thread id was in `state` until now, when waker woke it, which is in waker_state. */
void ct_path_wake(struct ct_path_builder *b, uint32_t id, uint8_t state, uint32_t waker,
                  uint8_t waker_state, uint64_t now);

/* Thread id ends its life. */
void ct_path_die(struct ct_path_builder *b, uint32_t id, uint64_t now);

/*
 * The path of thread id from start_ns to end_ns: fills *out. 0 or -ENOMEM. If the first thread did
 * not begin at start_ns, or something came after end_ns, nothing is known.
 */
int ct_path_seal(struct ct_path_builder *b, uint32_t id, uint64_t start_ns, uint64_t end_ns,
                 struct ct_path *out);

/* What the path says that the elapsed time was spent on. */
enum ct_bound ct_path_bound(const struct ct_path *p);

#endif
