/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The JSON report, "conctrace.report/1": the result in full, for programs. docs/report.schema.json
 * says what it holds; tests/check/validate_report.py says which sums must be exact.
 *
 * The report is a table of sections, in the order of the file. What is not measured is null, never
 * left out and never zero: a reader can tell "none" from "not known".
 *
 * A thread whose account was lost has a life but no states. All of its life is written as unknown,
 * in its own entry and in the sums, so that states add up to lifetimes everywhere.
 */
#include "user/report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/version.h"
#include "user/report/json_parts.h"
#include "user/report/json_path.h"
#include "user/report/json_tables.h"

/* A result, and the lifetime that its accounts do not cover. */
struct input {
    const struct ct_result *r;
    uint64_t *uncovered_ns; /* by process */
    uint64_t uncovered_all_ns;
};

static int input_init(struct input *in, const struct ct_result *r)
{
    *in = (struct input){.r = r};
    in->uncovered_ns = calloc(r->processes_cnt + 1, sizeof(*in->uncovered_ns));
    if (!in->uncovered_ns)
        return -ENOMEM;
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        const uint64_t ns = ct_thread_uncovered_ns(t);
        in->uncovered_all_ns += ns;
        if (t->process < r->processes_cnt)
            in->uncovered_ns[t->process] += ns;
    }
    return 0;
}

/* ---- sections: each writes the value of its key ---- */

static void write_schema(struct ct_json *j, const struct input *in)
{
    (void)in;
    ct_json_text(j, "conctrace.report/1");
}

static void write_version(struct ct_json *j, const struct input *in)
{
    (void)in;
    ct_json_text(j, CT_VERSION);
}

static void write_host(struct ct_json *j, const struct input *in)
{
    const struct ct_host *h = &in->r->host;

    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_array(j, "kernel", h->kernel, sizeof(h->kernel));
    ct_json_put_array(j, "arch", h->arch, sizeof(h->arch));
    ct_json_put_u64(j, "cpus", h->cpus);
    ct_json_close(j);
}

static void write_command(struct ct_json *j, const struct input *in)
{
    ct_json_array(j, CT_JSON_LINE);
    for (char **c = in->r->command; c && *c; c++)
        ct_json_text(j, *c);
    ct_json_close(j);
}

static void write_attached(struct ct_json *j, const struct input *in)
{
    ct_json_bool(j, in->r->attached);
}

static void write_exit(struct ct_json *j, const struct input *in)
{
    ct_json_exit(j, &in->r->exit);
}

static void write_start(struct ct_json *j, const struct input *in)
{
    ct_json_u64(j, in->r->start_unix_ns);
}

static void write_wall(struct ct_json *j, const struct input *in)
{
    ct_json_u64(j, in->r->wall_ns);
}

static void put_numbers(struct ct_json *j, const char *key, const uint32_t *all, size_t cnt)
{
    ct_json_key(j, key);
    if (!cnt) {
        ct_json_null(j);
        return;
    }
    ct_json_array(j, CT_JSON_LINE);
    for (size_t i = 0; i < cnt; i++)
        ct_json_u64(j, all[i]);
    ct_json_close(j);
}

static void write_selection(struct ct_json *j, const struct input *in)
{
    const struct ct_choice *c = &in->r->choice;

    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "from_ns", c->from_ns);
    ct_json_put_u64(j, "to_ns", c->to_ns ? c->to_ns : c->run_ns);
    ct_json_put_u64(j, "run_ns", c->run_ns);
    put_numbers(j, "pids", c->pids, c->pids_cnt);
    put_numbers(j, "tids", c->tids, c->tids_cnt);
    ct_json_key(j, "comm");
    ct_json_text(j, c->comm);
    ct_json_close(j);
}

static bool is_part(const struct ct_result *r)
{
    return ct_choice_any(&r->choice);
}

static void put_parallelism(struct ct_json *j, const struct ct_result *r)
{
    size_t peak = r->parallelism_cnt;

    while (peak > 0 && !r->parallelism_ns[peak - 1])
        peak--;
    ct_json_key(j, "parallelism");
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_ratio(j, "average", r->totals.running_ns, r->wall_ns);
    ct_json_put_u64(j, "peak", peak ? peak - 1 : 0);
    ct_json_key(j, "time_at_ns");
    ct_json_array(j, CT_JSON_LINE);
    for (size_t k = 0; k < r->parallelism_cnt; k++)
        ct_json_u64(j, r->parallelism_ns[k]);
    ct_json_close(j);
    ct_json_put_speedups(j, r);
    ct_json_close(j);
}

static void write_summary(struct ct_json *j, const struct input *in)
{
    const struct ct_result *r = in->r;

    ct_json_object(j, CT_JSON_LINES);
    ct_json_put_u64(j, "processes", r->processes_cnt);
    ct_json_put_u64(j, "threads", r->threads_cnt);
    ct_json_put_u64(j, "peak_threads", r->peak_threads);
    ct_json_put_times(j, &r->totals, in->uncovered_all_ns, r);
    put_parallelism(j, r);
    ct_json_put_ratio(j, "demand", r->totals.running_ns + ct_totals_runnable(&r->totals),
                      r->wall_ns);
    ct_json_close(j);
}

