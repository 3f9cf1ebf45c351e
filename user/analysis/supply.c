/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose the CPUs were while traced threads waited for one. The stream tells how long CPUs without a
 * traced thread and traced threads without a CPU met (unserved_ns), not whether such a CPU was idle
 * or somebody else's. Both are estimated from below, so that neither is blamed for the other.
 */
#include "user/analysis/findings_internal.h"

/* What preempted threads waited until they ran again, behind threads that are not traced. */
static uint64_t foreign_ns(const struct ct_result *r)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < r->preemptors_cnt; i++)
        if (!r->preemptors[i].id && r->preemptors[i].tid && !r->preemptors[i].rest)
            ns += r->preemptors[i].ns;
    return ns;
}

struct ct_supply ct_supply_of(const struct ct_result *r)
{
    struct ct_supply s = {.capacity_ns = r->wall_ns * r->cpus_cnt};
    uint64_t idle = 0, other = 0;

    for (size_t i = 0; i < r->cpus_cnt; i++) {
        idle += r->cpus[i].idle_ns;
        other += r->cpus[i].other_ns;
    }
    other = ct_less(other, r->observer_cpu_ns);
    s.outside_ns = ct_max(ct_less(r->unserved_ns, idle), foreign_ns(r));
    s.outside_ns = ct_min(s.outside_ns, ct_min(other, r->unserved_ns));
    s.idle_ns = ct_min(ct_less(r->unserved_ns, s.outside_ns), ct_less(r->unserved_ns, other));
    s.idle_ns = ct_min(s.idle_ns, idle);
    s.queued_ns = ct_less(ct_totals_runnable(&r->totals), r->unserved_ns);
    return s;
}
