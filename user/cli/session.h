/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One traced run, from the fork of the command to its sealed result. Floor 4. Whoever wants
 * outputs, several runs or an exit status wires them around it.
 */
#ifndef CT_SESSION_H
#define CT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "user/cli/options.h"
#include "user/cli/output.h"
#include "user/core/result.h"
#include "user/source/launch.h"

/* Signals wait for us, from its opening on; what a command inherits is as it was. */
struct ct_session_signals {
    struct ct_signals was;
    int fd;
};

/* 0, or CT_EXIT_FAILED after one line on standard error. */
int ct_session_signals_open(struct ct_session_signals *s);
void ct_session_signals_close(struct ct_session_signals *s);

struct ct_session_plan {
    const struct ct_options *options; /* its command is not looked at; its -p is */
    char *const *command;             /* NULL-terminated; not used with -p */
    const int *streams; /* the command's standard input, output, error; NULL: they are ours */
    const struct ct_output *record; /* where a recording is kept; NULL, or not opened: nowhere */
    bool status_line;
    bool one_of_many; /* a signal that comes before the release means: do not begin */
};

struct ct_session_end {
    struct ct_result *result; /* the caller's; NULL: the command did not run */
    int exec_error;           /* why it did not; 0 with no result: signalled before it began */
    int wait_status;          /* of wait4; not with -p */
    uint64_t peak_bytes;      /* most memory that one process of it had at once; 0: not known */
    bool record_failed;       /* the recording ends before the run did, as was said */
    int signal;               /* the last that was sent to us meanwhile; 0: none */
};

/* Runs it. 0, or an exit status of our own after one line on standard error; then *out is as it
 * was. */
int ct_session_run(struct ct_session_end *out, const struct ct_session_plan *plan,
                   const struct ct_session_signals *signals);

/* What a wait status says. */
struct ct_exit ct_session_exit(int wait_status);

#endif
