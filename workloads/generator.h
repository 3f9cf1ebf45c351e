/* SPDX-License-Identifier: GPL-2.0-only */
/* Generators: a function that hands out one value after another and stops in between. */
#ifndef WL_GENERATOR_H
#define WL_GENERATOR_H

#include <stdbool.h>

struct wl_generator;

typedef void wl_generator_body(struct wl_generator *self, long arg);

struct wl_generator *wl_generator_new(wl_generator_body *body, long arg); /* NULL: message */
void wl_generator_free(struct wl_generator *generator);                   /* also before its end */

/* Runs the body to its next yield. False: the body has ended instead, and there is no value. */
bool wl_generator_next(struct wl_generator *generator, long *value);

/* For the body: hands a value out and stops here until the next is asked for. */
void wl_generator_yield(struct wl_generator *self, long value);

#endif
