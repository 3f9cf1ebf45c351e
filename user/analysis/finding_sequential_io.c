/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sequential-io: one thread waits for the world outside again and again, one wait after the other,
 * and nothing else happens meanwhile. At once, they would take as long as the longest.
 */
#include <string.h>

#include "user/analysis/findings_internal.h"

#define WAITS_MIN      3
#define DISK_WAITS_MIN 20
#define OF_WALL        0.25 /* what overlapping would save at most */
#define DISK_OF_WALL   0.5
#define MIN_NS         50000000ULL
#define OVERLAP_MAX    0.2 /* of the time that anybody waits, two do */
#define KIND           0.5 /* of such waits, of one kind */
#define SLEEPER        0.5 /* of its process's running: else its sleeps pace others, who work */

static const char *const sends[] = {"connect", "sendto", "sendmsg", "sendmmsg", "socketcall", NULL};
static const char *const writes[] = {"write", "writev", NULL};
static const char *const syncs[] = {"fsync", "fdatasync",       "sync", "syncfs",
                                    "msync", "sync_file_range", NULL};

/* How often it asked somebody: what comes in many pieces after one request is one wait. */
static uint64_t requests_of(const struct ct_found *f, const struct ct_thread *t)
{
    size_t cnt;
    const struct ct_call *rows = ct_found_thread_calls(f, t->id, &cnt);
    const uint64_t sent = ct_calls_of(rows, cnt, sends);

    return sent ? sent : ct_calls_of(rows, cnt, writes);
}

/* It waits until things are on the disk: then their order matters. */
static bool keeps_order(const struct ct_found *f, const struct ct_thread *t)
{
    size_t cnt;
    const struct ct_call *rows = ct_found_thread_calls(f, t->id, &cnt);

    return ct_calls_of(rows, cnt, syncs) > 0;
}

static enum ct_cause kind_of(const struct ct_thread *t)
{
    const struct ct_totals *own = &t->totals;
    const uint64_t all = own->blocked_ns[CT_CAUSE_SLEEP] + own->blocked_ns[CT_CAUSE_SOCKET] +
                         own->blocked_ns[CT_CAUSE_DISK];
    static const enum ct_cause kinds[] = {CT_CAUSE_SOCKET, CT_CAUSE_SLEEP, CT_CAUSE_DISK};

    for (size_t i = 0; i < 3; i++)
        if (all && (double)own->blocked_ns[kinds[i]] >= KIND * (double)all)
            return kinds[i];
    return CT_CAUSE_OTHER;
}

struct queue_of_waits {
    const struct ct_thread *t;
    enum ct_cause kind;
    uint64_t waits;
    uint64_t saves_ns;
};

/* What is left of the waits if they all begin at once: 0 if they are none of ours to judge. */
static struct queue_of_waits judge(const struct ct_found *f, const struct ct_thread *t)
{
    const struct ct_waiting *w = &t->waiting;
    struct queue_of_waits q = {.t = t, .kind = kind_of(t), .waits = w->cnt};
    uint64_t one = w->max_ns;
    double share = OF_WALL;

    if (w->cnt < WAITS_MIN || w->ns < MIN_NS || q.kind == CT_CAUSE_OTHER ||
        ct_found_loop_is_blocked(f, t)) /* that says more */
        return q;
    if (q.kind == CT_CAUSE_SOCKET) {
        q.waits = ct_min(w->cnt, requests_of(f, t));
        if (q.waits < WAITS_MIN || ct_found_is_server(f, t->process))
            return q;
        one = ct_max(one, w->ns / q.waits);
    } else if (q.kind == CT_CAUSE_SLEEP) {
        if ((double)t->totals.running_ns <
            SLEEPER * (double)f->r->processes[t->process].totals.running_ns)
            return q;
    } else if (q.kind == CT_CAUSE_DISK) {
        share = DISK_OF_WALL;
        if (w->cnt < DISK_WAITS_MIN || keeps_order(f, t))
            return q;
    }
    /* while somebody runs, the wait costs nothing */
    const uint64_t still = f->r->parallelism_cnt ? f->r->parallelism_ns[0] : 0;
    const uint64_t saves = ct_min(ct_less(w->ns, one), still);
    if (saves >= MIN_NS && (double)saves >= share * (double)f->r->wall_ns)
        q.saves_ns = saves;
    return q;
}

static const char *word_of(enum ct_cause kind)
{
    return kind == CT_CAUSE_SOCKET ? "for the network"
           : kind == CT_CAUSE_DISK ? "for the disk"
                                   : "for a timer (sleep)";
}

static void tell(struct ct_found *f, const struct queue_of_waits *q)
{
    struct ct_finding *to = ct_found_add(f, CT_FINDING_SEQUENTIAL_IO);
    char saves[CT_SPAN_LEN], all[CT_SPAN_LEN];

    if (!to)
        return;
    to->warning = true;
    to->tgid = q->t->tgid;
    to->tid = q->t->tid;
    to->weight_ns = q->saves_ns;
    ct_span(q->saves_ns, saves);
    ct_span(q->t->waiting.ns, all);
    ct_found_title(f, to, "%llu waits %s followed one another; at once, they could save up to %s.",
                   (unsigned long long)q->waits, word_of(q->kind), saves);
    ct_found_explain(f, to,
                     "One thread waited for %s in all, each time for one thing only, and nothing "
                     "else ran meanwhile. Waits need no CPU: if none needs another's result, they "
                     "can all go on at the same time (overlap).",
                     all);
    ct_found_advise(
        f, to,
        "Begin the next before the last has ended: a few threads (a thread pool), or an "
        "event loop that keeps many requests under way.");
    ct_found_text(to, "waits_for",
                  q->kind == CT_CAUSE_SOCKET ? "socket"
                  : q->kind == CT_CAUSE_DISK ? "disk"
                                             : "sleep");
    ct_found_number(to, "waits_cnt", q->waits);
    ct_found_number(to, "wait_ns", q->t->waiting.ns);
    ct_found_number(to, "longest_ns", q->t->waiting.max_ns);
    ct_found_number(to, "could_save_ns", q->saves_ns);
}

/* Of each process the worst thread. */
void ct_find_sequential_io(struct ct_found *f)
{
    const struct ct_result *r = f->r;

    if (!r->with_syscalls || (double)r->waiting_over_ns > OVERLAP_MAX * (double)r->waiting_any_ns)
        return;
    for (size_t p = 0; p < r->processes_cnt; p++) {
        struct queue_of_waits worst = {0};
        size_t cnt;
        const struct ct_thread *const *threads = ct_found_threads(f, p, &cnt);
        for (size_t i = 0; i < cnt; i++) {
            const struct queue_of_waits q = judge(f, threads[i]);
            if (q.saves_ns > worst.saves_ns)
                worst = q;
        }
        if (worst.saves_ns)
            tell(f, &worst);
    }
}
