/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/text_why.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "user/core/syscalls.h"

/* ---- what matters ---- */

bool ct_why_matters(const struct ct_why *w, uint64_t ns)
{
    return ns && (w->verbose || ns >= w->life / CT_WHY_PART);
}

size_t ct_why_worth(const struct ct_why *w, const void *rows, size_t cnt, size_t size, size_t most,
                    uint64_t (*get)(const void *row), uint64_t *sum)
{
    size_t worth = 0;

    *sum = 0;
    for (size_t i = 0; i < cnt; i++)
        *sum += get((const char *)rows + i * size);
    if (w->verbose)
        return cnt;
    while (worth < cnt && worth < most &&
           (!worth || get((const char *)rows + worth * size) >= *sum / CT_WHY_PART))
        worth++;
    return worth;
}

/* ---- locks ---- */

static uint64_t lock_ns(const void *row)
{
    return ((const struct ct_lock *)row)->wait_ns;
}

static void name_lock(const struct ct_result *r, const struct ct_lock *l, char to[CT_LEDGER_TEXT])
{
    const struct ct_process *pr = l->process < r->processes_cnt ? &r->processes[l->process] : NULL;
    int n = l->rest ? snprintf(to, CT_LEDGER_TEXT, "other locks")
            : l->symbol
                ? snprintf(to, CT_LEDGER_TEXT, "%.48s%s", l->symbol, l->shared ? " shared" : "")
                : snprintf(to, CT_LEDGER_TEXT, "0x%" PRIx64 "%s", l->address,
                           l->shared ? " shared" : "");

    if (r->processes_cnt > 1 && pr)
        snprintf(to + n, CT_LEDGER_TEXT - (size_t)n, ", %s %" PRIu32, pr->comm, pr->tgid);
}

static void add_lock(const struct ct_why *w, const struct ct_lock *l)
{
    const struct ct_thread *waker = ct_result_thread(w->r, l->waker_id);
    struct ct_ledger_row *row = ct_ledger_row(w->to);

    if (!row)
        return;
    name_lock(w->r, l, row->name);
    row->value[0] = (double)l->wait_ns;
    row->value[1] = (double)l->max_ns;
    row->value[2] = (double)l->waits;
    row->value[3] = (double)l->waiters;
    if (waker && !l->rest)
        snprintf(row->remark, sizeof(row->remark), "%s %" PRIu32, waker->comm, waker->tid);
}

/* All from the given one on, as one row. Their waiters may be the same threads. */
static void add_locks_rest(const struct ct_why *w, size_t from)
{
    struct ct_lock rest = {0};
    size_t cnt = 0;
    bool more = false;

    for (size_t i = from; i < w->r->locks_cnt; i++) {
        const struct ct_lock *l = &w->r->locks[i];
        rest.waits += l->waits;
        rest.wait_ns += l->wait_ns;
        rest.max_ns = l->max_ns > rest.max_ns ? l->max_ns : rest.max_ns;
        more |= l->rest;
        cnt++;
    }
    struct ct_ledger_row *row = ct_ledger_row(w->to);
    if (!row)
        return;
    snprintf(row->name, sizeof(row->name), more ? "all other locks" : "%zu other%s", cnt,
             cnt == 1 ? "" : "s");
    row->value[0] = (double)rest.wait_ns;
    row->value[1] = (double)rest.max_ns;
    row->value[2] = (double)rest.waits;
}

/* The marks in the rows that want a word. */
static const char *note_on_locks(const struct ct_lock *l, size_t cnt)
{
    bool shared = false, halves = false;

    for (size_t i = 0; i < cnt; i++)
        shared |= l[i].shared;
    for (size_t i = 0; i < cnt && i < 3; i++) /* of thousands, nobody looks at pairs */
        for (size_t k = 0; k < i; k++)
            halves |= l[i].process == l[k].process && (l[i].address ^ l[k].address) == 4;
    return shared && halves ? "(4 bytes apart: most likely one condition variable; shared: between "
                              "processes)"
           : shared         ? "(shared: between processes)"
           : halves         ? "(4 bytes apart: most likely one condition variable)"
                            : NULL;
}

void ct_why_locks(const struct ct_why *w)
{
    static const struct ct_ledger_head head = {"waited for locks",
                                               {{"total", CT_LEDGER_TIME},
                                                {"longest", CT_LEDGER_TIME},
                                                {"waits", CT_LEDGER_COUNT},
                                                {"waiters", CT_LEDGER_COUNT},
                                                {NULL, CT_LEDGER_NONE}},
                                               "last ended by"};
    const struct ct_result *r = w->r;
    uint64_t sum, shown = 0;
    const size_t n =
        ct_why_worth(w, r->locks, r->locks_cnt, sizeof(*r->locks), w->rows, lock_ns, &sum);

    if (!ct_why_matters(w, sum))
        return;
    ct_ledger_begin(w->to, &head);
    for (size_t i = 0; i < n; i++) {
        add_lock(w, &r->locks[i]);
        shown += r->locks[i].wait_ns;
    }
    if (n < r->locks_cnt && sum - shown >= sum / CT_WHY_PART)
        add_locks_rest(w, n);
    ct_ledger_note(w->to, note_on_locks(r->locks, n));
}

/* ---- system calls ---- */

static const struct ct_ledger_head calls_head = {"system calls",
                                                 {{"total", CT_LEDGER_TIME},
                                                  {"longest", CT_LEDGER_TIME},
                                                  {"calls", CT_LEDGER_COUNT},
                                                  {"errors", CT_LEDGER_COUNT},
                                                  {"blocked", CT_LEDGER_PERCENT}},
                                                 NULL};

