/* SPDX-License-Identifier: GPL-2.0-only */
/* The stacks of a fiber pool: see fiber.h for where their guards come from. */
#ifndef WL_FIBER_STACK_H
#define WL_FIBER_STACK_H

#include "fiber.h"

struct wl_stack {
    char *bottom; /* the lowest address that may be used; the guard lies below */
    size_t bytes;
    struct wl_stack *next; /* in the pool's list of unused ones */
    bool watched;          /* no guard page could be had: watched words are at the bottom */
    unsigned valgrind_id;
};

struct wl_stack *wl_stack_take(struct wl_fiber_pool *pool); /* NULL: errno says why */
void wl_stack_return(struct wl_fiber_pool *pool, struct wl_stack *stack);

/* Ends the program if the fiber has run over the end of its stack. */
void wl_stack_check(const struct wl_stack *stack);

#endif
