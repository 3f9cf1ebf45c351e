/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/harness/sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_THREADS 64

struct sim_thread {
    uint8_t state;
    uint64_t since;
    int cpu; /* -1: on none */
    uint32_t waker;
    uint32_t wake;
    struct ct_totals totals;
};

struct sim_world {
    struct sim *sim;
    uint64_t seed;
    uint64_t now;
    unsigned cpus;
    struct sim_thread threads[SIM_THREADS + 1]; /* by id */
    uint32_t threads_cnt;
    uint32_t on_cpu[8];
};

static uint32_t roll(struct sim_world *w, uint32_t below)
{
    w->seed = w->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(w->seed >> 33) % below;
}

static struct sim_rec *push(struct sim *s)
{
    if (s->cnt == s->room) {
        s->room = s->room ? 2 * s->room : 256;
        s->recs = realloc(s->recs, s->room * sizeof(*s->recs));
        assert(s->recs);
    }
    memset(&s->recs[s->cnt], 0, sizeof(*s->recs));
    return &s->recs[s->cnt++];
}

static void charge(struct sim_world *w, uint32_t id)
{
    struct sim_thread *t = &w->threads[id];
    const uint64_t ns = w->now - t->since;
    t->totals.state_ns[t->state] += ns;
    if (t->state == CT_ST_RUNNING)
        w->sim->cpus[t->cpu].traced_ns += ns;
    t->since = w->now;
}

static void spawn(struct sim_world *w, uint32_t parent)
{
    const uint32_t id = ++w->threads_cnt;
    struct sim_thread *t = &w->threads[id];
    t->state = CT_ST_RUNNABLE + CT_RUN_CREATED;
    t->since = t->totals.start_ns = w->now;
    t->cpu = -1;
    struct sim_rec *r = push(w->sim);
    r->head =
        (struct ct_rec_head){.time_ns = w->now, .kind = CT_EV_NEW, .state = t->state, .id = id};
    r->fresh.parent_id = parent;
    r->fresh.tid = 1000 + id;
    r->fresh.tgid = id % 3 == 1 ? 1000 + id : 1001; /* some are processes, some threads */
    snprintf(r->fresh.comm, sizeof(r->fresh.comm), "sim-%u", id);
}

static void account(struct sim_world *w, uint32_t id, bool alive)
{
    struct sim_thread *t = &w->threads[id];
    const uint64_t since = t->since;
    charge(w, id);
    t->totals.end_ns = w->now;
    struct sim_rec *r = push(w->sim);
    r->head =
        (struct ct_rec_head){.time_ns = w->now, .kind = CT_EV_TOTALS, .state = t->state, .id = id};
    r->totals.life.tid = 1000 + id;
    r->totals.life.tgid = id % 3 == 1 ? 1000 + id : 1001;
    r->totals.life.flags = alive ? CT_LIFE_ALIVE : 0;
    r->totals.life.since_ns = since;
    r->totals.totals = t->totals;
}

/* One context switch on a CPU: whoever is there leaves for `state`, next (0: nobody) comes. */
static void swap(struct sim_world *w, unsigned cpu, uint8_t state, uint32_t next)
{
    const uint32_t prev = w->on_cpu[cpu];
    struct sim_rec *r = push(w->sim);
    r->head = (struct ct_rec_head){
        .time_ns = w->now, .kind = CT_EV_SWITCH, .state = state, .cpu = (uint16_t)cpu, .id = prev};
    r->sw.next_id = next;
    if (next && w->threads[next].state == CT_ST_RUNNABLE + CT_RUN_WOKEN) {
        r->sw.wake_lag_ns = w->now - w->threads[next].since;
        r->sw.waker_id = w->threads[next].waker;
        r->sw.wake = w->threads[next].wake;
    }
    if (prev) {
        if (state >= CT_ST_BLOCKED)
            r->sw.call = (uint16_t)(state - CT_ST_BLOCKED + 1) | (prev % 2 ? CT_CALL_COMPAT : 0);
        charge(w, prev);
        w->threads[prev].state = state;
        w->threads[prev].cpu = -1;
        w->threads[prev].totals.voluntary++;
    }
    if (next) {
        charge(w, next);
        w->threads[next].state = CT_ST_RUNNING;
        w->threads[next].cpu = (int)cpu;
    }
    w->on_cpu[cpu] = next;
    if (prev && state == CT_ST_DEAD)
        account(w, prev, false);
}

