/* SPDX-License-Identifier: GPL-2.0-only */
/* Intake: who the threads and processes are, and their accounts. The drawing is in timeline.c. */
#include "user/core/model_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/core/span.h"

bool ct_grow(void **array, size_t cnt, size_t *room, size_t elem)
{
    if (cnt < *room)
        return true;
    const size_t more = *room ? 2 * *room : 64;
    char *bigger = realloc(*array, more * elem);
    if (!bigger)
        return false;
    memset(bigger + *room * elem, 0, (more - *room) * elem);
    *array = bigger;
    *room = more;
    return true;
}

/* Ids are serial numbers from the kernel; one far ahead of all others is damage, not a thread. */
#define ID_MAX (1U << 28)

struct ct_track *ct_model_track(struct ct_model *m, uint32_t id)
{
    if (!id || id >= ID_MAX)
        return NULL;
    while (id >= m->tracks_room)
        if (!ct_grow((void **)&m->tracks, m->tracks_room, &m->tracks_room, sizeof(*m->tracks)))
            goto no_memory;
    if (id >= m->tracks_cnt)
        m->tracks_cnt = id + 1;
    struct ct_track *t = &m->tracks[id];
    if (!t->out) {
        t->out = calloc(1, sizeof(*t->out));
        if (!t->out)
            goto no_memory;
        t->out->id = id;
        t->out->process = CT_NO_PROCESS;
        t->out->alive = true;
        m->threads++;
        if (m->threads <= CT_STRIPS_MAX && !(t->out->strip = calloc(1, sizeof(*t->out->strip))))
            goto no_memory;
    }
    return t;

no_memory:
    m->no_memory = true;
    return NULL;
}

static void set_comm(char *to, const char *from)
{
    memcpy(to, from, CT_COMM_LEN);
    to[CT_COMM_LEN] = 0;
}

static void set_argv(struct ct_model *m, struct ct_process *p, const char *argv, uint32_t len,
                     bool cut)
{
    if (!len)
        return;
    char *copy = malloc(len);
    if (!copy) {
        m->no_memory = true;
        return;
    }
    memcpy(copy, argv, len);
    free(p->argv);
    p->argv = copy;
    p->argv_len = len;
    p->argv_cut = cut;
}

/* The latest process with a number: numbers are used again, the newest is meant. */
static uint32_t find_process(const struct ct_model *m, uint32_t tgid)
{
    const size_t at = ct_map_find(&m->newest_at, tgid, 0);

    return at == SIZE_MAX ? CT_NO_PROCESS : m->newest[at];
}

static bool note_newest(struct ct_model *m, uint32_t tgid, uint32_t process)
{
    if (!ct_grow((void **)&m->newest, m->newest_cnt, &m->newest_room, sizeof(*m->newest)))
        return false;
    const size_t at = ct_map_index(&m->newest_at, tgid, 0, m->newest_cnt);
    if (at == SIZE_MAX)
        return false;
    m->newest_cnt += at == m->newest_cnt;
    m->newest[at] = process;
    return true;
}

static uint32_t new_process(struct ct_model *m, uint32_t tgid, uint32_t ppid)
{
    const uint32_t process = (uint32_t)m->processes_cnt;

    if (!ct_grow((void **)&m->processes, m->processes_cnt, &m->processes_room,
                 sizeof(*m->processes)) ||
        !ct_grow((void **)&m->crews, m->processes_cnt, &m->crews_room, sizeof(*m->crews)) ||
        !note_newest(m, tgid, process)) {
        m->no_memory = true;
        return CT_NO_PROCESS;
    }
    m->processes[m->processes_cnt++] = (struct ct_process){.tgid = tgid, .ppid = ppid};
    return process;
}

/*
 * A new leader is a new process, which goes on with its parent's program until it execs. Another
 * thread belongs to its parent's process: tids and tgids are used again, ids never.
 */
static void join_process(struct ct_model *m, struct ct_track *t, uint32_t ppid)
{
    struct ct_thread *out = t->out;
    struct ct_track *parent = ct_model_track(m, out->parent_id);
    const uint32_t of_parent = parent ? parent->out->process : CT_NO_PROCESS;

    if (out->tid != out->tgid) {
        out->process = of_parent != CT_NO_PROCESS && m->processes[of_parent].tgid == out->tgid
                           ? of_parent
                           : find_process(m, out->tgid);
        if (out->process == CT_NO_PROCESS)
            out->process = new_process(m, out->tgid, ppid);
        return;
    }
    out->process = new_process(m, out->tgid, ppid);
    if (out->process == CT_NO_PROCESS || of_parent == CT_NO_PROCESS)
        return;
    const struct ct_process *from = &m->processes[of_parent];
    struct ct_process *p = &m->processes[out->process];
    memcpy(p->comm, from->comm, sizeof(p->comm));
    set_argv(m, p, from->argv, from->argv_len, from->argv_cut);
}

