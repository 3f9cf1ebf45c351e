/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * analyse [SWITCHES] [THREADS] [CPUS]: what the analysis of a long run costs. Makes up the records
 * of a run in which threads wake one another all the time, and feeds them to the model as the
 * capture does. Prints the time for all of it (making them up included) and the peak of memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "user/analysis/findings.h"
#include "user/core/model.h"

#define CPUS_MAX  64
#define START_NS  1000000000ULL
#define SWITCH_NS 400

struct made_up {
    uint64_t now;
    unsigned threads, cpus;
    uint32_t *on_cpu;
    uint8_t *busy; /* by id: it is on a CPU */
    uint32_t next;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin(struct made_up *u, struct ct_model *m)
{
    for (uint32_t id = 1; id <= u->threads; id++) {
        struct ct_rec_new n = {.head = {.time_ns = u->now,
                                        .kind = CT_EV_NEW,
                                        .state = CT_ST_RUNNABLE + CT_RUN_CREATED,
                                        .id = id},
                               .parent_id = id > 1,
                               .tid = 1000 + id,
                               .tgid = 1001,
                               .comm = "made-up"};
        ct_model_record(&n.head, m);
        u->now += SWITCH_NS;
    }
}

/* The thread on one CPU waits for its turn at a lock; the next one, which another woke, comes. */
static void turn(struct ct_model *m, struct made_up *u, uint64_t i)
{
    const unsigned cpu = (unsigned)(i % u->cpus);
    const uint32_t prev = u->on_cpu[cpu], waker = u->on_cpu[(cpu + 1) % u->cpus];
    do
        u->next = u->next % u->threads + 1;
    while (u->busy[u->next]);
    u->now += SWITCH_NS;
    const struct ct_rec_switch s = {
        .head = {.time_ns = u->now,
                 .kind = CT_EV_SWITCH,
                 .state = CT_ST_BLOCKED + (i & 3 ? CT_CAUSE_LOCK : CT_CAUSE_PIPE),
                 .cpu = (uint16_t)cpu,
                 .id = prev},
        .next_id = u->next,
        .wake_lag_ns = 50 + i % 300,
        .waker_id = waker,
        .wake = waker ? CT_WAKE_TASK : CT_WAKE_HARDIRQ};
    ct_model_record(&s.head, m);
    u->busy[prev] = 0;
    u->busy[u->next] = 1;
    u->on_cpu[cpu] = u->next;
}

int main(int argc, char **argv)
{
    static char *const command[] = {"analyse", NULL};
    const uint64_t switches = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    struct made_up u = {.now = START_NS, .threads = argc > 2 ? (unsigned)atoi(argv[2]) : 64};
    u.cpus = argc > 3 ? (unsigned)atoi(argv[3]) : 4;
    if (u.cpus < 1 || u.cpus > CPUS_MAX || u.threads <= u.cpus)
        return 2;
    u.on_cpu = calloc(u.cpus, sizeof(*u.on_cpu));
    u.busy = calloc(u.threads + 1, 1);
    struct ct_model *m = ct_model_new(&(struct ct_model_info){
        .host = {.cpus = u.cpus}, .command = command, .with_syscalls = true});
    if (!m || !u.on_cpu || !u.busy)
        return 1;

    const double start = seconds();
    begin(&u, m);
    for (uint64_t i = 0; i < switches; i++)
        turn(m, &u, i);
    struct ct_result *r;
    if (ct_model_seal(m, &(struct ct_run_end){.start_ns = START_NS, .end_ns = u.now + SWITCH_NS},
                      &r) ||
        ct_findings_run(r))
        return 1;
    const double took = seconds() - start;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf(
        "%.0f switches, %u threads, %u CPUs: %.2f s, %.1f million a second, %ld MiB; %zu steps of "
        "the critical path\n",
        (double)switches, u.threads, u.cpus, took, (double)switches / took / 1e6,
        used.ru_maxrss / 1024, r->path.steps_cnt);
    ct_result_free(r);
    free(u.on_cpu);
    free(u.busy);
    return 0;
}
