/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plays the ordered steps: which thread is in which state, on which CPU, how many at once.
 *
 * The stream may have holes. A step that contradicts what was drawn so far (a thread gets a CPU
 * that it already has) means that a step is missing: the stretch before it becomes unknown, never a
 * guess. Nothing here can make an interval negative: a step before its predecessor counts as
 * simultaneous.
 */
#include "user/core/model_internal.h"
#include "user/core/span.h"

static uint64_t since_start(const struct ct_model *m, uint64_t ns)
{
    return ns > m->start_ns ? ns - m->start_ns : 0;
}

static struct ct_lane *lane_of(struct ct_model *m, uint16_t cpu)
{
    if (cpu >= m->lanes_cnt) {
        size_t room = m->lanes_cnt;
        while (cpu >= room)
            if (!ct_grow((void **)&m->lanes, room, &room, sizeof(*m->lanes))) {
                m->no_memory = true;
                return NULL;
            }
        m->lanes_cnt = room;
    }
    return &m->lanes[cpu];
}

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Charges the time up to now to the present numbers of threads that run, and that wait. */
static void count_parallel(struct ct_model *m, uint64_t now)
{
    const size_t cpus = m->info.host.cpus;

    if (now <= m->parallel_at_ns)
        return;
    const uint64_t ns = now - m->parallel_at_ns;
    if (m->running < cpus)
        m->unserved_ns += ns * lesser(m->wanting, cpus - m->running);
    m->waiting_any_ns += m->waiting >= 1 ? ns : 0;
    m->waiting_over_ns += m->waiting >= 2 ? ns : 0;
    while (m->running >= m->parallelism_room)
        if (!ct_grow((void **)&m->parallelism_ns, m->parallelism_room, &m->parallelism_room,
                     sizeof(*m->parallelism_ns))) {
            m->no_memory = true;
            return;
        }
    m->parallelism_ns[m->running] += ns;
    m->parallel_at_ns = now;
}

/* Charges the time up to now to a process, by how many of its threads are on a CPU. */
static void count_crew(struct ct_model *m, uint32_t process, uint64_t now, int change)
{
    if (process >= m->processes_cnt) /* not known yet */
        return;
    struct ct_crew *crew = &m->crews[process];
    struct ct_process *p = &m->processes[process];
    if (now > crew->at_ns) {
        p->busy_ns += crew->running >= 1 ? now - crew->at_ns : 0;
        p->overlap_ns += crew->running >= 2 ? now - crew->at_ns : 0;
        crew->at_ns = now;
    }
    if (change > 0)
        crew->running++;
    else if (crew->running)
        crew->running--;
}

/* Waits for the world outside: what struct ct_waiting is about. */
static bool outside(uint8_t state)
{
    return state == CT_ST_BLOCKED + CT_CAUSE_SLEEP || state == CT_ST_BLOCKED + CT_CAUSE_SOCKET ||
           state == CT_ST_BLOCKED + CT_CAUSE_DISK;
}

static bool wants_cpu(uint8_t state)
{
    return state >= CT_ST_RUNNABLE && state < CT_ST_BLOCKED;
}

static void set_state(struct ct_model *m, struct ct_track *t, uint8_t state, uint64_t now)
{
    count_parallel(m, now);
    m->wanting += (size_t)wants_cpu(state) - (size_t)wants_cpu(t->state);
    m->waiting += (size_t)outside(state) - (size_t)outside(t->state);
    t->state = state;
}

static int paint_of(uint8_t state)
{
    if (state == CT_ST_RUNNING)
        return CT_PAINT_RUNNING;
    if (state >= CT_ST_BLOCKED)
        return CT_PAINT_BLOCKED;
    return state >= CT_ST_RUNNABLE ? CT_PAINT_RUNNABLE : -1;
}

/* Draws [from, to) in the thread's strip and, if it ran, in its CPU's. */
static void draw(struct ct_model *m, struct ct_track *t, uint64_t from, uint64_t to)
{
    const int paint = paint_of(t->state);
    if (paint < 0)
        return;
    const uint64_t a = since_start(m, from), b = since_start(m, to);
    if (t->out->strip)
        ct_strip_add(t->out->strip, &t->pen, paint, a, b);
    if (t->state == CT_ST_RUNNING) {
        struct ct_lane *lane = lane_of(m, t->cpu);
        if (lane)
            lane->traced_ns += to - from;
        if (lane)
            ct_strip_add(&lane->strip, &lane->pen, CT_PAINT_RUNNING, a, b);
    }
}

static uint8_t state_of(const struct ct_model *m, uint32_t id)
{
    return id < m->tracks_cnt ? m->tracks[id].state : CT_ST_UNKNOWN;
}

static int32_t call_of(uint16_t call)
{
    if (!call)
        return -1;
    return (int32_t)((call & (CT_CALL_COMPAT - 1)) - 1) |
           (call & CT_CALL_COMPAT ? CT_KEY_COMPAT : 0);
}

