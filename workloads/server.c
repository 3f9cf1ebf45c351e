/* SPDX-License-Identifier: GPL-2.0-only */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "cert.h"
#include "clock.h"
#include "diag.h"
#include "descriptors.h"
#include "loop.h"

enum { BACKLOG = 4096, CONNECTIONS_MAX = 100000 };

/* Never written to; not const only because the library takes a plain pointer. */
static char page[] = "<!doctype html><title>workload</title><p>Hello from workload serve.\n";

struct wl_server {
    struct wl_loop *loop;
    struct MHD_Daemon *daemon;
    struct MHD_Response *answer;
    struct wl_timer turn; /* the library wants to run by then */
    uint64_t delay_ns;
    unsigned status;
    struct request *waiting; /* a list */
    struct wl_cert cert;
    char url[64];
};

struct request {
    struct wl_server *server;
    struct MHD_Connection *connection;
    struct wl_timer timer;
    struct request *next, **link; /* link: NULL when it is not in the list of the waiting */
    bool has_waited;
};

static void run_daemon(void *arg)
{
    struct wl_server *server = arg;
    MHD_UNSIGNED_LONG_LONG ms;

    MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &ms) == MHD_YES)
        wl_timer_set(server->loop, &server->turn, wl_now_ns() + ms * WL_NS_PER_MS);
}

static void on_event(void *arg, int fd, uint32_t events)
{
    (void)fd;
    (void)events;
    run_daemon(arg);
}

static void go_on(struct request *request)
{
    struct wl_server *server = request->server;

    *request->link = request->next;
    if (request->next)
        request->next->link = request->link;
    request->link = NULL;
    MHD_resume_connection(request->connection);
    wl_timer_set(server->loop, &server->turn, wl_now_ns());
}

static void delay_is_over(void *arg)
{
    go_on(arg);
}

static void let_wait(struct request *request)
{
    struct wl_server *server = request->server;

    request->has_waited = true;
    request->next = server->waiting;
    request->link = &server->waiting;
    if (request->next)
        request->next->link = &request->next;
    server->waiting = request;
    request->timer = (struct wl_timer){.fire = delay_is_over, .arg = request};
    wl_timer_set(server->loop, &request->timer, wl_now_ns() + server->delay_ns);
    MHD_suspend_connection(request->connection);
}

/* Called when the head is there, for each piece of a body, at its end, and after a delay. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct wl_server *server = arg;
    struct request *request = *state;

    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    if (!request) {
        *state = request = wl_alloc(1, sizeof(*request));
        *request = (struct request){.server = server, .connection = connection};
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (server->delay_ns && !request->has_waited) {
        let_wait(request);
        return MHD_YES;
    }
    return MHD_queue_response(connection, server->status, server->answer);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)arg;
    (void)connection;
    (void)why;
    free(*state);
    *state = NULL;
}

static struct MHD_Daemon *start_daemon(struct wl_server *server, const struct wl_options *options)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, server->cert.key},
                                   {MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert.cert},
                                   {MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

    return MHD_start_daemon(
        flags | (options->tls ? MHD_USE_TLS : 0), 0, NULL, NULL, on_request, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)BACKLOG, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_ARRAY, options->tls ? tls : none, MHD_OPTION_END);
}

static int listen_on_loop(struct wl_server *server, const struct wl_options *options)
{
    const union MHD_DaemonInfo *port, *epoll;

    server->daemon = start_daemon(server, options);
    if (!server->daemon)
        return wl_error("no server on 127.0.0.1 port %u: %s", (unsigned)options->port,
                        strerror(errno));
    port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    epoll = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!port || !epoll || wl_loop_watch(server->loop, epoll->epoll_fd, EPOLLIN, on_event, server))
        return wl_error("this libmicrohttpd cannot be driven by an event loop");
    snprintf(server->url, sizeof(server->url), "%s://127.0.0.1:%u/",
             options->tls ? "https" : "http", (unsigned)port->port);
    return 0;
}

struct wl_server *wl_server_new(struct wl_loop *loop, const struct wl_options *options)
{
    struct wl_server *server = wl_alloc(1, sizeof(*server));

    server->loop = loop;
    server->turn = (struct wl_timer){.fire = run_daemon, .arg = server};
    server->delay_ns = wl_scaled_ns(options, (double)options->delay_ms / 1000);
    server->status = (unsigned)options->status;
    server->answer =
        MHD_create_response_from_buffer(sizeof(page) - 1, page, MHD_RESPMEM_PERSISTENT);
    wl_limits_raise_descriptors();
    if (!server->answer || (options->tls && wl_cert_make(&server->cert)) ||
        listen_on_loop(server, options)) {
        wl_server_free(server);
        return NULL;
    }
    MHD_add_response_header(server->answer, MHD_HTTP_HEADER_CONTENT_TYPE, "text/html");
    return server;
}

void wl_server_free(struct wl_server *server)
{
    if (!server)
        return;
    while (server->waiting) {
        struct request *request = server->waiting;

        wl_timer_clear(server->loop, &request->timer);
        go_on(request);
    }
    wl_timer_clear(server->loop, &server->turn);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    if (server->answer)
        MHD_destroy_response(server->answer);
    wl_cert_free(&server->cert);
    free(server);
}

const char *wl_server_url(const struct wl_server *server)
{
    return server->url;
}

const char *wl_server_cert(const struct wl_server *server)
{
    return server->cert.cert;
}
