/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * imbalance: several threads or processes began the same kind of work together; all but one had
 * done theirs, and the run waited for the last. Seen in the lanes of the timeline.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/analysis/findings_internal.h"

#define SIBLINGS_MIN 3
#define DONE         0.75 /* of its work: what comes later is the end of a process, not work */
#define OVER         0.95
#define WAITER       0.5  /* of its life outside: its work is to wait */
#define TOGETHER     0.25 /* of the run, at most, between the first's and the last's beginning */
#define TAIL         0.25 /* of the run, the straggler was alone */
#define TAIL_MIN_NS  50000000ULL
#define TAIL_ACTIVE  0.6 /* of that, it ran, waited for a CPU, or waited outside */
#define TAIL_ALONE   1.3 /* of its own running, all running in the tail */
#define TO_THE_END   0.2 /* of the run, at most, after it */
#define UNEQUAL      2.0 /* the straggler's work to the others' mean; or else it was only late */
#define COMPARABLE   0.1 /* of the straggler's work: another that does the same kind of work */

struct lane {
    const struct ct_thread *t;
    uint32_t family; /* whose children */
    bool leads;      /* a process's first thread */
    uint64_t work_ns;
    uint64_t done_ns;
    uint64_t end_ns;
};

static int compare_groups(const struct lane *a, const struct lane *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->leads != b->leads)
        return a->leads ? 1 : -1;
    return ct_compare_kinds(a->t->comm, b->t->comm);
}

static int by_group(const void *a, const void *b)
{
    const struct lane *x = a, *y = b;
    const int order = compare_groups(x, y);

    return order ? order : (x->t->id > y->t->id) - (x->t->id < y->t->id);
}

static uint64_t outside_ns(const struct ct_totals *t)
{
    return t->blocked_ns[CT_CAUSE_SLEEP] + t->blocked_ns[CT_CAUSE_SOCKET] +
           t->blocked_ns[CT_CAUSE_DISK];
}

static bool waits_outside(const struct ct_thread *t)
{
    return (double)outside_ns(&t->totals) >= WAITER * (double)ct_totals_lifetime(&t->totals);
}

static int busy_in(const struct ct_strip *s, int slice)
{
    return s->running[slice] + s->runnable[slice];
}

/* By when it had done that share of all its running. */
static uint64_t done_at(const struct ct_result *r, const struct ct_thread *t, double share)
{
    uint64_t all = 0, sum = 0;

    if (waits_outside(t))
        return t->end_ns;
    for (int i = 0; i < CT_STRIP_BINS; i++)
        all += t->strip->running[i];
    for (int i = 0; i < CT_STRIP_BINS; i++) {
        sum += t->strip->running[i];
        if (all && (double)sum >= share * (double)all)
            return ct_min(r->wall_ns / CT_STRIP_BINS * (uint64_t)(i + 1), r->wall_ns);
    }
    return t->start_ns;
}

static size_t lanes_of(const struct ct_result *r, struct lane *lanes)
{
    size_t cnt = 0;

    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        const struct ct_thread *parent = ct_result_thread(r, t->parent_id);
        if (!parent || !t->has_totals || !t->strip)
            continue;
        lanes[cnt++] = (struct lane){
            .t = t,
            .family = parent->process,
            .leads = t->tid == t->tgid,
            .work_ns = t->totals.running_ns + (waits_outside(t) ? outside_ns(&t->totals) : 0),
            .done_ns = done_at(r, t, DONE),
            .end_ns = done_at(r, t, OVER),
        };
    }
    return cnt;
}

struct tail {
    const struct lane *straggler;
    uint64_t start_ns;
    uint64_t end_ns;
    size_t others;      /* that did comparable work */
    uint64_t others_ns; /* their work */
};

/* Who did most, and from when on all the others had done theirs. */
static struct tail tail_of(const struct lane *group, size_t cnt)
{
    struct tail t = {.straggler = group};
    uint64_t first = group->t->start_ns, last = first;

    for (size_t i = 1; i < cnt; i++)
        if (group[i].work_ns > t.straggler->work_ns)
            t.straggler = &group[i];
    t.end_ns = t.straggler->end_ns;
    for (size_t i = 0; i < cnt; i++) {
        if (&group[i] == t.straggler)
            continue;
        t.start_ns = ct_max(t.start_ns, group[i].done_ns);
        if ((double)group[i].work_ns < COMPARABLE * (double)t.straggler->work_ns)
            continue;
        t.others++;
        t.others_ns += group[i].work_ns;
        first = ct_min(first, group[i].t->start_ns);
        last = ct_max(last, group[i].t->start_ns);
    }
    if ((double)(last - first) > TOGETHER * (double)t.end_ns)
        t.others = 0;
    return t;
}

