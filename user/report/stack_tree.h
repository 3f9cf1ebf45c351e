/* SPDX-License-Identifier: GPL-2.0-only */
/* What the reporters of stacks share. */
#ifndef CT_STACK_TREE_H
#define CT_STACK_TREE_H

#include "user/core/result.h"

/* "lock", "preempted": a state as the JSON report calls it. */
const char *ct_state_word(uint8_t state);

/* A run of equal frames, in the tree that stacks make, root first. */
struct ct_branch {
    const char *name; /* of its first frame */
    size_t depth;     /* the frame's number in its stacks */
    size_t length;    /* frames until the tree forks, or a stack ends */
    size_t from, to;  /* its stacks, in the sorted list */
    uint64_t ns, count;
};

/* The stacks of one state, sorted so that those of a branch stand together. */
struct ct_stack_tree {
    struct ct_stack *stacks; /* frames belong to the result */
    size_t cnt;
    uint64_t ns;
};

/* kernel: with the kernel's frames, where there are others. 0 or -ENOMEM. */
int ct_stack_tree_init(struct ct_stack_tree *t, const struct ct_result *r, uint8_t state,
                       bool kernel);
void ct_stack_tree_fini(struct ct_stack_tree *t);

/* Frame number `depth` of a stack; NULL: it has ended before. */
const char *ct_stack_frame(const struct ct_stack *s, size_t depth);

/*
 * The branches of stacks [from, to) at a depth that weigh at least `least`, heaviest first; those
 * of stacks that end there are left out. Returns how many (at most max) were written.
 */
size_t ct_stack_tree_branches(const struct ct_stack_tree *t, size_t from, size_t to, size_t depth,
                              uint64_t least, struct ct_branch *out, size_t max);

#endif
