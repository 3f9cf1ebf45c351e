/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event-loop-blocked: a thread that keeps coming back to epoll, poll, select or io_uring was away
 * for too long, blocked elsewhere or computing. Whatever else the loop serves had to wait.
 */
#include "user/analysis/findings_internal.h"
#include "user/core/syscalls.h"

#include <stdio.h>
#include <string.h>

#define RETURNS_MIN 5
#define AT_REST     0.01        /* of its life, it waits there: by poll or select */
#define OWN_MIN_NS  50000000ULL /* of its own doing: a CPU that others had is not its fault */
#define OWN_SHARE   0.5         /* of its long absences; or they are long without the rest */
#define OF_LIFE     0.1
#define ONE_OF_LIFE 0.25 /* the same, where there was a single one */
#define CAUSE       0.5  /* of the worst absence: that is what it was spent on */

static uint64_t own_ns(const struct ct_loop *l)
{
    return l->long_running_ns + l->long_blocked_ns;
}

/*
 * It keeps coming back. Poll and select serve for less, too: to look whether a file is ready, or to
 * wait for either end of a child; there it must rest in them at times.
 */
static bool comes_back(const struct ct_thread *t, bool made_for_loops)
{
    const uint64_t rest = t->totals.blocked_ns[CT_CAUSE_EVENT_WAIT];

    return t->totals.loop.returns >= RETURNS_MIN &&
           (made_for_loops || (double)rest >= AT_REST * (double)ct_totals_lifetime(&t->totals));
}

/*
 * A thread may have an epoll and do one long thing besides: Node's workers have. Then it is a loop
 * only if that is waiting for the world outside, which its epoll is there for.
 */
static bool is_loop(const struct ct_found *f, const struct ct_thread *t)
{
    static const char *const calls[] = {"epoll_wait", "epoll_pwait", "epoll_pwait2",
                                        "io_uring_enter", NULL};
    size_t cnt;
    const struct ct_call *rows = ct_found_thread_calls(f, t->id, &cnt);
    const bool made_for_loops = ct_calls_of(rows, cnt, calls) > 0;

    return comes_back(t, made_for_loops) ||
           (made_for_loops && (double)t->waiting.ns >= OWN_SHARE * (double)own_ns(&t->totals.loop));
}

bool ct_found_loop_is_blocked(const struct ct_found *f, const struct ct_thread *t)
{
    const struct ct_loop *l = &t->totals.loop;
    const uint64_t life = ct_totals_lifetime(&t->totals);

    return l->long_cnt > 0 && own_ns(l) >= OWN_MIN_NS &&
           (own_ns(l) >= l->long_cnt * CT_LOOP_LONG_NS ||
            (double)own_ns(l) >= OWN_SHARE * (double)l->long_ns) &&
           (double)own_ns(l) >= (l->long_cnt > 1 ? OF_LIFE : ONE_OF_LIFE) * (double)life &&
           is_loop(f, t);
}

static void tell_cause(struct ct_found *f, struct ct_finding *to, const struct ct_loop *l)
{
    const double worst = (double)l->max_ns;
    char label[CT_SYSCALL_NAME_LEN], span[CT_SPAN_LEN], all[CT_SPAN_LEN];

    const char *call =
        l->max_call_nr >= 0 ? ct_syscall_label((uint32_t)l->max_call_nr, label) : "none";
    ct_span(l->max_ns, span);
    ct_span(l->long_ns, all);
    if ((double)l->max_running_ns >= CAUSE * worst) {
        ct_found_explain(f, to,
                         "It computed for %s at a stretch, %s in all absences this long. A loop "
                         "does one thing at a time, so everything else that it serves stood still "
                         "(event loop).",
                         ct_span(l->max_running_ns, span), all);
        ct_found_advise(f, to,
                        "Cut the computation into short steps, or give it to a thread or a "
                        "process of its own (run_in_executor, worker_threads) and wait for the "
                        "result in the loop.");
        ct_found_text(to, "worst_in", "computing");
    } else if ((double)l->max_call_ns >= CAUSE * worst) {
        ct_found_explain(f, to,
                         "It waited for %s in a call that blocks (%s), %s in all absences this "
                         "long. A loop does one thing at a time, so everything else that it serves "
                         "stood still (event loop).",
                         ct_span(l->max_call_ns, span), call, all);
        ct_found_advise(f, to,
                        "Use the loop's own way to wait in place of the blocking call (await, a "
                        "timer, a client for this loop), or make the call in a thread.");
        ct_found_text(to, "worst_in", call);
    } else {
        ct_found_explain(f, to,
                         "It was away for %s at a stretch, in many calls (%s was the longest), %s "
                         "in all absences this long. Everything else that it serves stood still "
                         "(event loop).",
                         span, call, all);
        ct_found_advise(f, to,
                        "Look for the blocking calls between two returns to the loop (--stacks "
                        "shows where), and make them in a thread or in the loop's own way.");
        ct_found_text(to, "worst_in", call);
    }
}

