/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who was fastest, and why. Why is told by the critical paths of the median runs: a path's parts
 * add up to its run, so the parts' differences add up to the difference in wall time. Sums over
 * threads cannot tell it: ten threads that sleep at once sleep as long in all as one that sleeps
 * ten times.
 */
#include "user/analysis/contrast_internal.h"

#include <stdio.h>

#define WORTH_PATH 0.2 /* of the difference in wall time: what a part must have to be told */
#define AT_ONCE    1.2 /* threads: below, nothing runs at once that one could speak of */
#define SAME_WORK  1.2 /* up to here CPU time passes for the same */

/* ---- the verdict ---- */

static size_t known(const struct ct_comparison *c, size_t *first)
{
    size_t cnt = 0;

    for (size_t i = c->designs_cnt; i-- > 0;) {
        if (!c->contrasts[CT_METRIC_WALL].spreads[i].known)
            continue;
        *first = i;
        cnt++;
    }
    return cnt;
}

/* The best but one; its number in *at. */
static bool next_best(const struct ct_comparison *c, size_t best, size_t *at)
{
    const struct ct_spread *s = c->contrasts[CT_METRIC_WALL].spreads;
    bool any = false;

    for (size_t i = 0; i < c->designs_cnt; i++) {
        if (i == best || !s[i].known || (any && s[i].median >= s[*at].median))
            continue;
        *at = i;
        any = true;
    }
    return any;
}

static size_t ties(const struct ct_contrast *w, const struct ct_comparison *c)
{
    size_t cnt = 0;

    for (size_t i = 0; i < c->designs_cnt; i++)
        cnt += w->tied[i];
    return cnt;
}

/* "pool and processes", "A, B and C" */
static void names_of_tied(const struct ct_comparison *c, const struct ct_contrast *w, char *to,
                          size_t size)
{
    size_t left = ties(w, c), len = 0;
    char name[CT_NAME_LEN];

    for (size_t i = 0; i < c->designs_cnt; i++) {
        if (!w->tied[i])
            continue;
        left--;
        const int n = snprintf(to + len, size - len, "%s%s", ct_contrast_name(c, i, name),
                               left > 1    ? ", "
                               : left == 1 ? " and "
                                           : "");
        len += n > 0 && (size_t)n < size - len ? (size_t)n : 0;
    }
}

static char *winner(const struct ct_comparison *c, const struct ct_contrast *w, size_t first)
{
    const size_t best = w->best;
    const double least = w->spreads[best].median;
    char name[CT_NAME_LEN], other[CT_NAME_LEN], took[CT_SPAN_TEXT_LEN], times[CT_SPAN_TEXT_LEN];
    size_t next = best;

    ct_contrast_span(took, least, CT_MEASURE_NS);
    ct_contrast_name(c, best, name);
    if (best != first) {
        ct_contrast_span(times, w->spreads[first].median / least, CT_MEASURE_RATIO);
        return ct_contrast_say("%s was fastest: %s, %s times as fast as %s.", name, took, times,
                               ct_contrast_name(c, first, other));
    }
    if (!next_best(c, best, &next))
        next = best;
    ct_contrast_span(times, w->spreads[next].median / least, CT_MEASURE_RATIO);
    return ct_contrast_say("%s was fastest: %s; %s, the next, took %s times as long.", name, took,
                           ct_contrast_name(c, next, other), times);
}

static char *tied(const struct ct_comparison *c, const struct ct_contrast *w)
{
    char names[CT_DESIGNS_MAX * CT_NAME_LEN] = "", took[CT_SPAN_TEXT_LEN];

    names_of_tied(c, w, names, sizeof(names));
    return ct_contrast_say("%s were fastest, about %s: which of them is, these runs do not show.",
                           names,
                           ct_contrast_span(took, w->spreads[w->best].median, CT_MEASURE_NS));
}

static char *no_winner(const struct ct_comparison *c, const struct ct_contrast *w)
{
    char least[CT_SPAN_TEXT_LEN], most[CT_SPAN_TEXT_LEN];
    double min = 0, max = 0;
    bool any = false;

    for (size_t i = 0; i < c->designs_cnt; i++) {
        const struct ct_spread *s = &w->spreads[i];
        if (!s->known)
            continue;
        min = any && min < s->min ? min : s->min;
        max = any && max > s->max ? max : s->max;
        any = true;
    }
    return ct_contrast_say("No difference in wall time is shown: all took %s to %s.",
                           ct_contrast_span(least, min, CT_MEASURE_NS),
                           ct_contrast_span(most, max, CT_MEASURE_NS));
}

static char *alone(const struct ct_comparison *c, const struct ct_contrast *w, size_t i)
{
    char name[CT_NAME_LEN], median[CT_SPAN_TEXT_LEN], least[CT_SPAN_TEXT_LEN],
        most[CT_SPAN_TEXT_LEN];
    const struct ct_spread *s = &w->spreads[i];

    ct_contrast_name(c, i, name);
    ct_contrast_span(median, s->median, CT_MEASURE_NS);
    if (c->designs[i].samples_cnt < 2)
        return ct_contrast_say("%s took %s.", name, median);
    return ct_contrast_say("%s took %s (%s to %s).", name, median,
                           ct_contrast_span(least, s->min, CT_MEASURE_NS),
                           ct_contrast_span(most, s->max, CT_MEASURE_NS));
}

