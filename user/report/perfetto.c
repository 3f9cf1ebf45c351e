/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run as a Perfetto trace (ui.perfetto.dev). docs/perfetto.md says what is where.
 *
 * Written while the intervals are heard, in memory that does not grow with the run. Packets need
 * not come in the order of time, so an interval is written as soon as it is known: its state as of
 * its start, its waker as of its end.
 *
 * Rejected: the kernel's own sched_switch. It names who comes and who goes on a CPU; of tasks that
 * are not ours we know neither, and what we left out would seem to run for ever.
 */
#include "user/report/report.h"

#include <errno.h>
#include <stdlib.h>

#include "user/core/syscalls.h"
#include "user/report/perfetto_packet.h"
#include "user/report/stack_tree.h"

#define TID_MOST 4194304 /* no kernel gives a greater one */
#define BINS     4096    /* of the counters: averages over equal parts of the run */

enum track { TRACK_FINDINGS = 1, TRACK_PATH, TRACK_RUNNING, TRACK_RUNNABLE, TRACK_THREADS };

/* Where a thread is, as far as was told. */
struct last {
    uint32_t waker_id; /* who ended its wait, if woken */
    bool woken;
    bool born;
    uint16_t cpu;
    unsigned char state; /* enum ct_perfetto_state */
};

struct writer {
    const struct ct_result *r;
    struct ct_proto p;
    struct last *last; /* by id */
    uint64_t bin_ns;
    double running_ns[BINS];
    double runnable_ns[BINS];
};

static uint64_t at(const struct writer *w, uint64_t ns)
{
    return w->r->start_boot_ns + ns;
}

static uint64_t thread_uuid(uint32_t id)
{
    return TRACK_THREADS + 2ULL * id;
}

static uint64_t waits_uuid(uint32_t id)
{
    return thread_uuid(id) + 1;
}

/*
 * A thread that replaces its process' program takes the leader's tid. Two of one tid at a time
 * cannot be told apart, so it is shown by a number that no kernel gives.
 */
static struct ct_perfetto_task task_of(const struct ct_result *r, const struct ct_thread *t)
{
    const struct ct_thread *parent = ct_result_thread(r, t->parent_id);
    const bool heir = parent && t->tid == t->tgid && parent->tgid == t->tgid;

    return (struct ct_perfetto_task){heir ? TID_MOST + t->id : t->tid, ct_result_tgid(r, t),
                                     t->comm};
}

static uint32_t tid_of(const struct ct_result *r, uint32_t id)
{
    const struct ct_thread *t = ct_result_thread(r, id);

    return t ? task_of(r, t).tid : 0;
}

/* ---- before the intervals ---- */

static void write_tracks(struct writer *w)
{
    ct_perfetto_track(&w->p, at(w, 0), TRACK_FINDINGS, 0, "Findings");
    ct_perfetto_track(&w->p, at(w, 0), TRACK_PATH, 0, "Critical path");
    ct_perfetto_counter_track(&w->p, at(w, 0), TRACK_RUNNING, "Threads on a CPU");
    ct_perfetto_counter_track(&w->p, at(w, 0), TRACK_RUNNABLE, "Threads that wait for a CPU");
}

/* Whom a birth is told of: a process' is told of its parent, a thread's of its maker. 0: of none.
 */
static uint32_t parent_tid(const struct ct_result *r, const struct ct_thread *t)
{
    if (task_of(r, t).tid != t->tgid || t->process >= r->processes_cnt)
        return tid_of(r, t->parent_id);
    return t->parent_id ? r->processes[t->process].ppid : 0;
}

/*
 * A birth says that the thread is runnable, too. Whoever is not, for however short, is born a
 * moment before; and of those who were there before us no birth is told.
 */
static void write_birth(struct writer *w, const struct ct_thread *t, bool runnable)
{
    const struct ct_perfetto_task task = task_of(w->r, t);
    const uint32_t parent = parent_tid(w->r, t);
    uint64_t time_ns = at(w, t->start_ns) - !runnable;

    if (parent)
        ct_perfetto_birth(&w->p, time_ns++, &task, parent);
    if (task.tid == task.tgid && t->process < w->r->processes_cnt)
        ct_perfetto_process(&w->p, time_ns, &w->r->processes[t->process]);
    ct_perfetto_thread(&w->p, time_ns, &task);
    ct_perfetto_thread_track(&w->p, time_ns, thread_uuid(t->id), &task);
    ct_perfetto_track(&w->p, time_ns, waits_uuid(t->id), thread_uuid(t->id), "waits in");
    w->last[t->id].born = true;
    w->last[t->id].state = parent ? CT_PERFETTO_RUNNABLE : CT_PERFETTO_UNKNOWN;
}