static void add_step(struct ct_model *m, const struct ct_step *step, bool advance)
{
    if (ct_order_add(&m->order, step, advance, ct_timeline_step, m))
        m->no_memory = true;
}

static void on_switch(struct ct_model *m, const struct ct_rec_switch *r)
{
    const uint64_t lag = r->wake_lag_ns < r->head.time_ns ? r->wake_lag_ns : 0;
    /* often both have one stamp: then who woke it still tells that it was woken */
    const uint64_t woken = lag || r->wake ? r->head.time_ns - lag : 0;
    m->switches++;
    if (r->head.id)
        add_step(m,
                 &(struct ct_step){.time_ns = r->head.time_ns - r->out_lag_ns,
                                   .kind = CT_STEP_OUT,
                                   .id = r->head.id,
                                   .call = r->call,
                                   .waker = r->next_id,
                                   .cpu = r->head.cpu,
                                   .state = r->head.state},
                 true);
    if (!r->next_id)
        return;
    struct ct_step in = {.time_ns = r->head.time_ns,
                         .kind = CT_STEP_IN,
                         .id = r->next_id,
                         .waker = r->waker_id,
                         .wake = r->wake < CT_WAKE_COUNT ? r->wake : CT_WAKE_UNKNOWN,
                         .cpu = r->head.cpu};
    in.to_ns = lag ? 0 : woken;
    if (lag) {
        struct ct_step wake = in;
        wake.time_ns = woken;
        wake.kind = CT_STEP_WAKE;
        const int late = ct_order_insert(&m->order, &wake);
        in.to_ns = late ? woken : 0;
        m->no_memory = m->no_memory || late < 0;
    }
    add_step(m, &in, true);
}

static void on_new(struct ct_model *m, const struct ct_rec_new *r)
{
    struct ct_track *t = ct_model_track(m, r->head.id);
    if (!t)
        return;
    if (!ct_span_is_part(m) && (!m->start_ns || r->head.time_ns < m->start_ns))
        m->start_ns = m->parallel_at_ns = r->head.time_ns;
    t->out->parent_id = r->parent_id < r->head.id ? r->parent_id : 0;
    t->out->tid = r->tid;
    t->out->tgid = r->tgid;
    t->out->ns_tid = r->ns_tid;
    t->out->ns_tgid = r->ns_tgid;
    t->out->start_ns = r->head.time_ns;
    set_comm(t->out->comm, r->comm);
    if (t->out->process == CT_NO_PROCESS)
        join_process(m, t, r->ppid);
    if (t->out->process != CT_NO_PROCESS)
        m->processes[t->out->process].ns_tgid = r->ns_tgid;
    add_step(m,
             &(struct ct_step){.time_ns = r->head.time_ns,
                               .kind = CT_STEP_BEGIN,
                               .id = r->head.id,
                               .cpu = r->head.cpu,
                               .state = r->head.state},
             false);
}

static void on_exec(struct ct_model *m, const struct ct_rec_exec *r)
{
    struct ct_track *t = ct_model_track(m, r->head.id);
    if (!t)
        return;
    t->out->tid = r->tid; /* an exec'ing thread takes its leader's number */
    t->out->ns_tid = t->out->ns_tgid;
    t->out->tgid = r->tgid;
    set_comm(t->out->comm, r->comm);
    if (t->out->process == CT_NO_PROCESS)
        t->out->process = find_process(m, r->tgid);
    if (t->out->process == CT_NO_PROCESS)
        t->out->process = new_process(m, r->tgid, 0);
    if (t->out->process == CT_NO_PROCESS)
        return;
    struct ct_process *p = &m->processes[t->out->process];
    set_comm(p->comm, r->comm);
    const uint32_t len = r->argv_len < CT_ARGV_MAX ? r->argv_len : CT_ARGV_MAX;
    set_argv(m, p, r->argv, len, r->argv_cut);
}

static void on_totals(struct ct_model *m, const struct ct_rec_totals *r)
{
    struct ct_track *t = ct_model_track(m, r->life.head.id);
    if (!t)
        return;
    struct ct_thread *out = t->out;
    out->tid = r->life.tid;
    out->tgid = r->life.tgid;
    out->alive = r->life.flags & CT_LIFE_ALIVE;
    t->group_exit = r->life.flags & CT_LIFE_GROUP_EXIT;
    out->has_totals = true;
    if (!ct_span_is_part(m))
        out->totals = r->totals;
    out->start_ns = r->totals.start_ns;
    out->end_ns = r->totals.end_ns;
    t->status = r->life.exit_code;
    set_comm(out->comm, r->life.comm);
    if (out->process == CT_NO_PROCESS)
        out->process = find_process(m, out->tgid);
    if (out->process == CT_NO_PROCESS)
        out->process = new_process(m, out->tgid, 0);
    add_step(m,
             &(struct ct_step){.time_ns = out->end_ns,
                               .to_ns = out->alive ? r->life.since_ns : 0,
                               .kind = CT_STEP_END,
                               .id = out->id,
                               .state = r->life.head.state},
             false);
}

