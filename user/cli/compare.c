/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several command lines (or recordings of runs that are over), each run several times, in turn:
 * whatever changes on the machine while they run (its heat, its caches, its neighbours) meets all
 * of them alike. Floor 4.
 *
 * A run that fails is told and left out; the others go on. Ctrl-C ends the present run, and with it
 * the rest of them; what was run until then is still reported.
 */
#include "user/cli/compare.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/analysis/contrast.h"
#include "user/base/log.h"
#include "user/cli/command_line.h"
#include "user/cli/designs.h"
#include "user/cli/exits.h"
#include "user/cli/option_checks.h"
#include "user/cli/output.h"
#include "user/cli/outputs.h"
#include "user/cli/recorded.h"
#include "user/cli/run.h"
#include "user/cli/run_output.h"
#include "user/cli/screen.h"
#include "user/cli/session.h"
#include "user/report/compare.h"
#include "user/report/format.h"

#define RUNS_DEFAULT 3
#define SOME_FAILED  1

struct compare {
    const struct ct_options *o;
    struct ct_identity invoker;
    struct ct_output text;
    struct ct_output json;
    struct ct_output html;
    struct ct_session_signals signals;
    struct ct_progress progress;
    struct ct_comparison c;
    struct ct_recorded recorded;
    int signal; /* that ended it; 0: none */
};

/* ---- before the runs ---- */

static int mixed(void)
{
    ct_say("compare either recordings or command lines, not both");
    return CT_EXIT_USAGE;
}

static int make_designs(struct compare *s)
{
    size_t words = 0;

    while (s->o->command[words])
        words++;
    const size_t recordings = ct_recorded_count(s->o);
    if (recordings) {
        s->c.recorded = true; /* they are read once it is known where to write */
        if (recordings < words)
            return mixed();
        return ct_options_check_recorded(s->o) ? CT_EXIT_USAGE : 0;
    }
    s->c.runs_wanted = s->o->runs ? s->o->runs : RUNS_DEFAULT;
    const int err = ct_designs_make(&s->c, s->o);
    return !err ? 0 : err == -EINVAL ? CT_EXIT_USAGE : CT_EXIT_FAILED;
}

static bool same_place(const struct ct_output *a, const struct ct_output *b)
{
    if (!ct_output_same(a, b))
        return false;
    ct_say("the %s and the %s both go to %s", a->what, b->what, a->name);
    return true;
}

static int open_outputs(struct compare *s)
{
    const struct ct_options *o = s->o;
    char why[256];

    if (ct_identity_resolve(&s->invoker, NULL, why, sizeof(why))) {
        ct_say("%s", why);
        return CT_EXIT_FAILED;
    }
    if ((o->text_file || !o->quiet) &&
        ct_output_open(&s->text, "text report", NULL, o->text_file, &s->invoker))
        return CT_EXIT_FAILED;
    if (o->json_file && ct_output_open(&s->json, "JSON report", NULL, o->json_file, &s->invoker))
        return CT_EXIT_FAILED;
    if (o->html_file && ct_output_open(&s->html, "HTML report", NULL, o->html_file, &s->invoker))
        return CT_EXIT_FAILED;
    if (same_place(&s->text, &s->json) || same_place(&s->text, &s->html) ||
        same_place(&s->json, &s->html))
        return CT_EXIT_USAGE;
    const int err = o->output_dir ? ct_output_make_folder(o->output_dir, &s->invoker) : 0;
    if (err)
        ct_say("cannot make the folder %s: %s", o->output_dir, strerror(-err));
    return err ? CT_EXIT_FAILED : 0;
}

static int hold_signals(struct compare *s)
{
    return ct_session_signals_open(&s->signals);
}

/* ---- the runs ---- */

static int no_memory(void)
{
    ct_say("%s", strerror(ENOMEM));
    return CT_EXIT_FAILED;
}

/* How it failed; NULL: it did not, or there is no memory to say so. */
static char *failure_of(const struct ct_session_end *end)
{
    const struct ct_exit exit = ct_session_exit(end->wait_status);
    char *text = NULL, name[CT_NUMBER_LEN];
    int n = 0;

    if (end->exec_error) {
        n = asprintf(&text, "it cannot be run (%s)", strerror(end->exec_error));
    } else if (exit.signal) {
        ct_format_signal(name, exit.signal);
        n = asprintf(&text, "killed by %s", name);
    } else if (exit.code) {
        n = asprintf(&text, "exit status %d", exit.code);
    }
    return n < 0 ? NULL : text;
}

static bool went_well(const struct ct_session_end *end)
{
    return !end->exec_error && !end->wait_status;
}

static int keep_failure(struct ct_design *d, const struct ct_session_end *end,
                        const struct ct_run_output *output)
{
    char *failure = failure_of(end);

    if (!failure)
        return no_memory();
    free(d->failure);
    free(d->last_words);
    d->failure = failure;
    d->last_words = ct_run_output_end(output);
    d->failed_cnt++;
    return 0;
}

