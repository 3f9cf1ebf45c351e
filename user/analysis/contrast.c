/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbers. Rejected: a test of significance. With three runs it has nothing to say, and its
 * answer ("p = 0.1") is not what a reader asks for; whether ranges overlap is seen at a glance.
 */
#include "user/analysis/contrast.h"

#include <errno.h>
#include <stdlib.h>

#include "user/analysis/contrast_internal.h"

#define MATTERS_SHARE 0.05 /* of the wall time: waits that get a line of their own */

static const bool less_is_better[CT_METRIC_COUNT] = {
#define X(upper, name, words, measure, less) [CT_METRIC_##upper] = (less),
    CT_METRICS(X)
#undef X
};

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static double blocked(const struct ct_result *r, enum ct_metric m)
{
    static const enum ct_cause causes[CT_METRIC_COUNT] = {
#define X(upper, lower, words) [CT_METRIC_##upper] = CT_CAUSE_##upper,
        CT_CAUSES(X)
#undef X
    };

    return (double)r->totals.blocked_ns[causes[m]];
}

static double number_of(const struct ct_sample *s, enum ct_metric m)
{
    const struct ct_result *r = s->result;
    const double running = (double)r->totals.running_ns;
    const double runnable = (double)ct_totals_runnable(&r->totals);

    switch (m) {
    case CT_METRIC_WALL:
        return (double)r->wall_ns;
    case CT_METRIC_CPU:
        return running;
    case CT_METRIC_PARALLELISM:
        return ratio(running, (double)r->wall_ns);
    case CT_METRIC_DEMAND:
        return ratio(running + runnable, (double)r->wall_ns);
    case CT_METRIC_RUNNABLE:
        return runnable;
    case CT_METRIC_VOLUNTARY:
        return (double)r->totals.voluntary;
    case CT_METRIC_INVOLUNTARY:
        return (double)r->totals.involuntary;
    case CT_METRIC_MIGRATIONS:
        return (double)r->totals.migrations;
    case CT_METRIC_THREADS:
        return (double)r->threads_cnt;
    case CT_METRIC_PROCESSES:
        return (double)r->processes_cnt;
    case CT_METRIC_PEAK:
        return (double)s->peak_bytes;
    default:
        return blocked(r, m);
    }
}

static int compare_numbers(const void *va, const void *vb)
{
    const double a = *(const double *)va, b = *(const double *)vb;

    return a < b ? -1 : a > b;
}

/* numbers: room for one of each sample. */
static struct ct_spread spread_of(const struct ct_design *d, enum ct_metric m, double *numbers)
{
    const size_t cnt = d->samples_cnt;
    bool known = cnt > 0;

    for (size_t i = 0; i < cnt; i++) {
        numbers[i] = number_of(&d->samples[i], m);
        known &= m != CT_METRIC_PEAK || d->samples[i].peak_bytes;
    }
    if (!known)
        return (struct ct_spread){0};
    qsort(numbers, cnt, sizeof(*numbers), compare_numbers);
    return (struct ct_spread){.known = true,
                              .median = (numbers[(cnt - 1) / 2] + numbers[cnt / 2]) / 2,
                              .min = numbers[0],
                              .max = numbers[cnt - 1]};
}

/* The run in the middle by wall time; of an even number, the faster of two. */
static size_t median_of(const struct ct_design *d)
{
    for (size_t i = 0; i < d->samples_cnt; i++) {
        const uint64_t wall = d->samples[i].result->wall_ns;
        size_t before = 0;
        for (size_t k = 0; k < d->samples_cnt; k++) {
            const uint64_t other = d->samples[k].result->wall_ns;
            before += other < wall || (other == wall && k < i);
        }
        if (before == (d->samples_cnt - 1) / 2)
            return i;
    }
    return CT_NO_SAMPLE;
}

bool ct_contrast_ends(const struct ct_comparison *c, enum ct_metric m, size_t *most, size_t *least)
{
    const struct ct_spread *s = c->contrasts[m].spreads;
    size_t known = 0;

    for (size_t i = 0; i < c->designs_cnt; i++) {
        if (!s[i].known)
            continue;
        if (!known++)
            *most = *least = i;
        if (s[i].median > s[*most].median)
            *most = i;
        if (s[i].median < s[*least].median)
            *least = i;
    }
    return known > 1;
}

/* The best is only told where it is better than somebody. */
static void judge(const struct ct_comparison *c, enum ct_metric m, struct ct_contrast *to)
{
    size_t most = 0, least = 0;

    to->best = CT_DESIGNS_MAX;
    if (!ct_contrast_ends(c, m, &most, &least))
        return;
    to->differs = ct_comparison_apart(c, most, least, m);
    if (!to->differs || !less_is_better[m])
        return;
    to->best = least;
    for (size_t i = 0; i < c->designs_cnt; i++)
        to->tied[i] = i == least || (to->spreads[i].known && !ct_comparison_apart(c, i, least, m));
}

/* Waits get a line where they take a share of somebody's run. */
static bool matters(const struct ct_comparison *c, enum ct_metric m)
{
    if (m <= CT_METRIC_RUNNABLE || m >= CT_METRIC_VOLUNTARY)
        return true;
    for (size_t i = 0; i < c->designs_cnt; i++)
        if (c->contrasts[m].spreads[i].median >
            MATTERS_SHARE * c->contrasts[CT_METRIC_WALL].spreads[i].median)
            return true;
    return false;
}

static int measure(struct ct_comparison *c)
{
    size_t room = 1;

    for (size_t i = 0; i < c->designs_cnt; i++) {
        c->medians[i] = median_of(&c->designs[i]);
        if (c->designs[i].samples_cnt > room)
            room = c->designs[i].samples_cnt;
    }
    double *numbers = calloc(room, sizeof(*numbers));
    if (!numbers)
        return -ENOMEM;
    for (size_t m = 0; m < CT_METRIC_COUNT; m++)
        for (size_t i = 0; i < c->designs_cnt; i++)
            c->contrasts[m].spreads[i] = spread_of(&c->designs[i], (enum ct_metric)m, numbers);
    free(numbers);
    return 0;
}

int ct_contrast_run(struct ct_comparison *c)
{
    int err = measure(c);

    if (err)
        return err;
    for (size_t m = 0; m < CT_METRIC_COUNT; m++) {
        c->contrasts[m].matters = matters(c, (enum ct_metric)m);
        judge(c, (enum ct_metric)m, &c->contrasts[m]);
    }
    err = ct_contrast_verdict(c);
    for (size_t m = 0; m < CT_METRIC_COUNT && !err; m++)
        err = ct_contrast_explain(c, (enum ct_metric)m);
    return err ? err : ct_contrast_reasons(c);
}