/* ---- the intervals ---- */

static enum ct_perfetto_state state_of(uint8_t state)
{
    switch (state) {
    case CT_ST_UNKNOWN: /* Perfetto takes no word for it between two states; the cause tells */
        return CT_PERFETTO_STOPPED;
    case CT_ST_RUNNING:
        return CT_PERFETTO_RUNNING;
    case CT_ST_BLOCKED + CT_CAUSE_DISK:
    case CT_ST_BLOCKED + CT_CAUSE_FAULT:
        return CT_PERFETTO_WAITING;
    case CT_ST_BLOCKED + CT_CAUSE_STOPPED:
        return CT_PERFETTO_STOPPED;
    default:
        return state >= CT_ST_BLOCKED ? CT_PERFETTO_SLEEPING : CT_PERFETTO_RUNNABLE;
    }
}

static void count(const struct writer *w, double *bins, uint64_t from, uint64_t to)
{
    for (uint64_t i = from / w->bin_ns; from < to && i < BINS; i++) {
        const uint64_t end = (i + 1) * w->bin_ns < to ? (i + 1) * w->bin_ns : to;
        bins[i] += (double)(end - from);
        from = end;
    }
}

static void write_wait(struct writer *w, const struct ct_interval *i,
                       const struct ct_perfetto_task *task)
{
    char name[CT_SYSCALL_NAME_LEN];

    ct_perfetto_cause(&w->p, at(w, i->end_ns) - 1, task,
                      i->state == CT_ST_UNKNOWN ? CT_CAUSE_COUNT : i->state - CT_ST_BLOCKED);
    if (i->call >= 0)
        ct_perfetto_slice(&w->p, waits_uuid(i->id), at(w, i->start_ns), at(w, i->end_ns),
                          ct_syscall_label((uint32_t)i->call, name));
}

/* What the thread is now. A waking says by itself that it is runnable: said twice, the waker is
 * lost. */
static void write_state(struct writer *w, const struct ct_interval *i,
                        const struct ct_perfetto_task *task, enum ct_perfetto_state state)
{
    const struct last *last = &w->last[i->id];

    if (state == CT_PERFETTO_RUNNABLE && last->woken)
        ct_perfetto_waking(&w->p, at(w, i->start_ns), task, tid_of(w->r, last->waker_id));
    else if (state != last->state)
        ct_perfetto_task_state(&w->p, at(w, i->start_ns), task, last->cpu, state);
}

/* A ct_interval_fn: all but who gets a CPU. */
static void hear_others(const struct ct_interval *i, void *ctx)
{
    struct writer *w = ctx;
    const struct ct_thread *t = ct_result_thread(w->r, i->id);
    const enum ct_perfetto_state state = state_of(i->state);

    if (!t)
        return;
    const struct ct_perfetto_task task = task_of(w->r, t);
    struct last *last = &w->last[i->id];
    if (!last->born)
        write_birth(w, t, state == CT_PERFETTO_RUNNABLE);
    if (state != CT_PERFETTO_RUNNING)
        write_state(w, i, &task, state);
    else
        last->cpu = i->cpu;
    last->state = (unsigned char)state;
    last->woken = i->wake != CT_WAKE_UNKNOWN;
    last->waker_id = i->other_id;
    if (state == CT_PERFETTO_RUNNING)
        count(w, w->running_ns, i->start_ns, i->end_ns);
    if (state == CT_PERFETTO_RUNNABLE)
        count(w, w->runnable_ns, i->start_ns, i->end_ns);
    if (i->state >= CT_ST_BLOCKED || i->state == CT_ST_UNKNOWN)
        write_wait(w, i, &task);
}