/* NUL-separated, with or without a NUL at the end. */
static void put_argv(struct ct_json *j, const char *argv, size_t len)
{
    ct_json_key(j, "argv");
    ct_json_array(j, CT_JSON_LINE);
    for (size_t at = 0; argv && at < len;) {
        const size_t one = strnlen(argv + at, len - at);
        ct_json_bytes(j, argv + at, one);
        at += one + 1;
    }
    ct_json_close(j);
}

static void write_processes(struct ct_json *j, const struct input *in)
{
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < in->r->processes_cnt; i++) {
        const struct ct_process *p = &in->r->processes[i];
        ct_json_object(j, CT_JSON_LINE);
        ct_json_put_u64(j, "pid", p->tgid);
        ct_json_put_u64(j, "ppid", p->ppid);
        ct_json_put_u64_or_null(j, "ns_pid", p->ns_tgid, p->ns_tgid);
        ct_json_put_array(j, "comm", p->comm, sizeof(p->comm));
        put_argv(j, p->argv, p->argv_len);
        ct_json_put_bool(j, "argv_cut", p->argv_cut);
        ct_json_put_u64(j, "start_ns", p->start_ns);
        ct_json_put_u64(j, "end_ns", p->end_ns);
        ct_json_put_u64(j, "threads", p->threads);
        ct_json_key(j, "exit");
        ct_json_exit(j, &p->exit);
        ct_json_put_times(j, &p->totals, in->uncovered_ns[i], in->r);
        ct_json_put_process_calls(j, in->r, (uint32_t)i);
        ct_json_close(j);
    }
    ct_json_close(j);
}

static void put_latency(struct ct_json *j, const struct ct_totals *t)
{
    const bool any = t->latency_cnt > 0;

    ct_json_key(j, "sched_latency_ns");
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "count", t->latency_cnt);
    ct_json_put_u64_or_null(j, "mean", any, any ? t->latency_sum_ns / t->latency_cnt : 0);
    ct_json_put_u64_or_null(j, "p50", any, ct_totals_latency_quantile(t, 0.50));
    ct_json_put_u64_or_null(j, "p95", any, ct_totals_latency_quantile(t, 0.95));
    ct_json_put_u64_or_null(j, "p99", any, ct_totals_latency_quantile(t, 0.99));
    ct_json_put_u64_or_null(j, "max", any, t->latency_max_ns);
    ct_json_close(j);
}

static void put_kernel(struct ct_json *j, const struct ct_result *r, const struct ct_thread *t)
{
    ct_json_key(j, "kernel");
    if (!ct_thread_comparable(r, t)) {
        ct_json_null(j);
        return;
    }
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "cpu_ns", t->totals.kernel_cpu_ns);
    ct_json_put_u64(j, "voluntary", t->totals.kernel_voluntary);
    ct_json_put_u64(j, "involuntary", t->totals.kernel_involuntary);
    ct_json_put_u64(j, "run_delay_ns", t->totals.kernel_run_delay_ns);
    ct_json_close(j);
}

static void write_threads(struct ct_json *j, const struct input *in)
{
    const struct ct_result *r = in->r;

    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        ct_json_object(j, CT_JSON_LINE);
        ct_json_put_u64(j, "tid", t->tid);
        ct_json_put_u64(j, "pid", ct_result_tgid(r, t));
        ct_json_put_u64_or_null(j, "ns_tid", t->ns_tid, t->ns_tid);
        ct_json_put_array(j, "comm", t->comm, sizeof(t->comm));
        ct_json_put_bool(j, "alive", t->alive);
        ct_json_put_u64(j, "start_ns", t->start_ns);
        ct_json_put_u64(j, "end_ns", t->end_ns);
        ct_json_put_times(j, &t->totals, ct_thread_uncovered_ns(t), r);
        put_latency(j, &t->totals);
        put_kernel(j, r, t);
        ct_json_put_thread_calls(j, r, t->id);
        ct_json_put_loop(j, r, t);
        ct_json_close(j);
    }
    ct_json_close(j);
}

static void write_cpus(struct ct_json *j, const struct input *in)
{
    const bool whole = !ct_choice_of_time(&in->r->choice);

    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < in->r->cpus_cnt; i++) {
        const struct ct_cpu *c = &in->r->cpus[i];
        ct_json_object(j, CT_JSON_LINE);
        ct_json_put_u64(j, "cpu", c->cpu);
        ct_json_put_u64(j, "traced_ns", c->traced_ns);
        ct_json_put_u64_or_null(j, "other_ns", whole, c->other_ns);
        ct_json_put_u64_or_null(j, "idle_ns", whole, c->idle_ns);
        ct_json_close(j);
    }
    ct_json_close(j);
}