static int keep_sample(struct ct_design *d, struct ct_session_end *end)
{
    struct ct_sample *more = realloc(d->samples, (d->samples_cnt + 1) * sizeof(*more));

    if (!more)
        return no_memory();
    d->samples = more;
    d->samples[d->samples_cnt++] =
        (struct ct_sample){.result = end->result, .peak_bytes = end->peak_bytes};
    end->result = NULL;
    return 0;
}

static bool ends_all(int sig)
{
    return sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT;
}

/* The run's intervals can be heard from its recording. */
static int keep_intervals(struct compare *s, const struct ct_output *record, struct ct_result *r)
{
    const int fd = dup(fileno(record->file));
    FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

    if (in)
        return ct_recorded_keep(&s->recorded, s->o, in, r);
    ct_say("cannot read the recording again: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return CT_EXIT_FAILED;
}

/* One run, whose output is open. record: not opened if no format asks for intervals. */
static int run_recorded(struct compare *s, struct ct_design *d, const struct ct_run_output *output,
                        const struct ct_output *record)
{
    char **words = ct_command_line_split(d->command);
    const struct ct_session_plan plan = {.options = s->o,
                                         .command = words,
                                         .streams = output->streams,
                                         .record = record,
                                         .one_of_many = true};
    struct ct_session_end end = {0};

    int status = words ? ct_session_run(&end, &plan, &s->signals) : no_memory();
    ct_command_line_free(words);
    if (status)
        return status;
    if (ends_all(end.signal))
        s->signal = end.signal; /* what it came to is not the command's doing */
    else
        status = went_well(&end) ? keep_sample(d, &end) : keep_failure(d, &end, output);
    if (!status && record->file && !s->signal && went_well(&end) && !end.record_failed)
        status = keep_intervals(s, record, d->samples[d->samples_cnt - 1].result);
    ct_result_free(end.result);
    return status;
}

static int run_with(struct compare *s, struct ct_design *d, const struct ct_run_output *output)
{
    struct ct_output record = {0};

    if (ct_outputs_want_intervals(s->o) && ct_output_temporary(&record, "recording"))
        return CT_EXIT_FAILED;
    const int status = run_recorded(s, d, output, &record);
    ct_output_fini(&record);
    return status;
}

static int run_once(struct compare *s, size_t design, size_t run)
{
    struct ct_design *d = &s->c.designs[design];
    const size_t at = run * s->c.designs_cnt + design, all = s->c.runs_wanted * s->c.designs_cnt;
    struct ct_run_output output;

    ct_progress_show(&s->progress, at + 1, all, d->label);
    if (ct_run_output_open(&output, s->o->output_dir, d->label, run + 1, &s->invoker))
        return CT_EXIT_FAILED;
    const int status = run_with(s, d, &output);
    ct_run_output_close(&output);
    return status;
}

static int run_all(struct compare *s)
{
    int status = 0;

    if (s->c.recorded)
        return ct_recorded_load(&s->c, &s->recorded, s->o);
    ct_progress_start(&s->progress, !s->o->quiet);
    for (size_t run = 0; run < s->c.runs_wanted; run++)
        for (size_t i = 0; i < s->c.designs_cnt && !status && !s->signal; i++)
            status = run_once(s, i, run);
    ct_progress_end(&s->progress);
    s->c.interrupted = s->signal;
    return status;
}

/* ---- after them ---- */

static int report(struct compare *s)
{
    const struct {
        struct ct_output *to;
        ct_compare_fn write;
    } outputs[] = {
        {&s->text, ct_compare_text}, {&s->json, ct_compare_json}, {&s->html, ct_compare_html}};
    int err = ct_contrast_run(&s->c);

    if (err) {
        ct_say("cannot finish the report: %s", strerror(-err));
        return CT_EXIT_FAILED;
    }
    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        struct ct_output *to = outputs[i].to;
        if (!to->file)
            continue;
        const struct ct_report_style style =
            ct_screen_style(fileno(to->file), s->o->color, s->o->verbose);
        err |= ct_output_close(to, outputs[i].write(&s->c, &style, to->file));
    }
    return err ? CT_EXIT_FAILED : 0;
}

static bool some_failed(const struct ct_comparison *c)
{
    for (size_t i = 0; i < c->designs_cnt; i++)
        if (c->designs[i].failed_cnt)
            return true;
    return false;
}

int ct_compare(const struct ct_options *o)
{
    int (*const steps[])(struct compare *) = {make_designs, open_outputs, hold_signals, run_all,
                                              report};
    struct compare s = {.o = o, .signals = {.fd = -1}};
    int status = 0;

    for (size_t i = 0; !status && i < sizeof(steps) / sizeof(steps[0]); i++)
        status = steps[i](&s);
    if (!status && some_failed(&s.c))
        status = SOME_FAILED;
    ct_output_fini(&s.text);
    ct_output_fini(&s.json);
    ct_output_fini(&s.html);
    ct_session_signals_close(&s.signals);
    ct_comparison_fini(&s.c);
    ct_recorded_close(&s.recorded);
    return s.signal && status != CT_EXIT_FAILED ? ct_die_of(s.signal) : status;
}
