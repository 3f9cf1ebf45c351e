/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a fetch goes: --url, else $WORKLOAD_URL (set by "workload serve -- COMMAND"), else a server
 * of our own, started for the run.
 *
 * That server is this program once more ("workload serve"), and it ends with the run however that
 * ends: it reads a pipe that only the run keeps open. It should stand outside of what is traced.
 * A child cannot hide from a tracer, but it can ask: it is cloned with CLONE_UNTRACED, which is
 * the kernel's own word for "tracers, leave this one alone" and which ptrace obeys. A tracer that
 * does not shows the server as a process of its own, workload-serve.
 */
#ifndef WL_TARGET_H
#define WL_TARGET_H

#include "options.h"

struct wl_target {
    char *url;
    char *cert;     /* PEM of the one certificate to trust; NULL: the system's */
    int server_pid; /* 0: not ours */
    int lifeline;   /* -1: none; the server lives until this is closed */
};

int wl_target_open(struct wl_target *target, const struct wl_options *options); /* -1: message */
void wl_target_close(struct wl_target *target);

#endif
