/* SPDX-License-Identifier: GPL-2.0-only */
/* outside-interference: CPU time that the program wanted went to threads outside of it. */
#include <stdio.h>
#include <string.h>

#include "user/analysis/findings_internal.h"

#define OF_WANTED 0.1 /* of what it had and what it lost */
#define OF_WALL   0.1
#define MIN_NS    20000000ULL
#define STOLEN    0.1 /* of all CPU time: the hypervisor's doing, then */

/*
 * The kernel's own helpers take a CPU often and for a moment, and the wait that follows counts for
 * them though others run in it. They are named only where nobody else is.
 */
static bool is_helper(const char *comm)
{
    static const char *const helpers[] = {"rcu_", "kworker/", "ksoftirqd/", "migration/",
                                          "kcompactd"};

    for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
        if (!strncmp(comm, helpers[i], strlen(helpers[i])))
            return true;
    return false;
}

/* Who took most. The observer is accounted for elsewhere (observer_cpu_ns). */
static const struct ct_preemptor *worst_of(const struct ct_result *r)
{
    const struct ct_preemptor *helper = NULL;

    for (size_t i = 0; i < r->preemptors_cnt; i++) {
        const struct ct_preemptor *p = &r->preemptors[i]; /* by ns */
        if (p->id || !p->tid || p->rest || !strcmp(p->comm, "conctrace"))
            continue;
        if (!is_helper(p->comm))
            return p;
        helper = helper ? helper : p;
    }
    return helper;
}

static void tell_who(struct ct_found *f, struct ct_finding *to, uint64_t taken_ns)
{
    const struct ct_result *r = f->r;
    const struct ct_preemptor *worst = worst_of(r);
    const double share = ct_percent(taken_ns, taken_ns + r->totals.running_ns);
    char text[64];

    if (!worst) {
        ct_found_title(f, to, "Others took %.0f %% of the CPU time that this program wanted.",
                       share);
        return;
    }
    ct_found_title(f, to, "Others took %.0f %% of the CPU time that this program wanted, %s first.",
                   share, worst->comm);
    snprintf(text, sizeof(text), "%s %u", worst->comm, worst->tid);
    ct_found_text(to, "most_by", text);
    ct_found_number(to, "preempted_cnt", worst->count);
}

void ct_find_interference(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    const struct ct_supply s = ct_supply_of(r);
    const uint64_t running = r->totals.running_ns;
    char lost[CT_SPAN_LEN];

    if (s.outside_ns < MIN_NS ||
        (double)s.outside_ns < OF_WANTED * (double)(running + s.outside_ns) ||
        (double)s.outside_ns < OF_WALL * (double)r->wall_ns)
        return;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_OUTSIDE_INTERFERENCE);
    if (!to)
        return;
    to->warning = true;
    to->weight_ns = s.outside_ns / ct_max(r->parallelism_cnt ? r->parallelism_cnt - 1 : 1, 1);
    tell_who(f, to, s.outside_ns);
    ct_found_explain(
        f, to,
        "For %s a thread of this program could have run, but the CPU was with a thread "
        "that does not belong to it (preemption). The times of this run are longer "
        "than the program's own doing.",
        ct_span(s.outside_ns, lost));
    ct_found_advise(f, to,
                    "Measure on a quiet machine, or keep the others away: stop them, lower their "
                    "priority (nice), or give each its own CPUs (taskset, cpusets).");
    ct_found_number(to, "taken_ns", s.outside_ns);
    ct_found_number(to, "running_ns", running);
    ct_found_number(to, "runnable_ns", ct_totals_runnable(&r->totals));
    if (r->stolen_ns != CT_NOT_TOLD && (double)r->stolen_ns >= STOLEN * (double)s.capacity_ns)
        ct_found_number(to, "stolen_by_hypervisor_ns", r->stolen_ns);
}
