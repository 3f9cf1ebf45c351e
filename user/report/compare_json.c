/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The comparison as JSON, "conctrace.compare/1". docs/compare.schema.json says what it holds. A
 * number that is not known is null; a design without a run that went well has no report.
 */
#include "user/report/compare.h"

#include "user/base/version.h"
#include "user/report/json_parts.h"

static const struct {
    const char *name;
    enum ct_measure measure;
} metrics[CT_METRIC_COUNT] = {
#define X(upper, name, words, measure, less) {name, CT_MEASURE_##measure},
    CT_METRICS(X)
#undef X
};

static void put_number(struct ct_json *j, bool known, double v, enum ct_measure measure)
{
    if (!known)
        ct_json_null(j);
    else if (measure == CT_MEASURE_RATIO)
        ct_json_double(j, v);
    else
        ct_json_u64(j, (uint64_t)v);
}

static void put_wall(struct ct_json *j, const struct ct_spread *s)
{
    ct_json_key(j, "wall_ns");
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64_or_null(j, "median", s->known, (uint64_t)s->median);
    ct_json_put_u64_or_null(j, "min", s->known, (uint64_t)s->min);
    ct_json_put_u64_or_null(j, "max", s->known, (uint64_t)s->max);
    ct_json_close(j);
}

static int put_design(struct ct_json *j, const struct ct_comparison *c, size_t i)
{
    const struct ct_design *d = &c->designs[i];
    const struct ct_result *r = ct_comparison_median(c, i);
    int err = 0;

    ct_json_object(j, CT_JSON_LINES);
    ct_json_key(j, "label");
    ct_json_text(j, d->label);
    ct_json_key(j, "command");
    ct_json_text(j, d->command);
    ct_json_put_u64(j, "n", d->samples_cnt + d->failed_cnt);
    ct_json_put_u64(j, "failed", d->failed_cnt);
    ct_json_key(j, "failure");
    ct_json_text(j, d->failure);
    put_wall(j, &c->contrasts[CT_METRIC_WALL].spreads[i]);
    ct_json_key(j, "report");
    if (r)
        err = ct_json_put_report(j, r);
    else
        ct_json_null(j);
    ct_json_close(j);
    return err;
}

static double median_of(const struct ct_spread *s)
{
    return s->median;
}

static double min_of(const struct ct_spread *s)
{
    return s->min;
}

static double max_of(const struct ct_spread *s)
{
    return s->max;
}

/* One number of every design's spread, as an array. */
static void put_values(struct ct_json *j, const char *key, const struct ct_comparison *c,
                       enum ct_metric m, double (*of)(const struct ct_spread *))
{
    ct_json_key(j, key);
    ct_json_array(j, CT_JSON_LINE);
    for (size_t i = 0; i < c->designs_cnt; i++) {
        const struct ct_spread *s = &c->contrasts[m].spreads[i];
        put_number(j, s->known, of(s), metrics[m].measure);
    }
    ct_json_close(j);
}

static void put_contrast(struct ct_json *j, const struct ct_comparison *c, enum ct_metric m)
{
    const struct ct_contrast *to = &c->contrasts[m];

    ct_json_object(j, CT_JSON_LINES);
    ct_json_key(j, "metric");
    ct_json_text(j, metrics[m].name);
    put_values(j, "values", c, m, median_of);
    put_values(j, "min", c, m, min_of);
    put_values(j, "max", c, m, max_of);
    ct_json_put_bool(j, "differs", to->differs);
    ct_json_key(j, "best");
    ct_json_text(j, to->best < c->designs_cnt ? c->designs[to->best].label : NULL);
    ct_json_key(j, "not_worse");
    ct_json_array(j, CT_JSON_LINE);
    for (size_t i = 0; i < c->designs_cnt; i++)
        if (to->tied[i] && i != to->best)
            ct_json_text(j, c->designs[i].label);
    ct_json_close(j);
    ct_json_key(j, "explanation");
    ct_json_text(j, to->explanation);
    ct_json_close(j);
}

static void put_summary(struct ct_json *j, const struct ct_comparison *c)
{
    ct_json_key(j, "verdict");
    ct_json_text(j, c->verdict);
    ct_json_key(j, "reasons");
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < sizeof(c->reasons) / sizeof(c->reasons[0]) && c->reasons[i]; i++)
        ct_json_text(j, c->reasons[i]);
    ct_json_close(j);
}

int ct_compare_json(const struct ct_comparison *c, const struct ct_report_style *style, FILE *out)
{
    struct ct_json j;
    int err = 0;

    (void)style; /* the same for a screen and a file */
    ct_json_begin(&j, out);
    ct_json_object(&j, CT_JSON_LINES);
    ct_json_key(&j, "schema");
    ct_json_text(&j, "conctrace.compare/1");
    ct_json_key(&j, "version");
    ct_json_text(&j, CT_VERSION);
    ct_json_put_u64(&j, "runs_wanted", c->runs_wanted);
    ct_json_put_bool(&j, "interrupted", c->interrupted);
    put_summary(&j, c);
    ct_json_key(&j, "runs");
    ct_json_array(&j, CT_JSON_LINES);
    for (size_t i = 0; i < c->designs_cnt && !err; i++)
        err = put_design(&j, c, i);
    ct_json_close(&j);
    ct_json_key(&j, "contrasts");
    ct_json_array(&j, CT_JSON_LINES);
    for (size_t m = 0; m < CT_METRIC_COUNT; m++)
        put_contrast(&j, c, (enum ct_metric)m);
    ct_json_close(&j);
    ct_json_close(&j);
    const int ended = ct_json_end(&j);
    return err ? err : ended;
}