static uint32_t pick_runnable(struct sim_world *w)
{
    for (int tries = 0; w->threads_cnt && tries < 20; tries++) {
        const uint32_t id = 1 + roll(w, w->threads_cnt);
        const uint8_t state = w->threads[id].state;
        if (state >= CT_ST_RUNNABLE && state < CT_ST_BLOCKED)
            return id;
    }
    return 0;
}

/* by 0: an interrupt */
static void wake_one(struct sim_world *w, uint32_t by)
{
    const uint32_t id = 1 + roll(w, w->threads_cnt);
    struct sim_thread *t = &w->threads[id];
    if (t->state < CT_ST_BLOCKED)
        return;
    charge(w, id);
    t->state = CT_ST_RUNNABLE + CT_RUN_WOKEN;
    t->waker = by;
    t->wake = by ? CT_WAKE_TASK : CT_WAKE_HARDIRQ;
    t->totals.wakeups++; /* told when it comes to a CPU */
}

static void step(struct sim_world *w)
{
    const unsigned cpu = roll(w, w->cpus);
    const uint32_t here = w->on_cpu[cpu];
    const uint32_t dice = roll(w, 100);

    w->now += 1 + roll(w, 3000000);
    if (here && dice < 12 && w->threads_cnt < SIM_THREADS) {
        spawn(w, here);
    } else if (here && dice < 15 && here != 1) {
        swap(w, cpu, CT_ST_DEAD, pick_runnable(w));
    } else if (here && dice < 60) {
        const uint8_t state = roll(w, 2) ? CT_ST_BLOCKED + (uint8_t)roll(w, CT_CAUSE_COUNT)
                                         : CT_ST_RUNNABLE + (uint8_t)roll(w, CT_RUN_WOKEN);
        const uint32_t next = pick_runnable(w);
        swap(w, cpu, state, next == here ? 0 : next);
    } else if (!here) {
        const uint32_t next = pick_runnable(w);
        if (next)
            swap(w, cpu, CT_ST_UNKNOWN, next);
        else
            wake_one(w, 0);
    } else {
        wake_one(w, dice % 2 ? here : 0);
    }
}

void sim_make(struct sim *s, unsigned seed, size_t steps, unsigned cpus)
{
    *s = (struct sim){0};
    struct sim_world *w = calloc(1, sizeof(*w));
    assert(w);
    *w = (struct sim_world){.sim = s, .seed = seed * 2654435761ULL + 1, .now = SIM_START_NS};
    w->cpus = cpus;
    for (unsigned i = 0; i < cpus; i++)
        s->cpus[i].cpu = i;
    spawn(w, 0);
    for (size_t i = 0; i < steps; i++)
        step(w);
    w->now += 1000;
    for (uint32_t id = 1; id <= w->threads_cnt; id++)
        if (w->threads[id].state != CT_ST_DEAD)
            account(w, id, true);
    s->end = (struct ct_run_end){.start_ns = SIM_START_NS, .end_ns = w->now, .cpus_cnt = cpus};
    free(w);
}

void sim_free(struct sim *s)
{
    free(s->recs);
}

static struct ct_result *play(const struct sim *s, const size_t *order, struct ct_span span,
                              ct_interval_fn fn, void *ctx)
{
    static char *const command[] = {"sim", NULL};
    const struct ct_model_info info = {.host = {.kernel = "sim", .cpus = (uint32_t)s->end.cpus_cnt},
                                       .command = command,
                                       .span = span,
                                       .with_syscalls = true,
                                       .interval = fn,
                                       .interval_ctx = ctx};
    struct ct_model *m = ct_model_new(&info);
    struct ct_result *r = NULL;
    assert(m);
    for (size_t i = 0; i < s->cnt; i++)
        ct_model_record(&s->recs[order ? order[i] : i].head, m);
    struct ct_run_end end = s->end;
    end.cpus = s->cpus;
    const int err = ct_model_seal(m, &end, &r);
    assert(!err);
    (void)err;
    return r;
}

struct ct_result *sim_run(const struct sim *s, const size_t *order)
{
    return play(s, order, (struct ct_span){0}, NULL, NULL);
}

struct ct_result *sim_hear(const struct sim *s, ct_interval_fn fn, void *ctx)
{
    return play(s, NULL, (struct ct_span){0}, fn, ctx);
}

struct ct_result *sim_run_part(const struct sim *s, const size_t *order, struct ct_span span)
{
    return play(s, order, span, NULL, NULL);
}
