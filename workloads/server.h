/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HTTP/1.1 server that answers late: libmicrohttpd driven by the event loop, one thread. A
 * request that waits for its delay is a suspended connection and a timer, so that thousands of
 * them wait at once.
 */
#ifndef WL_SERVER_H
#define WL_SERVER_H

#include "options.h"

struct wl_loop;
struct wl_server;

struct wl_server *wl_server_new(struct wl_loop *loop, const struct wl_options *options); /* NULL */
void wl_server_free(struct wl_server *server);

const char *wl_server_url(const struct wl_server *server);
const char *wl_server_cert(const struct wl_server *server); /* PEM; NULL without --tls */

#endif
