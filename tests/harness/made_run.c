/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/harness/made_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "user/core/syscalls.h"

#define CPUS 4

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void *must(void *p)
{
    assert(p);
    return p;
}

static int by_end(const void *a, const void *b)
{
    const struct ct_interval *x = a, *y = b;
    return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

/* A ct_intervals' hear. */
static int hear(const struct ct_intervals *self, ct_interval_fn fn, void *ctx)
{
    const struct made_run *m = (const struct made_run *)self;

    for (size_t i = 0; i < m->cnt; i++)
        fn(&m->all[i], ctx);
    return 0;
}

/* Runs, then blocks or loses its CPU, then waits for one; most stretches are short, some long. */
static struct ct_interval next_interval(uint32_t *seed, uint32_t id, uint64_t at, size_t k,
                                        size_t threads)
{
    const uint32_t roll = next_random(seed);
    const uint64_t ns = 1 + (next_random(seed) % (roll % 16 ? 40000 : 900000));
    struct ct_interval i = {.start_ns = at, .end_ns = at + ns, .id = id, .call = -1};

    if (k % 3 == 0) {
        i.state = CT_ST_RUNNING;
        i.cpu = (uint16_t)((id - 1) % CPUS);
    } else if (k % 3 == 1) {
        i.state = CT_ST_BLOCKED + roll % CT_CAUSE_COUNT;
        i.call = roll % 3 ? ct_syscall_nr(CT_ABI_NATIVE, "futex") : -1;
        i.wake = threads > 1 && roll % 2 ? CT_WAKE_TASK : CT_WAKE_HARDIRQ;
        i.other_id = i.wake == CT_WAKE_TASK ? 1 + id % (uint32_t)threads : 0;
    } else {
        i.state = CT_ST_RUNNABLE + roll % CT_RUN_COUNT;
        i.other_id = i.state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED && threads > 1
                         ? 1 + id % (uint32_t)threads
                         : 0;
    }
    return i;
}

static void make_thread(struct made_run *m, size_t t, size_t threads, size_t cnt, uint32_t *seed)
{
    static const char *const names[] = {"</script><b>x", "<img src=x onerr", "worker",
                                        "\xff\x1b[2J&"};
    struct ct_thread *thread = must(calloc(1, sizeof(*thread)));
    uint64_t at = t * 1000;

    thread->id = (uint32_t)t + 1;
    thread->tid = 1000 + (uint32_t)t;
    thread->process = t >= threads / 2 && threads > 1;
    thread->tgid = thread->process ? 1000 + (uint32_t)(threads / 2) : 1000;
    thread->has_totals = true;
    memcpy(thread->comm, names[t % 4], strlen(names[t % 4]));
    thread->start_ns = at;
    for (size_t k = 0; k < cnt; k++) {
        const struct ct_interval i = next_interval(seed, thread->id, at, k, threads);
        thread->totals.state_ns[i.state] += i.end_ns - i.start_ns;
        m->all[m->cnt++] = i;
        at = i.end_ns;
    }
    thread->end_ns = thread->totals.end_ns = at;
    thread->totals.start_ns = thread->start_ns;
    m->result->threads[m->result->threads_cnt++] = thread;
}

static void add_up(struct ct_result *r)
{
    for (size_t t = 0; t < r->threads_cnt; t++) {
        const struct ct_thread *thread = r->threads[t];
        struct ct_process *p = &r->processes[thread->process];
        p->threads++;
        p->end_ns = thread->end_ns > p->end_ns ? thread->end_ns : p->end_ns;
        ct_totals_add(&p->totals, &thread->totals);
        ct_totals_add(&r->totals, &thread->totals);
        r->wall_ns = thread->end_ns > r->wall_ns ? thread->end_ns : r->wall_ns;
    }
    r->peak_threads = (uint32_t)r->threads_cnt;
}

static void add_finding(struct ct_result *r)
{
    r->findings = must(calloc(1, sizeof(*r->findings)));
    r->findings_cnt = 1;
    r->findings[0] = (struct ct_finding){.id = CT_FINDING_LOCK_CONTENTION,
                                         .warning = true,
                                         .tid = 1000,
                                         .title = must(strdup("Threads wait for " MADE_HOSTILE)),
                                         .explanation = must(strdup(MADE_HOSTILE)),
                                         .advice = must(strdup(MADE_HOSTILE)),
                                         .evidence = {{.key = "wait_ns", .number = 5000000}},
                                         .evidence_cnt = 1};
}

/* Along the first thread, then along the last one. */
static void add_path(struct ct_result *r)
{
    const uint64_t half = r->wall_ns / 2;

    r->path.known = true;
    r->path.steps = must(calloc(2, sizeof(*r->path.steps)));
    r->path.steps_cnt = 2;
    r->path.steps[0] = (struct ct_path_step){
        .end_ns = half, .id = 1, .state = CT_ST_RUNNING, .sums = {.running_ns = half}};
    r->path.steps[1] = (struct ct_path_step){.start_ns = half,
                                             .end_ns = r->wall_ns,
                                             .id = (uint32_t)r->threads_cnt,
                                             .state = CT_ST_BLOCKED + CT_CAUSE_LOCK,
                                             .sums = {.blocked_ns = r->wall_ns - half}};
    r->path.state_ns[CT_ST_RUNNING] = half;
    r->path.state_ns[CT_ST_BLOCKED + CT_CAUSE_LOCK] = r->wall_ns - half;
}

void made_run_make(struct made_run *m, size_t threads, size_t cnt)
{
    struct ct_result *r = must(calloc(1, sizeof(*r)));
    uint32_t seed = 1;

    *m = (struct made_run){
        .intervals = {hear}, .all = must(calloc(cnt + 1, sizeof(*m->all))), .result = r};
    r->host = (struct ct_host){.kernel = "made up", .arch = "x86_64", .cpus = CPUS};
    r->command = must(calloc(3, sizeof(*r->command)));
    r->command[0] = must(strdup("./made"));
    r->command[1] = must(strdup(MADE_HOSTILE));
    r->threads = must(calloc(threads, sizeof(struct ct_thread *)));
    r->processes = must(calloc(2, sizeof(*r->processes)));
    r->processes_cnt = threads > 1 ? 2 : 1;
    r->processes[0] = (struct ct_process){.tgid = 1000, .comm = "<script>"};
    r->processes[1] = (struct ct_process){.tgid = 1000 + (uint32_t)(threads / 2), .comm = "made"};
    r->cpus = must(calloc(CPUS, sizeof(*r->cpus)));
    r->cpus_cnt = CPUS;
    for (uint32_t c = 0; c < CPUS; c++)
        r->cpus[c].cpu = c;
    for (size_t t = 0; t < threads; t++)
        make_thread(m, t, threads, cnt / threads, &seed);
    qsort(m->all, m->cnt, sizeof(*m->all), by_end);
    add_up(r);
    add_finding(r);
    add_path(r);
    r->with_syscalls = true;
    r->intervals = &m->intervals;
}

void made_run_free(struct made_run *m)
{
    ct_result_free(m->result);
    free(m->all);
}
