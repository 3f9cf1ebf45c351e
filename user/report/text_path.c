/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many threads ran at once, and what the run's length consisted of: the critical path, by
 * state, by thread, and its heaviest stretches. A stretch is what one thread has of the path until
 * another one takes over.
 */
#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/profile.h"
#include "user/report/text_internal.h"
#include "user/report/text_names.h"
#include "user/report/text_say.h"

/* ---- how many at once ---- */

static void put_title(struct ct_page *p, const char *title)
{
    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put(p, title);
    ct_page_ink(p, CT_INK_PLAIN);
    ct_page_to(p, p->col + 2);
}

#define LEVELS_MOST 9  /* of parallelism, each told by itself; what is above, together */
#define LEVEL_BAR   10 /* columns of the whole run */

/* How many, a bar, and the share of the run. */
static void put_level(struct ct_page *p, const char *level, uint64_t ns)
{
    char share[CT_NUMBER_LEN];

    ct_format_percent(share, ns, p->r->wall_ns);
    if (p->col + 5 + LEVEL_BAR + (int)strlen(share) > p->width) {
        ct_page_newline(p);
        ct_page_to(p, 2);
    }
    ct_page_put(p, level);
    ct_page_to(p, p->col + 1);
    ct_text_bar(p, ns, p->r->wall_ns, LEVEL_BAR, CT_INK_RUNNING);
    ct_page_to(p, p->col + 1);
    ct_page_put(p, share);
    ct_page_to(p, p->col + 3);
}

static void put_levels(struct ct_page *p)
{
    const struct ct_result *r = p->r;
    char level[CT_NUMBER_LEN];
    uint64_t above = 0;

    for (size_t k = 0; k < r->parallelism_cnt; k++) {
        snprintf(level, sizeof(level), "%zu", k);
        if (k > LEVELS_MOST)
            above += r->parallelism_ns[k];
        else if (r->parallelism_ns[k])
            put_level(p, level, r->parallelism_ns[k]);
    }
    if (above)
        put_level(p, "more", above);
    ct_page_newline(p);
}

static void say_speedup(struct ct_sentence *s, const struct ct_result *r)
{
    const uint64_t least = ct_path_least_ns(r);
    char number[CT_NUMBER_LEN];

    if (!least)
        return;
    /* "at most" is a promise: rounded up, whatever number of digits is shown */
    const double most = (double)r->wall_ns / (double)least;
    const double digits = most < 9.99 ? 100 : most < 99.9 ? 10 : 1;
    const bool huge = most > 1e9;
    ct_format_number(number, huge ? most : (double)(uint64_t)(most * digits + 0.999999) / digits,
                     2);
    ct_tell(s, " More free CPUs: at most %s times as fast.", number);
}

void ct_text_parallelism(struct ct_page *p)
{
    const struct ct_result *r = p->r;
    const uint64_t busy = ct_busy_ns(r);
    struct ct_sentence s = {0};
    char share[CT_NUMBER_LEN];

    if (r->threads_cnt < 2 || !busy || r->lost_events || r->late_events || r->gaps_cnt)
        return;
    put_title(p, "running at once (parallelism)");
    put_levels(p);
    ct_format_percent(share, ct_serial_ns(r), busy);
    ct_tell(&s, "One alone: %s of the time any ran (serial share).", share);
    say_speedup(&s, r);
    ct_page_to(p, 2);
    ct_page_put_wrapped(p, s.text, 4);
}

/* ---- the path by state and by thread ---- */

static int compare_parts(const void *va, const void *vb)
{
    const struct ct_part *a = va, *b = vb;

    return a->ns < b->ns ? 1 : a->ns > b->ns ? -1 : strcmp(a->words, b->words);
}

static void say_states(struct ct_sentence *s, const struct ct_page *p)
{
    struct ct_part parts[CT_PARTS_MAX];
    struct ct_totals t = {0};
    uint64_t rest = 0;
    char time[CT_NUMBER_LEN], share[CT_NUMBER_LEN];

    memcpy(t.state_ns, p->r->path.state_ns, sizeof(p->r->path.state_ns));
    const size_t n = ct_parts_of(&t, parts);
    qsort(parts, n, sizeof(*parts), compare_parts);
    for (size_t i = 0; i < n; i++) {
        if (i && parts[i].ns < p->r->wall_ns / 1000 && !p->style->verbose) {
            rest += parts[i].ns;
            continue;
        }
        ct_format_ns(time, parts[i].ns);
        ct_format_percent(share, parts[i].ns, p->r->wall_ns);
        ct_tell(s, "%s%s %s (%s)", i ? ", " : "", parts[i].words, time, share);
    }
    if (rest) {
        ct_format_ns(time, rest);
        ct_tell(s, ", else %s", time);
    }
    ct_tell(s, ".");
}

#define SHARES_MOST    5   /* threads told of */
#define SHARES_VERBOSE 20  /* the same with -v */
#define SHARES_LOOK    200 /* the greatest, to be put together */
#define ALIKE          4   /* from this many on, threads of like names are one */

static uint64_t sum_of(const struct ct_path_sums *s)
{
    return s->running_ns + s->runnable_ns + s->blocked_ns + s->unknown_ns;
}

