/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Worker processes: forked, named, measured and reaped. They die with their parent, however it
 * ends. Used by the modes that work with processes and by the scenario hello-process.
 */
#ifndef WL_CHILDREN_H
#define WL_CHILDREN_H

#include "run.h"

/* What a child does; its result is the child's exit status. */
typedef int wl_child_body(struct wl_run *run, unsigned index, void *arg);

/* Forks a child called name; only the parent returns: with its pid, or -1 after a message. */
pid_t wl_child_start(struct wl_run *run, const char *name, unsigned index, wl_child_body *body,
                     void *arg);

/* Reaps count children, whichever ends first; -1 after a message if one did not exit with 0. */
int wl_children_wait(struct wl_run *run, unsigned count);

#endif
