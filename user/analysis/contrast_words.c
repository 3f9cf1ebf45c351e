/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sentence for each number: what two designs differ in, the one with the most and the one with
 * the least of it. Silent where no difference is shown.
 */
#include "user/analysis/contrast_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORTH_WALL      0.2    /* of the wall time of the one with the most: what explains it */
#define WORTH_RATIO     1.2    /* what is worth a word */
#define WORTH_RATE      2000.0 /* switches a second: fewer cost nothing that one would notice */
#define WORTH_BYTES     16e6
#define CONTENDED_WAITS 4   /* of a single thread */
#define ONE_OBJECT      128 /* bytes around a futex */
#define ONE_LOCK        0.9 /* of all that was waited for locks */
#define WORTH_SWITCH    3.0

/* "threads", or "B" where the label is long or holds more than plain characters. */
const char *ct_contrast_name(const struct ct_comparison *c, size_t i, char to[CT_NAME_LEN])
{
    const char *label = c->designs[i].label;
    bool plain = *label && strlen(label) <= CT_NAME_MOST;

    for (const char *at = label; *at && plain; at++)
        plain = *at > ' ' && *at < 0x7f;
    if (plain)
        snprintf(to, CT_NAME_LEN, "%s", label);
    else
        snprintf(to, CT_NAME_LEN, "%c", (char)('A' + (int)i));
    return to;
}

/* Three significant digits. */
static void put_number(char *to, size_t size, double v)
{
    snprintf(to, size, "%.*f", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v);
}