struct carrier {
    const struct ct_thread *thread; /* the one, or one of them; NULL: could not be told apart */
    size_t cnt;
    uint64_t ns;
    bool same; /* their names are, digits and all */
};

static int compare_carriers(const void *va, const void *vb)
{
    const struct carrier *a = va, *b = vb;

    if (a->ns != b->ns)
        return a->ns < b->ns ? 1 : -1;
    return a->thread && b->thread ? (a->thread->id > b->thread->id ? 1 : -1) : !a->thread;
}

static bool alike(const struct carrier *a, const struct carrier *b)
{
    return a->thread && b->thread && !ct_name_compare(a->thread->comm, b->thread->comm);
}

/* Carriers of like names become one from so many on. Returns how many are left. */
static size_t fold(struct carrier *c, size_t n, size_t from)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++) {
        size_t many = 0;
        for (size_t k = i; c[i].cnt && k < n; k++)
            many += c[k].cnt && alike(&c[i], &c[k]);
        for (size_t k = i + 1; many >= from && k < n; k++) {
            if (!c[k].cnt || !alike(&c[i], &c[k]))
                continue;
            c[i].cnt++;
            c[i].same &= !strcmp(c[i].thread->comm, c[k].thread->comm);
            c[i].ns += c[k].ns;
            c[k].cnt = 0;
        }
        if (c[i].cnt)
            c[left++] = c[i];
    }
    qsort(c, left, sizeof(*c), compare_carriers);
    return left;
}

static void say_carrier(struct ct_sentence *s, const struct carrier *c)
{
    char name[CT_NAME_PATTERN_LEN];

    if (!c->thread) {
        ct_tell(s, "threads not told apart");
    } else if (c->cnt > 1) {
        ct_name_pattern(name, c->thread->comm);
        ct_tell(s, "%s x %zu", c->same ? c->thread->comm : name, c->cnt);
    } else {
        ct_tell(s, "%s %u", c->thread->comm, c->thread->tid);
    }
}

static void say_carriers(struct ct_sentence *s, const struct ct_page *p)
{
    const struct ct_result *r = p->r;
    const bool verbose = p->style->verbose;
    const size_t most = verbose ? SHARES_VERBOSE : SHARES_MOST;
    const uint64_t worth = r->wall_ns / 100; /* less is a part of the others' */
    const struct ct_path *path = &r->path;
    const size_t looked = path->shares_cnt < SHARES_LOOK ? path->shares_cnt : SHARES_LOOK;
    struct carrier c[SHARES_LOOK];
    size_t others = path->shares_cnt - looked;
    uint64_t told = 0;
    char share[CT_NUMBER_LEN];

    for (size_t i = 0; i < looked; i++)
        c[i] = (struct carrier){ct_result_thread(r, path->shares[i].id), 1,
                                sum_of(&path->shares[i].sums), true};
    const size_t n = fold(c, looked, verbose ? SIZE_MAX : ALIKE);
    for (size_t i = 0; i < n; i++) {
        if (i >= most || (i && c[i].ns < worth)) {
            others += c[i].cnt;
            continue;
        }
        ct_format_percent(share, c[i].ns, r->wall_ns);
        ct_tell(s, i ? ", " : "By thread: ");
        say_carrier(s, &c[i]);
        ct_tell(s, " %s", share);
        told += c[i].ns;
    }
    if (others) {
        ct_format_percent(share, r->wall_ns - told, r->wall_ns);
        ct_tell(s, ", ");
        ct_tell_count(s, others, "other", "others");
        ct_tell(s, " %s", share);
    }
    ct_tell(s, ".");
}

static void put_path_title(struct ct_page *p)
{
    static const char *const words[] = {"mostly the CPU", "mostly the network", "mostly the disk",
                                        "mostly locks",   "mostly timers",      "mostly children",
                                        "several things"};
#define X(upper, lower) #lower,
    static const char *const bounds[] = {CT_BOUNDS(X)};
#undef X
    char time[CT_NUMBER_LEN];
    struct ct_sentence s = {0};

    ct_format_ns(time, p->r->wall_ns);
    ct_tell(&s, "what its %s hung on, one thing after the other", time);
    if (p->r->bound < CT_BOUND_COUNT)
        ct_tell(&s, ": %s (bound: %s)", words[p->r->bound], bounds[p->r->bound]);
    put_title(p, "critical path");
    ct_page_put_wrapped(p, s.text, 2);
}

void ct_text_path(struct ct_page *p, const struct ct_text_plan *plan)
{
    const struct ct_result *r = p->r;
    struct ct_sentence states = {0}, carriers = {0};

    if (!r->path.known || !r->wall_ns || (r->threads_cnt < 2 && !p->style->verbose)) {
        if (!r->with_syscalls && r->threads_cnt > 1 && !ct_choice_any(&r->choice))
            ct_page_put_wrapped(p, "critical path: not followed (--no-syscalls)", 2);
        return;
    }
    put_path_title(p);
    say_states(&states, p);
    ct_page_to(p, 2);
    ct_page_put_wrapped(p, states.text, 4);
    if (r->path.shares_cnt < 2)
        return;
    say_carriers(&carriers, p);
    ct_page_to(p, 2);
    ct_page_put_wrapped(p, carriers.text, 4);
    ct_text_stretches(p, plan->stretches);
}