int ct_contrast_verdict(struct ct_comparison *c)
{
    const struct ct_contrast *w = &c->contrasts[CT_METRIC_WALL];
    size_t first = 0;
    const size_t cnt = known(c, &first);

    if (!cnt)
        return 0;
    if (cnt == 1)
        return ct_contrast_keep(&c->verdict, alone(c, w, first));
    if (w->best == CT_DESIGNS_MAX)
        return ct_contrast_keep(&c->verdict, no_winner(c, w));
    return ct_contrast_keep(&c->verdict, ties(w, c) > 1 ? tied(c, w) : winner(c, w, first));
}

/* ---- why: the critical path ---- */

/* Fewer classes than states: all of being runnable is waiting for a CPU. */
static uint64_t path_ns(const struct ct_path *p, unsigned state)
{
    uint64_t ns = 0;

    if (state != CT_ST_RUNNABLE)
        return p->state_ns[state];
    for (unsigned s = CT_ST_RUNNABLE; s < CT_ST_BLOCKED; s++)
        ns += p->state_ns[s];
    return ns;
}

static const char *doing(unsigned state)
{
    static const char *const waiting[CT_CAUSE_COUNT] = {
#define X(upper, lower, words) "waiting for " words,
        CT_CAUSES(X)
#undef X
    };

    return state == CT_ST_RUNNING                      ? "running"
           : state == CT_ST_BLOCKED + CT_CAUSE_STOPPED ? "stopped"
           : state == CT_ST_RUNNABLE                   ? "waiting for a CPU"
                                                       : waiting[state - CT_ST_BLOCKED];
}

/* The state that most of the difference is in, of those not told yet; CT_ST_COUNT: none. */
static unsigned most_telling(const struct ct_path *slow, const struct ct_path *fast, double least,
                             uint32_t told)
{
    unsigned found = CT_ST_COUNT;
    double most = least;

    for (unsigned s = CT_ST_RUNNING; s < CT_ST_COUNT; s++) {
        if (s == CT_ST_DEAD || (s > CT_ST_RUNNABLE && s < CT_ST_BLOCKED) || told & 1U << s)
            continue;
        const double more = (double)path_ns(slow, s) - (double)path_ns(fast, s);
        if (more >= most) {
            most = more;
            found = s;
        }
    }
    return found;
}

static int reason(struct ct_comparison *c, size_t n, unsigned state, size_t slow, size_t fast)
{
    const struct ct_path *a = &ct_comparison_median(c, slow)->path;
    const struct ct_path *b = &ct_comparison_median(c, fast)->path;
    char slower[CT_NAME_LEN], faster[CT_NAME_LEN], more[CT_SPAN_TEXT_LEN], less[CT_SPAN_TEXT_LEN];

    ct_contrast_name(c, slow, slower);
    ct_contrast_name(c, fast, faster);
    ct_contrast_span(more, (double)path_ns(a, state), CT_MEASURE_NS);
    ct_contrast_span(less, (double)path_ns(b, state), CT_MEASURE_NS);
    return ct_contrast_keep(
        &c->reasons[n],
        n ? ct_contrast_say("%s was %s for %s of it, %s for %s.", slower, doing(state), more,
                            faster, less)
          : ct_contrast_say(
                "On the way from its start to its end (critical path) %s was %s for %s, "
                "%s for %s.",
                slower, doing(state), more, faster, less));
}

/* What CPU time does not tell. */
static int same_work(struct ct_comparison *c, size_t n)
{
    const struct ct_spread *cpu = c->contrasts[CT_METRIC_CPU].spreads;
    const struct ct_spread *at_once = c->contrasts[CT_METRIC_PARALLELISM].spreads;
    size_t most = 0, least = 0, first = 0;
    char used[CT_SPAN_TEXT_LEN];

    if (!c->contrasts[CT_METRIC_PARALLELISM].leads ||
        !ct_contrast_ends(c, CT_METRIC_PARALLELISM, &most, &least) ||
        at_once[most].median < AT_ONCE || !ct_contrast_ends(c, CT_METRIC_CPU, &most, &least) ||
        cpu[most].median >= SAME_WORK * cpu[least].median)
        return 0;
    ct_contrast_span(used, cpu[least].median, CT_MEASURE_NS);
    return ct_contrast_keep(
        &c->reasons[n], ct_contrast_say("%s used about the same CPU time, %s: what differs is how "
                                        "much of it ran at once.",
                                        known(c, &first) > 2 ? "All" : "Both", used));
}

int ct_contrast_reasons(struct ct_comparison *c)
{
    const size_t room = sizeof(c->reasons) / sizeof(c->reasons[0]);
    size_t slow = 0, fast = 0, n = 0;
    uint32_t told = 0;
    int err = 0;

    if (!c->contrasts[CT_METRIC_WALL].differs || !ct_contrast_ends(c, CT_METRIC_WALL, &slow, &fast))
        return 0;
    const struct ct_result *a = ct_comparison_median(c, slow), *b = ct_comparison_median(c, fast);
    const double least = WORTH_PATH * ((double)a->wall_ns - (double)b->wall_ns);
    while (n < room - 1 && !err && a->path.known && b->path.known) {
        const unsigned state = most_telling(&a->path, &b->path, least, told);
        if (state == CT_ST_COUNT)
            break;
        told |= 1U << state;
        err = reason(c, n++, state, slow, fast);
    }
    return err ? err : same_work(c, n);
}
