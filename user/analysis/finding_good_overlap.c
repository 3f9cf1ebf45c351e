/* SPDX-License-Identifier: GPL-2.0-only */
/* good-overlap: waits overlap well, or the CPUs are well used. Only where nothing is amiss. */
#include "user/analysis/findings_internal.h"

#define WAITS_AT_ONCE 2.0 /* on average, while anybody waits */
#define WAITS_OVER    0.5 /* of that time, at least two do */
#define WAITS_OF_WALL 0.3
#define MIN_NS        50000000ULL
#define CPUS_USED     0.7 /* of the CPU time that others left */
#define AT_ONCE       1.4 /* running, on average */

static bool something_is_amiss(const struct ct_result *r)
{
    for (size_t i = 0; i < r->findings_cnt; i++)
        if (r->findings[i].warning && r->findings[i].id != CT_FINDING_OUTSIDE_INTERFERENCE)
            return true;
    return false;
}

static bool find_waits(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    uint64_t all = 0;
    char serial[CT_SPAN_LEN], any[CT_SPAN_LEN];

    for (size_t i = 0; i < r->threads_cnt; i++)
        if (!ct_found_is_server(f, r->threads[i]->process)) /* it waits for its clients */
            all += r->threads[i]->waiting.ns;
    if (r->waiting_any_ns < MIN_NS ||
        (double)r->waiting_any_ns < WAITS_OF_WALL * (double)r->wall_ns ||
        (double)r->waiting_over_ns < WAITS_OVER * (double)r->waiting_any_ns ||
        (double)all < WAITS_AT_ONCE * (double)r->waiting_any_ns)
        return false;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_GOOD_OVERLAP);
    if (!to)
        return false;
    const double at_once = (double)all / (double)r->waiting_any_ns;
    to->weight_ns = r->waiting_any_ns;
    ct_found_title(f, to, "Waits overlap well: %.1f at once on average.", at_once);
    ct_found_explain(f, to,
                     "One after another they would have taken %s; they took %s, as most of them "
                     "went on at the same time (concurrency).",
                     ct_span(all, serial), ct_span(r->waiting_any_ns, any));
    ct_found_number(to, "waits_ns", all);
    ct_found_number(to, "any_waiting_ns", r->waiting_any_ns);
    ct_found_number(to, "two_or_more_waiting_ns", r->waiting_over_ns);
    ct_found_ratio(to, "at_once_ratio", at_once);
    return true;
}

static void find_cpus(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    const struct ct_supply s = ct_supply_of(r);
    const double running = (double)r->totals.running_ns;
    const double left = (double)ct_less(s.capacity_ns, s.outside_ns);

    if (r->cpus_cnt < 2 || r->wall_ns < MIN_NS || running < AT_ONCE * (double)r->wall_ns ||
        running < CPUS_USED * left)
        return;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_GOOD_OVERLAP);
    if (!to)
        return;
    const double average = running / (double)r->wall_ns;
    to->weight_ns = r->wall_ns;
    ct_found_title(f, to, "The CPUs are well used: %.2f of %zu at work on average.", average,
                   r->cpus_cnt);
    ct_found_explain(
        f, to,
        "Threads or processes ran at the same time for most of the run, and hardly any "
        "had to wait for another (parallelism).");
    ct_found_ratio(to, "average_ratio", average);
    ct_found_number(to, "cpus_cnt", r->cpus_cnt);
    ct_found_number(to, "running_ns", r->totals.running_ns);
}

void ct_find_good_overlap(struct ct_found *f)
{
    if (!something_is_amiss(f->r) && !find_waits(f))
        find_cpus(f);
}
