/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic on accounts, and the end of a result. */
#include "user/core/result.h"

#include <stdlib.h>

uint64_t ct_totals_runnable(const struct ct_totals *t)
{
    uint64_t sum = 0;
    for (int i = 0; i < CT_RUN_COUNT; i++)
        sum += t->runnable_ns[i];
    return sum;
}

uint64_t ct_totals_blocked(const struct ct_totals *t)
{
    uint64_t sum = 0;
    for (int i = 0; i < CT_CAUSE_COUNT; i++)
        sum += t->blocked_ns[i];
    return sum;
}

uint64_t ct_totals_lifetime(const struct ct_totals *t)
{
    return t->running_ns + ct_totals_runnable(t) + ct_totals_blocked(t) + t->unknown_ns;
}

static void add_latencies(struct ct_totals *dst, const struct ct_totals *src)
{
    dst->latency_cnt += src->latency_cnt;
    dst->latency_sum_ns += src->latency_sum_ns;
    if (src->latency_max_ns > dst->latency_max_ns)
        dst->latency_max_ns = src->latency_max_ns;
    for (int i = 0; i < CT_LAT_BUCKETS; i++) /* a million threads' buckets may not fit */
        if (__builtin_add_overflow(dst->latency_hist[i], src->latency_hist[i],
                                   &dst->latency_hist[i]))
            dst->latency_hist[i] = UINT32_MAX;
}

void ct_totals_add(struct ct_totals *dst, const struct ct_totals *src)
{
    if (src->start_ns && (!dst->start_ns || src->start_ns < dst->start_ns))
        dst->start_ns = src->start_ns;
    if (src->end_ns > dst->end_ns)
        dst->end_ns = src->end_ns;
    dst->running_ns += src->running_ns;
    dst->kernel_ns += src->kernel_ns;
    dst->irq_ns += src->irq_ns;
    for (int i = 0; i < CT_RUN_COUNT; i++)
        dst->runnable_ns[i] += src->runnable_ns[i];
    for (int i = 0; i < CT_CAUSE_COUNT; i++)
        dst->blocked_ns[i] += src->blocked_ns[i];
    dst->unknown_ns += src->unknown_ns;
    dst->voluntary += src->voluntary;
    dst->involuntary += src->involuntary;
    dst->migrations += src->migrations;
    dst->wakeups += src->wakeups;
    dst->syscalls += src->syscalls;
    dst->kernel_cpu_ns += src->kernel_cpu_ns;
    dst->kernel_voluntary += src->kernel_voluntary;
    dst->kernel_involuntary += src->kernel_involuntary;
    dst->kernel_run_delay_ns += src->kernel_run_delay_ns;
    add_latencies(dst, src);
}

/* See bpf/event.h for the buckets. */
static unsigned bucket_of(uint64_t ns)
{
    unsigned octave = 0;

    if (ns < 1ULL << CT_LAT_MIN_LOG2)
        return 0;
    while (octave < 56 && ns >> (CT_LAT_MIN_LOG2 + octave + 1))
        octave++;
    const uint64_t sub = (ns >> (CT_LAT_MIN_LOG2 + octave - CT_LAT_SUB_LOG2)) & (CT_LAT_SUB - 1);
    const uint64_t bucket = 1 + (uint64_t)octave * CT_LAT_SUB + sub;
    return bucket < CT_LAT_BUCKETS ? (unsigned)bucket : CT_LAT_BUCKETS - 1;
}

void ct_totals_latency(struct ct_totals *t, uint64_t ns)
{
    t->latency_cnt++;
    t->latency_sum_ns += ns;
    t->latency_hist[bucket_of(ns)]++;
    if (ns > t->latency_max_ns)
        t->latency_max_ns = ns;
}

/* Upper edge of a bucket; see bpf/event.h for their layout. */
static uint64_t bucket_end_ns(unsigned bucket)
{
    if (!bucket)
        return 1ULL << CT_LAT_MIN_LOG2;
    const unsigned octave = (bucket - 1) / CT_LAT_SUB, sub = (bucket - 1) % CT_LAT_SUB;
    const uint64_t base = 1ULL << (CT_LAT_MIN_LOG2 + octave);
    return base + (sub + 1) * (base >> CT_LAT_SUB_LOG2);
}

uint64_t ct_totals_latency_quantile(const struct ct_totals *t, double q)
{
    uint64_t counted = 0, seen = 0;
    for (int i = 0; i < CT_LAT_BUCKETS; i++)
        counted += t->latency_hist[i];
    if (!counted)
        return 0;
    /* the smallest rank that has at least the share q of all at or below it */
    const double exact = q * (double)counted;
    uint64_t rank = (uint64_t)exact;
    if ((double)rank < exact || !rank)
        rank++;
    for (unsigned i = 0; i < CT_LAT_BUCKETS; i++) {
        seen += t->latency_hist[i];
        if (seen >= rank && i + 1 < CT_LAT_BUCKETS) {
            const uint64_t end = bucket_end_ns(i);
            return end < t->latency_max_ns ? end : t->latency_max_ns;
        }
    }
    return t->latency_max_ns;
}

const struct ct_thread *ct_result_thread(const struct ct_result *r, uint32_t id)
{
    size_t from = 0, to = r->threads_cnt;
    while (from < to) {
        const size_t mid = from + (to - from) / 2;
        if (r->threads[mid]->id < id)
            from = mid + 1;
        else
            to = mid;
    }
    return from < r->threads_cnt && r->threads[from]->id == id ? r->threads[from] : NULL;
}

uint32_t ct_result_tgid(const struct ct_result *r, const struct ct_thread *t)
{
    return t->process < r->processes_cnt ? r->processes[t->process].tgid : t->tgid;
}

uint64_t ct_thread_uncovered_ns(const struct ct_thread *t)
{
    const uint64_t life = t->end_ns > t->start_ns ? t->end_ns - t->start_ns : 0;
    const uint64_t covered = ct_totals_lifetime(&t->totals);

    return !t->has_totals && life > covered ? life - covered : 0;
}

bool ct_thread_comparable(const struct ct_result *r, const struct ct_thread *t)
{
    return t->has_totals && !t->alive && !ct_choice_of_time(&r->choice);
}

void ct_thread_free(struct ct_thread *t)
{
    if (t)
        free(t->strip);
    free(t);
}

void ct_result_drop_findings(struct ct_result *r)
{
    for (size_t i = 0; i < r->findings_cnt; i++) {
        free(r->findings[i].title);
        free(r->findings[i].explanation);
        free(r->findings[i].advice);
    }
    free(r->findings);
    r->findings = NULL;
    r->findings_cnt = 0;
}

void ct_result_free(struct ct_result *r)
{
    if (!r)
        return;
    for (char **c = r->command; c && *c; c++)
        free(*c);
    free(r->command);
    for (size_t i = 0; i < r->threads_cnt; i++)
        ct_thread_free(r->threads[i]);
    free(r->threads);
    for (size_t i = 0; i < r->processes_cnt; i++)
        free(r->processes[i].argv);
    free(r->processes);
    free(r->cpus);
    free(r->calls);
    free(r->thread_calls);
    free(r->run_calls);
    for (size_t i = 0; i < r->locks_cnt; i++)
        free(r->locks[i].symbol);
    free(r->locks);
    for (size_t i = 0; i < r->stacks_cnt; i++)
        free(r->stacks[i].frames);
    free(r->stacks);
    free(r->wakers);
    free(r->preemptors);
    free(r->parallelism_ns);
    free(r->path.steps);
    free(r->path.shares);
    ct_result_drop_findings(r);
    free(r->gaps);
    free(r);
}
