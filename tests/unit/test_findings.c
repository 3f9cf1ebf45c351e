/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/analysis/findings.c user/analysis/findings_index.c user/analysis/supply.c
// links: user/analysis/lock_groups.c user/analysis/contest.c user/analysis/finding_serialized.c
// links: user/analysis/finding_contention.c user/analysis/finding_oversubscribed.c
// links: user/analysis/finding_sequential_io.c user/analysis/finding_blocked_loops.c
// links: user/analysis/finding_idle_cpus.c user/analysis/finding_imbalance.c
// links: user/analysis/finding_spawn_overhead.c user/analysis/finding_busy_wait.c
// links: user/analysis/finding_interference.c user/analysis/finding_good_overlap.c
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/report/text_stacks.c user/report/stack_tree.c
// links: user/report/text_say.c user/report/profile.c user/report/text_findings.c
// links: user/report/text_path.c user/report/text_stretches.c
// links: user/core/syscalls.c user/core/result.c user/core/strip.c tests/harness/story.c
/*
 * Findings on made-up results: each is told where it holds, with its evidence, and not told where
 * one of its conditions fails. Real programs: tests/findings/table.txt.
 */
#include "tests/harness/story.h"

#include <stdlib.h>
#include <string.h>

#include "user/analysis/findings.h"
#include "user/core/syscalls.h"

static const char *const command[] = {"./program", NULL};

/* ---- results, made up ---- */

/* A result whose CPUs others had for other_ns, and where the rest is idle. */
static struct ct_result *told(struct story *s, unsigned most, uint64_t other_ns)
{
    struct ct_result *r = story_end(s, most);

    r->stolen_ns = r->throttled_ns = CT_NOT_TOLD;
    r->observer_cpu_ns = 0;
    for (size_t i = 0; i < r->cpus_cnt; i++) {
        struct ct_cpu *c = &r->cpus[i];
        c->other_ns = i ? 0 : other_ns;
        const uint64_t used = c->traced_ns + c->other_ns;
        c->idle_ns = r->wall_ns > used ? r->wall_ns - used : 0;
    }
    for (size_t p = 0; p < r->processes_cnt; p++) {
        r->processes[p].end_ns = r->wall_ns;
        for (size_t i = 0; i < r->threads_cnt; i++)
            if (r->threads[i]->process == p)
                ct_totals_add(&r->processes[p].totals, &r->threads[i]->totals);
    }
    for (size_t i = 0; i < r->threads_cnt; i++)
        r->threads[i]->parent_id = i ? 1 : 0;
    return r;
}

static void add_lock(struct ct_result *r, struct ct_lock lock)
{
    r->locks = realloc(r->locks, (r->locks_cnt + 1) * sizeof(*r->locks));
    assert_non_null(r->locks);
    r->locks[r->locks_cnt++] = lock;
}

/* By owners in order. A thread's calls are its process's, too. */
static void add_call(struct ct_result *r, const struct ct_thread *t, const char *name,
                     struct ct_call call)
{
    call.nr = (uint32_t)ct_syscall_nr(CT_ABI_NATIVE, name);
    assert_true((int)call.nr >= 0);
    r->thread_calls = realloc(r->thread_calls, (r->thread_calls_cnt + 1) * sizeof(call));
    r->calls = realloc(r->calls, (r->calls_cnt + 1) * sizeof(call));
    r->run_calls = realloc(r->run_calls, (r->run_calls_cnt + 1) * sizeof(call));
    assert_true(r->thread_calls && r->calls && r->run_calls);
    call.owner = t->id;
    r->thread_calls[r->thread_calls_cnt++] = call;
    call.owner = t->process;
    r->calls[r->calls_cnt++] = call;
    r->run_calls[r->run_calls_cnt++] = call;
}

static void add_preemptor(struct ct_result *r, struct ct_preemptor p)
{
    r->preemptors = realloc(r->preemptors, (r->preemptors_cnt + 1) * sizeof(p));
    assert_non_null(r->preemptors);
    r->preemptors[r->preemptors_cnt++] = p;
}

static void add_waker(struct ct_result *r, uint32_t woken, uint32_t waker, uint64_t count)
{
    r->wakers = realloc(r->wakers, (r->wakers_cnt + 1) * sizeof(*r->wakers));
    assert_non_null(r->wakers);
    r->wakers[r->wakers_cnt++] = (struct ct_waker){.id = woken, .waker_id = waker, .count = count};
}

/* ---- what was found ---- */

static const struct ct_finding *found(const struct ct_result *r, enum ct_finding_id id)
{
    for (size_t i = 0; i < r->findings_cnt; i++)
        if (r->findings[i].id == id)
            return &r->findings[i];
    return NULL;
}

static void analyse(struct ct_result *r)
{
    ct_result_drop_findings(r);
    assert_int_equal(ct_findings_run(r), 0);
    for (size_t i = 0; i < r->findings_cnt; i++) {
        const struct ct_finding *f = &r->findings[i];
        assert_true(f->title && *f->title && f->explanation && *f->explanation);
        assert_true(!f->warning || (f->advice && *f->advice));
        assert_true(f->evidence_cnt > 0);
        for (size_t e = 0; e < f->evidence_cnt; e++)
            if (f->evidence[e].kind == CT_EVIDENCE_NUMBER)
                assert_true(strstr(f->evidence[e].key, "_ns") ||
                            strstr(f->evidence[e].key, "_cnt"));
    }
}

