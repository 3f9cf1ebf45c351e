/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wires a recording to the model and the reporters. Floor 4. The model cannot tell this run from
 * the live one: so nor can the reports be told apart.
 *
 * A recording that was cut short lacks the accounts of those who lived on. Whether it was shows
 * only at its end: then it is read a second time, and those are made up of the switches. What
 * cannot be read twice (a pipe) is followed so from the start.
 */
#include "user/cli/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/analysis/findings.h"
#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/cli/outputs.h"
#include "user/cli/screen.h"
#include "user/cli/survey.h"
#include "user/source/recording.h"
#include "user/source/recording_lives.h"
#include "user/source/selection.h"

struct replay {
    const struct ct_options *o;
    const char *path;
    const char *name;
    FILE *in;
    uint64_t bytes; /* of the file; 0: not known */
    bool seekable;
    struct ct_outputs outputs;
    struct ct_status status;
    struct ct_model *model;
    struct ct_lives *lives;  /* NULL: not followed */
    struct ct_survey survey; /* if a part is chosen */
    struct ct_selection *selection;
    struct ct_result *result;
};

static int failed(const struct replay *r, const char *why)
{
    ct_say("cannot report from %s: %s", r->name, why);
    return CT_EXIT_FAILED;
}

/* Whether path leads to the recording, which must not be written over. */
static bool is_input(const struct stat *in, const char *path)
{
    struct stat out;

    return path && S_ISREG(in->st_mode) && !stat(path, &out) && out.st_dev == in->st_dev &&
           out.st_ino == in->st_ino;
}

