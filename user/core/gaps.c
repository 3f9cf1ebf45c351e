/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/gaps.h"

#include <stdlib.h>
#include <string.h>

/* How many end before ns, that is, how many are left of what begins there. */
static size_t before(const struct ct_gaps *g, uint64_t ns)
{
    size_t from = 0, to = g->cnt;

    while (from < to) {
        const size_t mid = from + (to - from) / 2;
        if (g->all[mid].end_ns < ns)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

const struct ct_gap *ct_gaps_after(const struct ct_gaps *g, uint64_t ns)
{
    if (!g->cnt || g->all[g->cnt - 1].end_ns <= ns)
        return NULL;
    return &g->all[before(g, ns + 1)];
}

static void widen(struct ct_gap *gap, const struct ct_gap *by)
{
    if (by->start_ns < gap->start_ns)
        gap->start_ns = by->start_ns;
    if (by->end_ns > gap->end_ns)
        gap->end_ns = by->end_ns;
}

static bool make_room(struct ct_gaps *g)
{
    if (g->cnt < g->room)
        return true;
    const size_t more = g->room ? 2 * g->room : 16;
    struct ct_gap *bigger = realloc(g->all, more * sizeof(*bigger));
    if (!bigger)
        return false;
    g->all = bigger;
    g->room = more;
    return true;
}

bool ct_gaps_add(struct ct_gaps *g, struct ct_gap *gap)
{
    size_t at = before(g, gap->start_ns), met = 0;

    if (!make_room(g))
        return false;
    while (at + met < g->cnt && g->all[at + met].start_ns <= gap->end_ns)
        widen(gap, &g->all[at + met++]);
    if (!met && g->cnt == CT_GAPS_MAX) { /* a neighbour has to do */
        at -= at == g->cnt;
        widen(gap, &g->all[at]);
        met = 1;
    }
    memmove(&g->all[at + 1], &g->all[at + met], (g->cnt - at - met) * sizeof(*g->all));
    g->all[at] = *gap;
    g->cnt = g->cnt + 1 - met;
    return true;
}
