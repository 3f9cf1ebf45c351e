/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/json_tables.h"

#include <stdio.h>
#include <string.h>

#include "user/core/syscalls.h"
#include "user/report/json_parts.h"
#include "user/report/profile.h"
#include "user/report/stack_tree.h"

static void put_nr_or_null(struct ct_json *j, const char *key, uint32_t nr)
{
    ct_json_put_u64_or_null(j, key, nr != 0, nr);
}

static void put_call(struct ct_json *j, const struct ct_call *c)
{
    char name[CT_SYSCALL_NAME_LEN];
    const bool rest = c->nr == CT_CALL_REST;

    ct_json_object(j, CT_JSON_LINE);
    ct_json_key(j, "name");
    ct_json_text(j, rest ? "(others)" : ct_syscall_label(c->nr, name));
    ct_json_put_u64_or_null(j, "nr", !rest, c->nr & ~(uint32_t)CT_KEY_COMPAT);
    ct_json_put_bool(j, "compat", !rest && (c->nr & CT_KEY_COMPAT));
    ct_json_put_u64(j, "calls", c->calls);
    ct_json_put_u64(j, "errors", c->errors);
    ct_json_put_u64(j, "total_ns", c->total_ns);
    ct_json_put_u64(j, "max_ns", c->max_ns);
    ct_json_put_u64(j, "blocked_ns", c->blocked_ns);
    ct_json_put_u64(j, "runnable_ns", c->runnable_ns);
    ct_json_close(j);
}

void ct_json_syscalls(struct ct_json *j, const struct ct_result *r)
{
    if (!r->with_syscalls) {
        ct_json_null(j);
        return;
    }
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->run_calls_cnt; i++)
        put_call(j, &r->run_calls[i]);
    ct_json_close(j);
}

/* The rows of one process or thread; they stand together, in order of its number. */
static void put_calls_of(struct ct_json *j, const struct ct_call *calls, size_t cnt,
                         uint32_t number)
{
    size_t at = 0, to = cnt;

    while (at < to) {
        const size_t mid = at + (to - at) / 2;
        if (calls[mid].owner < number)
            at = mid + 1;
        else
            to = mid;
    }
    ct_json_key(j, "syscalls");
    ct_json_array(j, CT_JSON_LINE);
    for (; at < cnt && calls[at].owner == number; at++)
        put_call(j, &calls[at]);
    ct_json_close(j);
}

static void put_none(struct ct_json *j)
{
    ct_json_key(j, "syscalls");
    ct_json_null(j);
}

void ct_json_put_process_calls(struct ct_json *j, const struct ct_result *r, uint32_t process)
{
    if (r->with_syscalls)
        put_calls_of(j, r->calls, r->calls_cnt, process);
    else
        put_none(j);
}

void ct_json_put_thread_calls(struct ct_json *j, const struct ct_result *r, uint32_t id)
{
    if (r->with_syscalls && !r->thread_calls_cut)
        put_calls_of(j, r->thread_calls, r->thread_calls_cnt, id);
    else
        put_none(j);
}

/* The longest absence of CT_LOOP_LONG_NS or more. */
static void put_worst(struct ct_json *j, const struct ct_thread *t)
{
    char name[CT_SYSCALL_NAME_LEN];
    const struct ct_loop *l = &t->totals.loop;
    const bool called = l->max_call_nr >= 0 && l->max_call_ns;

    ct_json_key(j, "worst");
    if (!l->long_cnt) {
        ct_json_null(j);
        return;
    }
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "start_ns", ct_loop_worst_ns(t));
    ct_json_put_u64(j, "ns", l->max_ns);
    ct_json_put_u64(j, "running_ns", l->max_running_ns);
    ct_json_put_u64(j, "blocked_ns", l->max_blocked_ns);
    ct_json_key(j, "call");
    ct_json_text(j, called ? ct_syscall_label((uint32_t)l->max_call_nr, name) : NULL);
    ct_json_put_u64(j, "call_ns", called ? l->max_call_ns : 0);
    ct_json_close(j);
}

void ct_json_put_loop(struct ct_json *j, const struct ct_result *r, const struct ct_thread *t)
{
    const struct ct_loop *l = &t->totals.loop;

    ct_json_key(j, "loop");
    if (!r->with_syscalls || !l->returns) {
        ct_json_null(j);
        return;
    }
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "returns", l->returns);
    ct_json_put_u64(j, "away_ns", l->away_ns);
    ct_json_put_u64(j, "long_count", l->long_cnt);
    ct_json_put_u64(j, "long_ns", l->long_ns);
    ct_json_put_u64(j, "long_running_ns", l->long_running_ns);
    ct_json_put_u64(j, "long_blocked_ns", l->long_blocked_ns);
    put_worst(j, t);
    ct_json_close(j);
}

