/* SPDX-License-Identifier: GPL-2.0-only */
/* lock-contention: threads lose much of their time to one lock, short of taking turns altogether.
 */
#include <stdlib.h>

#include "user/analysis/findings_internal.h"

#define OF_LIVES 0.2 /* of the lives of those that waited */
#define OF_WALL  0.1

static void tell(struct ct_found *f, const struct ct_contest *c)
{
    const struct ct_process *p = &f->r->processes[c->process];
    struct ct_finding *to = ct_found_add(f, CT_FINDING_LOCK_CONTENTION);
    const double share = ct_percent(c->wait_ns, c->lives_ns);
    char name[CT_LOCK_NAME_LEN], wait[CT_SPAN_LEN], mean[CT_SPAN_LEN];

    if (!to)
        return;
    to->warning = true;
    to->tgid = p->tgid;
    to->weight_ns = ct_min(c->wait_ns / c->threads, f->r->wall_ns);
    ct_span(c->wait_ns, wait);
    ct_span(c->wait_ns / c->waits, mean);
    ct_found_title(f, to, "%u threads spent %.0f %% of their time waiting for one lock.",
                   c->threads, share);
    ct_found_explain(f, to,
                     "They waited %llu times, %s each on average, %s in all, for what another of "
                     "them held (lock contention).",
                     (unsigned long long)c->waits, mean, wait);
    ct_found_advise(f, to,
                    "Hold the lock for less time: no waiting and no computing while it is held. "
                    "Else split what it protects, or let readers share it.");
    if (c->lock)
        ct_found_text(to, "lock", ct_lock_name(c->lock, name));
    ct_found_number(to, "threads_cnt", c->threads);
    ct_found_number(to, "waits_cnt", c->waits);
    ct_found_number(to, "wait_ns", c->wait_ns);
    ct_found_number(to, "mean_wait_ns", c->wait_ns / c->waits);
    if (c->lock)
        ct_found_number(to, "longest_wait_ns", c->max_ns);
    ct_found_ratio(to, "wait_of_lives_ratio", share / 100);
}

void ct_find_contention(struct ct_found *f)
{
    struct ct_contest *contests;
    size_t cnt;

    f->err = ct_contests(f, &contests, &cnt);
    if (f->err)
        return;
    for (size_t i = 0; i < cnt; i++) {
        const struct ct_contest *c = &contests[i];
        if (!c->serial && (double)c->wait_ns >= OF_LIVES * (double)c->lives_ns &&
            (double)c->wait_ns >= OF_WALL * (double)f->r->wall_ns)
            tell(f, c);
    }
    free(contests);
}
