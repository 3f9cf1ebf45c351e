/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of the run: the model's knowledge becomes a result. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/core/model_internal.h"
#include "user/core/span.h"

static uint64_t relative(uint64_t ns, const struct ct_run_end *end)
{
    return ns > end->start_ns ? ns - end->start_ns : 0;
}

static struct ct_exit exit_of(int status)
{
    const int signal = status & 0x7f; /* wait(2)'s status word */
    return (struct ct_exit){
        .known = true, .code = signal ? -1 : (status >> 8) & 0xff, .signal = signal};
}

static void seal_thread(struct ct_model *m, struct ct_track *t, const struct ct_run_end *end,
                        struct ct_result *r)
{
    struct ct_thread *out = t->out;
    if (!out->has_totals) { /* its account was lost: all we know is what the stream showed */
        out->alive = false;
        out->end_ns = t->since_ns > out->start_ns ? t->since_ns : out->start_ns;
    }
    out->start_ns = relative(out->start_ns, end);
    out->end_ns = relative(out->end_ns, end);
    if (out->strip)
        ct_strip_seal(out->strip, &t->pen, r->wall_ns);
    if (out->has_totals)
        ct_totals_add(&r->totals, &out->totals);

    if (out->process == CT_NO_PROCESS)
        out->process = 0;
    if (out->process >= m->processes_cnt)
        return;
    struct ct_process *p = &m->processes[out->process];
    if (!p->threads++ || out->start_ns < p->start_ns)
        p->start_ns = out->start_ns;
    if (out->has_totals)
        ct_totals_add(&p->totals, &out->totals);
    /* of two leaders (exec from another thread) the one that ended last tells name and exit */
    const bool leader = out->tid == out->tgid;
    const bool last = out->end_ns >= p->end_ns;
    if (leader && last)
        memcpy(p->comm, out->comm, sizeof(p->comm));
    /* a leader may have left long before another thread ended the process */
    if (last && (leader || t->group_exit))
        p->exit = out->has_totals && !out->alive ? exit_of(t->status) : (struct ct_exit){0};
    if (last)
        p->end_ns = out->end_ns;
}

static int seal_threads(struct ct_model *m, const struct ct_run_end *end, struct ct_result *r)
{
    r->threads = calloc(m->tracks_cnt + 1, sizeof(struct ct_thread *));
    if (!r->threads)
        return -ENOMEM;
    for (size_t i = 1; i < m->tracks_cnt; i++) {
        struct ct_track *t = &m->tracks[i];
        if (!t->out)
            continue;
        seal_thread(m, t, end, r);
        r->threads[r->threads_cnt++] = t->out;
        t->out = NULL;
    }
    r->processes = m->processes;
    r->processes_cnt = m->processes_cnt;
    m->processes = NULL;
    m->processes_cnt = 0;
    return 0;
}

static int seal_cpus(struct ct_model *m, const struct ct_run_end *end, struct ct_result *r)
{
    r->cpus = calloc(end->cpus_cnt + 1, sizeof(*r->cpus));
    if (!r->cpus)
        return -ENOMEM;
    for (size_t i = 0; i < end->cpus_cnt; i++) {
        const struct ct_cpu_times *t = &end->cpus[i];
        struct ct_cpu *c = &r->cpus[r->cpus_cnt++];
        c->cpu = t->cpu;
        c->traced_ns = t->traced_ns;
        c->idle_ns = ct_span_is_part(m) ? 0 : t->idle_ns;
        if (ct_span_is_part(m) || m->info.chosen)
            c->traced_ns = t->cpu < m->lanes_cnt ? m->lanes[t->cpu].traced_ns : 0;
        const uint64_t known = c->traced_ns + t->idle_ns;
        c->other_ns = !ct_span_is_part(m) && r->wall_ns > known ? r->wall_ns - known : 0;
        if (t->cpu < m->lanes_cnt) {
            c->strip = m->lanes[t->cpu].strip;
            ct_strip_seal(&c->strip, &m->lanes[t->cpu].pen, r->wall_ns);
        }
    }
    return 0;
}

/* The states drawn from the stream against the accounts kept in the kernel. */
static uint64_t stream_difference(const struct ct_model *m, const struct ct_totals *t)
{
    uint64_t of_accounts[CT_ST_COUNT] = {[CT_ST_RUNNING] = t->running_ns};
    uint64_t sum = 0;

    for (int i = 0; i < CT_RUN_COUNT; i++)
        of_accounts[CT_ST_RUNNABLE + i] = t->runnable_ns[i];
    for (int i = 0; i < CT_CAUSE_COUNT; i++)
        of_accounts[CT_ST_BLOCKED + i] = t->blocked_ns[i];
    for (int i = 0; i < CT_ST_COUNT; i++) {
        if (i == CT_ST_DEAD || i == CT_ST_UNKNOWN)
            continue;
        const uint64_t a = of_accounts[i], b = m->sums.state_ns[i];
        sum += a > b ? a - b : b - a;
    }
    return sum;
}

