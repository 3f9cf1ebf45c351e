/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/span.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t clamp(const struct ct_span *span, uint64_t ns)
{
    if (ns < span->from_ns)
        return span->from_ns;
    return ns < span->to_ns ? ns : span->to_ns;
}

/* A thread that comes to a CPU, or ends, behind the part may have been woken within it. */
static bool fit_late(const struct ct_span *span, struct ct_step *s)
{
    const bool woken = s->kind == CT_STEP_IN ||
                       (s->kind == CT_STEP_END && s->state == CT_ST_RUNNABLE + CT_RUN_WOKEN);

    if (!woken || !s->to_ns || s->to_ns >= span->to_ns)
        return false;
    s->kind = CT_STEP_WAKE;
    s->time_ns = s->to_ns;
    s->to_ns = 0;
    return true;
}

/* woken_now: by this step, and within the part. */
static void count_in(struct ct_track *t, const struct ct_step *s, bool woken_now)
{
    struct ct_totals *sum = &t->out->totals;
    const bool woken = t->state == CT_ST_RUNNABLE + CT_RUN_WOKEN;

    sum->migrations += s->cpu != t->cpu;
    if (!woken && !s->to_ns)
        return;
    sum->wakeups += !woken && woken_now;
    const uint64_t since_ns = woken ? t->since_ns : s->to_ns;
    ct_totals_latency(sum, s->time_ns > since_ns ? s->time_ns - since_ns : 0);
}

static void count(struct ct_track *t, const struct ct_step *s, bool woken_now)
{
    struct ct_totals *sum = &t->out->totals;

    if (s->kind == CT_STEP_IN)
        count_in(t, s, woken_now);
    else if (s->kind == CT_STEP_WAKE)
        sum->wakeups += t->state != CT_ST_RUNNABLE + CT_RUN_WOKEN;
    else if (s->kind == CT_STEP_OUT && s->state >= CT_ST_RUNNABLE && s->state < CT_ST_BLOCKED)
        sum->involuntary++;
    else if (s->kind == CT_STEP_OUT)
        sum->voluntary++;
}

bool ct_span_fit(struct ct_model *m, struct ct_step *s)
{
    const struct ct_span *span = &m->info.span;

    if (!span->last && s->time_ns >= span->to_ns && !fit_late(span, s))
        return false;
    const bool inside = s->time_ns >= span->from_ns, woken_now = s->to_ns >= span->from_ns;
    if (inside && !m->span_open) {
        m->span_open = true;
        m->peak = m->alive;
    }
    s->time_ns = clamp(span, s->time_ns);
    if (s->kind != CT_STEP_OUT) /* there it is no time */
        s->to_ns = s->to_ns ? clamp(span, s->to_ns) : 0;
    struct ct_track *t = s->kind == CT_STEP_GAP ? NULL : ct_model_track(m, s->id);
    /* its account may have overtaken its last switch, which counts all the same */
    if (!t || (t->state == CT_ST_DEAD && s->kind != CT_STEP_OUT))
        return true;
    if (!t->out->totals.start_ns) /* its first step, whatever it is */
        t->out->totals.start_ns = t->since_ns = s->time_ns;
    if (s->kind == CT_STEP_BEGIN)
        t->cpu = s->cpu;
    else if (inside)
        count(t, s, woken_now);
    return true;
}

void ct_span_close(struct ct_model *m)
{
    const struct ct_span *span = &m->info.span;

    if (!m->span_open)
        m->peak = m->alive;
    for (size_t i = 1; i < m->tracks_cnt; i++) {
        struct ct_track *t = &m->tracks[i];
        struct ct_thread *out = t->out;
        const bool dead = t->state == CT_ST_DEAD;
        if (!out)
            continue;
        if (!out->totals.start_ns || (dead && t->since_ns <= span->from_ns)) {
            ct_thread_free(out);
            t->out = NULL;
            continue;
        }
        out->alive = !dead || (out->has_totals && out->alive);
        out->has_totals = true;
        out->start_ns = out->totals.start_ns;
        out->end_ns = out->totals.end_ns = dead ? t->since_ns : span->to_ns;
    }
}

/* How many records were lost in the part, as far as the stream tells when. */
struct ct_run_end ct_span_end(const struct ct_model *m, const struct ct_run_end *end)
{
    const struct ct_span *span = &m->info.span;
    struct ct_run_end part = {.start_ns = span->from_ns,
                              .end_ns = span->to_ns,
                              .lost_events = m->span_lost,
                              .lost_threads = end->lost_threads,
                              .cpus = end->cpus,
                              .cpus_cnt = end->cpus_cnt,
                              .stolen_ns = CT_NOT_TOLD,
                              .throttled_ns = CT_NOT_TOLD};

    part.start_unix_ns = end->start_unix_ns + (span->from_ns - end->start_ns);
    if (span->last)
        part.exit = end->exit;
    return part;
}

static void drop_gaps(struct ct_result *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->gaps_cnt; i++)
        if (r->gaps[i].start_ns < r->gaps[i].end_ns)
            r->gaps[kept++] = r->gaps[i];
    r->gaps_cnt = kept;
}

/* Threads name their processes by their places. */
static void drop_processes(struct ct_result *r, size_t *place)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->processes_cnt; i++) {
        place[i] = kept;
        if (r->processes[i].threads)
            r->processes[kept++] = r->processes[i];
        else
            free(r->processes[i].argv);
    }
    r->processes_cnt = kept;
    for (size_t i = 0; i < r->threads_cnt; i++)
        r->threads[i]->process = (uint32_t)place[r->threads[i]->process];
}

int ct_span_seal(struct ct_result *r)
{
    size_t *place = calloc(r->processes_cnt + 1, sizeof(*place));

    if (!place)
        return -ENOMEM;
    drop_processes(r, place);
    free(place);
    drop_gaps(r);
    r->with_syscalls = r->with_stacks = false;
    return 0;
}