static void write_taken(struct ct_json *j, const struct input *in)
{
    const uint64_t stolen = in->r->stolen_ns, throttled = in->r->throttled_ns;

    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64_or_null(j, "stolen_ns", stolen != CT_NOT_TOLD, stolen);
    ct_json_put_u64_or_null(j, "throttled_ns", throttled != CT_NOT_TOLD, throttled);
    ct_json_close(j);
}

static void write_lost(struct ct_json *j, const struct input *in)
{
    const struct ct_result *r = in->r;

    ct_json_object(j, CT_JSON_LINES);
    ct_json_put_u64(j, "events", r->lost_events);
    ct_json_put_u64(j, "late_events", r->late_events);
    ct_json_put_u64(j, "threads", r->lost_threads);
    ct_json_put_u64(j, "rows", r->lost_rows);
    ct_json_key(j, "recording_cut");
    ct_json_bool(j, r->cut);
    ct_json_key(j, "gaps");
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->gaps_cnt; i++) {
        ct_json_object(j, CT_JSON_LINE);
        ct_json_put_u64(j, "start_ns", r->gaps[i].start_ns);
        ct_json_put_u64(j, "end_ns", r->gaps[i].end_ns);
        ct_json_close(j);
    }
    ct_json_close(j);
    ct_json_close(j);
}

static void write_accuracy(struct ct_json *j, const struct input *in)
{
    struct ct_totals sum = {0};

    for (size_t i = 0; i < in->r->threads_cnt; i++)
        if (ct_thread_comparable(in->r, in->r->threads[i]))
            ct_totals_add(&sum, &in->r->threads[i]->totals);
    ct_json_object(j, CT_JSON_LINE);
    /* the kernel's figure leaves out what interrupts took; so must ours, to be compared */
    ct_json_put_ratio(j, "cpu_ratio", sum.running_ns - sum.irq_ns, sum.kernel_cpu_ns);
    ct_json_key(j, "voluntary_difference");
    ct_json_i64(j, (int64_t)(sum.voluntary - sum.kernel_voluntary));
    ct_json_key(j, "involuntary_difference");
    ct_json_i64(j, (int64_t)(sum.involuntary - sum.kernel_involuntary));
    ct_json_put_u64(j, "stream_difference_ns", in->r->stream_difference_ns);
    ct_json_close(j);
}

static void write_observer(struct ct_json *j, const struct input *in)
{
    const bool whole = !ct_choice_any(&in->r->choice);

    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64_or_null(j, "cpu_ns", whole, in->r->observer_cpu_ns);
    ct_json_put_u64_or_null(j, "probe_runs", whole, in->r->probe_runs);
    ct_json_put_u64_or_null(j, "probe_ns", false, 0);
    ct_json_close(j);
}

/* ---- the report ---- */

/* In the contract's order. */
static const struct section {
    const char *key;
    void (*write)(struct ct_json *j, const struct input *in);
    void (*of_result)(struct ct_json *j, const struct ct_result *r); /* or this one */
    bool (*if_only)(const struct ct_result *r);                      /* NULL: always */
} sections[] = {
    {"schema", .write = write_schema},
    {"version", .write = write_version},
    {"host", .write = write_host},
    {"command", .write = write_command},
    {"attached", .write = write_attached},
    {"exit", .write = write_exit},
    {"start_unix_ns", .write = write_start},
    {"wall_ns", .write = write_wall},
    {"selection", .write = write_selection, .if_only = is_part},
    {"summary", .write = write_summary},
    {"processes", .write = write_processes},
    {"threads", .write = write_threads},
    {"cpus", .write = write_cpus},
    {"taken", .write = write_taken},
    {"syscalls", .of_result = ct_json_syscalls},
    {"locks", .of_result = ct_json_locks},
    {"wakers", .of_result = ct_json_wakers},
    {"preemptors", .of_result = ct_json_preemptors},
    {"stacks", .of_result = ct_json_stacks},
    {"critical_path", .of_result = ct_json_path},
    {"critical_path_summary", .of_result = ct_json_path_summary},
    {"bound", .of_result = ct_json_bound},
    {"findings", .of_result = ct_json_findings},
    {"lost", .write = write_lost},
    {"accuracy", .write = write_accuracy},
    {"observer", .write = write_observer},
};

int ct_json_put_report(struct ct_json *j, const struct ct_result *r)
{
    struct input in;
    const int err = input_init(&in, r);

    if (err)
        return err;
    ct_json_object(j, CT_JSON_LINES);
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (sections[i].if_only && !sections[i].if_only(r))
            continue;
        ct_json_key(j, sections[i].key);
        if (sections[i].write)
            sections[i].write(j, &in);
        else
            sections[i].of_result(j, r);
    }
    ct_json_close(j);
    free(in.uncovered_ns);
    return 0;
}

int ct_report_json(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    struct ct_json j;

    (void)style; /* the same for a screen and a file */
    ct_json_begin(&j, out);
    const int err = ct_json_put_report(&j, r);
    const int ended = ct_json_end(&j);
    return err ? err : ended;
}
