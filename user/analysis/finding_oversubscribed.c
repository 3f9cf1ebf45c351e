/* SPDX-License-Identifier: GPL-2.0-only */
/* oversubscribed: more threads want a CPU than there are, and that is what they mostly do. */
#include "user/analysis/findings_internal.h"

#define QUEUED_TO_HAD 1.0 /* for each that has a CPU, another waits behind it */
#define FULL          0.6 /* of all CPU time was used by it, or taken by others while it waited */
#define OF_WALL       0.5 /* queued, in all: a moment's crowd is no matter */

void ct_find_oversubscribed(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    const struct ct_supply s = ct_supply_of(r);
    const uint64_t running = r->totals.running_ns;
    const uint64_t had = running + s.outside_ns; /* or would have had on a quiet machine */
    char queued[CT_SPAN_LEN], on_cpu[CT_SPAN_LEN];

    if (!s.queued_ns || (double)s.queued_ns < QUEUED_TO_HAD * (double)had ||
        (double)s.queued_ns < OF_WALL * (double)r->wall_ns ||
        (double)had < FULL * (double)s.capacity_ns)
        return;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_OVERSUBSCRIBED);
    if (!to)
        return;
    const double wanted =
        (double)(running + ct_totals_runnable(&r->totals)) / (double)ct_max(r->wall_ns, 1);
    to->warning = true;
    to->weight_ns =
        (uint64_t)((double)r->wall_ns * (double)s.queued_ns / (double)(s.queued_ns + running) / 2);
    ct_span(s.queued_ns, queued);
    ct_span(running, on_cpu);
    ct_found_title(f, to, "Too many threads for the CPUs: %.1f wanted one of %zu at a time.",
                   wanted, r->cpus_cnt);
    ct_found_explain(f, to,
                     "They ran for %s and stood in the queue behind one another for %s (runnable). "
                     "The CPUs were full: more threads do not make it faster, they only wait "
                     "longer and each switch costs a little.",
                     on_cpu, queued);
    ct_found_advise(f, to,
                    "Start about as many threads or processes as there are CPUs (%zu), and let "
                    "them take the work from a queue.",
                    r->cpus_cnt);
    ct_found_ratio(to, "wanted_cpus_ratio", wanted);
    ct_found_number(to, "cpus_cnt", r->cpus_cnt);
    ct_found_number(to, "running_ns", running);
    ct_found_number(to, "queued_ns", s.queued_ns);
    ct_found_number(to, "involuntary_cnt", r->totals.involuntary);
}
