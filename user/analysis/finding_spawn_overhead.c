/* SPDX-License-Identifier: GPL-2.0-only */
/* spawn-overhead: threads or processes so short-lived that starting them costs more than they do.
 */
#include "user/analysis/findings_internal.h"

#define BIRTHS_MIN  30
#define SHORT_NS    20000000ULL /* of running, in all its life */
#define SHORT_SHARE 0.8         /* of all that were born */
#define COST_SHARE  0.25        /* of all running, in the calls below */
#define OF_WALL     0.2         /* the short-lived and their starting, of the run */

/* To be born, to become another program, to die, to be collected. */
static const char *const spawning[] = {"clone",  "clone3",   "fork",       "vfork",
                                       "execve", "execveat", "exit",       "wait4",
                                       "waitid", "waitpid",  "exit_group", NULL};

static uint64_t spawning_ns(const struct ct_result *r)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < r->run_calls_cnt; i++)
        if (ct_call_is(&r->run_calls[i], spawning))
            ns += ct_less(r->run_calls[i].total_ns,
                          r->run_calls[i].blocked_ns + r->run_calls[i].runnable_ns);
    return ns;
}

struct brood {
    size_t born;
    size_t shorts;
    size_t processes; /* of the short-lived */
    uint64_t running_ns;
};

static struct brood brood_of(const struct ct_result *r)
{
    struct brood b = {0};

    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        if (!t->parent_id || !t->has_totals)
            continue;
        b.born++;
        if (t->alive || t->totals.running_ns >= SHORT_NS)
            continue;
        b.shorts++;
        b.processes += t->tid == t->tgid;
        b.running_ns += t->totals.running_ns;
    }
    return b;
}

static void tell(struct ct_found *f, const struct brood *b, uint64_t cost_ns)
{
    const struct ct_result *r = f->r;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_SPAWN_OVERHEAD);
    const bool processes = b->processes * 2 >= b->shorts;
    char cost[CT_SPAN_LEN], mean[CT_SPAN_LEN];

    if (!to)
        return;
    to->warning = true;
    to->weight_ns = ct_min(cost_ns, r->wall_ns);
    ct_span(cost_ns, cost);
    ct_span(b->running_ns / b->shorts, mean);
    ct_found_title(f, to, "%zu %s lived so briefly that starting them was most of the work.",
                   b->shorts, processes ? "processes" : "threads");
    ct_found_explain(f, to,
                     "Each ran for %s on average. Being started and ended cost %s of CPU time in "
                     "the kernel alone (fork, exec, exit, wait), %.0f %% of all that was used.",
                     mean, cost, ct_percent(cost_ns, r->totals.running_ns));
    ct_found_advise(f, to, "%s",
                    processes
                        ? "Do more in each process: pass many arguments to one call (xargs without "
                          "-n 1), use the shell's own commands, or one program for the whole loop."
                        : "Do more in each thread: keep a pool of threads that take work from a "
                          "queue.");
    ct_found_number(to, "short_lived_cnt", b->shorts);
    ct_found_number(to, "mean_running_ns", b->running_ns / b->shorts);
    ct_found_number(to, "spawn_calls_ns", cost_ns);
    ct_found_ratio(to, "spawn_calls_ratio", ct_percent(cost_ns, r->totals.running_ns) / 100);
}

void ct_find_spawn_overhead(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    const struct brood b = brood_of(r);

    if (!r->with_syscalls || b.born < BIRTHS_MIN || (double)b.shorts < SHORT_SHARE * (double)b.born)
        return;
    const uint64_t cost = spawning_ns(r);
    if ((double)cost >= COST_SHARE * (double)r->totals.running_ns &&
        (double)ct_max(cost, b.running_ns) >= OF_WALL * (double)r->wall_ns)
        tell(f, &b, cost);
}
