/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who took the CPU, and who woke whom. There may be a row for each thread or pair of them: those of
 * a name count as one (worker-* by worker-*). Sorting only.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/text_names.h"
#include "user/report/text_why.h"

enum who { WHO_THREAD, WHO_FOREIGN, WHO_IRQ, WHO_UNKNOWN };

struct side {
    enum who who;
    const char *comm; /* "" if there is none */
    uint32_t tid;
};

/* One row of the result, then the sum of those that are alike. by.comm and of.comm are the first's;
 * patterned if others' differ. */
struct fold {
    struct side by; /* who took the CPU, or woke */
    struct side of; /* who was woken; the same for all preemptors */
    uint64_t cnt, ns, max_ns;
    size_t folded;
    bool by_differ, of_differ;
};

/* ---- folding ---- */

static int compare_side(const struct side *a, const struct side *b)
{
    return a->who != b->who ? (a->who < b->who ? -1 : 1) : ct_name_compare(a->comm, b->comm);
}

static int compare_likeness(const void *va, const void *vb)
{
    const struct fold *a = va, *b = vb;
    const int by = compare_side(&a->by, &b->by);

    return by ? by : compare_side(&a->of, &b->of);
}

static int compare_exactly(const void *va, const void *vb)
{
    const struct fold *a = va, *b = vb;
    int c = compare_likeness(va, vb);

    if (!c)
        c = strcmp(a->by.comm, b->by.comm);
    if (!c)
        c = strcmp(a->of.comm, b->of.comm);
    if (!c && a->by.tid != b->by.tid)
        c = a->by.tid < b->by.tid ? -1 : 1;
    return c;
}

static int falling(uint64_t a, uint64_t b)
{
    return a < b ? 1 : a > b ? -1 : 0;
}

/* What the others come to is told last. */
static int compare_ns(const void *va, const void *vb)
{
    const struct fold *a = va, *b = vb;
    int c = (a->by.who == WHO_UNKNOWN) - (b->by.who == WHO_UNKNOWN);

    if (!c)
        c = falling(a->ns, b->ns);
    return c ? c : compare_exactly(va, vb);
}

static int compare_cnt(const void *va, const void *vb)
{
    const struct fold *a = va, *b = vb;
    const int c = falling(a->cnt, b->cnt);

    return c ? c : compare_exactly(va, vb);
}

static void fold_into(struct fold *to, const struct fold *f)
{
    to->cnt += f->cnt;
    to->ns += f->ns;
    to->max_ns = f->max_ns > to->max_ns ? f->max_ns : to->max_ns;
    to->folded += f->folded;
    to->by_differ |= strcmp(to->by.comm, f->by.comm) != 0;
    to->of_differ |= strcmp(to->of.comm, f->of.comm) != 0;
}

/* Those that are alike become one. Returns how many are left, in that order. */
static size_t fold(struct fold *f, size_t cnt, int (*order)(const void *, const void *))
{
    size_t n = 0;

    qsort(f, cnt, sizeof(*f), compare_exactly);
    for (size_t i = 0; i < cnt; i++) {
        if (n && !compare_likeness(&f[n - 1], &f[i]))
            fold_into(&f[n - 1], &f[i]);
        else
            f[n++] = f[i];
    }
    qsort(f, n, sizeof(*f), order);
    return n;
}

static uint64_t fold_ns(const void *row)
{
    return ((const struct fold *)row)->ns;
}

static uint64_t fold_cnt(const void *row)
{
    return ((const struct fold *)row)->cnt;
}

static void name_side(const struct side *s, bool differ, char to[CT_NAME_PATTERN_LEN])
{
    char pattern[CT_NAME_PATTERN_LEN];

    if (differ)
        ct_name_pattern(pattern, s->comm);
    snprintf(to, CT_NAME_PATTERN_LEN, "%s",
             s->who == WHO_IRQ       ? "an interrupt"
             : s->who == WHO_UNKNOWN ? "unknown"
             : differ                ? pattern
                                     : s->comm);
}

static struct side side_of(const struct ct_result *r, uint32_t id, uint32_t tid, const char *comm)
{
    const struct ct_thread *t = ct_result_thread(r, id);

    return t     ? (struct side){WHO_THREAD, t->comm, t->tid}
           : tid ? (struct side){WHO_FOREIGN, comm, tid}
                 : (struct side){WHO_UNKNOWN, "", 0};
}

static void set_mean(struct ct_ledger_row *row, int at, const struct fold *f)
{
    if (f->cnt)
        row->value[at] = (double)f->ns / (double)f->cnt;
}

/* ---- lost the CPU to ---- */

static void add_preemptor(const struct ct_why *w, const struct fold *f)
{
    struct ct_ledger_row *row = ct_ledger_row(w->to);
    char name[CT_NAME_PATTERN_LEN];

    if (!row)
        return;
    name_side(&f->by, f->by_differ, name);
    if (f->by.who == WHO_UNKNOWN)
        snprintf(row->name, sizeof(row->name), "others");
    else if (f->by.who == WHO_THREAD && !*f->by.comm)
        snprintf(row->name, sizeof(row->name), "threads of this run");
    else if (f->folded > 1)
        snprintf(row->name, sizeof(row->name), "%s x %zu", name, f->folded);
    else
        snprintf(row->name, sizeof(row->name), "%s %" PRIu32, name, f->by.tid);
    row->value[0] = (double)f->ns;
    set_mean(row, 1, f);
    row->value[2] = (double)f->cnt;
    snprintf(row->remark, sizeof(row->remark), "%s",
             f->by.who == WHO_FOREIGN                 ? "not of this run"
             : f->by.who == WHO_THREAD && *f->by.comm ? "of this run"
                                                      : "");
}

