/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether to believe the rest: said first when the answer is no, and at the foot always. Each part
 * is said only as far as it was checked.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/text_internal.h"
#include "user/report/text_say.h"

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

struct ct_trust ct_trust_of(const struct ct_result *r)
{
    struct ct_trust t = {0};

    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *th = r->threads[i];
        const struct ct_totals *to = &th->totals;
        if (!th->has_totals)
            continue;
        t.threads_not_tiled += ct_totals_lifetime(to) != th->end_ns - th->start_ns;
        if (ct_choice_of_time(&r->choice)) /* the kernel's figures are of whole lives */
            continue;
        if (th->alive) {
            t.survivors++;
            continue;
        }
        const uint64_t own = distance(to->voluntary, to->kernel_voluntary);
        const uint64_t forced = distance(to->involuntary, to->kernel_involuntary);
        t.compared++;
        t.cpu_ns += to->running_ns - to->irq_ns; /* interrupts are in no figure of the kernel's */
        t.kernel_cpu_ns += to->kernel_cpu_ns;
        t.switches_off += own + forced;
        t.threads_switches_off += own > 1 || forced > 1;
    }
    t.cpu_off = distance(t.cpu_ns, t.kernel_cpu_ns) > t.kernel_cpu_ns / 100 + 2000000;
    return t;
}

/* ---- text in pieces ---- */

static void warn(struct ct_page *p, const struct ct_sentence *s)
{
    ct_page_ink(p, CT_INK_BAD);
    ct_page_put_wrapped(p, s->text, 2);
    ct_page_ink(p, CT_INK_PLAIN);
}

/* ---- what is bad ---- */

static void warn_of_losses(struct ct_page *p)
{
    const struct ct_result *r = p->r;

    if (r->cut) {
        struct ct_sentence s = {0};
        ct_tell(&s, "CUT SHORT: the recording ends before the run did. Nothing is known of what "
                    "came later; the accounts of threads that lived on are what their switches "
                    "tell.");
        warn(p, &s);
    }
    if (r->lost_threads) {
        struct ct_sentence s = {0};
        ct_tell(&s, "INCOMPLETE: the accounts of ");
        ct_tell_count(&s, r->lost_threads, "thread", "threads");
        ct_tell(&s, " were lost: missing from every number below.");
        warn(p, &s);
    }
    if (r->lost_events || r->gaps_cnt) {
        struct ct_sentence s = {0};
        uint64_t ns = 0;
        char time[CT_NUMBER_LEN];
        for (size_t i = 0; i < r->gaps_cnt; i++)
            ns += r->gaps[i].end_ns - r->gaps[i].start_ns;
        ct_format_ns(time, ns);
        ct_tell(&s, "HOLES: ");
        ct_tell_count(&s, r->lost_events, "event was", "events were");
        ct_tell(&s, " lost, in ");
        ct_tell_count(&s, r->gaps_cnt, "place", "places");
        ct_tell(
            &s,
            " (%s in all). The timeline and the parallelism lack them; times and counts do not.",
            time);
        warn(p, &s);
    }
    if (r->late_events) {
        struct ct_sentence s = {0};
        ct_tell(&s, "OUT OF ORDER: ");
        ct_tell_count(&s, r->late_events, "event", "events");
        ct_tell(&s, " came too late to be put in order; the timeline may be off there.");
        warn(p, &s);
    }
}

static void warn_of_unknown(struct ct_page *p, const struct ct_trust *t)
{
    const struct ct_result *r = p->r;
    struct ct_sentence s = {0};
    char time[CT_NUMBER_LEN], share[CT_NUMBER_LEN];

    if (r->totals.unknown_ns) {
        ct_format_ns(time, r->totals.unknown_ns);
        ct_format_percent(share, r->totals.unknown_ns, ct_totals_lifetime(&r->totals));
        ct_tell(&s, "UNKNOWN: what the threads did in %s (%s) of their time was not seen.", time,
                share);
        warn(p, &s);
    }
    if (t->threads_not_tiled) {
        s = (struct ct_sentence){0};
        ct_tell(&s, "NOT EXACT: the states of ");
        ct_tell_count(&s, t->threads_not_tiled, "thread", "threads");
        ct_tell(&s, " do not add up to the time lived.");
        warn(p, &s);
    }
    /* after losses it is to be expected, and they are told already */
    if (r->stream_difference_ns && !r->lost_events && !r->late_events && !r->gaps_cnt) {
        s = (struct ct_sentence){0};
        ct_format_ns(time, r->stream_difference_ns);
        ct_tell(&s, "NOT EXACT: the timeline and the accounts differ by %s.", time);
        warn(p, &s);
    }
}

/* "CPU time within 0.02 % of the kernel's own" */
static void say_cpu(struct ct_sentence *s, const struct ct_trust *t)
{
    const uint64_t off = distance(t->cpu_ns, t->kernel_cpu_ns);
    char share[CT_NUMBER_LEN];

    if (!off) {
        ct_tell(s, "CPU time equal to the kernel's own");
        return;
    }
    /* two digits behind the point, and rounded up: "within" is a promise */
    const double percent =
        t->kernel_cpu_ns ? 100.0 * (double)off / (double)t->kernel_cpu_ns : 100.0;
    ct_format_number(share, (double)(uint64_t)(percent * 100 + 1) / 100, 2);
    ct_tell(s, "CPU time within %s %% of the kernel's own", share);
}

