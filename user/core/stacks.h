/* SPDX-License-Identifier: GPL-2.0-only */
/* Where threads waited: what has the same names is one place, whatever the addresses were. */
#ifndef CT_CORE_STACKS_H
#define CT_CORE_STACKS_H

#include "user/core/result.h"

struct ct_stacks {
    struct ct_stack *all;
    size_t cnt, room;
};

/* 0 or -ENOMEM. */
int ct_stacks_add(struct ct_stacks *s, const struct ct_rec_stack *rec, uint32_t process);

/* Hands all of it to r, alike ones put together, by time. */
void ct_stacks_seal(struct ct_stacks *s, struct ct_result *r);

void ct_stacks_fini(struct ct_stacks *s);

#endif