/* In the tail: the straggler at work, and hardly anybody else in the whole run. */
static bool is_alone(const struct ct_result *r, const struct tail *t)
{
    const uint64_t slice = ct_max(r->wall_ns / CT_STRIP_BINS, 1);
    const int from = (int)(t->start_ns / slice), to = (int)ct_min(t->end_ns / slice, CT_STRIP_BINS);
    const struct ct_strip *own = t->straggler->t->strip;
    const bool waiter = waits_outside(t->straggler->t);
    uint64_t active = 0, running = 0, all = 0;

    for (int i = from; i < to; i++) {
        active += (uint64_t)busy_in(own, i) + (waiter ? own->blocked[i] : 0);
        running += own->running[i];
        for (size_t c = 0; c < r->cpus_cnt; c++)
            all += r->cpus[c].strip.running[i];
    }
    const double whole = 255.0 * (to - from);
    return (double)active >= TAIL_ACTIVE * whole &&
           (double)all <= TAIL_ALONE * (double)running + 0.1 * whole;
}

static bool is_straggling(const struct ct_result *r, const struct tail *t)
{
    const uint64_t tail = ct_less(t->end_ns, t->start_ns);
    const double wall = (double)r->wall_ns;

    return t->others + 1 >= SIBLINGS_MIN &&
           (double)t->straggler->work_ns * (double)t->others >= UNEQUAL * (double)t->others_ns &&
           tail >= TAIL_MIN_NS && (double)tail >= TAIL * wall &&
           (double)ct_less(r->wall_ns, t->end_ns) <= TO_THE_END * wall && is_alone(r, t);
}

static void tell(struct ct_found *f, size_t cnt, const struct tail *t)
{
    struct ct_finding *to = ct_found_add(f, CT_FINDING_IMBALANCE);
    const uint64_t tail = t->end_ns - t->start_ns;
    const char *what = t->straggler->leads ? "processes" : "threads";
    const uint64_t others = t->others_ns / t->others;
    char span[CT_SPAN_LEN], most[CT_SPAN_LEN], mean[CT_SPAN_LEN];

    if (!to)
        return;
    to->warning = true;
    to->tgid = t->straggler->t->tgid;
    to->tid = t->straggler->t->tid;
    to->weight_ns = tail - tail / (cnt < f->r->cpus_cnt ? cnt : f->r->cpus_cnt);
    ct_found_title(f, to, "One of %zu %s had most of the work: for the last %s it was alone.", cnt,
                   what, ct_span(tail, span));
    ct_found_explain(f, to,
                     "It worked for %s, the others for %s on average. They had finished, and the "
                     "run waited for the last one (load imbalance, a straggler).",
                     ct_span(t->straggler->work_ns, most), ct_span(others, mean));
    ct_found_advise(
        f, to,
        "Cut the work into more and smaller pieces that the %s take from one queue, the "
        "biggest first, in place of a fixed share for each.",
        what);
    ct_found_text(to, "straggler", t->straggler->t->comm);
    ct_found_number(to, "siblings_cnt", cnt);
    ct_found_number(to, "alone_ns", tail);
    ct_found_number(to, "straggler_work_ns", t->straggler->work_ns);
    ct_found_number(to, "others_mean_work_ns", others);
}

void ct_find_imbalance(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    struct lane *lanes = calloc(r->threads_cnt + 1, sizeof(*lanes));

    if (!lanes) {
        f->err = -ENOMEM;
        return;
    }
    const size_t cnt = lanes_of(r, lanes);
    qsort(lanes, cnt, sizeof(*lanes), by_group);
    for (size_t i = 0, end; i < cnt; i = end) {
        for (end = i + 1; end < cnt && !compare_groups(&lanes[i], &lanes[end]);)
            end++;
        if (end - i < SIBLINGS_MIN)
            continue;
        const struct tail t = tail_of(lanes + i, end - i);
        if (is_straggling(r, &t))
            tell(f, end - i, &t);
    }
    free(lanes);
}