void ct_json_locks(struct ct_json *j, const struct ct_result *r)
{
    char address[32];

    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->locks_cnt; i++) {
        const struct ct_lock *l = &r->locks[i];
        const struct ct_thread *waker = ct_result_thread(r, l->waker_id);
        snprintf(address, sizeof(address), "0x%llx", (unsigned long long)l->address);
        ct_json_object(j, CT_JSON_LINE);
        ct_json_put_u64(j, "pid",
                        l->process < r->processes_cnt ? r->processes[l->process].tgid : 0);
        ct_json_key(j, "address");
        ct_json_text(j, l->rest ? NULL : address);
        ct_json_put_bool(j, "shared", l->shared);
        ct_json_put_u64(j, "waiters", l->waiters);
        ct_json_put_u64(j, "waits", l->waits);
        ct_json_put_u64(j, "wait_ns", l->wait_ns);
        ct_json_put_u64(j, "max_ns", l->max_ns);
        ct_json_put_u64(j, "timed_out", l->timed_out);
        ct_json_put_u64(j, "handed", l->handed);
        put_nr_or_null(j, "last_waker_tid", waker ? waker->tid : 0);
        ct_json_key(j, "symbol");
        ct_json_text(j, l->symbol);
        ct_json_close(j);
    }
    ct_json_close(j);
}

void ct_json_wakers(struct ct_json *j, const struct ct_result *r)
{
    if (!r->with_syscalls) {
        ct_json_null(j);
        return;
    }
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->wakers_cnt; i++) {
        const struct ct_waker *w = &r->wakers[i];
        const struct ct_thread *woken = ct_result_thread(r, w->id);
        const struct ct_thread *waker = ct_result_thread(r, w->waker_id);
        const char *comm = waker ? waker->comm : w->waker_tid ? w->comm : NULL;
        ct_json_object(j, CT_JSON_LINE);
        put_nr_or_null(j, "waker_tid", waker ? waker->tid : w->waker_tid);
        ct_json_key(j, "waker_comm");
        ct_json_text(j, comm);
        ct_json_put_bool(j, "traced", waker != NULL);
        ct_json_key(j, "context");
        ct_json_text(j, w->irq ? "irq" : "task");
        ct_json_put_u64(j, "tid", woken ? woken->tid : 0);
        ct_json_put_u64(j, "count", w->count);
        ct_json_put_u64(j, "delay_ns", w->delay_ns);
        ct_json_put_u64(j, "max_ns", w->max_ns);
        ct_json_close(j);
    }
    ct_json_close(j);
}

void ct_json_preemptors(struct ct_json *j, const struct ct_result *r)
{
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->preemptors_cnt; i++) {
        const struct ct_preemptor *p = &r->preemptors[i];
        const struct ct_thread *t = ct_result_thread(r, p->id);
        ct_json_object(j, CT_JSON_LINE);
        ct_json_put_u64_or_null(j, "tid", !p->rest, t ? t->tid : p->tid);
        ct_json_key(j, "comm");
        ct_json_text(j, p->rest ? NULL : t ? t->comm : p->tid ? p->comm : "idle");
        ct_json_put_bool(j, "traced", t != NULL);
        ct_json_put_u64(j, "count", p->count);
        ct_json_put_u64(j, "ns", p->ns);
        ct_json_close(j);
    }
    ct_json_close(j);
}

static void put_stack(struct ct_json *j, const struct ct_result *r, const struct ct_stack *s)
{
    const bool blocked = s->state >= CT_ST_BLOCKED;

    ct_json_object(j, CT_JSON_LINE);
    put_nr_or_null(j, "pid", s->process < r->processes_cnt ? r->processes[s->process].tgid : 0);
    ct_json_key(j, "state");
    ct_json_text(j, blocked ? "blocked" : ct_state_word(s->state));
    ct_json_key(j, "cause");
    ct_json_text(j, blocked ? ct_state_word(s->state) : NULL);
    ct_json_put_u64(j, "count", s->count);
    ct_json_put_u64(j, "ns", s->ns);
    ct_json_put_u64(j, "max_ns", s->max_ns);
    ct_json_key(j, "frames");
    ct_json_array(j, CT_JSON_LINE);
    for (const char *f = s->frames; f < s->frames + s->frames_len; f += strlen(f) + 1)
        ct_json_text(j, f);
    ct_json_close(j);
    ct_json_close(j);
}

void ct_json_stacks(struct ct_json *j, const struct ct_result *r)
{
    if (!r->with_stacks) {
        ct_json_null(j);
        return;
    }
    ct_json_object(j, CT_JSON_LINES);
    ct_json_put_u64(j, "lost_count", r->lost_waits);
    ct_json_put_u64(j, "lost_ns", r->lost_waits_ns);
    ct_json_put_bool(j, "lost_names", r->lost_names);
    ct_json_key(j, "places");
    ct_json_array(j, CT_JSON_LINES);
    for (size_t i = 0; i < r->stacks_cnt; i++)
        put_stack(j, r, &r->stacks[i]);
    ct_json_close(j);
    ct_json_close(j);
}
