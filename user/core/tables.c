/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHARED UINT64_MAX /* in the place of a process */

/* Room for one more element of size elem behind cnt, zeroed. NULL: no memory. */
static void *append(void **array, size_t *cnt, size_t *room, size_t elem)
{
    if (*cnt == *room) {
        const size_t more = *room ? 2 * *room : 32;
        void *bigger = realloc(*array, more * elem);
        if (!bigger)
            return NULL;
        *array = bigger;
        *room = more;
    }
    void *at = (char *)*array + (*cnt)++ * elem;
    memset(at, 0, elem);
    return at;
}

#define APPEND(t, name)                                                                            \
    append((void **)&(t)->name, &(t)->name##_cnt, &(t)->name##_room, sizeof(*(t)->name))

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void add_call(struct ct_call *to, const struct ct_call *from)
{
    to->calls += from->calls;
    to->errors += from->errors;
    to->total_ns += from->total_ns;
    to->max_ns = greater(to->max_ns, from->max_ns);
    to->blocked_ns += from->blocked_ns;
    to->runnable_ns += from->runnable_ns;
    to->other = to->other || from->other;
}

static struct ct_call call_of(const struct ct_row *row)
{
    return (struct ct_call){.nr = row->key == CT_KEY_REST ? CT_CALL_REST : (uint32_t)row->key,
                            .calls = row->cnt,
                            .errors = row->errors & ~CT_ROW_OTHER,
                            .other = row->errors & CT_ROW_OTHER,
                            .total_ns = row->sum_ns,
                            .max_ns = row->max_ns,
                            .blocked_ns = row->note[0],
                            .runnable_ns = row->note[1]};
}

static int take_call(struct ct_tables *t, const struct ct_row *row, uint32_t id, uint32_t process)
{
    const struct ct_call call = call_of(row);
    const size_t i = ct_map_index(&t->calls_at, process, call.nr, t->calls_cnt);

    if (i == SIZE_MAX || (i == t->calls_cnt && !APPEND(t, calls)))
        return -ENOMEM;
    t->calls[i].owner = process;
    t->calls[i].nr = call.nr;
    add_call(&t->calls[i], &call);

    if (t->thread_calls_cnt == CT_THREAD_CALLS_MAX) { /* too many to tell apart: none is */
        t->thread_calls_cut = true;
        free(t->thread_calls);
        t->thread_calls = NULL;
        t->thread_calls_cnt = t->thread_calls_room = 0;
    }
    if (t->thread_calls_cut)
        return 0;
    struct ct_call *own = APPEND(t, thread_calls);
    if (!own)
        return -ENOMEM;
    *own = call;
    own->owner = id;
    return 0;
}

static int take_lock(struct ct_tables *t, const struct ct_row *row, uint32_t process)
{
    const bool rest = row->key == CT_KEY_REST, shared = !rest && (row->key & CT_KEY_SHARED);
    const uint64_t address = rest ? 0 : row->note[1];
    const size_t i = ct_map_index(&t->locks_at, shared ? SHARED : process, row->key, t->locks_cnt);
    if (i == SIZE_MAX)
        return -ENOMEM;
    if (i == t->locks_cnt) {
        struct ct_lock *fresh = APPEND(t, locks);
        if (!fresh)
            return -ENOMEM;
        *fresh = (struct ct_lock){
            .process = process, .shared = shared, .rest = rest, .address = address};
    }
    struct ct_lock *l = &t->locks[i];
    l->waiters++;
    l->waits += row->cnt;
    l->wait_ns += row->sum_ns;
    l->max_ns = greater(l->max_ns, row->max_ns);
    l->timed_out += row->errors & UINT32_MAX;
    l->handed += row->errors >> 32;
    if (row->note[0] <= UINT32_MAX)
        l->waker_id = (uint32_t)row->note[0];
    return 0;
}

int ct_tables_name(struct ct_tables *t, const struct ct_rec_lock *rec, uint32_t process)
{
    const bool shared = rec->key & CT_KEY_SHARED;
    const size_t i = ct_map_find(&t->locks_at, shared ? SHARED : process, rec->key);

    if (i >= t->locks_cnt || t->locks[i].symbol)
        return 0;
    t->locks[i].symbol = strndup(rec->symbol, sizeof(rec->symbol));
    return t->locks[i].symbol ? 0 : -ENOMEM;
}

static bool foreign(uint64_t key)
{
    return key < CT_KEY_IRQ && (key & CT_KEY_FOREIGN);
}

static int take_waker(struct ct_tables *t, const struct ct_row *row, uint32_t id)
{
    struct ct_waker *w = APPEND(t, wakers);
    if (!w)
        return -ENOMEM;
    *w = (struct ct_waker){.id = id,
                           .waker_id = row->key <= UINT32_MAX ? (uint32_t)row->key : 0,
                           .waker_tid = foreign(row->key) ? (uint32_t)row->key : 0,
                           .irq = row->key == CT_KEY_IRQ,
                           .count = row->cnt,
                           .delay_ns = row->sum_ns,
                           .max_ns = row->max_ns};
    if (foreign(row->key))
        memcpy(w->comm, row->comm, CT_COMM_LEN);
    return 0;
}

static int take_preemptor(struct ct_tables *t, const struct ct_row *row)
{
    const size_t i = ct_map_index(&t->preemptors_at, row->key, 0, t->preemptors_cnt);
    if (i == SIZE_MAX || (i == t->preemptors_cnt && !APPEND(t, preemptors)))
        return -ENOMEM;
    struct ct_preemptor *p = &t->preemptors[i];
    p->id = row->key <= UINT32_MAX ? (uint32_t)row->key : 0;
    p->tid = foreign(row->key) ? (uint32_t)row->key : 0;
    p->rest = row->key == CT_KEY_REST;
    if (!p->rest)
        memcpy(p->comm, row->comm, CT_COMM_LEN);
    p->count += row->cnt;
    p->ns += row->sum_ns;
    return 0;
}

int ct_tables_add(struct ct_tables *t, const struct ct_rec_rows *rec, uint32_t process)
{
    const struct ct_row *row = (const struct ct_row *)(rec + 1);
    int err = 0;

    for (uint32_t i = 0; !err && i < rec->cnt; i++, row++) {
        switch ((enum ct_table)rec->table) {
        case CT_TABLE_CALLS:
            err = take_call(t, row, rec->head.id, process);
            break;
        case CT_TABLE_LOCKS:
            err = take_lock(t, row, process);
            break;
        case CT_TABLE_WAKERS:
            err = take_waker(t, row, rec->head.id);
            break;
        case CT_TABLE_PREEMPTORS:
            err = take_preemptor(t, row);
            break;
        case CT_TABLE_COUNT:
            break;
        }
    }
    return err;
}

/* ---- the end: sums over processes, and order ---- */

static int by_greatest(uint64_t a, uint64_t b)
{
    return a < b ? 1 : a > b ? -1 : 0;
}

/* Equal ones by what names them, so that the order never depends on the sort. */
static int call_order(const void *a, const void *b)
{
    const struct ct_call *x = a, *y = b;
    int order = by_greatest(x->total_ns, y->total_ns);
    if (!order)
        order = by_greatest(x->blocked_ns, y->blocked_ns);
    if (!order)
        order = by_greatest(y->owner, x->owner);
    return order ? order : by_greatest(y->nr, x->nr);
}

/* Of one process, or thread, together. */
static int own_call_order(const void *a, const void *b)
{
    const struct ct_call *x = a, *y = b;
    const int order = by_greatest(y->owner, x->owner);
    return order ? order : call_order(a, b);
}

static int lock_order(const void *a, const void *b)
{
    const struct ct_lock *x = a, *y = b;
    const int order = by_greatest(x->wait_ns, y->wait_ns);
    return order ? order : by_greatest(y->address, x->address);
}

static int waker_order(const void *a, const void *b)
{
    const struct ct_waker *x = a, *y = b;
    int order = by_greatest(y->id, x->id);
    if (!order)
        order = by_greatest(x->count, y->count);
    if (!order)
        order = by_greatest(y->waker_id, x->waker_id);
    return order ? order : by_greatest(y->waker_tid, x->waker_tid);
}

static int preemptor_order(const void *a, const void *b)
{
    const struct ct_preemptor *x = a, *y = b;
    int order = by_greatest(x->ns, y->ns);
    if (!order)
        order = by_greatest(y->id, x->id);
    return order ? order : by_greatest(y->tid, x->tid);
}

static int sum_calls(const struct ct_tables *t, struct ct_result *r)
{
    struct ct_map at = {0};
    int err = 0;

    r->run_calls = calloc(t->calls_cnt + 1, sizeof(*r->run_calls));
    if (!r->run_calls)
        return -ENOMEM;
    for (size_t i = 0; !err && i < t->calls_cnt; i++) {
        const size_t k = ct_map_index(&at, t->calls[i].nr, 0, r->run_calls_cnt);
        if (k == SIZE_MAX) {
            err = -ENOMEM;
            break;
        }
        if (k == r->run_calls_cnt)
            r->run_calls[r->run_calls_cnt++].nr = t->calls[i].nr;
        add_call(&r->run_calls[k], &t->calls[i]);
    }
    ct_map_fini(&at);
    return err;
}

static void sort(void *array, size_t cnt, size_t elem, int (*order)(const void *, const void *))
{
    if (cnt > 1)
        qsort(array, cnt, elem, order);
}

int ct_tables_seal(struct ct_tables *t, struct ct_result *r)
{
    const int err = sum_calls(t, r);
    if (err)
        return err;
#define HAND_OVER(name)                                                                            \
    r->name = t->name, r->name##_cnt = t->name##_cnt, t->name = NULL, t->name##_cnt = 0
    HAND_OVER(calls);
    HAND_OVER(thread_calls);
    HAND_OVER(locks);
    HAND_OVER(wakers);
    HAND_OVER(preemptors);
#undef HAND_OVER
    sort(r->calls, r->calls_cnt, sizeof(*r->calls), own_call_order);
    r->thread_calls_cut = t->thread_calls_cut;
    sort(r->thread_calls, r->thread_calls_cnt, sizeof(*r->thread_calls), own_call_order);
    sort(r->run_calls, r->run_calls_cnt, sizeof(*r->run_calls), call_order);
    sort(r->locks, r->locks_cnt, sizeof(*r->locks), lock_order);
    sort(r->wakers, r->wakers_cnt, sizeof(*r->wakers), waker_order);
    sort(r->preemptors, r->preemptors_cnt, sizeof(*r->preemptors), preemptor_order);
    return 0;
}

void ct_tables_fini(struct ct_tables *t)
{
    for (size_t i = 0; i < t->locks_cnt; i++)
        free(t->locks[i].symbol);
    free(t->calls);
    free(t->thread_calls);
    free(t->locks);
    free(t->wakers);
    free(t->preemptors);
    ct_map_fini(&t->calls_at);
    ct_map_fini(&t->locks_at);
    ct_map_fini(&t->preemptors_at);
}