static void tell_numbers(struct ct_sentence *s, const char *what, const uint32_t *all, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++)
        ct_tell(s, "%s%u", i ? "," : what, all[i]);
}

/* Which part of the run the page is about, and what that leaves unknown. */
static void say_part(struct ct_page *p)
{
    const struct ct_choice *c = &p->r->choice;
    struct ct_sentence s = {0};
    char from[CT_NUMBER_LEN], to[CT_NUMBER_LEN], run[CT_NUMBER_LEN];

    if (!ct_choice_any(c))
        return;
    ct_tell(&s, "PART OF A RUN: ");
    if (ct_choice_of_time(c)) {
        ct_format_ns(from, c->from_ns);
        ct_format_ns(to, c->to_ns ? c->to_ns : c->run_ns);
        ct_format_ns(run, c->run_ns);
        ct_tell(&s, "from %s to %s of %s", from, to, run);
    } else {
        ct_tell(&s, "all of its time");
    }
    tell_numbers(&s, ", processes ", c->pids, c->pids_cnt);
    tell_numbers(&s, ", threads ", c->tids, c->tids_cnt);
    if (c->comm)
        ct_tell(&s, ", those called %s", c->comm);
    ct_tell(&s, ". No findings are told of a part.");
    if (ct_choice_of_time(c))
        ct_tell(&s, " Its accounts are what its switches tell; system calls, locks, the split into "
                    "user and kernel, and the kernel's own figures are not known of it.");
    ct_page_put_wrapped(p, s.text, 2);
}

void ct_text_warnings(struct ct_page *p, const struct ct_trust *t)
{
    struct ct_sentence s = {0};

    say_part(p);
    warn_of_losses(p);
    warn_of_unknown(p, t);
    if (t->cpu_off) {
        char ours[CT_NUMBER_LEN], kernels[CT_NUMBER_LEN];
        ct_format_ns(ours, t->cpu_ns);
        ct_format_ns(kernels, t->kernel_cpu_ns);
        ct_tell(&s, "NOT EXACT: %s of CPU time were seen where the kernel counted %s.", ours,
                kernels);
        warn(p, &s);
    }
    if (t->threads_switches_off) {
        s = (struct ct_sentence){0};
        ct_tell(&s, "NOT EXACT: the switch counts of ");
        ct_tell_count(&s, t->threads_switches_off, "thread", "threads");
        ct_tell(&s, " differ from the kernel's own by more than one.");
        warn(p, &s);
    }
}

/* ---- the foot ---- */

static void say_losses(struct ct_sentence *s, const struct ct_result *r)
{
    if (!r->lost_events && !r->lost_threads && !r->lost_rows && !r->gaps_cnt) {
        ct_tell(s, "nothing lost");
        return;
    }
    ct_tell_count(s, r->lost_events, "event", "events");
    if (r->lost_threads) {
        ct_tell(s, " and ");
        ct_tell_count(s, r->lost_threads, "thread's account", "threads' accounts");
    }
    if (r->lost_rows) {
        ct_tell(s, " and ");
        ct_tell_count(s, r->lost_rows, "table of a thread's calls or waits",
                      "tables of threads' calls or waits");
    }
    ct_tell(s, " lost");
}

static void say_cost(struct ct_sentence *s, const struct ct_result *r)
{
    char number[CT_NUMBER_LEN];

    if (!r->wall_ns || ct_choice_any(&r->choice))
        return;
    ct_format_percent(number, r->observer_cpu_ns, r->wall_ns);
    ct_tell(s, "; watching cost %s of a CPU", number);
    if (!r->probe_runs)
        return;
    ct_format_count(number, r->probe_runs);
    ct_tell(s, " and %s probe runs in the program's own time", number);
}

void ct_text_trust(struct ct_page *p, const struct ct_trust *t)
{
    const struct ct_result *r = p->r;
    const bool bad = t->cpu_off || t->threads_switches_off || t->threads_not_tiled ||
                     r->totals.unknown_ns || r->lost_events || r->lost_threads || r->lost_rows ||
                     r->gaps_cnt || r->late_events || r->stream_difference_ns || r->cut;
    struct ct_sentence s = {0};

    if (r->threads_cnt) {
        ct_tell(&s, "%s: ", bad ? "not exact" : "exact");
        if (t->compared) {
            say_cpu(&s, t);
            ct_tell(&s, ", switches %s, ",
                    !t->switches_off           ? "equal"
                    : !t->threads_switches_off ? "within one per thread"
                                               : "not equal");
        } else if (ct_choice_of_time(&r->choice)) {
            ct_tell(&s, "a part is not checked against the kernel's own figures; ");
        } else {
            ct_tell(&s, "no thread ended, so the kernel's own figures are not final; ");
        }
        say_losses(&s, r);
        say_cost(&s, r);
        ct_page_ink(p, bad ? CT_INK_BAD : CT_INK_FAINT);
        ct_page_put_wrapped(p, s.text, 2);
    }
    if (t->survivors) {
        s = (struct ct_sentence){0};
        ct_tell_count(&s, t->survivors, "thread", "threads");
        ct_tell(&s, " outlived the run: %s with it, unchecked against the kernel's.",
                t->survivors == 1 ? "its account ends" : "their accounts end");
        ct_page_put_wrapped(p, s.text, 2);
    }
    ct_page_ink(p, CT_INK_PLAIN);
}