/* Comes behind the thread's account, which has told its process. */
static void on_rows(struct ct_model *m, const struct ct_rec_rows *r)
{
    const struct ct_track *t = ct_model_track(m, r->head.id);
    if (t && t->out->process != CT_NO_PROCESS && ct_tables_add(&m->tables, r, t->out->process))
        m->no_memory = true;
}

static void on_stack(struct ct_model *m, const struct ct_rec_stack *r)
{
    const uint32_t process = find_process(m, r->tgid);
    if (ct_stacks_add(&m->stacks, r, process == CT_NO_PROCESS ? 0 : process))
        m->no_memory = true;
}

static void on_lock(struct ct_model *m, const struct ct_rec_lock *r)
{
    const struct ct_track *t = ct_model_track(m, r->head.id);
    if (t && t->out->process != CT_NO_PROCESS && ct_tables_name(&m->tables, r, t->out->process))
        m->no_memory = true;
}

static void on_lost(struct ct_model *m, const struct ct_rec_lost *r)
{
    struct ct_gap gap = {.start_ns = r->head.time_ns, .end_ns = r->to_ns};
    if (gap.end_ns < gap.start_ns)
        return;
    gap.end_ns++; /* a single loss has an extent too */
    if (gap.start_ns < m->info.span.to_ns && gap.end_ns > m->info.span.from_ns)
        m->span_lost += r->cnt;
    if (!ct_gaps_add(&m->gaps, &gap)) {
        m->no_memory = true;
        return;
    }
    add_step(m,
             &(struct ct_step){
                 .time_ns = gap.start_ns, .to_ns = gap.end_ns, .kind = CT_STEP_GAP, .id = 0},
             false);
}

void ct_model_record(const struct ct_rec_head *rec, void *model)
{
    struct ct_model *m = model;

    switch ((enum ct_event_kind)rec->kind) {
    case CT_EV_SWITCH:
        on_switch(m, (const struct ct_rec_switch *)rec);
        break;
    case CT_EV_NEW:
        on_new(m, (const struct ct_rec_new *)rec);
        break;
    case CT_EV_EXEC:
        on_exec(m, (const struct ct_rec_exec *)rec);
        break;
    case CT_EV_TOTALS:
        on_totals(m, (const struct ct_rec_totals *)rec);
        break;
    case CT_EV_ROWS:
        if (!ct_span_is_part(m)) /* they are of whole lives, as are the next two */
            on_rows(m, (const struct ct_rec_rows *)rec);
        break;
    case CT_EV_LOST:
        on_lost(m, (const struct ct_rec_lost *)rec);
        break;
    case CT_EV_STACK:
        if (!ct_span_is_part(m))
            on_stack(m, (const struct ct_rec_stack *)rec);
        break;
    case CT_EV_LOCK:
        if (!ct_span_is_part(m))
            on_lock(m, (const struct ct_rec_lock *)rec);
        break;
    case CT_EV_COUNT:
        break;
    }
}

static char **copy_command(char *const *command)
{
    size_t n = 0;
    while (command && command[n])
        n++;
    char **copy = calloc(n + 1, sizeof(*copy));
    for (size_t i = 0; copy && i < n; i++) {
        copy[i] = strdup(command[i]);
        if (!copy[i]) {
            while (i-- > 0)
                free(copy[i]);
            free(copy);
            return NULL;
        }
    }
    return copy;
}

struct ct_model *ct_model_new(const struct ct_model_info *info)
{
    struct ct_model *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->info = *info;
    m->info.command = copy_command(info->command);
    if (!m->info.command) {
        free(m);
        return NULL;
    }
    m->start_ns = m->parallel_at_ns = info->span.from_ns;
    m->end_ns = info->span.to_ns;
    return m;
}

struct ct_live ct_model_live(const struct ct_model *m)
{
    return (struct ct_live){
        .threads_alive = m->alive, .threads = m->threads, .switches = m->switches};
}

void ct_model_free(struct ct_model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->tracks_cnt; i++)
        ct_thread_free(m->tracks[i].out);
    for (size_t i = 0; i < m->processes_cnt; i++)
        free(m->processes[i].argv);
    for (char *const *c = m->info.command; c && *c; c++)
        free(*c);
    free((void *)m->info.command);
    free(m->tracks);
    free(m->processes);
    free(m->crews);
    free(m->lanes);
    free(m->gaps.all);
    ct_map_fini(&m->newest_at);
    free(m->newest);
    free(m->parallelism_ns);
    ct_order_fini(&m->order);
    ct_path_fini(&m->path);
    ct_tables_fini(&m->tables);
    ct_stacks_fini(&m->stacks);
    free(m);
}
