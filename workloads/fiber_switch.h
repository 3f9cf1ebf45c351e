/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's part of fiber.c: changing from one stack to another. */
#ifndef WL_FIBER_SWITCH_H
#define WL_FIBER_SWITCH_H

#include <stddef.h>

/* Keeps the caller's place in *from and goes on at the place to; returns when somebody goes on
 * at *from. Only the registers that a called function must preserve are kept. */
void wl_fiber_switch(void **from, void *to);

/* The first place of a fresh stack: going on there calls wl_fiber_entry(arg). */
void *wl_fiber_first_place(char *bottom, size_t bytes, void *arg);

/* In fiber.c; never returns. */
void wl_fiber_entry(void *arg);

#endif