/* The thread was in this state from `from` to `to`. */
static void tell(const struct ct_model *m, const struct ct_track *t, uint8_t state, uint64_t from,
                 uint64_t to, const struct ct_step *by)
{
    struct ct_interval i = {.start_ns = since_start(m, from),
                            .end_ns = since_start(m, to),
                            .id = t->out->id,
                            .call = -1,
                            .cpu = t->cpu,
                            .state = state};

    if (!from || i.end_ns <= i.start_ns) /* 0: it had not begun */
        return;
    if (state >= CT_ST_BLOCKED) {
        i.call = call_of(t->call);
        i.wake = by ? by->wake : CT_WAKE_UNKNOWN;
        i.other_id = by ? by->waker : 0;
    } else if (state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED) {
        i.other_id = t->taker;
    }
    m->info.interval(&i, m->info.interval_ctx);
}

/* Adds the thread's present state, known until `known`, to the path that leads to it. */
static void follow(struct ct_model *m, const struct ct_track *t, uint64_t known, uint64_t now,
                   const struct ct_step *by)
{
    const uint32_t id = t->out->id;

    if (!m->path_begun)
        return;
    if (by && by->waker && t->state >= CT_ST_BLOCKED && known == now) {
        ct_path_wake(&m->path, id, t->state, by->waker, state_of(m, by->waker), now);
        return;
    }
    ct_path_extend(&m->path, id, t->state, by ? (enum ct_wake)by->wake : CT_WAKE_UNKNOWN, known);
    if (known < now)
        ct_path_extend(&m->path, id, CT_ST_UNKNOWN, CT_WAKE_UNKNOWN, now);
}

/*
 * Ends the thread's present state at now; the next one begins there. `by`: the step that tells who
 * ended it, or NULL. Past the start of a gap the state is unknown until the thread's next step.
 */
static uint64_t close_state(struct ct_model *m, struct ct_track *t, uint64_t now,
                            const struct ct_step *by)
{
    if (now < t->since_ns)
        now = t->since_ns;
    const bool part = ct_span_is_part(m);
    const struct ct_gap *gap = ct_gaps_after(&m->gaps, part ? t->seen_ns : t->since_ns);
    uint64_t known = now;
    if (gap && gap->start_ns < now)
        known = gap->start_ns > t->since_ns ? gap->start_ns : t->since_ns;
    if (t->state != CT_ST_UNKNOWN && t->state != CT_ST_DEAD)
        draw(m, t, t->since_ns, known);
    const uint64_t ns = known - t->since_ns;
    m->sums.state_ns[t->state] += ns;
    if (part) {
        t->out->totals.state_ns[t->state] += ns;
        t->out->totals.unknown_ns += now - known;
    }
    if (outside(t->state) && ns >= CT_WAIT_LONG_NS) {
        struct ct_waiting *w = &t->out->waiting;
        w->cnt++;
        w->ns += ns;
        w->max_ns = ns > w->max_ns ? ns : w->max_ns;
    }
    follow(m, t, known, now, by);
    if (m->info.interval && t->state != CT_ST_DEAD) {
        tell(m, t, t->state, t->since_ns, known, by);
        tell(m, t, CT_ST_UNKNOWN, known, now, NULL);
    }
    t->since_ns = now;
    return now;
}

/* The thread no longer counts as running. */
static void leave_cpu(struct ct_model *m, struct ct_track *t, uint64_t now)
{
    count_parallel(m, now);
    count_crew(m, t->out->process, now, -1);
    t->left_ns = now;
    if (m->running)
        m->running--;
    if (t->cpu < m->lanes_cnt && m->lanes[t->cpu].running_id == t->out->id)
        m->lanes[t->cpu].running_id = 0;
}

/* A step is missing: what the thread did since its last one is not known. */
static void lose_track(struct ct_model *m, struct ct_track *t, uint64_t now)
{
    if (t->state == CT_ST_RUNNING)
        leave_cpu(m, t, now);
    set_state(m, t, CT_ST_UNKNOWN, now);
}

/* It was woken at ns, as s tells, and has waited for a CPU since. */
static void wake(struct ct_model *m, struct ct_track *t, uint64_t ns, const struct ct_step *s)
{
    if (t->state == CT_ST_RUNNABLE + CT_RUN_WOKEN) /* as it began */
        return;
    close_state(m, t, ns, s);
    set_state(m, t, CT_ST_RUNNABLE + CT_RUN_WOKEN, ns);
}

/* It has a CPU from now on, which nobody else can have. */
static void take_cpu(struct ct_model *m, struct ct_track *t, struct ct_lane *lane, uint16_t cpu,
                     uint64_t now)
{
    set_state(m, t, CT_ST_RUNNING, now);
    count_crew(m, t->out->process, now, 1);
    t->cpu = cpu;
    lane->running_id = t->out->id;
    m->running++;
}

static void step_wake(struct ct_model *m, struct ct_track *t, const struct ct_step *s)
{
    if (t->state == CT_ST_RUNNING)
        lose_track(m, t, s->time_ns);
    wake(m, t, s->time_ns, s);
}

