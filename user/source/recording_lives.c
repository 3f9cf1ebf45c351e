/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/recording_lives.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct life {
    uint64_t since_ns;
    uint16_t cpu;
    struct ct_rec_totals account;
};

struct ct_lives {
    struct life **all; /* by id; NULL: not begun, or over */
    size_t room;
    bool no_memory;
};

struct ct_lives *ct_lives_new(void)
{
    return calloc(1, sizeof(struct ct_lives));
}

static struct life *find(struct ct_lives *l, uint32_t id)
{
    return id < l->room ? l->all[id] : NULL;
}

static struct life **place_of(struct ct_lives *l, uint32_t id)
{
    if (id >= l->room) {
        size_t more = l->room ? l->room : 64;
        while (more <= id)
            more *= 2;
        struct life **bigger = realloc((void *)l->all, more * sizeof(struct life *));
        if (!bigger)
            return NULL;
        memset((void *)(bigger + l->room), 0, (more - l->room) * sizeof(struct life *));
        l->all = bigger;
        l->room = more;
    }
    return &l->all[id];
}

/* The thread was in its state up to ns, and is in the next one from there on. */
static void change(struct life *t, uint64_t ns, uint8_t next)
{
    struct ct_totals *sum = &t->account.totals;

    if (ns > t->since_ns) {
        sum->state_ns[t->account.life.head.state % CT_STATE_SLOTS] += ns - t->since_ns;
        t->since_ns = ns;
    }
    t->account.life.head.state = next;
}

static void begin(struct ct_lives *l, const struct ct_rec_new *r)
{
    struct life **place = place_of(l, r->head.id);

    if (place && !*place)
        *place = malloc(sizeof(**place));
    if (!place || !*place) {
        l->no_memory = true;
        return;
    }
    struct life *t = *place;
    *t = (struct life){.since_ns = r->head.time_ns, .cpu = r->head.cpu};
    t->account.life.head = r->head;
    t->account.life.head.kind = CT_EV_TOTALS;
    t->account.life.tid = r->tid;
    t->account.life.tgid = r->tgid;
    t->account.life.flags = CT_LIFE_ALIVE;
    memcpy(t->account.life.comm, r->comm, CT_COMM_LEN);
    t->account.totals.start_ns = r->head.time_ns;
    t->account.totals.loop.max_call_nr = -1;
}

static void replace(struct ct_lives *l, const struct ct_rec_exec *r)
{
    struct life *t = find(l, r->head.id);

    if (!t)
        return;
    t->account.life.tid = r->tid;
    t->account.life.tgid = r->tgid;
    memcpy(t->account.life.comm, r->comm, CT_COMM_LEN);
}

static void end(struct ct_lives *l, uint32_t id)
{
    if (!find(l, id))
        return;
    free(l->all[id]);
    l->all[id] = NULL;
}

static void leave(struct life *t, const struct ct_rec_switch *r)
{
    struct ct_totals *sum = &t->account.totals;

    change(t, r->head.time_ns - r->out_lag_ns, r->head.state);
    if (r->head.state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED)
        sum->involuntary++;
    else
        sum->voluntary++;
}

static void come(struct life *t, const struct ct_rec_switch *r)
{
    struct ct_totals *sum = &t->account.totals;
    const uint64_t lag = r->wake_lag_ns;

    if (lag && lag < r->head.time_ns) {
        if (t->account.life.head.state != CT_ST_RUNNABLE + CT_RUN_WOKEN)
            change(t, r->head.time_ns - lag, CT_ST_RUNNABLE + CT_RUN_WOKEN);
        sum->wakeups++;
        ct_totals_latency(sum, lag);
    }
    change(t, r->head.time_ns, CT_ST_RUNNING);
    sum->migrations += r->head.cpu != t->cpu;
    t->cpu = r->head.cpu;
}

void ct_lives_record(const struct ct_rec_head *rec, void *lives)
{
    struct ct_lives *l = lives;
    const struct ct_rec_switch *sw = (const struct ct_rec_switch *)rec;

    if (rec->kind == CT_EV_SWITCH) {
        struct life *prev = find(l, rec->id), *next = find(l, sw->next_id);
        if (prev)
            leave(prev, sw);
        if (next)
            come(next, sw);
    } else if (rec->kind == CT_EV_NEW && rec->id) {
        begin(l, (const struct ct_rec_new *)rec);
    } else if (rec->kind == CT_EV_EXEC) {
        replace(l, (const struct ct_rec_exec *)rec);
    } else if (rec->kind == CT_EV_TOTALS) {
        end(l, rec->id);
    }
}

long ct_lives_emit(struct ct_lives *l, uint64_t end_ns, ct_record_fn sink, void *ctx)
{
    long cnt = 0;

    for (size_t id = 1; id < l->room; id++) {
        struct life *t = l->all[id];
        if (!t)
            continue;
        const uint64_t since_ns = t->since_ns;
        const uint8_t state = t->account.life.head.state;
        change(t, end_ns, state);
        t->account.life.since_ns = since_ns;
        t->account.life.head.time_ns = end_ns;
        t->account.totals.end_ns = t->since_ns; /* not before its last switch */
        sink(&t->account.life.head, ctx);
        cnt++;
    }
    return l->no_memory ? -ENOMEM : cnt;
}

void ct_lives_free(struct ct_lives *l)
{
    if (!l)
        return;
    for (size_t id = 0; id < l->room; id++)
        free(l->all[id]);
    free((void *)l->all);
    free(l);
}