static int open_input(struct replay *r)
{
    const struct ct_options *o = r->o;
    struct stat st;

    r->name = strcmp(r->path, "-") ? r->path : "standard input";
    r->in = strcmp(r->path, "-") ? fopen(r->path, "re") : stdin;
    if (!r->in || fstat(fileno(r->in), &st))
        return failed(r, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return failed(r, strerror(EISDIR));
    r->seekable = S_ISREG(st.st_mode) && !fseeko(r->in, 0, SEEK_CUR);
    r->bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    if (!is_input(&st, o->text_file) && !is_input(&st, o->json_file) &&
        !is_input(&st, o->csv_file) && !is_input(&st, o->html_file) &&
        !is_input(&st, o->perfetto_file) && !is_input(&st, o->folded_file))
        return 0;
    ct_say("a report would be written over %s, which it is read from", r->name);
    return CT_EXIT_USAGE;
}

/* A ct_record_fn: what is chosen. */
static void keep(const struct ct_rec_head *rec, void *ctx)
{
    struct replay *r = ctx;

    if (r->lives)
        ct_lives_record(rec, r->lives);
    ct_model_record(rec, r->model);
}

/* A ct_record_fn: all of it. */
static void take(const struct ct_rec_head *rec, void *ctx)
{
    struct replay *r = ctx;

    if (r->selection)
        ct_selection_record(rec, r->selection);
    else
        keep(rec, r);
}

/* 0, or the exit status. */
static int read_all(struct replay *r, struct ct_replay *from, struct ct_replay_end *end)
{
    int more;

    do {
        more = ct_replay_next(from, take, r, end);
        ct_status_share(&r->status, ct_replay_at(from), r->bytes);
    } while (more > 0);
    return more < 0 ? failed(r, strerror(-more)) : 0;
}

/* Hands the model what only its end tells. 0, or the exit status. */
static int seal(struct replay *r, const struct ct_replay_end *end)
{
    long made_up = 0;

    if (end->cut && r->lives)
        made_up = ct_lives_emit(r->lives, end->end.end_ns, ct_model_record, r->model);
    int err = made_up < 0 ? (int)made_up : 0;
    if (!err) {
        err = ct_model_seal(r->model, &end->end, &r->result);
        r->model = NULL;
    }
    if (err)
        return failed(r, strerror(-err));
    r->result->cut = end->cut;
    if (made_up) /* how their time divides is not known */
        r->result->with_syscalls = false;
    if (ct_choice_any(&r->survey.choice)) {
        r->result->choice = r->survey.choice;
        return r->result->threads_cnt ? 0 : ct_survey_say_none(&r->survey, r->name);
    }
    err = ct_findings_run(r->result); /* they are about whole runs */
    return err ? failed(r, strerror(-err)) : 0;
}

static void forget(struct replay *r)
{
    ct_model_free(r->model);
    ct_lives_free(r->lives);
    r->model = NULL;
    r->lives = NULL;
}

static void forget_choice(struct replay *r)
{
    ct_selection_free(r->selection);
    ct_survey_fini(&r->survey);
    r->selection = NULL;
}

/* Looks at who there is, before a part is read. 0, or the exit status. */
static int choose(struct replay *r)
{
    const struct ct_choice *c = &r->o->choice;

    if (!r->seekable) {
        ct_say("a part is chosen by reading twice, which %s does not allow: give a file", r->name);
        return CT_EXIT_USAGE;
    }
    int status = ct_survey_take(&r->survey, r->in, r->name, c);
    if (!status && fseeko(r->in, 0, SEEK_SET))
        status = failed(r, strerror(errno));
    if (status || !ct_choice_of_threads(c))
        return status;
    r->selection = ct_selection_new(c, r->survey.lives, keep, r);
    if (!r->selection)
        return failed(r, strerror(ENOMEM));
    return ct_selection_cnt(r->selection) ? 0 : ct_survey_say_none(&r->survey, r->name);
}

/*
 * Reads the recording once. *again: it was cut, and the accounts that it lacks can be had by
 * reading it again. 0, or the exit status.
 */
static int read_once(struct replay *r, bool follow, bool *again)
{
    struct ct_replay_end end = {0};
    struct ct_replay *from = NULL;
    char why[256];

    if (ct_replay_open(&from, r->in, why, sizeof(why)))
        return failed(r, why);
    if (r->o->folded_file && !ct_replay_info(from)->with_stacks) {
        ct_replay_free(from);
        return failed(r, "it holds no stacks, as it was recorded without --stacks");
    }
    struct ct_model_info info = *ct_replay_info(from);
    info.chosen = r->selection != NULL;
    info.span = r->survey.span;
    r->model = ct_model_new(&info);
    r->lives = follow ? ct_lives_new() : NULL;
    int status =
        r->model && (r->lives || !follow) ? read_all(r, from, &end) : failed(r, strerror(ENOMEM));
    *again = !status && end.cut && !follow && !info.span.to_ns && r->seekable &&
             !fseeko(r->in, 0, SEEK_SET);
    if (!status && !*again) {
        ct_status_end(&r->status);
        if (end.cut && !r->o->quiet)
            ct_say("%s is cut short: %s (offset %llu); what stands before is reported", r->name,
                   end.cut_why, (unsigned long long)end.cut_at);
        status = seal(r, &end);
    }
    forget(r);
    ct_replay_free(from);
    return status;
}

static int read_input(struct replay *r)
{
    bool again = false;

    ct_status_start(&r->status, !r->o->quiet);
    int status = ct_choice_any(&r->o->choice) ? choose(r) : 0;
    if (!status)
        status = read_once(r, !r->seekable, &again);
    if (!status && again)
        status = read_once(r, true, &again);
    ct_status_end(&r->status);
    forget_choice(r);
    return status;
}

/* ---- its intervals, once more ---- */

struct hearing {
    ct_interval_fn fn;
    void *ctx;
    uint64_t wall_ns;
};

/* A ct_interval_fn. The end was dated back a little: nothing is told beyond it. */
static void pass_on(const struct ct_interval *interval, void *ctx)
{
    const struct hearing *h = ctx;
    struct ct_interval i = *interval;

    if (i.end_ns > h->wall_ns)
        i.end_ns = h->wall_ns;
    if (i.start_ns < i.end_ns)
        h->fn(&i, h->ctx);
}

/* Plays all of `from` to a model that nobody asks for its result. 0 or -errno. */
static int play(struct replay *r, struct ct_replay *from, struct hearing *h)
{
    struct ct_model_info info = *ct_replay_info(from);
    struct ct_replay_end end = {0};
    int more;

    info.chosen = r->selection != NULL;
    info.span = r->survey.span;
    info.interval = pass_on;
    info.interval_ctx = h;
    r->model = ct_model_new(&info);
    r->lives = ct_lives_new(); /* whether it is cut is not known yet */
    if (!r->model || !r->lives)
        return -ENOMEM;
    do
        more = ct_replay_next(from, take, r, &end);
    while (more > 0);
    if (!more && end.cut)
        more = (int)ct_lives_emit(r->lives, end.end.end_ns, ct_model_record, r->model);
    if (more < 0)
        return more;
    more = ct_model_seal(r->model, &end.end, &r->result);
    r->model = NULL;
    return more;
}

/* A struct ct_intervals' hear. */
static int hear(const struct ct_intervals *self, ct_interval_fn fn, void *ctx)
{
    const struct ct_replay_intervals *of = (const struct ct_replay_intervals *)self;
    struct replay r = {.o = of->o, .in = of->in, .name = "the recording", .seekable = true};
    struct hearing h = {.fn = fn, .ctx = ctx, .wall_ns = of->wall_ns};
    struct ct_replay *from = NULL;
    char why[256];

    if (fseeko(of->in, 0, SEEK_SET))
        return -errno;
    int err = ct_choice_any(&of->o->choice) && choose(&r) ? -EIO : 0;
    if (!err)
        err = ct_replay_open(&from, of->in, why, sizeof(why));
    if (!err)
        err = play(&r, from, &h);
    forget(&r);
    forget_choice(&r);
    ct_result_free(r.result);
    ct_replay_free(from);
    return err;
}

void ct_replay_intervals(struct ct_replay_intervals *to, const struct ct_options *o, FILE *in,
                         struct ct_result *r)
{
    *to =
        (struct ct_replay_intervals){.intervals = {hear}, .o = o, .in = in, .wall_ns = r->wall_ns};
    r->intervals = &to->intervals;
}

static void close_input(const struct replay *r)
{
    if (r->in && r->in != stdin)
        fclose(r->in);
}

int ct_replay_report(const struct ct_options *o)
{
    struct replay r = {.o = o, .path = o->input_file};
    struct ct_replay_intervals intervals;
    int status = open_input(&r);

    if (!status && ct_outputs_want_intervals(o) && !r.seekable)
        status = failed(&r, "--html and --perfetto read it more than once; name a file");
    if (!status)
        status = ct_outputs_open(&r.outputs, o);
    if (!status)
        status = read_input(&r);
    if (!status && r.seekable)
        ct_replay_intervals(&intervals, o, r.in, r.result);
    if (!status)
        status = ct_outputs_write(&r.outputs, o, r.result);
    ct_outputs_fini(&r.outputs);
    ct_result_free(r.result);
    close_input(&r);
    return status;
}

int ct_replay_load(const struct ct_options *o, const char *path, struct ct_result **out)
{
    struct replay r = {.o = o, .path = path};
    int status = open_input(&r);

    if (!status)
        status = read_input(&r);
    if (!status)
        *out = r.result;
    close_input(&r);
    return status;
}