const char *ct_contrast_span(char to[CT_SPAN_TEXT_LEN], double v, enum ct_measure measure)
{
    static const struct {
        const char *name;
        double one;
    } times[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}},
      sizes[] = {{"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
    const bool time = measure == CT_MEASURE_NS;
    char number[CT_SPAN_TEXT_LEN / 2];
    size_t u = 0;

    if (measure == CT_MEASURE_COUNT || v <= 0) {
        snprintf(to, CT_SPAN_TEXT_LEN, measure == CT_MEASURE_NS ? "%.0f s" : "%.0f", v);
        return to;
    }
    if (measure == CT_MEASURE_RATIO) {
        put_number(to, CT_SPAN_TEXT_LEN, v);
        return to;
    }
    while (u < 3 && v >= 999.5 * (time ? times[u].one : sizes[u].one))
        u++;
    put_number(number, sizeof(number), v / (time ? times[u].one : sizes[u].one));
    snprintf(to, CT_SPAN_TEXT_LEN, "%s %s", number, time ? times[u].name : sizes[u].name);
    return to;
}

int ct_contrast_keep(char **to, char *text)
{
    *to = text;
    return text ? 0 : -ENOMEM;
}

/* As asprintf; NULL: no memory. */
char *ct_contrast_say(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return text;
}

/* ---- one number ---- */

struct pair {
    char most[CT_NAME_LEN], least[CT_NAME_LEN];          /* names */
    char more[CT_SPAN_TEXT_LEN], less[CT_SPAN_TEXT_LEN]; /* numbers */
    double ratio;                                        /* 0: to nothing */
};

static void pair_of(const struct ct_comparison *c, enum ct_metric m, size_t most, size_t least,
                    struct pair *p)
{
    static const enum ct_measure measures[CT_METRIC_COUNT] = {
#define X(upper, name, words, measure, less) [CT_METRIC_##upper] = CT_MEASURE_##measure,
        CT_METRICS(X)
#undef X
    };
    const double more = c->contrasts[m].spreads[most].median;
    const double less = c->contrasts[m].spreads[least].median;

    ct_contrast_name(c, most, p->most);
    ct_contrast_name(c, least, p->least);
    ct_contrast_span(p->more, more, measures[m]);
    ct_contrast_span(p->less, less, measures[m]);
    p->ratio = less > 0 ? more / less : 0;
}

/* Not the wait for a thread's end, which one thread waits for once. */
static bool is_contended(const struct ct_lock *l)
{
    return l->waiters > 1 || l->waits >= CONTENDED_WAITS;
}

/* Waits for locks that threads compete for; *one: nearly all for the same. */
static uint64_t contended_ns(const struct ct_result *r, bool *one)
{
    const struct ct_lock *top = NULL;
    uint64_t all = 0, same = 0;

    for (size_t i = 0; i < r->locks_cnt; i++) {
        const struct ct_lock *l = &r->locks[i];
        if (!is_contended(l))
            continue;
        if (!top && !l->rest)
            top = l;
        all += l->wait_ns;
        /* a lock may be several words: its mutex, its condition */
        if (top && l->process == top->process && l->address + ONE_OBJECT > top->address &&
            l->address < top->address + ONE_OBJECT)
            same += l->wait_ns;
    }
    *one = top && (double)same >= ONE_LOCK * (double)all;
    return all;
}

/* Locks that threads compete for; where most is something else, that. */
static char *lock_waits(const struct ct_comparison *c, size_t most, size_t least,
                        const struct pair *p)
{
    const struct ct_result *a = ct_comparison_median(c, most);
    const struct ct_result *b = ct_comparison_median(c, least);
    char more[CT_SPAN_TEXT_LEN], less[CT_SPAN_TEXT_LEN];
    bool one, any;
    const uint64_t ns = contended_ns(a, &one);

    if (2 * ns < a->totals.blocked_ns[CT_CAUSE_LOCK])
        return ct_contrast_say("The threads of %s waited %s for the end of others, those of %s %s.",
                               p->most, p->more, p->least, p->less);
    ct_contrast_span(more, (double)ns, CT_MEASURE_NS);
    ct_contrast_span(less, (double)contended_ns(b, &any), CT_MEASURE_NS);
    return ct_contrast_say("The threads of %s waited %s for %s, those of %s %s.", p->most, more,
                           one ? "one lock" : "locks", p->least, less);
}

static char *waits(enum ct_metric m, const struct pair *p)
{
    static const char *const words[CT_METRIC_COUNT] = {
#define X(upper, lower, words) [CT_METRIC_##upper] = (words),
        CT_CAUSES(X)
#undef X
            [CT_METRIC_RUNNABLE] = "a CPU",
    };

    if (m == CT_METRIC_STOPPED)
        return ct_contrast_say("The threads of %s were stopped for %s, those of %s for %s.",
                               p->most, p->more, p->least, p->less);
    return ct_contrast_say("The threads of %s waited %s for %s, those of %s %s.", p->most, p->more,
                           words[m], p->least, p->less);
}

static char *sentence(const struct ct_comparison *c, enum ct_metric m, size_t most, size_t least)
{
    char times[CT_SPAN_TEXT_LEN];
    struct pair p;

    pair_of(c, m, most, least, &p);
    ct_contrast_span(times, p.ratio, CT_MEASURE_RATIO);
    switch (m) {
    case CT_METRIC_WALL:
        return ct_contrast_say("%s took %s, %s %s.", p.most, p.more, p.least, p.less);
    case CT_METRIC_CPU:
        return ct_contrast_say("%s used %s of CPU time, %s %s.", p.most, p.more, p.least, p.less);
    case CT_METRIC_PARALLELISM:
        return ct_contrast_say("%s ran %s threads at a time on average, %s %s.", p.most, p.more,
                               p.least, p.less);
    case CT_METRIC_DEMAND:
        return ct_contrast_say("With CPUs enough %s could have run %s threads at a time, %s %s.",
                               p.most, p.more, p.least, p.less);
    case CT_METRIC_VOLUNTARY:
        return ct_contrast_say("%s gave a CPU up to wait %s times, %s %s.", p.most, p.more, p.least,
                               p.less);
    case CT_METRIC_INVOLUNTARY:
        return ct_contrast_say("%s lost a CPU to others %s times, %s %s.", p.most, p.more, p.least,
                               p.less);
    case CT_METRIC_MIGRATIONS:
        return ct_contrast_say("Threads of %s changed the CPU %s times, those of %s %s.", p.most,
                               p.more, p.least, p.less);
    case CT_METRIC_THREADS:
    case CT_METRIC_PROCESSES:
        return ct_contrast_say("%s had %s %s, %s %s.", p.most, p.more,
                               m == CT_METRIC_THREADS ? "threads" : "processes", p.least, p.less);
    case CT_METRIC_PEAK:
        return ct_contrast_say("The largest process of %s held %s, that of %s %s.", p.most, p.more,
                               p.least, p.less);
    case CT_METRIC_LOCK:
        return lock_waits(c, most, least, &p);
    default:
        return waits(m, &p);
    }
}

/* Whether it tells why the one took longer, or what it cost. */
static bool leads(const struct ct_comparison *c, enum ct_metric m, size_t most, size_t least)
{
    const struct ct_spread *s = c->contrasts[m].spreads;
    const double more = s[most].median, less = s[least].median;
    const double wall = c->contrasts[CT_METRIC_WALL].spreads[most].median;
    const struct ct_result *r = ct_comparison_median(c, most);
    bool one;

    switch (m) {
    case CT_METRIC_CPU:
        return more >= WORTH_RATIO * less;
    case CT_METRIC_PARALLELISM:
        return more >= WORTH_RATIO * less && more - less >= WORTH_WALL;
    case CT_METRIC_RUNNABLE:
        return more - less >= WORTH_WALL * wall;
    case CT_METRIC_LOCK:
        return r && (double)contended_ns(r, &one) - less >= WORTH_WALL * wall;
    case CT_METRIC_VOLUNTARY:
    case CT_METRIC_INVOLUNTARY:
        return more >= WORTH_SWITCH * less && more * 1e9 >= WORTH_RATE * wall;
    case CT_METRIC_PEAK:
        return more >= 2 * less && more - less >= WORTH_BYTES;
    default:
        return false;
    }
}

int ct_contrast_explain(struct ct_comparison *c, enum ct_metric m)
{
    struct ct_contrast *to = &c->contrasts[m];
    size_t most = 0, least = 0;

    if (!to->differs || !ct_contrast_ends(c, m, &most, &least))
        return 0;
    to->leads = leads(c, m, most, least);
    return ct_contrast_keep(&to->explanation, sentence(c, m, most, least));
}
