/* SPDX-License-Identifier: GPL-2.0-only */
/* busy-wait: CPU time burnt in asking again and again whether it may go on. */
#include "user/analysis/findings_internal.h"
#include "user/core/syscalls.h"

#define CALLS_MIN  1000
#define EVERY_NS   50000ULL /* of running: whoever asks so often does little else */
#define BLOCKED_NS 1000ULL  /* a call, on average: it does not wait */
#define FAILED     0.9      /* of the calls of the second list */
#define OTHERS     0.5      /* calls of other kinds to such calls */
#define OF_WALL    0.1
#define MIN_NS     20000000ULL

/* Calls that ask whether something is so, and could wait until it is. */
static const char *const asking[] = {"sched_yield",
                                     "poll",
                                     "ppoll",
                                     "select",
                                     "_newselect",
                                     "pselect6",
                                     "epoll_wait",
                                     "epoll_pwait",
                                     "epoll_pwait2",
                                     "wait4",
                                     "waitid",
                                     "nanosleep",
                                     "clock_nanosleep",
                                     "ppoll_time64",
                                     "pselect6_time64",
                                     "clock_nanosleep_time64",
                                     NULL};
/* Calls that say with an error that there is nothing yet. */
static const char *const trying[] = {"read",    "recvfrom", "recvmsg", "accept", "accept4",
                                     "connect", "flock",    "semop",   NULL};
/* They come with the others and do no work. */
static const char *const aside[] = {"clock_gettime", "gettimeofday", "getpid", "gettid",
                                    "time",          "getrusage",    NULL};

struct spin {
    uint64_t asked;
    uint64_t others;
    const struct ct_call *most;
};

static bool is_spin(const struct ct_call *c)
{
    if (c->calls < CALLS_MIN || c->blocked_ns / c->calls >= BLOCKED_NS)
        return false;
    return ct_call_is(c, asking) ||
           (ct_call_is(c, trying) && (double)c->errors >= FAILED * (double)c->calls);
}

static struct spin spin_of(const struct ct_found *f, const struct ct_thread *t)
{
    struct spin s = {0};
    size_t cnt;
    const struct ct_call *rows = ct_found_thread_calls(f, t->id, &cnt);

    for (size_t i = 0; i < cnt; i++) {
        if (is_spin(&rows[i])) {
            s.asked += rows[i].calls;
            if (!s.most || rows[i].calls > s.most->calls)
                s.most = &rows[i];
        } else if (!ct_call_is(&rows[i], aside)) {
            s.others += rows[i].calls;
        }
    }
    return s;
}

static bool spins(const struct ct_thread *t, const struct spin *s, uint64_t wall_ns)
{
    const uint64_t running = t->totals.running_ns;

    return s->asked >= CALLS_MIN && running / s->asked <= EVERY_NS &&
           (double)s->others <= OTHERS * (double)s->asked && running >= MIN_NS &&
           (double)running >= OF_WALL * (double)wall_ns;
}

/* What a process's threads burnt; the worst thread stands for them. */
struct burnt {
    size_t threads;
    uint64_t ns;
    uint64_t asked;
    const struct ct_thread *worst;
    const struct ct_call *call; /* of the worst */
};

static void tell(struct ct_found *f, const struct burnt *b)
{
    struct ct_finding *to = ct_found_add(f, CT_FINDING_BUSY_WAIT);
    char label[CT_SYSCALL_NAME_LEN], ns[CT_SPAN_LEN];

    if (!to)
        return;
    const char *call = ct_syscall_label(b->call->nr, label);
    to->warning = true;
    to->tgid = b->worst->tgid;
    to->tid = b->threads == 1 ? b->worst->tid : 0;
    to->weight_ns = ct_min(b->worst->totals.running_ns, f->r->wall_ns);
    ct_span(b->ns, ns);
    ct_found_title(f, to,
                   "%s of CPU time went into asking again and again (%s) instead of waiting.", ns,
                   call);
    ct_found_explain(f, to,
                     "%s was called %llu times and came back at once each time (busy waiting). "
                     "Meanwhile the CPU is not there for whoever does the work that is waited for.",
                     call, (unsigned long long)b->call->calls);
    ct_found_advise(
        f, to,
        "Let the kernel wake the thread: wait without a timeout of zero, or for a lock, "
        "a condition variable, an eventfd or a pipe.");
    ct_found_text(to, "call", call);
    ct_found_number(to, "calls_cnt", b->asked);
    ct_found_number(to, "running_ns", b->ns);
    ct_found_number(to, "threads_cnt", b->threads);
}

void ct_find_busy_wait(struct ct_found *f)
{
    for (size_t p = 0; f->r->with_syscalls && p < f->r->processes_cnt; p++) {
        struct burnt b = {0};
        size_t cnt;
        const struct ct_thread *const *threads = ct_found_threads(f, p, &cnt);

        for (size_t i = 0; i < cnt; i++) {
            if (threads[i]->totals.running_ns < MIN_NS)
                continue;
            const struct spin s = spin_of(f, threads[i]);
            if (!spins(threads[i], &s, f->r->wall_ns))
                continue;
            b.threads++;
            b.ns += threads[i]->totals.running_ns;
            b.asked += s.asked;
            if (!b.worst || threads[i]->totals.running_ns > b.worst->totals.running_ns) {
                b.worst = threads[i];
                b.call = s.most;
            }
        }
        if (b.threads)
            tell(f, &b);
    }
}