static bool finds(struct ct_result *r, enum ct_finding_id id)
{
    analyse(r);
    return found(r, id);
}

static bool finds_nothing(struct ct_result *r)
{
    analyse(r);
    for (size_t i = 0; i < r->findings_cnt; i++)
        print_error("found: %s\n", r->findings[i].title);
    return !r->findings_cnt;
}

static uint64_t number_of(const struct ct_finding *f, const char *key)
{
    for (size_t i = 0; i < f->evidence_cnt; i++)
        if (!strcmp(f->evidence[i].key, key))
            return f->evidence[i].number;
    fail_msg("no evidence %s", key);
    return 0;
}

static const char *text_of(const struct ct_finding *f, const char *key)
{
    for (size_t i = 0; i < f->evidence_cnt; i++)
        if (!strcmp(f->evidence[i].key, key))
            return f->evidence[i].text;
    fail_msg("no evidence %s", key);
    return NULL;
}

/* ---- locks ---- */

/* Four threads, 100 ms of running each in 420 ms; who does not run waits at two words of one lock.
 */
static struct ct_result *interpreter(void)
{
    struct story s;
    story_begin(&s, 420 * MS, 2, command);
    story_process(&s, 100, "program", ARGV("./program"));
    story_thread(&s, 100, "program", 0);
    story_runs(&s, 20 * MS);
    story_blocks(&s, CT_CAUSE_LOCK, 400 * MS);
    story_dies(&s);
    for (uint32_t i = 0; i < 4; i++) {
        story_thread(&s, 101 + i, "program", 20 * MS);
        for (int turn = 0; turn < 20; turn++) {
            story_runs(&s, 5 * MS);
            story_blocks(&s, CT_CAUSE_LOCK, 15 * MS);
        }
        story_dies(&s);
    }
    struct ct_result *r = told(&s, 2, 0);
    r->processes[0].busy_ns = 420 * MS;
    r->processes[0].overlap_ns = 4 * MS;
    for (uint64_t word = 0; word < 2; word++)
        add_lock(r, (struct ct_lock){.address = 0x5000 + 4 * word,
                                     .waiters = 4,
                                     .waits = 120,
                                     .wait_ns = 600 * MS,
                                     .max_ns = 6 * MS,
                                     .timed_out = 80,
                                     .handed = 38});
    add_call(r, r->threads[1], "futex", (struct ct_call){.calls = 600});
    return r;
}

static void an_interpreters_lock_is_known(void **state)
{
    (void)state;
    struct ct_result *r = interpreter();
    analyse(r);
    assert_int_equal(r->findings_cnt, 1);
    const struct ct_finding *f = found(r, CT_FINDING_SERIALIZED_THREADS);
    assert_non_null(f);
    assert_true(f->warning);
    assert_int_equal(f->tgid, 100);
    assert_string_equal(
        f->title, "One lock let one thread run at a time: 4 threads, 1.00 running on average.");
    assert_non_null(strstr(f->explanation, "interpreter"));
    assert_int_equal(number_of(f, "wait_ns"), 1200 * MS);
    assert_int_equal(number_of(f, "waits_cnt"), 240);
    assert_int_equal(number_of(f, "timed_out_cnt"), 160);
    assert_string_equal(text_of(f, "lock"), "0x5000");
    assert_int_equal(f->weight_ns, 210 * MS); /* of two CPUs, one was used */
    ct_result_free(r);
}

static void a_mutex_is_no_interpreter(void **state)
{
    (void)state;
    struct ct_result *r = interpreter();
    r->locks_cnt = 1;
    r->locks[0].timed_out = 0;
    r->locks[0].handed = 118;
    r->locks[0].symbol = strdup("big_lock");
    const struct ct_finding *f =
        finds(r, CT_FINDING_SERIALIZED_THREADS) ? found(r, CT_FINDING_SERIALIZED_THREADS) : NULL;
    assert_non_null(f);
    assert_null(strstr(f->explanation, "interpreter"));
    assert_string_equal(text_of(f, "lock"), "big_lock");
    ct_result_free(r);
}