static void seal_parallelism(struct ct_model *m, struct ct_result *r)
{
    size_t cnt = m->parallelism_room;
    while (cnt > 1 && !m->parallelism_ns[cnt - 1])
        cnt--;
    r->parallelism_ns = m->parallelism_ns;
    r->parallelism_cnt = cnt;
    m->parallelism_ns = NULL;
}

static void seal_gaps(struct ct_model *m, const struct ct_run_end *end, struct ct_result *r)
{
    struct ct_gap *all = m->gaps.all;

    for (size_t i = 0; i < m->gaps.cnt; i++) {
        all[i].start_ns = relative(all[i].start_ns, end);
        all[i].end_ns = relative(all[i].end_ns, end);
        if (all[i].end_ns > r->wall_ns)
            all[i].end_ns = r->wall_ns;
        if (all[i].start_ns > all[i].end_ns)
            all[i].start_ns = all[i].end_ns;
    }
    r->gaps = all;
    r->gaps_cnt = m->gaps.cnt;
    m->gaps = (struct ct_gaps){0};
}

/*
 * The thread that ended the run: the command's last. Where nothing ended (attached, or in a part of
 * the run): the one that was the last on a CPU.
 */
static uint32_t last_thread(const struct ct_model *m)
{
    const bool any =
        m->info.attached || m->info.chosen || (ct_span_is_part(m) && !m->info.span.last);
    const struct ct_track *last = NULL;

    for (size_t i = 1; i < m->tracks_cnt; i++) {
        const struct ct_track *t = &m->tracks[i];
        if (!t->out || (!any && t->out->process != 0))
            continue;
        if (!last || t->since_ns > last->since_ns ||
            (t->since_ns == last->since_ns && t->left_ns > last->left_ns))
            last = t;
    }
    return last ? last->out->id : 0;
}

static int seal_path(struct ct_model *m, const struct ct_run_end *end, struct ct_result *r)
{
    const uint32_t id = last_thread(m);

    r->bound = CT_BOUND_COUNT;
    if (!m->path_begun || !id || end->end_ns < end->start_ns)
        return 0;
    const int err = ct_path_seal(&m->path, id, end->start_ns, end->end_ns, &r->path);
    if (!err)
        r->bound = ct_path_bound(&r->path);
    return err;
}

int ct_model_seal(struct ct_model *m, const struct ct_run_end *end, struct ct_result **out)
{
    int err = -ENOMEM;
    struct ct_run_end part;
    struct ct_result *r = calloc(1, sizeof(*r));
    if (!r)
        goto out;
    if (ct_span_is_part(m)) {
        part = ct_span_end(m, end);
        end = &part;
    }
    m->end_ns = end->end_ns;
    ct_order_flush(&m->order, ct_timeline_step, m);
    if (ct_span_is_part(m))
        ct_span_close(m);
    ct_timeline_end(m, end->end_ns);

    r->host = m->info.host;
    r->exit = end->exit;
    r->start_unix_ns = end->start_unix_ns;
    r->start_boot_ns = end->start_boot_ns;
    r->wall_ns = end->end_ns > end->start_ns ? end->end_ns - end->start_ns : 0;
    r->peak_threads = m->peak;
    r->lost_events = end->lost_events;
    r->lost_threads = end->lost_threads;
    r->lost_rows = end->lost_rows;
    r->late_events = m->order.late_cnt;
    r->lost_waits = end->lost_waits;
    r->lost_waits_ns = end->lost_waits_ns;
    r->lost_names = end->lost_names;
    r->with_syscalls = m->info.with_syscalls;
    r->with_stacks = m->info.with_stacks;
    r->attached = m->info.attached;
    r->observer_cpu_ns = end->observer_cpu_ns;
    r->stolen_ns = end->stolen_ns;
    r->throttled_ns = end->throttled_ns;

    r->unserved_ns = m->unserved_ns;
    r->waiting_any_ns = m->waiting_any_ns;
    r->waiting_over_ns = m->waiting_over_ns;

    err = seal_path(m, end, r);
    if (!err)
        err = seal_threads(m, end, r);
    if (!err)
        err = seal_cpus(m, end, r);
    if (!err)
        err = ct_tables_seal(&m->tables, r);
    ct_stacks_seal(&m->stacks, r);
    seal_parallelism(m, r);
    seal_gaps(m, end, r);
    r->command = (char **)m->info.command;
    m->info.command = NULL;
    r->stream_difference_ns = stream_difference(m, &r->totals);
    const struct ct_totals *t = &r->totals;
    /* a switch is one run, whether prev, next or both are traced; a wakeup two, with sched_waking
     */
    r->probe_runs = m->switches + end->lost_events + (m->info.with_syscalls ? 2 : 1) * t->wakeups +
                    2 * t->syscalls;
    if (!err && ct_span_is_part(m))
        err = ct_span_seal(r);
    if (!err && m->no_memory)
        err = -ENOMEM;
out:
    ct_model_free(m);
    if (err)
        ct_result_free(r);
    else
        *out = r;
    return err;
}
