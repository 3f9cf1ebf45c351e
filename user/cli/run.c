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

#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/cli/output.h"
#include "user/cli/screen.h"
#include "user/cli/session.h"
#include "user/report/report.h"
#include "user/source/launch.h"

struct run {
    const struct ct_options *o;
    struct ct_output text;
    struct ct_output json;
    struct ct_output folded;
    struct ct_session_signals signals;
    struct ct_session_end end;
};

/* 0 or the exit status. */
static int open_outputs(struct run *s)
{
    const struct ct_options *o = s->o;
    struct ct_identity invoker;
    char why[256];

    if (ct_identity_resolve(&invoker, NULL, why, sizeof(why))) {
        ct_say("%s", why);
        return CT_EXIT_FAILED;
    }
    if ((o->text_file || !o->quiet) &&
        ct_output_open(&s->text, "text report", ct_report_text, o->text_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->json_file &&
        ct_output_open(&s->json, "JSON report", ct_report_json, o->json_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->folded_file &&
        ct_output_open(&s->folded, "folded stacks", ct_report_folded, o->folded_file, &invoker))
        return CT_EXIT_FAILED;
    const struct ct_output *const pairs[][2] = {
        {&s->text, &s->json}, {&s->text, &s->folded}, {&s->json, &s->folded}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (ct_output_same(pairs[i][0], pairs[i][1])) {
            ct_say("the %s and the %s both go to %s", pairs[i][0]->what, pairs[i][1]->what,
                   pairs[i][1]->name);
            return CT_EXIT_USAGE;
        }
    }
    return 0;
}

static int trace(struct run *s)
{
    const struct ct_session_plan plan = {
        .options = s->o, .command = s->o->command, .status_line = !s->o->quiet};
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
    struct ct_output *const outputs[] = {&s->text, &s->json, &s->folded};
    int err = 0;

    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        if (!outputs[i]->file)
            continue;
        struct ct_report_style style =
            ct_screen_style(fileno(outputs[i]->file), s->o->color, s->o->verbose);
        err |= ct_output_write(outputs[i], s->end.result, &style);
    }
    return err ? CT_EXIT_FAILED : 0;
}

/* As the command died; its core, if it left one, is the one worth having. */
static int die_of(int sig)
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
    ct_output_fini(&s.text);
    ct_output_fini(&s.json);
    ct_output_fini(&s.folded);
    ct_result_free(s.end.result);
    ct_session_signals_close(&s.signals);
    if (status || o->pids_cnt)
        return status;
    const struct ct_exit end = ct_session_exit(s.end.wait_status);
    return end.signal ? die_of(end.signal) : end.code;
}
