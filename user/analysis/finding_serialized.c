/* SPDX-License-Identifier: GPL-2.0-only */
/* serialized-threads: several threads want the CPU, one lock lets about one run at a time. */
#include <stdlib.h>

#include "user/analysis/findings_internal.h"

/* An interpreter's lock is asked for again and again after a few milliseconds. */
#define ASKED_SHARE  0.2
#define ASKED_MIN_NS 1000000ULL
#define ASKED_MAX_NS 20000000ULL

static bool is_asked_for(const struct ct_contest *c)
{
    const uint64_t mean = c->waits ? c->wait_ns / c->waits : 0;

    return (double)c->timed_out >= ASKED_SHARE * (double)c->waits && mean >= ASKED_MIN_NS &&
           mean <= ASKED_MAX_NS;
}

static void tell_texts(struct ct_found *f, struct ct_finding *to, const struct ct_contest *c)
{
    const struct ct_process *p = &f->r->processes[c->process];
    const double average = (double)p->totals.running_ns / (double)p->busy_ns;
    char wait[CT_SPAN_LEN], mean[CT_SPAN_LEN];

    ct_span(c->wait_ns, wait);
    ct_span(c->waits ? c->wait_ns / c->waits : 0, mean);
    ct_found_title(f, to,
                   "One lock let one thread run at a time: %u threads, %.2f running on average.",
                   c->threads, average);
    if (is_asked_for(c)) {
        ct_found_explain(f, to,
                         "A thread must hold the lock to run at all; the others waited for it, %s "
                         "in all. They ask for it anew every few milliseconds (%s on average), as "
                         "threads do that share one interpreter (global interpreter lock, GIL).",
                         wait, mean);
        ct_found_advise(f, to,
                        "Use processes in place of threads for what computes, or libraries that "
                        "drop the lock while they compute. Threads help such a program only where "
                        "they wait for something outside.");
        return;
    }
    ct_found_explain(f, to,
                     "What the threads do, they do while they hold the lock; the others waited for "
                     "it meanwhile, %s in all (mutual exclusion). So they take turns, and more "
                     "threads or CPUs bring nothing.",
                     wait);
    ct_found_advise(f, to,
                    "Hold the lock for less: compute outside and only store the result inside. Or "
                    "split what it protects into parts with a lock each, or give each thread its "
                    "own copy and add the results up at the end.");
}

static void tell(struct ct_found *f, const struct ct_contest *c)
{
    const struct ct_process *p = &f->r->processes[c->process];
    const uint64_t cpus = ct_min(c->threads, f->r->cpus_cnt);
    char name[CT_LOCK_NAME_LEN];
    struct ct_finding *to = ct_found_add(f, CT_FINDING_SERIALIZED_THREADS);

    if (!to)
        return;
    to->warning = true;
    to->tgid = p->tgid;
    to->weight_ns = p->busy_ns - p->busy_ns / (cpus ? cpus : 1);
    tell_texts(f, to, c);
    if (c->lock)
        ct_found_text(to, "lock", ct_lock_name(c->lock, name));
    ct_found_number(to, "threads_cnt", c->threads);
    ct_found_number(to, "waits_cnt", c->waits);
    ct_found_number(to, "wait_ns", c->wait_ns);
    ct_found_ratio(to, "wait_of_lives_ratio", ct_percent(c->wait_ns, c->lives_ns) / 100);
    ct_found_number(to, "mean_wait_ns", c->waits ? c->wait_ns / c->waits : 0);
    ct_found_number(to, "timed_out_cnt", c->timed_out);
    ct_found_number(to, "one_or_more_running_ns", p->busy_ns);
    ct_found_number(to, "two_or_more_running_ns", p->overlap_ns);
    ct_found_number(to, "could_save_ns", to->weight_ns);
}

void ct_find_serialized(struct ct_found *f)
{
    struct ct_contest *contests;
    size_t cnt;

    f->err = ct_contests(f, &contests, &cnt);
    if (f->err)
        return;
    for (size_t i = 0; i < cnt; i++)
        if (contests[i].serial)
            tell(f, &contests[i]);
    free(contests);
}
