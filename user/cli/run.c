/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plain run: outputs, one session, reports, the command's own end. Floor 4.
 *
 * Outputs are opened before all else: a mistake there must not cost a run.
 */
#include "user/cli/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/cli/outputs.h"
#include "user/cli/replay.h"
#include "user/cli/session.h"

struct run {
    const struct ct_options *o;
    struct ct_outputs outputs;
    struct ct_session_signals signals;
    struct ct_session_end end;
};

/* 0 or the exit status. */
static int open_outputs(struct run *s)
{
    return ct_outputs_open(&s->outputs, s->o);
}

static int trace(struct run *s)
{
    const struct ct_session_plan plan = {.options = s->o,
                                         .command = s->o->command,
                                         .status_line = !s->o->quiet,
                                         .record = &s->outputs.record};
    int status = ct_session_signals_open(&s->signals);

    if (!status)
        status = ct_session_run(&s->end, &plan, &s->signals);
    if (status || !s->end.exec_error)
        return status;
    ct_say("cannot run '%s': %s", s->o->command[0], strerror(s->end.exec_error));
    return s->end.exec_error == ENOENT ? CT_EXIT_NOT_FOUND : CT_EXIT_NOT_RUNNABLE;
}

static int report(struct run *s)
{
    struct ct_replay_intervals intervals;
    FILE *again = NULL;

    if (ct_outputs_want_intervals(s->o) && s->end.result) {
        again = fdopen(dup(fileno(s->outputs.record.file)), "r");
        if (!again) {
            ct_say("cannot read the recording again: %s", strerror(errno));
            return CT_EXIT_FAILED;
        }
        ct_replay_intervals(&intervals, s->o, again, s->end.result);
    }
    const int status = ct_outputs_write(&s->outputs, s->o, s->end.result);
    if (again)
        fclose(again);
    return s->end.record_failed ? CT_EXIT_FAILED : status;
}

/* As the command died; its core, if it left one, is the one worth having. */
int ct_die_of(int sig)
{
    const struct rlimit none = {0, 0};
    sigset_t only;

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(sig, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, sig);
    raise(sig);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    return 128 + sig; /* not reached: every signal that kills, kills us too */
}

int ct_run(const struct ct_options *o)
{
    int (*const steps[])(struct run *) = {open_outputs, trace, report};
    struct run s = {.o = o, .signals = {.fd = -1}};
    int status = 0;

    for (size_t i = 0; !status && i < sizeof(steps) / sizeof(steps[0]); i++)
        status = steps[i](&s);
    ct_outputs_fini(&s.outputs);
    ct_result_free(s.end.result);
    ct_session_signals_close(&s.signals);
    if (status || o->pids_cnt)
        return status;
    const struct ct_exit end = ct_session_exit(s.end.wait_status);
    return end.signal ? ct_die_of(end.signal) : end.code;
}
