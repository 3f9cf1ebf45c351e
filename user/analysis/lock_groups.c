/* SPDX-License-Identifier: GPL-2.0-only */
/* Futexes that lie close together are parts of one lock: a condition variable has two. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "user/analysis/findings_internal.h"

static int by_place(const void *a, const void *b)
{
    const struct ct_lock *x = *(const struct ct_lock *const *)a;
    const struct ct_lock *y = *(const struct ct_lock *const *)b;

    if (x->process != y->process)
        return x->process < y->process ? -1 : 1;
    if (x->shared != y->shared)
        return x->shared ? 1 : -1;
    return x->address < y->address ? -1 : x->address > y->address;
}

static int by_wait(const void *a, const void *b)
{
    const struct ct_lock_group *x = a, *y = b;

    if (x->wait_ns != y->wait_ns)
        return x->wait_ns > y->wait_ns ? -1 : 1;
    return by_place(&x->main, &y->main);
}

static void join(struct ct_lock_group *g, const struct ct_lock *l)
{
    if (!g->main || l->wait_ns > g->main->wait_ns)
        g->main = l;
    g->parts++;
    g->waiters = l->waiters > g->waiters ? l->waiters : g->waiters;
    g->waits += l->waits;
    g->wait_ns += l->wait_ns;
    g->max_ns = ct_max(g->max_ns, l->max_ns);
    g->timed_out += l->timed_out;
    g->handed += l->handed;
}

int ct_lock_groups(const struct ct_result *r, struct ct_lock_group **groups, size_t *cnt)
{
    const struct ct_lock **sorted = calloc(r->locks_cnt + 1, sizeof(const struct ct_lock *));
    struct ct_lock_group *all = calloc(r->locks_cnt + 1, sizeof(*all));
    size_t locks = 0, made = 0;

    if (!sorted || !all) {
        free(sorted);
        free(all);
        return -ENOMEM;
    }
    for (size_t i = 0; i < r->locks_cnt; i++)
        if (!r->locks[i].rest)
            sorted[locks++] = &r->locks[i];
    qsort(sorted, locks, sizeof(const struct ct_lock *), by_place);
    uint64_t begin = 0;
    for (size_t i = 0; i < locks; i++) {
        const struct ct_lock *l = sorted[i], *last = i ? sorted[i - 1] : NULL;
        if (!last || last->process != l->process || last->shared || l->shared ||
            l->address - begin >= CT_SAME_LOCK_BYTES) {
            made++;
            begin = l->address;
        }
        join(&all[made - 1], l);
    }
    free(sorted);
    qsort(all, made, sizeof(*all), by_wait);
    *groups = all;
    *cnt = made;
    return 0;
}

const char *ct_lock_name(const struct ct_lock *l, char buf[CT_LOCK_NAME_LEN])
{
    if (l->symbol)
        snprintf(buf, CT_LOCK_NAME_LEN, "%s", l->symbol);
    else
        snprintf(buf, CT_LOCK_NAME_LEN, "0x%" PRIx64, l->address);
    return buf;
}
