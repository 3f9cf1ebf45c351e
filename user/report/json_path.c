/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/json_path.h"

#include <string.h>

#include "user/report/json_parts.h"
#include "user/report/profile.h"
#include "user/report/stack_tree.h"

static const char *state_word(uint8_t state)
{
    if (state == CT_PATH_FOLDED)
        return "folded";
    if (state == CT_ST_RUNNING)
        return "running";
    if (state >= CT_ST_BLOCKED)
        return "blocked";
    return state >= CT_ST_RUNNABLE ? "runnable" : "unknown";
}

/* The state's name if it is one of cnt from first on, else NULL. */
static const char *part_word(uint8_t state, uint8_t first, uint8_t cnt)
{
    return state >= first && state < first + cnt ? ct_state_word(state) : NULL;
}

/* ct_json_put_times's order */
static void put_sums(struct ct_json *j, const struct ct_path_sums *s)
{
    ct_json_put_u64(j, "running_ns", s->running_ns);
    ct_json_put_u64(j, "runnable_ns", s->runnable_ns);
    ct_json_put_u64(j, "blocked_ns", s->blocked_ns);
    ct_json_put_u64(j, "unknown_ns", s->unknown_ns);
}

static void put_tid(struct ct_json *j, const struct ct_result *r, uint32_t id)
{
    const struct ct_thread *t = ct_result_thread(r, id);

    ct_json_put_u64_or_null(j, "tid", t, t ? t->tid : 0);
}

static void put_step(struct ct_json *j, const struct ct_result *r, const struct ct_path_step *s)
{
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "start_ns", s->start_ns);
    ct_json_put_u64(j, "end_ns", s->end_ns);
    put_tid(j, r, s->id);
    ct_json_key(j, "state");
    ct_json_text(j, state_word(s->state));
    ct_json_key(j, "cause");
    ct_json_text(j, part_word(s->state, CT_ST_BLOCKED, CT_CAUSE_COUNT));
    ct_json_key(j, "kind");
    ct_json_text(j, part_word(s->state, CT_ST_RUNNABLE, CT_RUN_COUNT));
    ct_json_key(j, "parts");
    if (s->state == CT_PATH_FOLDED) {
        ct_json_object(j, CT_JSON_LINE);
        put_sums(j, &s->sums);
        ct_json_close(j);
    } else {
        ct_json_null(j);
    }
    ct_json_close(j);
}

void ct_json_path(struct ct_json *j, const struct ct_result *r)
{
    if (!r->path.known) {
        ct_json_null(j);
        return;
    }
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->path.steps_cnt; i++)
        put_step(j, r, &r->path.steps[i]);
    ct_json_close(j);
}

void ct_json_put_speedups(struct ct_json *j, const struct ct_result *r)
{
    ct_json_put_ratio(j, "serial_share", ct_serial_ns(r), ct_busy_ns(r));
    ct_json_key(j, "max_speedup");
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_ratio(j, "demand", r->totals.running_ns + ct_totals_runnable(&r->totals),
                      r->totals.running_ns);
    ct_json_put_ratio(j, "critical_path", r->wall_ns, ct_path_least_ns(r));
    ct_json_close(j);
}

/* A state's time, and that of each of its parts. */
static void put_parts(struct ct_json *j, const struct ct_path *p, const char *sum_key,
                      const char *key, uint8_t first, uint8_t cnt)
{
    uint64_t sum = 0;

    for (uint8_t i = 0; i < cnt; i++)
        sum += p->state_ns[first + i];
    ct_json_put_u64(j, sum_key, sum);
    ct_json_key(j, key);
    ct_json_object(j, CT_JSON_LINE);
    for (uint8_t i = first; i < first + cnt; i++)
        ct_json_put_u64(j, part_word(i, first, cnt), p->state_ns[i]);
    ct_json_close(j);
}

static void put_shares(struct ct_json *j, const struct ct_result *r)
{
    ct_json_key(j, "threads");
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->path.shares_cnt; i++) {
        ct_json_object(j, CT_JSON_LINE);
        put_tid(j, r, r->path.shares[i].id);
        put_sums(j, &r->path.shares[i].sums);
        ct_json_close(j);
    }
    ct_json_close(j);
}

void ct_json_path_summary(struct ct_json *j, const struct ct_result *r)
{
    const struct ct_path *p = &r->path;

    if (!p->known) {
        ct_json_null(j);
        return;
    }
    ct_json_object(j, CT_JSON_LINES);
    ct_json_put_u64(j, "running_ns", p->state_ns[CT_ST_RUNNING]);
    put_parts(j, p, "runnable_ns", "runnable", CT_ST_RUNNABLE, CT_RUN_COUNT);
    put_parts(j, p, "blocked_ns", "blocked", CT_ST_BLOCKED, CT_CAUSE_COUNT);
    ct_json_key(j, "event_wait");
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "timer_ns", p->event_timer_ns);
    ct_json_put_u64(j, "network_ns", p->event_network_ns);
    ct_json_close(j);
    ct_json_put_u64(j, "unknown_ns", p->state_ns[CT_ST_UNKNOWN]);
    ct_json_put_u64(j, "unfollowed", p->unfollowed);
    put_shares(j, r);
    ct_json_close(j);
}

void ct_json_bound(struct ct_json *j, const struct ct_result *r)
{
#define X(upper, lower) #lower,
    static const char *const bounds[] = {CT_BOUNDS(X)};
#undef X
    ct_json_text(j, r->path.known && r->bound < CT_BOUND_COUNT ? bounds[r->bound] : NULL);
}

static void put_evidence(struct ct_json *j, const struct ct_finding *f)
{
    ct_json_key(j, "evidence");
    ct_json_object(j, CT_JSON_LINE);
    for (size_t i = 0; i < f->evidence_cnt; i++) {
        const struct ct_evidence *e = &f->evidence[i];
        ct_json_key(j, e->key);
        if (e->kind == CT_EVIDENCE_NUMBER)
            ct_json_u64(j, e->number);
        else if (e->kind == CT_EVIDENCE_RATIO)
            ct_json_double(j, e->ratio);
        else
            ct_json_bytes(j, e->text, strnlen(e->text, sizeof(e->text)));
    }
    ct_json_close(j);
}

static void put_finding(struct ct_json *j, const struct ct_finding *f)
{
#define X(upper, id) id,
    static const char *const ids[] = {CT_FINDINGS(X)};
#undef X
    ct_json_object(j, CT_JSON_LINES);
    ct_json_key(j, "id");
    ct_json_text(j, ids[f->id]);
    ct_json_key(j, "severity");
    ct_json_text(j, f->warning ? "warning" : "info");
    ct_json_put_u64_or_null(j, "pid", f->tgid, f->tgid);
    ct_json_put_u64_or_null(j, "tid", f->tid, f->tid);
    ct_json_key(j, "title");
    ct_json_text(j, f->title);
    ct_json_key(j, "explanation");
    ct_json_text(j, f->explanation);
    ct_json_key(j, "advice");
    ct_json_text(j, f->advice);
    put_evidence(j, f);
    ct_json_put_u64(j, "weight_ns", f->weight_ns);
    ct_json_close(j);
}

void ct_json_findings(struct ct_json *j, const struct ct_result *r)
{
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->findings_cnt; i++)
        put_finding(j, &r->findings[i]);
    ct_json_close(j);
}