/* A ct_interval_fn. */
static void hear_running(const struct ct_interval *i, void *ctx)
{
    struct writer *w = ctx;
    const struct ct_thread *t = ct_result_thread(w->r, i->id);

    if (!t || i->state != CT_ST_RUNNING)
        return;
    const struct ct_perfetto_task task = task_of(w->r, t);
    ct_perfetto_task_state(&w->p, at(w, i->start_ns), &task, i->cpu, CT_PERFETTO_RUNNING);
}

static void write_ends(struct writer *w)
{
    for (size_t i = 0; i < w->r->threads_cnt; i++) {
        const struct ct_thread *t = w->r->threads[i];
        const struct ct_perfetto_task task = task_of(w->r, t);
        if (!w->last[t->id].born)
            write_birth(w, t, false);
        ct_perfetto_task_state(&w->p, at(w, t->end_ns), &task, w->last[t->id].cpu,
                               CT_PERFETTO_DEAD);
    }
}

/*
 * Twice: of one time, the first in the file is taken first, and who leaves a CPU must leave it
 * before the next one comes. 0 or -errno.
 */
static int write_intervals(struct writer *w)
{
    const struct ct_intervals *all = w->r->intervals;
    int err = all ? all->hear(all, hear_others, w) : 0;

    write_ends(w);
    if (!err && all)
        err = all->hear(all, hear_running, w);
    return err;
}

/* ---- after them ---- */

static void write_counters(struct writer *w)
{
    for (uint64_t i = 0; i * w->bin_ns < w->r->wall_ns && i < BINS; i++) {
        const uint64_t left = w->r->wall_ns - i * w->bin_ns;
        const double len = (double)(left < w->bin_ns ? left : w->bin_ns);
        const uint64_t time_ns = at(w, i * w->bin_ns);
        ct_perfetto_count(&w->p, TRACK_RUNNING, time_ns, w->running_ns[i] / len);
        ct_perfetto_count(&w->p, TRACK_RUNNABLE, time_ns, w->runnable_ns[i] / len);
    }
    ct_perfetto_count(&w->p, TRACK_RUNNING, at(w, w->r->wall_ns), 0);
    ct_perfetto_count(&w->p, TRACK_RUNNABLE, at(w, w->r->wall_ns), 0);
}

static void write_path(struct writer *w)
{
    for (size_t i = 0; i < w->r->path.steps_cnt; i++) {
        const struct ct_path_step *s = &w->r->path.steps[i];
        const struct ct_thread *t = ct_result_thread(w->r, s->id);
        const char *const word =
            s->state == CT_PATH_FOLDED ? "several short steps" : ct_state_word(s->state);
        char name[64];
        snprintf(name, sizeof(name), "%s %u: %s", t ? t->comm : "?", t ? t->tid : 0, word);
        ct_perfetto_slice(&w->p, TRACK_PATH, at(w, s->start_ns), at(w, s->end_ns), name);
    }
}

static void write_findings(struct writer *w)
{
    static const char *const ids[] = {
#define X(upper, id) id,
        CT_FINDINGS(X)
#undef X
    };

    for (size_t i = 0; i < w->r->findings_cnt; i++)
        ct_perfetto_finding(&w->p, TRACK_FINDINGS, at(w, 0), &w->r->findings[i],
                            ids[w->r->findings[i].id]);
}

static struct writer *writer_new(const struct ct_result *r, FILE *out)
{
    struct writer *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->r = r;
    w->p.out = out;
    w->bin_ns = r->wall_ns / BINS + 1;
    w->last = calloc(r->threads_cnt ? r->threads[r->threads_cnt - 1]->id + 1 : 1, sizeof(*w->last));
    if (w->last)
        return w;
    free(w);
    return NULL;
}

static int writer_end(struct writer *w)
{
    FILE *out = w->p.out;
    int err = w->p.err;

    free(w->last);
    free(w);
    errno = 0;
    if ((fflush(out) || ferror(out)) && !err)
        err = errno ? -errno : -EIO;
    return err;
}

int ct_report_perfetto(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    struct writer *w = writer_new(r, out);

    (void)style; /* the same for a screen and a file */
    if (!w)
        return -ENOMEM;
    ct_perfetto_preamble(&w->p, r);
    write_tracks(w);
    const int err = write_intervals(w);
    write_counters(w);
    write_path(w);
    write_findings(w);
    const int ended = writer_end(w);
    return err ? err : ended;
}