static size_t take_preemptors(const struct ct_why *w, struct fold *f)
{
    const struct ct_result *r = w->r;

    for (size_t i = 0; i < r->preemptors_cnt; i++) {
        const struct ct_preemptor *p = &r->preemptors[i];
        f[i] = (struct fold){.by = side_of(r, p->id, p->tid, p->comm),
                             .of.comm = "",
                             .cnt = p->count,
                             .ns = p->ns,
                             .folded = 1};
        /* that they took turns is enough; others' names are news */
        if (f[i].by.who == WHO_THREAD && !w->verbose)
            f[i].by.comm = "";
    }
    return fold(f, r->preemptors_cnt, compare_ns);
}

int ct_why_preemptors(const struct ct_why *w)
{
    static const struct ct_ledger_head head = {"lost the CPU to",
                                               {{"until back", CT_LEDGER_TIME},
                                                {"mean", CT_LEDGER_TIME},
                                                {"times", CT_LEDGER_COUNT},
                                                {NULL, CT_LEDGER_NONE},
                                                {NULL, CT_LEDGER_NONE}},
                                               NULL};
    const struct ct_result *r = w->r;
    struct fold rest = {.by = {WHO_UNKNOWN, "", 0}, .of.comm = ""};
    uint64_t sum;

    if (!r->preemptors_cnt || !ct_why_matters(w, r->totals.runnable_ns[CT_RUN_PREEMPTED]))
        return 0;
    struct fold *f = calloc(r->preemptors_cnt, sizeof(*f));
    if (!f)
        return -ENOMEM;
    const size_t cnt = take_preemptors(w, f);
    const size_t n = ct_why_worth(w, f, cnt, sizeof(*f), w->rows, fold_ns, &sum);
    ct_ledger_begin(w->to, &head);
    for (size_t i = 0; i < n; i++)
        add_preemptor(w, &f[i]);
    for (size_t i = n; i < cnt; i++)
        fold_into(&rest, &f[i]);
    if (n < cnt && rest.ns >= sum / CT_WHY_PART)
        add_preemptor(w, &rest);
    free(f);
    return 0;
}

/* ---- who woke whom ---- */

#define BUSY_PER_SECOND 1000

static void add_waker(const struct ct_why *w, const struct fold *f)
{
    struct ct_ledger_row *row = ct_ledger_row(w->to);
    char by[CT_NAME_PATTERN_LEN], of[CT_NAME_PATTERN_LEN];

    if (!row)
        return;
    name_side(&f->by, f->by_differ, by);
    name_side(&f->of, f->of_differ, of);
    snprintf(row->name, sizeof(row->name), "%s by %s", of, by);
    set_mean(row, 0, f);
    row->value[1] = (double)f->max_ns;
    row->value[2] = (double)f->cnt;
}

static size_t take_wakers(const struct ct_result *r, struct fold *f)
{
    for (size_t i = 0; i < r->wakers_cnt; i++) {
        const struct ct_waker *k = &r->wakers[i];
        f[i] = (struct fold){.by = side_of(r, k->waker_id, k->waker_tid, k->comm),
                             .of = side_of(r, k->id, 0, ""),
                             .cnt = k->count,
                             .ns = k->delay_ns,
                             .max_ns = k->max_ns,
                             .folded = 1};
        if (k->irq)
            f[i].by = (struct side){WHO_IRQ, "", 0};
    }
    return fold(f, r->wakers_cnt, compare_cnt);
}

/* Hand-overs between threads that fill a run. Interrupts end waits that are told already. */
static bool concentrated(const struct ct_result *r, const struct fold *top, uint64_t sum)
{
    const double busy = (double)r->wall_ns / 1e9 * BUSY_PER_SECOND;

    return top->by.who == WHO_THREAD && top->cnt > sum / 2 && (double)sum >= busy;
}

int ct_why_wakers(const struct ct_why *w)
{
    static const struct ct_ledger_head head = {"woken, until it ran",
                                               {{"mean", CT_LEDGER_TIME},
                                                {"longest", CT_LEDGER_TIME},
                                                {"times", CT_LEDGER_COUNT},
                                                {NULL, CT_LEDGER_NONE},
                                                {NULL, CT_LEDGER_NONE}},
                                               NULL};
    const struct ct_result *r = w->r;
    uint64_t sum;

    if (!r->wakers_cnt)
        return 0;
    struct fold *f = calloc(r->wakers_cnt, sizeof(*f));
    if (!f)
        return -ENOMEM;
    const size_t cnt = take_wakers(r, f);
    const size_t n = ct_why_worth(w, f, cnt, sizeof(*f), w->rows, fold_cnt, &sum);
    if (w->verbose || concentrated(r, f, sum)) {
        ct_ledger_begin(w->to, &head);
        for (size_t i = 0; i < n; i++)
            add_waker(w, &f[i]);
    }
    free(f);
    return 0;
}
