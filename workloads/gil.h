/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interpreter lock: one thread at a time, by CPython's rule.
 *
 * A thread that wants the lock waits for one switch interval (5 ms). If the lock has not changed
 * hands by then, it sets the drop request, which the holder looks at between two evaluations, as
 * the interpreter does between two byte codes. A holder that drops on request then waits until
 * somebody else has taken the lock: without that it would usually win it back at once. A thread
 * that is about to block drops the lock first and takes it again afterwards.
 *
 * Rejected: a plain mutex held for a whole task. It serializes too, but without the hand-over
 * every 5 ms that the lesson is about.
 */
#ifndef WL_GIL_H
#define WL_GIL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct wl_gil;

struct wl_gil *wl_gil_new(uint64_t switch_interval_ns);
void wl_gil_free(struct wl_gil *gil);

/* NULL means that there is no such lock; then all of these do nothing. */
void wl_gil_take(struct wl_gil *gil);
void wl_gil_drop(struct wl_gil *gil);

/* Hands the lock over if somebody has asked for it. Cheap enough to call all the time. */
void wl_gil_check(struct wl_gil *gil);

#endif
