/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line. One row an option owns its name, its help and its destination; parsing, --help
 * and the "did you mean" of a wrong option all read the same rows (options.c). Rejected: getopt,
 * whose option list, switch and help text drift apart.
 */
#ifndef WL_OPTIONS_H
#define WL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct wl_options {
    const char *mode, *task, *scenario; /* NULL: not given */
    uint64_t tasks, workers, amount;    /* workers 0: the mode's own default */
    double speed;                       /* every delay is divided by it */
    bool gil, blocking_client, quiet;
    uint64_t switch_interval_ns, timeout_ns;
    const char *url, *cacert, *truth;
    bool tls;
    uint64_t port, delay_ms, status; /* of the built-in server */
    const char *cert;
    bool until_eof;
    bool list, help, version;
    bool serve;     /* the first word was "serve" */
    char **command; /* serve: what stands behind "--"; NULL: nothing */
};

/* 0, or -1 after a message on standard error. */
int wl_options_parse(struct wl_options *options, int argc, char **argv);

void wl_options_help(bool serve);

/* A delay of the lesson, in nanoseconds, at the speed asked for. */
uint64_t wl_scaled_ns(const struct wl_options *options, double seconds);

#endif
