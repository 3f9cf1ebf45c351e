/* SPDX-License-Identifier: GPL-2.0-only */
#include "net.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "clock.h"
#include "diag.h"
#include "descriptors.h"
#include "loop.h"
#include "target.h"

struct wl_net {
    const struct wl_options *options;
    struct wl_target target;
    /* The event loop's: one multi handle for all fetches. */
    CURLM *multi;
    struct wl_loop *loop;
    struct wl_timer timer;
};

struct wl_fetch {
    struct wl_operation operation; /* first: the operation is the fetch */
    struct wl_net *net;
    CURL *easy;
    CURLcode code;
    int64_t bytes;
    char error[CURL_ERROR_SIZE];
};

struct wl_net *wl_net_new(const struct wl_options *options)
{
    struct wl_net *net = wl_alloc(1, sizeof(*net));

    net->options = options;
    wl_limits_raise_descriptors();
    if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
        wl_error("libcurl cannot be initialized");
        free(net);
        return NULL;
    }
    if (wl_target_open(&net->target, options)) {
        wl_net_free(net);
        return NULL;
    }
    return net;
}

void wl_net_free(struct wl_net *net)
{
    if (!net)
        return;
    wl_target_close(&net->target);
    curl_global_cleanup();
    free(net);
}

int wl_net_server_pid(const struct wl_net *net)
{
    return net ? net->target.server_pid : 0;
}

static size_t count_bytes(char *data, size_t size, size_t count, void *arg)
{
    struct wl_fetch *fetch = arg;

    (void)data;
    fetch->bytes += (int64_t)(size * count);
    return size * count;
}

static void set_trust(CURL *easy, const struct wl_net *net)
{
    struct curl_blob pem = {.data = net->target.cert};

    if (net->options->cacert) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, net->options->cacert);
    } else if (net->target.cert) {
        pem.len = strlen(net->target.cert);
        pem.flags = CURL_BLOB_COPY;
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem);
    }
}

static void set_up(struct wl_fetch *fetch)
{
    const struct wl_net *net = fetch->net;
    uint64_t timeout_ms = net->options->timeout_ns / WL_NS_PER_MS;
    CURL *easy = fetch->easy;

    curl_easy_setopt(easy, CURLOPT_URL, net->target.url);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(timeout_ms ? timeout_ms : 1));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "workload");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
    if (!net->options->url)
        curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* our own server is next door */
    set_trust(easy, net);
}

static void perform(struct wl_operation *operation)
{
    struct wl_fetch *fetch = (struct wl_fetch *)operation;

    fetch->code = curl_easy_perform(fetch->easy);
}

/* ---- on the event loop ---- */

static void reap(struct wl_net *net)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(net->multi, &left))) {
        struct wl_fetch *fetch = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&fetch);
        curl_multi_remove_handle(net->multi, message->easy_handle); /* message is gone now */
        fetch->code = code;
        fetch->operation.done(fetch->operation.arg);
    }
}

static void act(struct wl_net *net, curl_socket_t fd, int events)
{
    int running;

    curl_multi_socket_action(net->multi, fd, events, &running);
    reap(net);
}

static void on_event(void *arg, int fd, uint32_t events)
{
    int what =
        (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);

    if (events & (EPOLLERR | EPOLLHUP))
        what |= CURL_CSELECT_ERR;
    act(arg, fd, what);
}

static void on_timer(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct wl_net *net = arg;
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

    (void)easy;
    (void)known;
    if (what == CURL_POLL_REMOVE)
        wl_loop_unwatch(net->loop, fd);
    else if (wl_loop_watch(net->loop, fd, events, on_event, net))
        return -1;
    return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct wl_net *net = arg;

    (void)multi;
    if (timeout_ms < 0)
        wl_timer_clear(net->loop, &net->timer);
    else
        wl_timer_set(net->loop, &net->timer, wl_now_ns() + (uint64_t)timeout_ms * WL_NS_PER_MS);
    return 0;
}

static void end_with_loop(void *arg)
{
    struct wl_net *net = arg;

    curl_multi_cleanup(net->multi);
    net->multi = NULL;
}

static void bind_to(struct wl_net *net, struct wl_loop *loop)
{
    net->multi = curl_multi_init();
    if (!net->multi) {
        wl_error("libcurl's multi interface cannot be initialized");
        exit(WL_EXIT_FAILURE);
    }
    net->loop = loop;
    net->timer = (struct wl_timer){.fire = on_timer, .arg = net};
    curl_multi_setopt(net->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(net->multi, CURLMOPT_SOCKETDATA, net);
    curl_multi_setopt(net->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(net->multi, CURLMOPT_TIMERDATA, net);
    wl_loop_at_end(loop, end_with_loop, net);
}

static void begin(struct wl_operation *operation, struct wl_loop *loop)
{
    struct wl_fetch *fetch = (struct wl_fetch *)operation;

    if (!fetch->net->multi)
        bind_to(fetch->net, loop);
    curl_multi_add_handle(fetch->net->multi, fetch->easy);
}

struct wl_fetch *wl_fetch_new(struct wl_net *net)
{
    struct wl_fetch *fetch = wl_alloc(1, sizeof(*fetch));

    fetch->operation = (struct wl_operation){.perform = perform, .begin = begin};
    fetch->net = net;
    fetch->easy = curl_easy_init();
    if (!fetch->easy) {
        wl_error("out of memory");
        exit(WL_EXIT_FAILURE);
    }
    set_up(fetch);
    return fetch;
}

void wl_fetch_free(struct wl_fetch *fetch)
{
    if (!fetch)
        return;
    curl_easy_cleanup(fetch->easy);
    free(fetch);
}

struct wl_operation *wl_fetch_operation(struct wl_fetch *fetch)
{
    return &fetch->operation;
}

int64_t wl_fetch_result(const struct wl_fetch *fetch, char *error, size_t size)
{
    long status = 0;

    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    if (fetch->code)
        snprintf(error, size, "%.80s: %.150s", fetch->net->target.url,
                 fetch->error[0] ? fetch->error : curl_easy_strerror(fetch->code));
    else if (status < 200 || status > 299)
        snprintf(error, size, "%.80s: the server answered with status %ld", fetch->net->target.url,
                 status);
    else
        return fetch->bytes;
    return -1;
}
