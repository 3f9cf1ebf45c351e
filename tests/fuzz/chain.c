/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/fuzz/chain.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "user/analysis/findings.h"
#include "user/report/report.h"
#include "user/source/recording.h"
#include "user/source/recording_lives.h"

/* What is freed is kept back for a while, to catch its use: less of it, so that memory can be held
 * to a limit. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8:malloc_context_size=8";
}

struct chain {
    struct ct_model *model;
    struct ct_lives *lives;
};

static void take(const struct ct_rec_head *rec, void *ctx)
{
    struct chain *c = ctx;

    ct_lives_record(rec, c->lives);
    ct_model_record(rec, c->model);
}

/* Whether each format could be written. */
static bool write_reports(const struct ct_result *r, FILE *out)
{
    static const struct ct_report_style styles[] = {
        {.width = 0}, {.width = 40, .color = true, .unicode = true, .verbose = true}};

    for (size_t i = 0; i < 2; i++)
        if (ct_report_text(r, &styles[i], out))
            return false;
    return !ct_report_json(r, &styles[0], out) && !ct_report_folded(r, &styles[0], out);
}

static int finish(struct chain *c, const struct ct_replay_end *end, FILE *out)
{
    struct ct_result *r = NULL;

    if (end->cut && ct_lives_emit(c->lives, end->end.end_ns, ct_model_record, c->model) < 0)
        return 2;
    int err = ct_model_seal(c->model, &end->end, &r);
    c->model = NULL;
    if (err)
        return 2;
    r->cut = end->cut;
    err = ct_findings_run(r);
    if (!err && !write_reports(r, out))
        err = -EIO;
    ct_result_free(r);
    return err ? 2 : 0;
}

int ct_fuzz_chain_to(const uint8_t *bytes, size_t len, FILE *out)
{
    struct ct_replay_end end;
    struct ct_replay *from = NULL;
    struct chain c = {0};
    char why[256];
    int more;
    FILE *in = len ? fmemopen((void *)bytes, len, "r") : NULL;

    if (!in)
        return 1;
    const int err = ct_replay_open(&from, in, why, sizeof(why));
    int result = err == -ENOMEM ? 2 : err ? 1 : 0;
    if (!result) {
        c.model = ct_model_new(ct_replay_info(from));
        c.lives = ct_lives_new();
        result = c.model && c.lives ? 0 : 2;
    }
    if (!result) {
        while ((more = ct_replay_next(from, take, &c, &end)) > 0)
            ;
        result = more < 0 ? 2 : finish(&c, &end, out);
    }
    ct_lives_free(c.lives);
    ct_model_free(c.model);
    ct_replay_free(from);
    fclose(in);
    return result;
}

int ct_fuzz_chain(const uint8_t *bytes, size_t len)
{
    FILE *out = fopen("/dev/null", "we");

    if (!out)
        abort();
    const int result = ct_fuzz_chain_to(bytes, len, out);
    fclose(out);
    return result;
}
