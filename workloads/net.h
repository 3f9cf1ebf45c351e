/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HTTP GETs with libcurl. A fetch is an operation (job.h): performed with an easy handle, which
 * blocks, or begun on an event loop with the multi interface, which does not. Each fetch makes a
 * connection of its own in every mode, so that the modes compare.
 */
#ifndef WL_NET_H
#define WL_NET_H

#include "job.h"

struct wl_fetch;

/*
 * Finds the target (target.h), starting the server if it must. NULL after a message. To be called
 * before there are threads or worker processes, and freed after they have gone.
 */
struct wl_net *wl_net_new(const struct wl_options *options);
void wl_net_free(struct wl_net *net);
int wl_net_server_pid(const struct wl_net *net); /* 0: somebody else's server */

struct wl_fetch *wl_fetch_new(struct wl_net *net);
void wl_fetch_free(struct wl_fetch *fetch); /* NULL is fine */
struct wl_operation *wl_fetch_operation(struct wl_fetch *fetch);

/* After the operation: the length of the answer, or -1 and a reason in error. */
int64_t wl_fetch_result(const struct wl_fetch *fetch, char *error, size_t size);

#endif