static uint64_t call_ns(const void *row)
{
    return ((const struct ct_call *)row)->total_ns;
}

static uint64_t call_blocked(const void *row)
{
    return ((const struct ct_call *)row)->blocked_ns;
}

static void add_call(const struct ct_why *w, const struct ct_call *c, const char *name)
{
    struct ct_ledger_row *row = ct_ledger_row(w->to);

    if (!row)
        return;
    snprintf(row->name, sizeof(row->name), "%s", name);
    if (!w->r->with_syscalls) {
        row->value[0] = (double)c->blocked_ns;
        return;
    }
    row->value[0] = (double)c->total_ns;
    row->value[1] = (double)c->max_ns;
    if (c->calls) { /* others never return, like exit */
        row->value[2] = (double)c->calls;
        row->value[3] = (double)c->errors;
    }
    if (c->total_ns)
        row->value[4] = 100.0 * (double)c->blocked_ns / (double)c->total_ns;
}

static void add_calls(const struct ct_why *w, const struct ct_call *calls, size_t cnt)
{
    const bool probed = w->r->with_syscalls;
    char name[CT_SYSCALL_NAME_LEN];
    uint64_t sum, shown = 0;
    const size_t n = ct_why_worth(w, calls, cnt, sizeof(*calls), w->rows + 1,
                                  probed ? call_ns : call_blocked, &sum);
    struct ct_call rest = {0};

    for (size_t i = 0; i < n; i++) {
        const bool others = calls[i].nr == CT_CALL_REST;
        add_call(w, &calls[i], others ? "not kept apart" : ct_syscall_label(calls[i].nr, name));
        shown += probed ? calls[i].total_ns : calls[i].blocked_ns;
    }
    for (size_t i = n; i < cnt; i++) {
        rest.calls += calls[i].calls;
        rest.errors += calls[i].errors;
        rest.total_ns += calls[i].total_ns;
        rest.blocked_ns += calls[i].blocked_ns;
        rest.max_ns = calls[i].max_ns > rest.max_ns ? calls[i].max_ns : rest.max_ns;
    }
    if (n < cnt && sum - shown >= sum / CT_WHY_PART)
        add_call(w, &rest, "all others");
}

/* Calls of one process stand together, in the order they have. */
static int compare_process(const void *va, const void *vb)
{
    const struct ct_call *const *a = va, *const *b = vb;

    if ((*a)->owner != (*b)->owner)
        return (*a)->owner < (*b)->owner ? -1 : 1;
    return *a < *b ? -1 : *a > *b;
}

/* What each process called: verbose, and where there are several. */
static int add_calls_by_process(const struct ct_why *w)
{
    const struct ct_result *r = w->r;
    struct ct_ledger_head head = calls_head;
    const struct ct_call **order = calloc(r->calls_cnt + 1, sizeof(const struct ct_call *));
    char label[CT_SYSCALL_NAME_LEN], name[CT_LEDGER_TEXT];

    if (!order)
        return -ENOMEM;
    head.title = "by process";
    ct_ledger_begin(w->to, &head);
    for (size_t i = 0; i < r->calls_cnt; i++)
        order[i] = &r->calls[i];
    qsort(order, r->calls_cnt, sizeof(const struct ct_call *), compare_process);
    for (size_t i = 0; i < r->calls_cnt; i++) {
        const struct ct_call *c = order[i];
        const struct ct_process *pr = c->owner < r->processes_cnt ? &r->processes[c->owner] : NULL;
        snprintf(name, sizeof(name), "%s %" PRIu32 ": %s", pr ? pr->comm : "?", pr ? pr->tgid : 0,
                 c->nr == CT_CALL_REST ? "not kept apart" : ct_syscall_label(c->nr, label));
        add_call(w, c, name);
    }
    free(order);
    return 0;
}

int ct_why_calls(const struct ct_why *w)
{
    static const struct ct_ledger_head blocked = {.title = "blocked in calls",
                                                  .column = {{"total", CT_LEDGER_TIME}}};
    const struct ct_result *r = w->r;
    uint64_t total = 0;

    for (size_t i = 0; i < r->run_calls_cnt; i++)
        total += r->run_calls[i].total_ns;
    /* without probes the causes tell more, but for the one without a name */
    if (!r->run_calls_cnt ||
        !ct_why_matters(w, r->with_syscalls ? total : r->totals.blocked_ns[CT_CAUSE_OTHER]))
        return 0;
    ct_ledger_begin(w->to, r->with_syscalls ? &calls_head : &blocked);
    add_calls(w, r->run_calls, r->run_calls_cnt);
    return w->verbose && r->with_syscalls && r->processes_cnt > 1 ? add_calls_by_process(w) : 0;
}

/* ---- all of it ---- */

int ct_text_why(struct ct_ledger *to, const struct ct_result *r, bool verbose, size_t rows)
{
    const struct ct_why w = {
        .r = r, .verbose = verbose, .rows = rows, .life = ct_totals_lifetime(&r->totals), .to = to};

    *to = (struct ct_ledger){0};
    ct_why_locks(&w);
    int err = ct_why_calls(&w);
    if (!err)
        err = ct_why_preemptors(&w);
    if (!err)
        err = ct_why_wakers(&w);
    return to->no_memory ? -ENOMEM : err;
}