/* Each fails one condition of the contest, so there is neither serialization nor contention. */
static void waits_that_are_no_contest(void **state)
{
    (void)state;
    struct ct_result *r = interpreter();

    r->locks[0].handed = r->locks[1].handed = 0; /* given by somebody who never waited: a pool */
    assert_true(finds_nothing(r));
    r->locks[0].handed = r->locks[1].handed = 15; /* mostly so: 15 of 40 */
    assert_true(finds_nothing(r));
    r->locks[0].handed = r->locks[1].handed = 38;
    assert_false(finds_nothing(r));

    r->locks[0].waiters = r->locks[1].waiters = 1; /* a join */
    assert_true(finds_nothing(r));
    r->locks[0].waiters = r->locks[1].waiters = 4;

    r->locks[0].timed_out = r->locks[1].timed_out = 0; /* two words, no timeouts: a queue */
    r->locks[0].handed = r->locks[1].handed = 118;
    assert_true(finds_nothing(r));
    r->locks[1].address += CT_SAME_LOCK_BYTES; /* two locks, each contested */
    assert_false(finds_nothing(r));

    r->thread_calls[0].calls = r->calls[0].calls = 300; /* 60 calls ended 240 waits: a barrier */
    assert_true(finds_nothing(r));
    r->thread_calls[0].calls = r->calls[0].calls = 600;

    r->locks[0].waits = r->locks[1].waits = 6; /* too few to be sure */
    r->locks[0].handed = r->locks[1].handed = 6;
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static void contention_is_short_of_serialization(void **state)
{
    (void)state;
    struct ct_result *r = interpreter();

    r->processes[0].overlap_ns = 100 * MS; /* two at a time, now and then */
    assert_false(finds(r, CT_FINDING_SERIALIZED_THREADS));
    const struct ct_finding *f = found(r, CT_FINDING_LOCK_CONTENTION);
    assert_non_null(f);
    assert_int_equal(number_of(f, "threads_cnt"), 4);
    /* the main thread's 420 ms, and three of 400 */
    assert_string_equal(f->title, "4 threads spent 74 % of their time waiting for one lock.");
    r->processes[0].overlap_ns = 4 * MS;

    r->processes[0].busy_ns = 100 * MS; /* mostly nobody runs: something else holds it back */
    r->processes[0].overlap_ns = 1 * MS;
    assert_false(finds(r, CT_FINDING_SERIALIZED_THREADS));
    assert_non_null(found(r, CT_FINDING_LOCK_CONTENTION));

    r->locks[0].wait_ns = r->locks[1].wait_ns = 150 * MS; /* 300 of 1620 ms */
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static void one_who_works_is_not_serialized(void **state)
{
    (void)state;
    struct ct_result *r = interpreter();
    for (size_t i = 0; i < 5; i++)
        r->threads[i]->totals.running_ns = i == 1 ? 100 * MS : 10 * MS;
    r->processes[0].totals.running_ns = 140 * MS;
    assert_false(finds(r, CT_FINDING_SERIALIZED_THREADS));
    ct_result_free(r);

    r = interpreter();
    r->cpus_cnt = 1; /* nothing to gain */
    assert_false(finds(r, CT_FINDING_SERIALIZED_THREADS));
    r->cpus_cnt = 2;
    r->lost_events = 1; /* who overlapped is not known */
    assert_false(finds(r, CT_FINDING_SERIALIZED_THREADS));
    ct_result_free(r);
}

/* No lock has two waiters; the threads wake one another. */
static struct ct_result *parked(void)
{
    struct ct_result *r = interpreter();

    r->locks_cnt = 0;
    for (uint32_t woken = 2; woken <= 5; woken++) {
        for (uint32_t waker = 2; waker <= 5; waker++)
            if (waker != woken)
                add_waker(r, woken, waker, 7);
        r->threads[woken - 1]->totals.wakeups = 21;
        snprintf(r->threads[woken - 1]->comm, CT_COMM_LEN, "worker-%u", woken);
    }
    return r;
}

static void threads_that_park_are_serialized_too(void **state)
{
    (void)state;
    struct ct_result *r = parked();
    const struct ct_finding *f =
        finds(r, CT_FINDING_SERIALIZED_THREADS) ? found(r, CT_FINDING_SERIALIZED_THREADS) : NULL;
    assert_non_null(f);
    assert_int_equal(number_of(f, "threads_cnt"), 4);
    assert_int_equal(number_of(f, "wait_ns"), 1200 * MS);

    for (size_t i = 0; i < r->wakers_cnt; i++) /* one hands out work to the others */
        if (r->wakers[i].waker_id == 2)
            r->wakers[i].count = 100;
    assert_true(finds_nothing(r));
    ct_result_free(r);

    r = parked(); /* somebody who does not wait wakes them: the main thread */
    for (size_t i = 0; i < r->wakers_cnt; i++)
        r->wakers[i].waker_id = 1;
    assert_true(finds_nothing(r));
    ct_result_free(r);

    r = parked(); /* two that run at the same time */
    r->processes[0].overlap_ns = 300 * MS;
    assert_false(finds(r, CT_FINDING_SERIALIZED_THREADS));
    assert_null(found(r, CT_FINDING_LOCK_CONTENTION));
    ct_result_free(r);
}

/* ---- CPUs ---- */

/* cnt threads that want a CPU all the time on 2 CPUs, for 300 ms. */
static struct ct_result *crowd(uint32_t cnt)
{
    struct story s;
    story_begin(&s, 300 * MS, 2, command);
    story_process(&s, 100, "program", ARGV("./program"));
    for (uint32_t i = 0; i < cnt; i++) {
        story_thread(&s, 100 + i, "program", 0);
        story_waits(&s, CT_RUN_PREEMPTED, 300 * MS - 600 * MS / cnt);
        story_runs(&s, 600 * MS / cnt);
        story_dies(&s);
    }
    return told(&s, 2, 0);
}

static void more_threads_than_cpus(void **state)
{
    (void)state;
    struct ct_result *r = crowd(10);
    const struct ct_finding *f =
        finds(r, CT_FINDING_OVERSUBSCRIBED) ? found(r, CT_FINDING_OVERSUBSCRIBED) : NULL;
    assert_non_null(f);
    assert_string_equal(f->title, "Too many threads for the CPUs: 10.0 wanted one of 2 at a time.");
    assert_int_equal(number_of(f, "queued_ns"), 2400 * MS);
    assert_null(found(r, CT_FINDING_GOOD_OVERLAP));
    r->unserved_ns = 2000 * MS; /* CPUs were free meanwhile: that is something else */
    assert_false(finds(r, CT_FINDING_OVERSUBSCRIBED));
    r->unserved_ns = 0;
    r->totals.running_ns = 300 * MS; /* half of the CPUs' time */
    assert_false(finds(r, CT_FINDING_OVERSUBSCRIBED));
    ct_result_free(r);

    r = crowd(3);
    assert_false(finds(r, CT_FINDING_OVERSUBSCRIBED));
    assert_non_null(found(r, CT_FINDING_GOOD_OVERLAP));
    ct_result_free(r);
}

/* Two threads on CPU 0, in turns; what CPU 1 does, the caller says. */
static struct ct_result *pinned(uint64_t unserved_ns)
{
    struct story s;
    story_begin(&s, 400 * MS, 2, command);
    story_process(&s, 100, "program", ARGV("./program"));
    for (uint32_t i = 0; i < 2; i++) {
        story_thread(&s, 100 + 2 * i, "program", 0); /* even: on CPU 0 */
        story_waits(&s, CT_RUN_PREEMPTED, 200 * MS);
        story_runs(&s, 200 * MS);
        story_dies(&s);
    }
    struct ct_result *r = told(&s, 1, 0);
    r->unserved_ns = unserved_ns;
    return r;
}

static void a_cpu_is_idle_while_threads_wait(void **state)
{
    (void)state;
    struct ct_result *r = pinned(400 * MS);
    const struct ct_finding *f =
        finds(r, CT_FINDING_IDLE_CPUS) ? found(r, CT_FINDING_IDLE_CPUS) : NULL;
    assert_non_null(f);
    assert_int_equal(number_of(f, "idle_while_wanted_ns"), 400 * MS);
    assert_int_equal(number_of(f, "unused_cpus_cnt"), 1);
    assert_non_null(strstr(f->explanation, "affinity"));
    assert_null(found(r, CT_FINDING_OUTSIDE_INTERFERENCE));
    assert_null(found(r, CT_FINDING_OVERSUBSCRIBED));

    r->throttled_ns = 300 * MS;
    analyse(r);
    f = found(r, CT_FINDING_IDLE_CPUS);
    assert_non_null(f);
    assert_non_null(strstr(f->explanation, "quota"));
    r->throttled_ns = CT_NOT_TOLD;

    const struct ct_totals before = r->totals; /* the way to a sleeping CPU, ten thousand times */
    r->totals.runnable_ns[CT_RUN_WOKEN] = r->totals.runnable_ns[CT_RUN_PREEMPTED];
    r->totals.runnable_ns[CT_RUN_PREEMPTED] = 0;
    r->totals.latency_cnt = 10000;
    r->totals.latency_sum_ns = 400 * MS;
    assert_false(finds(r, CT_FINDING_IDLE_CPUS));
    r->totals.latency_cnt = 100; /* 4 ms each: that is more */
    assert_true(finds(r, CT_FINDING_IDLE_CPUS));
    r->totals = before;

    r->cpus[1].idle_ns = 0; /* somebody else had that CPU */
    r->cpus[1].other_ns = 400 * MS;
    assert_false(finds(r, CT_FINDING_IDLE_CPUS));
    assert_non_null(found(r, CT_FINDING_OUTSIDE_INTERFERENCE));
    ct_result_free(r);

    r = pinned(15 * MS); /* a moment here and there */
    assert_false(finds(r, CT_FINDING_IDLE_CPUS));
    ct_result_free(r);
}

static void others_take_the_cpu(void **state)
{
    (void)state;
    struct ct_result *r = pinned(200 * MS);
    r->cpus[0].other_ns = 200 * MS;
    add_preemptor(r, (struct ct_preemptor){.id = 2, .count = 9, .ns = 300 * MS});
    add_preemptor(
        r, (struct ct_preemptor){.tid = 15, .comm = "rcu_preempt", .count = 30, .ns = 150 * MS});
    add_preemptor(
        r, (struct ct_preemptor){.tid = 99, .comm = "evil\033[2J", .count = 9, .ns = 120 * MS});
    const struct ct_finding *f = finds(r, CT_FINDING_OUTSIDE_INTERFERENCE)
                                     ? found(r, CT_FINDING_OUTSIDE_INTERFERENCE)
                                     : NULL;
    assert_non_null(f);
    assert_int_equal(number_of(f, "taken_ns"), 200 * MS); /* not 270: no CPU was free for longer */
    assert_string_equal(text_of(f, "most_by"), "evil\033[2J 99"); /* as the kernel held it */
    assert_null(found(r, CT_FINDING_IDLE_CPUS)); /* not blamed on the idle CPU besides */
    r->observer_cpu_ns = 190 * MS;               /* it was us */
    assert_false(finds(r, CT_FINDING_OUTSIDE_INTERFERENCE));
    ct_result_free(r);
}

/* ---- waits ---- */

/* One thread with cnt waits of 50 ms for the same cause. */
static struct ct_result *in_a_row(enum ct_cause cause, uint64_t cnt)
{
    struct story s;
    const uint64_t wall = cnt * 52 * MS;
    story_begin(&s, wall, 2, command);
    story_process(&s, 100, "program", ARGV("./program"));
    story_thread(&s, 100, "program", 0);
    for (uint64_t i = 0; i < cnt; i++) {
        story_runs(&s, 2 * MS);
        story_blocks(&s, cause, 50 * MS);
    }
    story_dies(&s);
    struct ct_result *r = told(&s, 1, 0);
    r->parallelism_ns[0] = cnt * 50 * MS;
    r->parallelism_ns[1] = cnt * 2 * MS;
    r->threads[0]->waiting = (struct ct_waiting){cnt, cnt * 50 * MS, 50 * MS};
    r->waiting_any_ns = cnt * 50 * MS;
    return r;
}

static void sleeps_in_a_row(void **state)
{
    (void)state;
    struct ct_result *r = in_a_row(CT_CAUSE_SLEEP, 10);
    const struct ct_finding *f =
        finds(r, CT_FINDING_SEQUENTIAL_IO) ? found(r, CT_FINDING_SEQUENTIAL_IO) : NULL;
    assert_non_null(f);
    assert_int_equal(f->tid, 100);
    assert_int_equal(number_of(f, "could_save_ns"), 450 * MS);
    assert_int_equal(r->findings_cnt, 1);

    r->waiting_over_ns = 200 * MS; /* others wait at the same time */
    assert_false(finds(r, CT_FINDING_SEQUENTIAL_IO));
    r->waiting_over_ns = 0;
    r->parallelism_ns[0] = 40 * MS; /* somebody works meanwhile */
    assert_false(finds(r, CT_FINDING_SEQUENTIAL_IO));
    r->parallelism_ns[0] = 500 * MS;
    r->with_syscalls = false;
    assert_false(finds(r, CT_FINDING_SEQUENTIAL_IO));
    ct_result_free(r);

    r = in_a_row(CT_CAUSE_SLEEP, 10); /* it paces others of its process, who work */
    r->processes[0].totals.running_ns *= 3;
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = in_a_row(CT_CAUSE_SLEEP, 2);
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = in_a_row(CT_CAUSE_CHILD, 10); /* a shell */
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static void requests_in_a_row(void **state)
{
    (void)state;
    struct ct_result *r = in_a_row(CT_CAUSE_SOCKET, 10);
    assert_true(finds_nothing(r)); /* it asked nobody */
    add_call(r, r->threads[0], "sendto", (struct ct_call){.calls = 10});
    assert_true(finds(r, CT_FINDING_SEQUENTIAL_IO));
    r->thread_calls[0].calls = 1; /* one answer in many pieces */
    assert_true(finds_nothing(r));
    r->thread_calls[0].calls = 10;
    add_call(r, r->threads[0], "accept4", (struct ct_call){.calls = 10}); /* waits for clients */
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static void the_disk_in_a_row(void **state)
{
    (void)state;
    struct ct_result *r = in_a_row(CT_CAUSE_DISK, 10); /* any program's start */
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = in_a_row(CT_CAUSE_DISK, 40);
    assert_true(finds(r, CT_FINDING_SEQUENTIAL_IO));
    add_call(r, r->threads[0], "fsync", (struct ct_call){.calls = 40});
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static void waits_that_overlap(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s, 210 * MS, 2, command);
    story_process(&s, 100, "program", ARGV("./program"));
    for (uint32_t i = 0; i < 5; i++) {
        story_thread(&s, 100 + i, "program", 0);
        story_runs(&s, 10 * MS);
        story_blocks(&s, CT_CAUSE_SLEEP, 200 * MS);
        story_dies(&s);
    }
    struct ct_result *r = told(&s, 1, 0);
    for (size_t i = 0; i < 5; i++)
        r->threads[i]->waiting = (struct ct_waiting){1, 200 * MS, 200 * MS};
    r->waiting_any_ns = r->waiting_over_ns = 200 * MS;
    analyse(r);
    assert_int_equal(r->findings_cnt, 1);
    const struct ct_finding *f = found(r, CT_FINDING_GOOD_OVERLAP);
    assert_non_null(f);
    assert_false(f->warning);
    assert_string_equal(f->title, "Waits overlap well: 5.0 at once on average.");
    add_call(r, r->threads[0], "accept", (struct ct_call){.calls = 0, .total_ns = 1}); /* clients */
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

/* ---- event loops ---- */

static struct ct_result *loop(void)
{
    struct ct_result *r = in_a_row(CT_CAUSE_EVENT_WAIT, 20);
    struct ct_totals *t = &r->threads[0]->totals;

    r->threads[0]->waiting = (struct ct_waiting){0};
    r->waiting_any_ns = 0;
    t->start_ns = 5000 * MS;
    t->end_ns = t->start_ns + 1040 * MS;
    t->loop = (struct ct_loop){
        .returns = 20,
        .away_ns = 500 * MS,
        .long_cnt = 3,
        .long_ns = 450 * MS,
        .long_running_ns = 30 * MS,
        .long_blocked_ns = 420 * MS,
        .max_ns = 200 * MS,
        .max_at_ns = 5300 * MS,
        .max_running_ns = 10 * MS,
        .max_blocked_ns = 190 * MS,
        .max_call_ns = 180 * MS,
        .max_call_nr = ct_syscall_nr(CT_ABI_NATIVE, "clock_nanosleep"),
    };
    add_call(r, r->threads[0], "epoll_pwait", (struct ct_call){.calls = 20});
    return r;
}

static void a_loop_that_stands_still(void **state)
{
    (void)state;
    struct ct_result *r = loop();
    struct ct_loop *l = &r->threads[0]->totals.loop;
    const struct ct_finding *f =
        finds(r, CT_FINDING_EVENT_LOOP_BLOCKED) ? found(r, CT_FINDING_EVENT_LOOP_BLOCKED) : NULL;
    assert_non_null(f);
    assert_string_equal(f->title, "An event loop stood still 3 times, for up to 200 ms.");
    assert_string_equal(text_of(f, "worst_in"), "clock_nanosleep");
    assert_int_equal(number_of(f, "worst_at_ns"), 300 * MS);
    assert_int_equal(f->tid, 100);

    l->max_running_ns = 150 * MS;
    analyse(r);
    assert_string_equal(text_of(found(r, CT_FINDING_EVENT_LOOP_BLOCKED), "worst_in"), "computing");
    l->max_running_ns = 10 * MS;
    l->max_call_ns = 20 * MS; /* many calls, none of them alone */
    analyse(r);
    assert_non_null(strstr(found(r, CT_FINDING_EVENT_LOOP_BLOCKED)->explanation, "many calls"));

    l->long_cnt = 1; /* once, for a fifth of its life: all of it must be judged by that */
    l->long_running_ns = 20 * MS;
    l->long_blocked_ns = 180 * MS;
    r->threads[0]->totals.blocked_ns[CT_CAUSE_EVENT_WAIT] += 500 * MS;
    assert_true(finds_nothing(r));
    l->long_cnt = 2;
    assert_true(finds(r, CT_FINDING_EVENT_LOOP_BLOCKED));
    l->long_cnt = 3;
    l->long_running_ns = 30 * MS;

    l->long_blocked_ns = 40 * MS; /* it waited for a CPU */
    assert_true(finds_nothing(r));
    l->long_blocked_ns = 420 * MS;
    l->long_cnt = 0;
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static void what_is_no_loop(void **state)
{
    (void)state;
    struct ct_result *r = loop();
    struct ct_loop *l = &r->threads[0]->totals.loop;

    l->returns = 1; /* a worker that has an epoll and computes once */
    assert_true(finds_nothing(r));
    r->threads[0]->waiting = (struct ct_waiting){2, 400 * MS, 200 * MS}; /* but waits outside */
    assert_true(finds(r, CT_FINDING_EVENT_LOOP_BLOCKED));
    r->threads[0]->waiting = (struct ct_waiting){0};
    l->returns = 20;

    r->thread_calls[0].nr = (uint32_t)ct_syscall_nr(CT_ABI_NATIVE, "ppoll");
    assert_true(finds(r, CT_FINDING_EVENT_LOOP_BLOCKED));            /* it rests there */
    r->threads[0]->totals.blocked_ns[CT_CAUSE_EVENT_WAIT] = MS / 10; /* it only looks */
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static const char *where(struct ct_result *r)
{
    analyse(r);
    const struct ct_finding *found_one = found(r, CT_FINDING_EVENT_LOOP_BLOCKED);
    assert_non_null(found_one);
    for (size_t i = 0; i < found_one->evidence_cnt; i++)
        if (!strcmp(found_one->evidence[i].key, "where"))
            return found_one->evidence[i].text;
    return NULL;
}

static void place(struct ct_stack *s, uint8_t state, uint64_t max_ns, const char *frames,
                  size_t len)
{
    *s = (struct ct_stack){.state = state, .count = 1, .ns = max_ns, .max_ns = max_ns};
    s->frames = malloc(len);
    memcpy(s->frames, frames, len);
    s->frames_len = len;
}
#define PLACE(s, state, ns, frames) place(s, state, ns, frames, sizeof(frames))

/* The longest wait that fits into the worst absence, and not the loop's own rest. */
static void a_blocked_loop_has_its_place(void **state)
{
    (void)state;
    struct ct_result *r = loop();
    const uint64_t blocked = r->threads[0]->totals.loop.max_blocked_ns;
    assert_true(blocked > 2 * MS);
    assert_null(where(r));
    r->stacks = calloc(4, sizeof(*r->stacks));
    r->stacks_cnt = 4;
    PLACE(&r->stacks[0], CT_ST_BLOCKED + CT_CAUSE_SOCKET, 3 * blocked, "main\0other");
    PLACE(&r->stacks[1], CT_ST_BLOCKED + CT_CAUSE_SLEEP, blocked, "main\0serve\0nap\0do_nap_[k]");
    PLACE(&r->stacks[2], CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT, blocked, "main\0rest");
    PLACE(&r->stacks[3], CT_ST_BLOCKED + CT_CAUSE_SLEEP, blocked / 3, "main\0short");
    assert_string_equal(where(r), "main;serve;nap");
    free(r->stacks[1].frames);
    PLACE(&r->stacks[1], CT_ST_BLOCKED + CT_CAUSE_SLEEP, blocked,
          "an_outer_function_that_is_much_too_long_to_be_told\0inner_function\0nap");
    assert_string_equal(where(r), "inner_function;nap");
    free(r->stacks[1].frames);
    PLACE(&r->stacks[1], CT_ST_BLOCKED + CT_CAUSE_SLEEP, blocked,
          "a_name_that_has_more_than_the_sixty_three_letters_that_there_are_room_for");
    assert_string_equal(where(r),
                        "a_name_that_has_more_than_the_sixty_three_letters_that_there_ar");
    free(r->stacks[1].frames);
    PLACE(&r->stacks[1], CT_ST_BLOCKED + CT_CAUSE_SLEEP, blocked, "only_the_kernel_[k]");
    assert_null(where(r));
    ct_result_free(r);
}

static void a_blocked_loop_is_not_sequential_besides(void **state)
{
    (void)state;
    struct ct_result *r = loop();
    r->threads[0]->waiting = (struct ct_waiting){8, 400 * MS, 50 * MS};
    r->threads[0]->totals.blocked_ns[CT_CAUSE_SLEEP] = 400 * MS;
    analyse(r);
    assert_int_equal(r->findings_cnt, 1);
    assert_non_null(found(r, CT_FINDING_EVENT_LOOP_BLOCKED));
    r->threads[0]->totals.loop = (struct ct_loop){0};
    assert_true(finds(r, CT_FINDING_SEQUENTIAL_IO));
    ct_result_free(r);
}

/* ---- work and its shares ---- */

/* Four workers; three work for some, the last for most. */
static struct ct_result *workers(uint64_t some_ns, uint64_t most_ns)
{
    struct story s;
    story_begin(&s, most_ns + 20 * MS, 4, command);
    story_process(&s, 100, "program", ARGV("./program"));
    story_thread(&s, 100, "program", 0);
    story_runs(&s, 10 * MS);
    story_blocks(&s, CT_CAUSE_LOCK, most_ns + 10 * MS);
    story_dies(&s);
    for (uint32_t i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof(name), "worker-%u", i);
        story_thread(&s, 101 + i, name, 10 * MS);
        story_runs(&s, i < 3 ? some_ns : most_ns);
        story_dies(&s);
    }
    return told(&s, 4, 0);
}

static void one_has_most_of_the_work(void **state)
{
    (void)state;
    struct ct_result *r = workers(100 * MS, 400 * MS);
    const struct ct_finding *f =
        finds(r, CT_FINDING_IMBALANCE) ? found(r, CT_FINDING_IMBALANCE) : NULL;
    assert_non_null(f);
    assert_int_equal(f->tid, 104);
    assert_string_equal(text_of(f, "straggler"), "worker-3");
    assert_in_range(number_of(f, "alone_ns"), 280 * MS, 330 * MS);
    assert_int_equal(number_of(f, "others_mean_work_ns"), 100 * MS);

    for (int i = 60; i < CT_STRIP_BINS; i++) /* another part of the program works meanwhile */
        r->cpus[1].strip.running[i] = 255;
    assert_false(finds(r, CT_FINDING_IMBALANCE));
    ct_result_free(r);
}

static void what_is_no_straggler(void **state)
{
    (void)state;
    struct ct_result *r = workers(300 * MS, 400 * MS); /* about the same */
    assert_false(finds(r, CT_FINDING_IMBALANCE));
    ct_result_free(r);
    r = workers(100 * MS, 400 * MS); /* it did no more than the others, but had to wait */
    r->threads[4]->totals.running_ns = 150 * MS;
    assert_false(finds(r, CT_FINDING_IMBALANCE));
    ct_result_free(r);
    r = workers(10 * MS, 400 * MS); /* helpers of one who works */
    assert_false(finds(r, CT_FINDING_IMBALANCE));
    ct_result_free(r);
    r = workers(100 * MS, 400 * MS);
    snprintf(r->threads[4]->comm, sizeof(r->threads[4]->comm), "writer"); /* does something else */
    assert_false(finds(r, CT_FINDING_IMBALANCE));
    ct_result_free(r);
}

/* cnt children that run for 4 ms each; half of that is the start. */
static struct ct_result *brood(uint32_t cnt, uint64_t spawn_ns)
{
    struct story s;
    story_begin(&s, cnt * 5 * MS, 2, command);
    story_process(&s, 100, "sh", ARGV("sh"));
    story_thread(&s, 100, "sh", 0);
    story_runs(&s, cnt * MS);
    story_blocks(&s, CT_CAUSE_CHILD, cnt * 4 * MS);
    story_dies(&s);
    for (uint32_t i = 0; i < cnt; i++) {
        story_process(&s, 101 + i, "true", ARGV("true"));
        story_thread(&s, 101 + i, "true", i * 5 * MS + MS);
        story_runs(&s, 4 * MS);
        story_dies(&s);
    }
    struct ct_result *r = told(&s, 1, 0);
    add_call(
        r, r->threads[0], "vfork",
        (struct ct_call){.calls = cnt, .total_ns = spawn_ns + 100 * MS, .blocked_ns = 100 * MS});
    return r;
}

static void starting_costs_more_than_working(void **state)
{
    (void)state;
    struct ct_result *r = brood(50, 100 * MS);
    const struct ct_finding *f =
        finds(r, CT_FINDING_SPAWN_OVERHEAD) ? found(r, CT_FINDING_SPAWN_OVERHEAD) : NULL;
    assert_non_null(f);
    assert_int_equal(number_of(f, "short_lived_cnt"), 50);
    assert_int_equal(number_of(f, "spawn_calls_ns"), 100 * MS); /* without the waiting in it */
    assert_non_null(strstr(f->title, "50 processes"));
    r->with_syscalls = false;
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = brood(50, 50 * MS); /* a fifth: they do work */
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = brood(20, 40 * MS); /* some script */
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = brood(50, 100 * MS); /* most live for longer */
    for (size_t i = 1; i < 30; i++)
        r->threads[i]->totals.running_ns = 25 * MS;
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

static struct ct_result *spinner(const char *call, struct ct_call row)
{
    struct story s;
    story_begin(&s, 400 * MS, 2, command);
    story_process(&s, 100, "program", ARGV("./program"));
    story_thread(&s, 100, "program", 0);
    story_runs(&s, 400 * MS);
    story_dies(&s);
    struct ct_result *r = told(&s, 1, 0);
    add_call(r, r->threads[0], call, row);
    return r;
}

static void who_asks_without_waiting(void **state)
{
    (void)state;
    struct ct_result *r = spinner("sched_yield", (struct ct_call){.calls = 40000});
    const struct ct_finding *f =
        finds(r, CT_FINDING_BUSY_WAIT) ? found(r, CT_FINDING_BUSY_WAIT) : NULL;
    assert_non_null(f);
    assert_string_equal(text_of(f, "call"), "sched_yield");
    assert_int_equal(f->tid, 100);
    ct_result_free(r);

    r = spinner("epoll_pwait", (struct ct_call){.calls = 40000});
    assert_true(finds(r, CT_FINDING_BUSY_WAIT));
    add_call(r, r->threads[0], "recvfrom", (struct ct_call){.calls = 40000}); /* a busy server */
    assert_true(finds_nothing(r));
    ct_result_free(r);

    r = spinner("recvfrom", (struct ct_call){.calls = 40000, .errors = 39990});
    assert_true(finds(r, CT_FINDING_BUSY_WAIT));
    r->thread_calls[0].errors = 20000; /* there is something to read */
    assert_true(finds_nothing(r));
    ct_result_free(r);

    r = spinner("ppoll", (struct ct_call){.calls = 40000, .blocked_ns = 200 * MS}); /* it waits */
    assert_true(finds_nothing(r));
    ct_result_free(r);
    r = spinner("sched_yield", (struct ct_call){.calls = 4000}); /* each 100 us: it works, too */
    assert_true(finds_nothing(r));
    ct_result_free(r);
}

/* ---- all of them ---- */

static void nothing_of_nothing(void **state)
{
    (void)state;
    struct ct_result r = {0};
    assert_int_equal(ct_findings_run(&r), 0);
    assert_int_equal(r.findings_cnt, 0);
    ct_result_drop_findings(&r);

    struct story s; /* accounts that were lost */
    story_begin(&s, 100 * MS, 2, command);
    story_process(&s, 100, "program", NULL, 0);
    story_thread(&s, 100, "program", 0);
    s.t->has_totals = false;
    story_dies(&s);
    struct ct_result *lost = told(&s, 0, 0);
    assert_true(finds_nothing(lost));
    ct_result_free(lost);
}

/* Warnings first, the heaviest first; of the same kind, the worst five. */
static void the_order_and_the_worst_few(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s, 400 * MS, 2, command);
    for (uint32_t i = 0; i < 8; i++) {
        story_process(&s, 100 + i, "program", ARGV("./program"));
        story_thread(&s, 100 + i, "program", 0);
        story_runs(&s, (50 + 10 * i) * MS);
        story_dies(&s);
    }
    struct ct_result *r = told(&s, 2, 0);
    for (size_t i = 0; i < 8; i++)
        add_call(r, r->threads[i], "sched_yield", (struct ct_call){.calls = 40000});
    analyse(r);
    size_t cnt = 0;
    for (size_t i = 0; i < r->findings_cnt; i++) {
        if (i)
            assert_true(r->findings[i - 1].warning >= r->findings[i].warning);
        if (r->findings[i].id != CT_FINDING_BUSY_WAIT)
            continue;
        assert_int_equal(r->findings[i].tgid, 107 - cnt);
        cnt++;
    }
    assert_int_equal(cnt, 5);
    ct_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interpreters_lock_is_known),
        cmocka_unit_test(a_mutex_is_no_interpreter),
        cmocka_unit_test(waits_that_are_no_contest),
        cmocka_unit_test(contention_is_short_of_serialization),
        cmocka_unit_test(one_who_works_is_not_serialized),
        cmocka_unit_test(threads_that_park_are_serialized_too),
        cmocka_unit_test(more_threads_than_cpus),
        cmocka_unit_test(a_cpu_is_idle_while_threads_wait),
        cmocka_unit_test(others_take_the_cpu),
        cmocka_unit_test(sleeps_in_a_row),
        cmocka_unit_test(requests_in_a_row),
        cmocka_unit_test(the_disk_in_a_row),
        cmocka_unit_test(waits_that_overlap),
        cmocka_unit_test(a_loop_that_stands_still),
        cmocka_unit_test(what_is_no_loop),
        cmocka_unit_test(a_blocked_loop_has_its_place),
        cmocka_unit_test(a_blocked_loop_is_not_sequential_besides),
        cmocka_unit_test(one_has_most_of_the_work),
        cmocka_unit_test(what_is_no_straggler),
        cmocka_unit_test(starting_costs_more_than_working),
        cmocka_unit_test(who_asks_without_waiting),
        cmocka_unit_test(nothing_of_nothing),
        cmocka_unit_test(the_order_and_the_worst_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
