/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/profile.h"

uint64_t ct_serial_ns(const struct ct_result *r)
{
    return r->parallelism_cnt > 1 ? r->parallelism_ns[1] : 0;
}

uint64_t ct_busy_ns(const struct ct_result *r)
{
    uint64_t sum = 0;

    for (size_t k = 1; k < r->parallelism_cnt; k++)
        sum += r->parallelism_ns[k];
    return sum;
}

uint64_t ct_path_runnable_ns(const struct ct_result *r)
{
    uint64_t sum = 0;

    for (int i = 0; i < CT_RUN_COUNT; i++)
        sum += r->path.state_ns[CT_ST_RUNNABLE + i];
    return sum;
}

uint64_t ct_path_least_ns(const struct ct_result *r)
{
    const uint64_t runnable = ct_path_runnable_ns(r);

    return r->path.known && r->wall_ns > runnable ? r->wall_ns - runnable : 0;
}

uint64_t ct_loop_worst_ns(const struct ct_thread *t)
{
    const uint64_t began = t->totals.start_ns, at = t->totals.loop.max_at_ns;

    return t->start_ns + (at > began ? at - began : 0);
}
