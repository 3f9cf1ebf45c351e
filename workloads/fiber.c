/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AddressSanitizer keeps books about the current stack; asan_leave and asan_arrive tell it at each
 * switch which one that is. Without it they are nothing.
 */
#include "fiber.h"

#include <stdlib.h>

#include "diag.h"
#include "fiber_stack.h"
#include "fiber_switch.h"

#ifdef WL_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

struct bounds {
    const void *bottom;
    size_t bytes;
};

struct wl_fiber {
    struct wl_fiber_pool *pool;
    struct wl_stack *stack;
    wl_fiber_main *main;
    void *arg;
    void *place, *resumer_place; /* where each of the two is to go on */
    struct wl_fiber *resumer;    /* NULL: the thread's own stack */
    void *fake;                  /* ASan's, while suspended */
    struct bounds resumer_bounds;
    bool ended;
};

static _Thread_local struct wl_fiber *current;

/* Keep NULL: the stack that is left is never come back to. */
static void asan_leave(void **keep, const void *bottom, size_t bytes)
{
#ifdef WL_ASAN
    __sanitizer_start_switch_fiber(keep, bottom, bytes);
#else
    (void)keep;
    (void)bottom;
    (void)bytes;
#endif
}

static void asan_arrive(void *kept, struct bounds *left)
{
#ifdef WL_ASAN
    __sanitizer_finish_switch_fiber(kept, left ? &left->bottom : NULL, left ? &left->bytes : NULL);
#else
    (void)kept;
    (void)left;
#endif
}

void wl_fiber_entry(void *arg)
{
    struct wl_fiber *fiber = arg;

    asan_arrive(NULL, &fiber->resumer_bounds);
    fiber->main(fiber->arg);
    fiber->ended = true;
    wl_fiber_yield();
    abort(); /* somebody has resumed a fiber that had ended */
}

struct wl_fiber *wl_fiber_new(struct wl_fiber_pool *pool, wl_fiber_main *main, void *arg)
{
    struct wl_stack *stack = wl_stack_take(pool);
    struct wl_fiber *fiber;

    if (!stack)
        return NULL;
    fiber = wl_alloc(1, sizeof(*fiber));
    fiber->pool = pool;
    fiber->stack = stack;
    fiber->main = main;
    fiber->arg = arg;
    fiber->place = wl_fiber_first_place(stack->bottom, stack->bytes, fiber);
    return fiber;
}

void wl_fiber_free(struct wl_fiber *fiber)
{
    if (!fiber)
        return;
    wl_stack_return(fiber->pool, fiber->stack);
    free(fiber);
}

void wl_fiber_resume(struct wl_fiber *fiber)
{
    void *fake = NULL;

    fiber->resumer = current;
    current = fiber;
    asan_leave(&fake, fiber->stack->bottom, fiber->stack->bytes);
    wl_fiber_switch(&fiber->resumer_place, fiber->place);
    asan_arrive(fake, NULL);
    current = fiber->resumer;
    wl_stack_check(fiber->stack);
}

void wl_fiber_yield(void)
{
    struct wl_fiber *fiber = current;

    asan_leave(fiber->ended ? NULL : &fiber->fake, fiber->resumer_bounds.bottom,
               fiber->resumer_bounds.bytes);
    wl_fiber_switch(&fiber->place, fiber->resumer_place);
    asan_arrive(fiber->fake, &fiber->resumer_bounds);
}

bool wl_fiber_ended(const struct wl_fiber *fiber)
{
    return fiber->ended;
}
