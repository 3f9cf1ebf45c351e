/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/selection.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "user/source/recording_format.h"

struct ct_selection {
    const struct ct_choice *choice;
    const struct ct_result *lives;
    ct_record_fn sink;
    void *ctx;
    size_t cnt;
    bool *chosen;      /* by id */
    uint32_t ids;      /* how many of them */
    uint32_t *speaker; /* by process: a chosen thread of it; 0: none is */
    bool *split;       /* by process: some of its threads are not chosen */
    struct {           /* a table whose rows are changed */
        struct ct_rec_rows head;
        struct ct_row rows[CT_RECORDING_ROWS_MAX];
    } table;
};

static bool listed(const uint32_t *all, size_t cnt, uint32_t one)
{
    for (size_t i = 0; i < cnt; i++)
        if (all[i] == one)
            return true;
    return !cnt;
}

static bool matches(const struct ct_choice *c, const struct ct_process *p,
                    const struct ct_thread *t)
{
    return listed(c->pids, c->pids_cnt, p ? p->tgid : t->tgid) &&
           listed(c->tids, c->tids_cnt, t->tid) &&
           (!c->comm || !fnmatch(c->comm, t->comm, 0) || (p && !fnmatch(c->comm, p->comm, 0)));
}

static void choose(struct ct_selection *s)
{
    for (size_t i = 0; i < s->lives->threads_cnt; i++) {
        const struct ct_thread *t = s->lives->threads[i];
        const bool known = t->process < s->lives->processes_cnt;
        const bool in = matches(s->choice, known ? &s->lives->processes[t->process] : NULL, t);
        s->chosen[t->id] = in;
        s->cnt += in;
        if (!known)
            continue;
        if (in)
            s->speaker[t->process] = t->id;
        else
            s->split[t->process] = true;
    }
}

struct ct_selection *ct_selection_new(const struct ct_choice *choice, const struct ct_result *lives,
                                      ct_record_fn sink, void *ctx)
{
    struct ct_selection *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->choice = choice;
    s->lives = lives;
    s->sink = sink;
    s->ctx = ctx;
    s->ids = lives->threads_cnt ? lives->threads[lives->threads_cnt - 1]->id + 1 : 1;
    s->chosen = calloc(s->ids, sizeof(*s->chosen));
    s->speaker = calloc(lives->processes_cnt + 1, sizeof(*s->speaker));
    s->split = calloc(lives->processes_cnt + 1, sizeof(*s->split));
    if (!s->chosen || !s->speaker || !s->split) {
        ct_selection_free(s);
        return NULL;
    }
    choose(s);
    return s;
}

void ct_selection_free(struct ct_selection *s)
{
    if (!s)
        return;
    free(s->chosen);
    free(s->speaker);
    free(s->split);
    free(s);
}

size_t ct_selection_cnt(const struct ct_selection *s)
{
    return s->cnt;
}

static bool is_chosen(const struct ct_selection *s, uint64_t id)
{
    return id < s->ids && s->chosen[id];
}

static void on_switch(struct ct_selection *s, const struct ct_rec_switch *rec)
{
    struct ct_rec_switch sw = *rec;

    if (!is_chosen(s, sw.head.id))
        sw.head.id = 0;
    if (!is_chosen(s, sw.next_id))
        sw.next_id = 0;
    if (!sw.head.id && !sw.next_id)
        return;
    if (sw.waker_id && !is_chosen(s, sw.waker_id)) {
        sw.waker_id = 0;
        sw.wake = CT_WAKE_FOREIGN;
    }
    s->sink(&sw.head, s->ctx);
}

static void on_new(struct ct_selection *s, const struct ct_rec_new *rec)
{
    struct ct_rec_new fresh = *rec;

    if (!is_chosen(s, fresh.parent_id))
        fresh.parent_id = 0;
    s->sink(&fresh.head, s->ctx);
}

/* A traced thread's key in a table becomes a foreign one. */
static void put_foreign(const struct ct_selection *s, uint64_t id, __u64 *key, char *comm)
{
    const struct ct_thread *t = id && id <= UINT32_MAX && !is_chosen(s, id)
                                    ? ct_result_thread(s->lives, (uint32_t)id)
                                    : NULL;

    if (!t)
        return;
    *key = CT_KEY_FOREIGN | t->tid;
    if (comm)
        memcpy(comm, t->comm, CT_COMM_LEN);
}

static void on_rows(struct ct_selection *s, const struct ct_rec_rows *rec)
{
    const struct ct_row *rows = (const struct ct_row *)(rec + 1);
    const bool comm = ct_table_has_comm(rec->table);

    if (rec->table == CT_TABLE_CALLS || rec->cnt > CT_RECORDING_ROWS_MAX) {
        s->sink(&rec->head, s->ctx);
        return;
    }
    s->table.head = *rec;
    for (uint32_t i = 0; i < rec->cnt; i++) {
        struct ct_row *row = &s->table.rows[i];
        *row = rows[i];
        if (comm)
            put_foreign(s, row->key, &row->key, row->comm);
        else /* a lock's note: who ended the last wait */
            put_foreign(s, row->note[0], &row->note[0], NULL);
    }
    s->sink(&s->table.head.head, s->ctx);
}

/* Stacks are told of whole processes: those of a part of one are not known. */
static void on_stack(struct ct_selection *s, const struct ct_rec_stack *rec)
{
    bool whole = false;

    for (size_t i = 0; i < s->lives->processes_cnt; i++) {
        if (s->lives->processes[i].tgid != rec->tgid)
            continue;
        if (!s->speaker[i] || s->split[i])
            return;
        whole = true;
    }
    if (whole)
        s->sink(&rec->head, s->ctx);
}

/* A lock's name is told with one of those that waited for it, whose process has it. */
static void on_lock(struct ct_selection *s, const struct ct_rec_lock *rec)
{
    const struct ct_thread *t = ct_result_thread(s->lives, rec->head.id);
    struct ct_rec_lock named = *rec;

    if (!t || t->process >= s->lives->processes_cnt || !s->speaker[t->process])
        return;
    named.head.id = s->speaker[t->process];
    s->sink(&named.head, s->ctx);
}

void ct_selection_record(const struct ct_rec_head *rec, void *selection)
{
    struct ct_selection *s = selection;

    switch ((enum ct_event_kind)rec->kind) {
    case CT_EV_SWITCH:
        on_switch(s, (const struct ct_rec_switch *)rec);
        return;
    case CT_EV_STACK:
        on_stack(s, (const struct ct_rec_stack *)rec);
        return;
    case CT_EV_LOCK:
        on_lock(s, (const struct ct_rec_lock *)rec);
        return;
    case CT_EV_LOST:
        s->sink(rec, s->ctx);
        return;
    default:
        break;
    }
    if (!is_chosen(s, rec->id))
        return;
    if (rec->kind == CT_EV_NEW)
        on_new(s, (const struct ct_rec_new *)rec);
    else if (rec->kind == CT_EV_ROWS)
        on_rows(s, (const struct ct_rec_rows *)rec);
    else
        s->sink(rec, s->ctx);
}
