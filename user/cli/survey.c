/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/survey.h"

#include <errno.h>
#include <string.h>

#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/report/format.h"
#include "user/source/recording.h"

#define NAMED_MOST 8 /* processes that are named where none was chosen */

/* A ct_record_fn: who lives, by the names that the report will have. */
static void take_life(const struct ct_rec_head *rec, void *ctx)
{
    if (rec->kind == CT_EV_NEW || rec->kind == CT_EV_EXEC || rec->kind == CT_EV_TOTALS)
        ct_model_record(rec, ctx);
}

static int read_lives(struct ct_survey *s, struct ct_replay *from)
{
    struct ct_model *m = ct_model_new(ct_replay_info(from));
    struct ct_replay_end end = {0};
    int more = m ? 1 : -ENOMEM;

    while (more > 0)
        more = ct_replay_next(from, take_life, m, &end);
    if (more < 0) {
        ct_model_free(m);
        return more;
    }
    s->start_ns = end.end.start_ns;
    s->end_ns = end.end.end_ns > s->start_ns ? end.end.end_ns : s->start_ns;
    return ct_model_seal(m, &end.end, &s->lives);
}

static int set_span(struct ct_survey *s)
{
    struct ct_choice *c = &s->choice;
    const uint64_t run_ns = c->run_ns;
    char took[CT_NUMBER_LEN];

    if (c->from_ns >= run_ns || c->to_ns > run_ns) {
        ct_format_ns(took, run_ns);
        ct_say("%s is after the end: the run took %s (%llu ns)",
               c->from_ns >= run_ns ? "--from" : "--to", took, (unsigned long long)run_ns);
        return CT_EXIT_USAGE;
    }
    if (c->to_ns == run_ns)
        c->to_ns = 0;
    s->span.from_ns = s->start_ns + c->from_ns;
    if (!ct_choice_of_time(c))
        return 0;
    s->span.to_ns = c->to_ns ? s->start_ns + c->to_ns : s->end_ns;
    s->span.last = s->span.to_ns == s->end_ns;
    return 0;
}

int ct_survey_take(struct ct_survey *s, FILE *in, const char *name, const struct ct_choice *choice)
{
    struct ct_replay *from = NULL;
    char why[256];

    int err = ct_replay_open(&from, in, why, sizeof(why));
    if (!err) {
        err = read_lives(s, from);
        ct_replay_free(from);
        if (err)
            snprintf(why, sizeof(why), "%s", strerror(-err));
    }
    if (err) {
        ct_say("cannot report from %s: %s", name, why);
        return CT_EXIT_FAILED;
    }
    s->choice = *choice;
    s->choice.run_ns = s->end_ns - s->start_ns;
    return set_span(s);
}

int ct_survey_say_none(const struct ct_survey *s, const char *name)
{
    char who[512] = "";
    size_t len = 0;

    for (size_t i = 0; i < s->lives->processes_cnt && i < NAMED_MOST; i++) {
        const struct ct_process *p = &s->lives->processes[i];
        len += (size_t)snprintf(who + len, sizeof(who) - len, "%s%u (%s)", i ? ", " : "", p->tgid,
                                p->comm);
    }
    ct_say("%s has no such thread in that part; its processes are: %s%s", name, who,
           s->lives->processes_cnt > NAMED_MOST ? ", and others" : "");
    return CT_EXIT_USAGE;
}

void ct_survey_fini(struct ct_survey *s)
{
    ct_result_free(s->lives);
    s->lives = NULL;
}
