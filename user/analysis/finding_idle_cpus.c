/* SPDX-License-Identifier: GPL-2.0-only */
/* idle-cpus: a CPU stood idle while a traced thread waited for one; and why, where known. */
#include "user/analysis/findings_internal.h"

#define OF_WALL    0.2
#define OF_RUNNING 0.2
#define MIN_NS     20000000ULL
#define UNUSED     0.01       /* of the run: a CPU that no traced thread was on */
#define IDLE       0.3        /* of the run, such a CPU stood idle */
#define QUOTA      0.5        /* of the loss, the quota was used up */
#define WAKE_NS    1000000ULL /* a shorter wait after a wakeup is the way to a CPU */

/* A sleeping CPU takes its time to wake up: many such waits, each short, are no idleness. */
static uint64_t on_the_way_ns(const struct ct_totals *t)
{
    return t->latency_cnt && t->latency_sum_ns / t->latency_cnt < WAKE_NS
               ? t->runnable_ns[CT_RUN_WOKEN]
               : 0;
}

/* CPUs that the program never came to, and that had nothing to do. */
static size_t never_used(const struct ct_result *r)
{
    size_t cnt = 0;

    for (size_t i = 0; i < r->cpus_cnt; i++)
        cnt += (double)r->cpus[i].traced_ns < UNUSED * (double)r->wall_ns &&
               (double)r->cpus[i].idle_ns > IDLE * (double)r->wall_ns;
    return cnt;
}

static void tell_why(struct ct_found *f, struct ct_finding *to, const struct ct_supply *s)
{
    const struct ct_result *r = f->r;
    const size_t unused = never_used(r);
    const bool throttled =
        r->throttled_ns != CT_NOT_TOLD && (double)r->throttled_ns >= QUOTA * (double)s->idle_ns;

    if (throttled) {
        ct_found_explain(f, to,
                         "The control group had used up its share of CPU time and had to stand "
                         "still (CPU quota), though CPUs were free.");
        ct_found_advise(f, to,
                        "Raise the quota (cpu.max of the control group, the container's CPU "
                        "limit), or start fewer threads than the quota's number of CPUs.");
        ct_found_number(to, "throttled_ns", r->throttled_ns);
    } else if (unused) {
        ct_found_explain(f, to,
                         "No thread ever ran on %zu of the %zu CPUs, while others waited for their "
                         "turn. Most likely they may not (CPU affinity).",
                         unused, r->cpus_cnt);
        ct_found_advise(f, to,
                        "Look for who binds the threads: taskset, numactl, a container's cpuset, "
                        "sched_setaffinity or pthread_setaffinity_np in the program or a library.");
        ct_found_number(to, "unused_cpus_cnt", unused);
    } else {
        ct_found_explain(f, to,
                         "The threads waited on CPUs that were busy, and the scheduler moved them "
                         "too late or was not allowed to (load imbalance).");
        ct_found_advise(f, to,
                        "Look for threads that are bound to CPUs, each to one. Else many short "
                        "bursts of work are the cause: fewer threads with longer work each help.");
    }
}

void ct_find_idle_cpus(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    struct ct_supply s = ct_supply_of(r);
    char idle[CT_SPAN_LEN];

    s.idle_ns = ct_less(s.idle_ns, on_the_way_ns(&r->totals));

    if (s.idle_ns < MIN_NS || (double)s.idle_ns < OF_WALL * (double)r->wall_ns ||
        (double)s.idle_ns < OF_RUNNING * (double)r->totals.running_ns)
        return;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_IDLE_CPUS);
    if (!to)
        return;
    to->warning = true;
    to->weight_ns = ct_min(s.idle_ns, r->wall_ns);
    ct_found_title(f, to, "CPUs stood idle for %s while threads waited for one.",
                   ct_span(s.idle_ns, idle));
    tell_why(f, to, &s);
    ct_found_number(to, "idle_while_wanted_ns", s.idle_ns);
    ct_found_number(to, "runnable_ns", ct_totals_runnable(&r->totals));
    ct_found_number(to, "cpus_cnt", r->cpus_cnt);
}
