/* SPDX-License-Identifier: GPL-2.0-only */
#include "generator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "fiber.h"

enum { STACK_BYTES = 128 * 1024 };

struct wl_generator {
    struct wl_fiber_pool *pool;
    struct wl_fiber *fiber;
    wl_generator_body *body;
    long arg, value;
};

static void generator_main(void *arg)
{
    struct wl_generator *generator = arg;

    generator->body(generator, generator->arg);
}

struct wl_generator *wl_generator_new(wl_generator_body *body, long arg)
{
    struct wl_generator *generator = wl_alloc(1, sizeof(*generator));

    generator->pool = wl_fiber_pool_new(STACK_BYTES);
    generator->body = body;
    generator->arg = arg;
    generator->fiber = wl_fiber_new(generator->pool, generator_main, generator);
    if (!generator->fiber) {
        wl_error("no stack for a generator: %s", strerror(errno));
        wl_generator_free(generator);
        return NULL;
    }
    return generator;
}

void wl_generator_free(struct wl_generator *generator)
{
    wl_fiber_free(generator->fiber);
    wl_fiber_pool_free(generator->pool);
    free(generator);
}

bool wl_generator_next(struct wl_generator *generator, long *value)
{
    if (!wl_fiber_ended(generator->fiber))
        wl_fiber_resume(generator->fiber);
    *value = generator->value;
    return !wl_fiber_ended(generator->fiber);
}

void wl_generator_yield(struct wl_generator *self, long value)
{
    self->value = value;
    wl_fiber_yield();
}