static void step_in(struct ct_model *m, struct ct_track *t, const struct ct_step *s)
{
    struct ct_lane *lane = lane_of(m, s->cpu);
    if (!lane)
        return;
    if (lane->running_id && lane->running_id != t->out->id) {
        struct ct_track *other = ct_model_track(m, lane->running_id);
        if (other)
            lose_track(m, other, s->time_ns);
    }
    if (t->state == CT_ST_RUNNING)
        lose_track(m, t, s->time_ns);
    if (s->to_ns)
        wake(m, t, s->to_ns, s);
    const uint64_t now = close_state(m, t, s->time_ns, NULL);
    take_cpu(m, t, lane, s->cpu, now);
}

static void step_out(struct ct_model *m, struct ct_track *t, const struct ct_step *s)
{
    if (t->state != CT_ST_RUNNING)
        lose_track(m, t, s->time_ns);
    const uint64_t now = close_state(m, t, s->time_ns, NULL);
    if (t->state == CT_ST_RUNNING)
        leave_cpu(m, t, now);
    set_state(m, t, s->state, now);
    t->call = (uint16_t)s->call;
    t->taker = s->waker;
}

/* The path to its first moment leads through its parent. */
static void begin_path(struct ct_model *m, const struct ct_track *t, uint64_t now)
{
    if (!m->info.with_syscalls) /* then nobody asks who wakes whom */
        return;
    if (!m->path_begun) {
        m->path_begun = true;
        if (!ct_path_init(&m->path, now))
            m->no_memory = true;
    }
    ct_path_begin(&m->path, t->out->id, t->out->parent_id, state_of(m, t->out->parent_id), now);
}

static void step_begin(struct ct_model *m, struct ct_track *t, const struct ct_step *s)
{
    if (t->alive || t->state == CT_ST_DEAD)
        return;
    t->alive = true;
    if (++m->alive > m->peak)
        m->peak = m->alive;
    if (t->state == CT_ST_UNKNOWN) { /* else an event overtook it: it knows better */
        struct ct_lane *lane = s->state == CT_ST_RUNNING ? lane_of(m, s->cpu) : NULL;
        t->since_ns = s->time_ns;
        begin_path(m, t, s->time_ns);
        set_state(m, t, s->state, s->time_ns);
        if (lane)
            take_cpu(m, t, lane, s->cpu, s->time_ns);
    }
}

static void step_end(struct ct_model *m, struct ct_track *t, const struct ct_step *s)
{
    if (t->alive) {
        t->alive = false;
        m->alive--;
    }
    if (t->state == CT_ST_DEAD)
        return;
    if (s->to_ns && s->state == CT_ST_RUNNABLE + CT_RUN_WOKEN && t->state != CT_ST_RUNNING)
        wake(m, t, s->to_ns, s); /* and it never came to a CPU */
    const uint64_t now = close_state(m, t, s->time_ns, NULL);
    if (t->state == CT_ST_RUNNING)
        leave_cpu(m, t, now);
    set_state(m, t, CT_ST_DEAD, now);
    if (m->path_begun)
        ct_path_die(&m->path, t->out->id, now);
}

/* In a gap nobody knows who ran: its time counts for no degree of parallelism. */
static void step_gap(struct ct_model *m, const struct ct_step *s)
{
    count_parallel(m, s->time_ns);
    if (s->to_ns > m->parallel_at_ns)
        m->parallel_at_ns = s->to_ns;
}

void ct_timeline_step(const struct ct_step *step, void *ctx)
{
    struct ct_model *m = ctx;
    struct ct_step clamped = *step;
    const struct ct_step *s = &clamped;
    if (ct_span_is_part(m) && !ct_span_fit(m, &clamped))
        return;
    if (m->end_ns &&
        clamped.time_ns > m->end_ns) /* the end is known, and was dated back a little */
        clamped.time_ns = m->end_ns;
    if (clamped.to_ns > clamped.time_ns && s->kind != CT_STEP_GAP)
        clamped.to_ns = clamped.time_ns;
    if (s->kind == CT_STEP_GAP) {
        step_gap(m, s);
        return;
    }
    struct ct_track *t = ct_model_track(m, s->id);
    if (!t)
        return;
    if (t->state == CT_ST_DEAD && s->kind != CT_STEP_END)
        return;
    switch (s->kind) {
    case CT_STEP_BEGIN:
        step_begin(m, t, s);
        break;
    case CT_STEP_WAKE:
        step_wake(m, t, s);
        break;
    case CT_STEP_IN:
        step_in(m, t, s);
        break;
    case CT_STEP_OUT:
        step_out(m, t, s);
        break;
    case CT_STEP_END:
        step_end(m, t, s);
        break;
    default:
        break;
    }
    t->seen_ns = step->time_ns;
}

void ct_timeline_end(struct ct_model *m, uint64_t end_ns)
{
    for (size_t i = 1; i < m->tracks_cnt; i++) {
        struct ct_track *t = &m->tracks[i];
        if (t->out && t->state != CT_ST_DEAD)
            step_end(m, t, &(struct ct_step){.time_ns = end_ns});
    }
    count_parallel(m, end_ns);
}
