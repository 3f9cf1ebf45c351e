/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who fights for a lock. Known by behaviour: a wait for it mostly ends by a thread that had to wait
 * for it, too. In a pool that waits for work, in a join, in a queue, somebody else ends the waits.
 *
 * Some runtimes (Java's) park each thread at a futex of its own, so that no lock is seen by its
 * address. There a contest is told by who wakes whom: each of the threads is mostly woken by
 * several of the others.
 */
#include <errno.h>
#include <stdlib.h>

#include "user/analysis/findings_internal.h"

#define WAITS_MIN        10
#define HANDED_SHARE     0.5  /* of the waits that a thread ended */
#define WAKE_CALLS_SHARE 0.75 /* futex calls that are no waits, to waits: a barrier has fewer */
#define SERIAL_OVERLAP   0.15 /* of the time that any thread runs, two do */
#define SERIAL_WAIT      0.5  /* waits to that time: one waits half the time */
#define SERIAL_BUSY      0.5  /* of the process's life, some thread runs */
#define SERIAL_RUNNER    0.1  /* of all running: a thread that wants the CPU */
#define SERIAL_MIN_NS    50000000ULL
#define PARKED_RUNNER    0.02
#define PARKED_WAIT      0.1 /* of its life */
#define PARKED_MAX       50  /* there are no more that run so much */
#define PARKED_WOKEN     0.5 /* of its wakeups, by others of them */
#define PARKED_HUB       0.7 /* who wakes more than that of all hands out work */
#define PARKED_MIN       3
#define PARKED_OVERLAP   0.5
#define PARKED_TAKEN     1.0 /* by others, to what it had: then two rarely run, whatever they do */
#define PARKED_SEEN      0.5 /* of its waits for locks, at places that several waited at: no parking */

static uint64_t life_of(const struct ct_thread *t)
{
    return ct_totals_lifetime(&t->totals);
}

static bool runs_as_one(const struct ct_found *f, uint32_t process, uint64_t wait_ns)
{
    const struct ct_process *p = &f->r->processes[process];
    const uint64_t life = ct_less(p->end_ns, p->start_ns);
    /* what others took would have been running */
    const uint64_t own = ct_less(life, ct_supply_of(f->r).outside_ns);
    size_t cnt, runners = 0;
    const struct ct_thread *const *threads = ct_found_threads(f, process, &cnt);

    if (f->r->cpus_cnt < 2 || f->r->lost_events || p->busy_ns < SERIAL_MIN_NS ||
        (double)p->busy_ns < SERIAL_BUSY * (double)own ||
        (double)p->overlap_ns > SERIAL_OVERLAP * (double)p->busy_ns ||
        (double)wait_ns < SERIAL_WAIT * (double)p->busy_ns)
        return false;
    for (size_t i = 0; i < cnt; i++)
        runners +=
            (double)threads[i]->totals.running_ns >= SERIAL_RUNNER * (double)p->totals.running_ns;
    return runners >= 2;
}

/* ---- at one address ---- */

/* A barrier ends many waits by one call. Told apart only where system calls are known. */
static bool wakes_singly(const struct ct_found *f, const struct ct_lock_group *g)
{
    static const char *const futex[] = {"futex", "futex_time64", NULL};
    size_t cnt;
    const struct ct_call *calls = ct_found_process_calls(f, g->main->process, &cnt);
    uint64_t all_waits = 0;

    if (!f->r->with_syscalls || g->main->shared)
        return true;
    for (size_t i = 0; i < f->r->locks_cnt; i++)
        if (f->r->locks[i].process == g->main->process)
            all_waits += f->r->locks[i].waits;
    return (double)ct_less(ct_calls_of(calls, cnt, futex), all_waits) >=
           WAKE_CALLS_SHARE * (double)all_waits;
}

/* Several words and no timeout: condition variables side by side, a queue's. */
static bool is_contest(const struct ct_found *f, const struct ct_lock_group *g)
{
    const uint64_t ended = ct_less(g->waits, g->timed_out);

    return g->waiters >= 2 && g->waits >= WAITS_MIN &&
           (double)g->handed >= HANDED_SHARE * (double)ended && g->handed > 0 &&
           (g->parts == 1 || g->timed_out > 0) && wakes_singly(f, g);
}

static int longest_wait_first(const void *a, const void *b)
{
    const uint64_t x = (*(const struct ct_thread *const *)a)->totals.blocked_ns[CT_CAUSE_LOCK];
    const uint64_t y = (*(const struct ct_thread *const *)b)->totals.blocked_ns[CT_CAUSE_LOCK];

    return x > y ? -1 : x < y;
}

/* The lives of the threads that waited most for locks: who waited for this one is not told. */
static int lives_of_waiters(const struct ct_found *f, const struct ct_lock_group *g, uint64_t *ns)
{
    size_t cnt;
    const struct ct_thread *const *threads = ct_found_threads(f, g->main->process, &cnt);

    *ns = 0;
    if (g->main->shared) { /* threads of several processes: at most so long */
        *ns = g->waiters * f->r->wall_ns;
        return 0;
    }
    const struct ct_thread **sorted = calloc(cnt + 1, sizeof(const struct ct_thread *));
    if (!sorted)
        return -ENOMEM;
    for (size_t i = 0; i < cnt; i++)
        sorted[i] = threads[i];
    qsort(sorted, cnt, sizeof(const struct ct_thread *), longest_wait_first);
    for (size_t i = 0; i < cnt && i < g->waiters; i++)
        *ns += life_of(sorted[i]);
    free(sorted);
    return 0;
}

static int contest_at(const struct ct_found *f, const struct ct_lock_group *g,
                      struct ct_contest *to)
{
    uint64_t lives;
    const int err = lives_of_waiters(f, g, &lives);

    if (err)
        return err;
    *to = (struct ct_contest){
        .process = g->main->process,
        .lock = g->main,
        .threads = g->waiters,
        .waits = g->waits,
        .wait_ns = g->wait_ns,
        .max_ns = g->max_ns,
        .timed_out = g->timed_out,
        .lives_ns = lives,
        .serial = !g->main->shared && runs_as_one(f, g->main->process, g->wait_ns),
    };
    return 0;
}

/* ---- each at an address of its own ---- */

struct crew {
    const struct ct_thread *member[PARKED_MAX];
    bool waits[PARKED_MAX];    /* a good part of its life, for locks */
    uint64_t woke[PARKED_MAX]; /* how often it ended such a one's wait */
    size_t cnt;
};

static void gather(const struct ct_found *f, uint32_t process, struct crew *crew)
{
    const struct ct_process *p = &f->r->processes[process];
    size_t cnt;
    const struct ct_thread *const *threads = ct_found_threads(f, process, &cnt);

    *crew = (struct crew){.cnt = 0};
    for (size_t i = 0; i < cnt && crew->cnt < PARKED_MAX; i++) {
        const struct ct_totals *t = &threads[i]->totals;
        if (!t->running_ns || (double)t->running_ns < PARKED_RUNNER * (double)p->totals.running_ns)
            continue;
        crew->waits[crew->cnt] =
            (double)t->blocked_ns[CT_CAUSE_LOCK] >= PARKED_WAIT * (double)life_of(threads[i]);
        crew->member[crew->cnt++] = threads[i];
    }
}

static size_t of_its_kind(const struct crew *crew, size_t i)
{
    size_t cnt = 0;

    for (size_t k = 0; crew->waits[i] && k < crew->cnt; k++)
        cnt += crew->waits[k] && !ct_compare_kinds(crew->member[k]->comm, crew->member[i]->comm);
    return cnt;
}

/* Only the kind that most of them are of: a runtime's helpers wait for all sorts of things. */
static void keep_a_kind(struct crew *crew)
{
    size_t most = 0;

    for (size_t i = 1; i < crew->cnt; i++)
        if (of_its_kind(crew, i) > of_its_kind(crew, most))
            most = i;
    for (size_t i = 0; i < crew->cnt; i++)
        if (ct_compare_kinds(crew->member[i]->comm, crew->member[most]->comm))
            crew->waits[i] = false;
}

static size_t place_in(const struct crew *crew, uint32_t id)
{
    size_t i = 0;

    while (i < crew->cnt && crew->member[i]->id != id)
        i++;
    return i;
}

/* Sorted by the woken thread's id. */
static const struct ct_waker *wakers_of(const struct ct_result *r, uint32_t id)
{
    size_t low = 0, high = r->wakers_cnt;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (r->wakers[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return r->wakers + low;
}

/* Whether several of the crew wake it; notes who. */
static bool is_woken_by_crew(const struct ct_result *r, struct crew *crew, uint32_t id)
{
    const struct ct_waker *w = wakers_of(r, id);
    uint64_t all = 0, theirs = 0, different = 0;

    for (; w < r->wakers + r->wakers_cnt && w->id == id; w++) {
        const size_t who = place_in(crew, w->waker_id);
        all += w->count;
        if (!w->waker_id || who == crew->cnt)
            continue;
        theirs += w->count;
        crew->woke[who] += w->count;
        different++;
    }
    return different >= 2 && (double)theirs >= PARKED_WOKEN * (double)all;
}

/*
 * Leaves those that wait and are woken by others of them; false: they don't hand on what they wait
 * for, but are given it by somebody who does not wait, or by one who hands out work.
 */
static bool hand_on(const struct ct_result *r, struct crew *crew)
{
    uint64_t all = 0, most = 0, by_waiters = 0;
    size_t left = 0;

    for (size_t i = 0; i < crew->cnt; i++)
        crew->waits[i] = crew->waits[i] && is_woken_by_crew(r, crew, crew->member[i]->id);
    for (size_t i = 0; i < crew->cnt; i++) {
        all += crew->woke[i];
        most = ct_max(most, crew->woke[i]);
        if (crew->waits[i]) {
            by_waiters += crew->woke[i];
            crew->member[left++] = crew->member[i];
        }
    }
    crew->cnt = left;
    return left >= PARKED_MIN && (double)most <= PARKED_HUB * (double)all &&
           (double)by_waiters >= PARKED_WOKEN * (double)all;
}

static bool is_handed_on(const struct ct_lock *l)
{
    return (double)l->handed >= HANDED_SHARE * (double)ct_less(l->waits, l->timed_out);
}

/* Waits at futexes that several threads waited at, and handed on: whatever these are, it is no
 * parking. */
static uint64_t waited_together(const struct ct_result *r, uint32_t process)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < r->locks_cnt; i++)
        if (r->locks[i].process == process && r->locks[i].waiters > 1 && is_handed_on(&r->locks[i]))
            ns += r->locks[i].wait_ns;
    return ns;
}

static bool parked_contest(const struct ct_found *f, uint32_t process, struct ct_contest *to)
{
    const struct ct_process *p = &f->r->processes[process];
    struct ct_contest c = {.process = process};
    struct crew crew;

    if (p->threads < PARKED_MIN ||
        (double)ct_supply_of(f->r).outside_ns > PARKED_TAKEN * (double)f->r->totals.running_ns ||
        (double)p->overlap_ns > PARKED_OVERLAP * (double)p->busy_ns)
        return false;
    gather(f, process, &crew);
    keep_a_kind(&crew);
    if (crew.cnt < PARKED_MIN || !hand_on(f->r, &crew))
        return false;
    for (size_t i = 0; i < crew.cnt; i++) {
        const struct ct_totals *t = &crew.member[i]->totals;
        c.wait_ns += t->blocked_ns[CT_CAUSE_LOCK];
        c.waits += t->wakeups;
        c.lives_ns += life_of(crew.member[i]);
    }
    if ((double)waited_together(f->r, process) > PARKED_SEEN * (double)c.wait_ns)
        return false;
    c.threads = (uint32_t)crew.cnt;
    c.serial = runs_as_one(f, process, c.wait_ns);
    if (c.waits < WAITS_MIN)
        return false;
    *to = c;
    return true;
}

int ct_contests(const struct ct_found *f, struct ct_contest **contests, size_t *cnt)
{
    const struct ct_result *r = f->r;
    struct ct_lock_group *groups = NULL;
    size_t groups_cnt = 0, made = 0;
    struct ct_contest *all = calloc(r->processes_cnt + 1, sizeof(*all));
    int err = all ? ct_lock_groups(r, &groups, &groups_cnt) : -ENOMEM;

    /* slots by process first: the hardest comes first among the groups */
    for (size_t i = 0; !err && i < groups_cnt; i++)
        if (!all[groups[i].main->process].threads && is_contest(f, &groups[i]))
            err = contest_at(f, &groups[i], &all[groups[i].main->process]);
    free(groups);
    if (err) {
        free(all);
        return err;
    }
    for (size_t p = 0; p < r->processes_cnt; p++) {
        struct ct_contest c = all[p];
        if (c.threads || parked_contest(f, (uint32_t)p, &c))
            all[made++] = c;
    }
    *contests = all;
    *cnt = made;
    return 0;
}