/*
 * With --stacks: where the process waited as long as the loop's worst absence had it blocked, and
 * nowhere longer within it. Stacks are told by process: of several threads, another's wait may be
 * meant only if it took as long. NULL: none fits. What is computed has no stack.
 */
static const struct ct_stack *place_of(const struct ct_found *f, const struct ct_thread *t)
{
    const struct ct_loop *l = &t->totals.loop;
    const struct ct_stack *best = NULL;

    for (size_t i = 0; i < f->r->stacks_cnt; i++) {
        const struct ct_stack *s = &f->r->stacks[i];
        const bool fits = s->process == t->process && s->state >= CT_ST_BLOCKED &&
                          s->state != CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT &&
                          s->max_ns <= l->max_blocked_ns &&
                          (double)s->max_ns >= CAUSE * (double)l->max_blocked_ns;
        if (fits && (!best || s->max_ns > best->max_ns))
            best = s;
    }
    return best;
}

static bool of_the_kernel(const char *frame)
{
    const size_t len = strlen(frame);

    return len > 4 && !strcmp(frame + len - 4, "_[k]");
}

/*
 * The program's own innermost functions, as many as the evidence has room for: outermost first,
 * with ';' between them.
 */
static void tell_place(struct ct_finding *to, const struct ct_stack *s)
{
    const char *end = s->frames, *last = NULL;
    char text[sizeof(to->evidence[0].text)];

    for (; end < s->frames + s->frames_len && !of_the_kernel(end); end += strlen(end) + 1)
        last = end;
    const char *from = s->frames;
    while (from < end && (size_t)(end - from) > sizeof(text))
        from += strlen(from) + 1;
    const size_t len = (size_t)(end - from);
    if (!last)
        return;
    snprintf(text, sizeof(text), "%s", last); /* cut, if it alone is too long */
    if (len)
        memcpy(text, from, len);
    for (size_t i = 0; i + 1 < len; i++)
        text[i] = text[i] ? text[i] : ';';
    ct_found_text(to, "where", text);
}

static void tell(struct ct_found *f, const struct ct_thread *t)
{
    const struct ct_loop *l = &t->totals.loop;
    struct ct_finding *to = ct_found_add(f, CT_FINDING_EVENT_LOOP_BLOCKED);
    char span[CT_SPAN_LEN];

    if (!to)
        return;
    to->warning = true;
    to->tgid = t->tgid;
    to->tid = t->tid;
    to->weight_ns = ct_min(own_ns(l), f->r->wall_ns);
    ct_span(l->max_ns, span);
    if (l->long_cnt == 1)
        ct_found_title(f, to, "An event loop stood still for %s.", span);
    else
        ct_found_title(f, to, "An event loop stood still %llu times, for up to %s.",
                       (unsigned long long)l->long_cnt, span);
    tell_cause(f, to, l);
    const struct ct_stack *place = place_of(f, t);
    if (place)
        tell_place(to, place);
    ct_found_number(to, "long_absences_cnt", l->long_cnt);
    ct_found_number(to, "long_absences_ns", l->long_ns);
    ct_found_number(to, "computing_ns", l->long_running_ns);
    ct_found_number(to, "blocked_ns", l->long_blocked_ns);
    ct_found_number(to, "returns_cnt", l->returns);
    ct_found_number(to, "worst_ns", l->max_ns);
    /* both by the scheduler's clock: when it began, from the start of the run */
    ct_found_number(to, "worst_at_ns", ct_less(l->max_at_ns + t->start_ns, t->totals.start_ns));
}

void ct_find_blocked_loops(struct ct_found *f)
{
    for (size_t i = 0; i < f->r->threads_cnt; i++)
        if (f->r->threads[i]->has_totals && ct_found_loop_is_blocked(f, f->r->threads[i]))
            tell(f, f->r->threads[i]);
}
