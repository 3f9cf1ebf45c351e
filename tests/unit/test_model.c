/* SPDX-License-Identifier: GPL-2.0-only */
// links: tests/harness/sim.c user/core/model.c user/core/seal.c user/core/timeline.c user/core/span.c user/core/order.c user/core/gaps.c user/core/path.c user/core/path_fold.c user/core/path_seal.c user/core/strip.c user/core/result.c user/core/tables.c user/core/stacks.c user/base/map.c
/*
 * The model's laws as properties of random runs (tests/harness/sim.h), and the hard cases one by
 * one: losses, contradictions, processes that share a number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/harness/sim.h"
#include "user/core/order.h"

#define RUNS 60

static uint64_t parallel_sum(const struct ct_result *r, bool weighted)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < r->parallelism_cnt; k++)
        sum += r->parallelism_ns[k] * (weighted ? k : 1);
    return sum;
}

static void accounts_tile_lives_and_stream_agrees(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        struct sim s;
        sim_make(&s, seed, 500, 1 + seed % 4);
        struct ct_result *r = sim_run(&s, NULL);
        assert_int_equal(r->stream_difference_ns, 0);
        assert_int_equal(r->late_events, 0);
        assert_int_equal(parallel_sum(r, false), r->wall_ns);
        assert_int_equal(parallel_sum(r, true), r->totals.running_ns);
        assert_true(r->parallelism_cnt <= r->cpus_cnt + 1);
        uint64_t on_cpus = 0;
        for (size_t i = 0; i < r->cpus_cnt; i++) {
            on_cpus += r->cpus[i].traced_ns;
            assert_true(r->cpus[i].traced_ns + r->cpus[i].idle_ns <= r->wall_ns);
        }
        assert_int_equal(on_cpus, r->totals.running_ns);
        for (size_t i = 0; i < r->threads_cnt; i++) {
            const struct ct_totals *t = &r->threads[i]->totals;
            assert_int_equal(t->running_ns + ct_totals_runnable(t) + ct_totals_blocked(t) +
                                 t->unknown_ns,
                             r->threads[i]->end_ns - r->threads[i]->start_ns);
        }
        ct_result_free(r);
        sim_free(&s);
    }
}

#define HEARD_MAX 5000

struct heard {
    struct ct_interval all[HEARD_MAX];
    size_t cnt;
};

static void hear(const struct ct_interval *interval, void *ctx)
{
    struct heard *h = ctx;
    assert_true(h->cnt < HEARD_MAX);
    h->all[h->cnt++] = *interval;
}

static bool runs_from(const struct heard *h, uint32_t id, uint64_t ns)
{
    for (size_t i = 0; i < h->cnt; i++)
        if (h->all[i].id == id && h->all[i].state == CT_ST_RUNNING && h->all[i].start_ns == ns)
            return true;
    return false;
}

static void check_partners(const struct heard *h, const struct ct_interval *i)
{
    if (i->state >= CT_ST_BLOCKED) {
        assert_int_equal(i->call, (i->state - CT_ST_BLOCKED) | (i->id % 2 ? CT_KEY_COMPAT : 0));
        assert_true(i->wake == CT_WAKE_TASK ? i->other_id && i->other_id != i->id : !i->other_id);
    } else if (i->state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED) {
        assert_true(!i->other_id || runs_from(h, i->other_id, i->start_ns));
    } else {
        assert_int_equal(i->other_id, 0);
    }
}

/* Those of a thread tile its life, and sum up to its account. */
static void intervals_are_the_accounts(void **state)
{
    (void)state;
    size_t woken = 0, taken = 0;
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        struct sim s;
        struct heard *h = calloc(1, sizeof(*h));
        assert_non_null(h);
        sim_make(&s, seed, 500, 1 + seed % 4);
        struct ct_result *r = sim_hear(&s, hear, h);
        for (size_t t = 0; t < r->threads_cnt; t++) {
            const struct ct_thread *thread = r->threads[t];
            uint64_t at = thread->start_ns, sums[CT_ST_COUNT] = {0};
            for (size_t i = 0; i < h->cnt; i++) {
                const struct ct_interval *v = &h->all[i];
                if (v->id != thread->id)
                    continue;
                assert_int_equal(v->start_ns, at);
                assert_true(v->end_ns > v->start_ns);
                sums[v->state] += v->end_ns - v->start_ns;
                at = v->end_ns;
                check_partners(h, v);
                woken += v->state >= CT_ST_BLOCKED && v->other_id;
                taken += v->state < CT_ST_BLOCKED && v->other_id;
            }
            assert_int_equal(at, thread->end_ns);
            assert_memory_equal(sums, thread->totals.state_ns, sizeof(sums));
        }
        ct_result_free(r);
        sim_free(&s);
        free(h);
    }
    assert_true(woken && taken);
}

/* The strips are pictures of the accounts: their areas agree to within the shares' rounding. */
static void strips_show_the_accounts(void **state)
{
    (void)state;
    struct sim s;
    sim_make(&s, 7, 3000, 2);
    struct ct_result *r = sim_run(&s, NULL);
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        double area = 0;
        for (int b = 0; b < CT_STRIP_BINS; b++) {
            area += t->strip->running[b] / 255.0;
            assert_in_range(t->strip->running[b] + t->strip->runnable[b] + t->strip->blocked[b], 0,
                            255 + 8);
        }
        const double share = (double)t->totals.running_ns / (double)r->wall_ns;
        assert_true(area / CT_STRIP_BINS > share - 0.03 && area / CT_STRIP_BINS < share + 0.03);
    }
    ct_result_free(r);
    sim_free(&s);
}

static bool same_result(const struct ct_result *a, const struct ct_result *b)
{
    if (a->threads_cnt != b->threads_cnt || a->parallelism_cnt != b->parallelism_cnt ||
        a->peak_threads != b->peak_threads || a->stream_difference_ns != b->stream_difference_ns)
        return false;
    if (memcmp(a->parallelism_ns, b->parallelism_ns,
               a->parallelism_cnt * sizeof(*a->parallelism_ns)))
        return false;
    for (size_t i = 0; i < a->threads_cnt; i++)
        if (memcmp(a->threads[i]->strip, b->threads[i]->strip, sizeof(struct ct_strip)) ||
            memcmp(&a->threads[i]->totals, &b->threads[i]->totals, sizeof(struct ct_totals)))
            return false;
    return true;
}

static uint64_t share_of(const struct ct_result *r, uint32_t id, int state)
{
    const struct ct_thread *t = ct_result_thread(r, id);
    return t ? t->totals.state_ns[state] : 0;
}

static uint64_t switches(const struct ct_result *r)
{
    return r->totals.voluntary + r->totals.involuntary;
}

/* A run cut in two anywhere: each thread's states add up, and each part holds by itself. */
static void parts_add_up_to_the_whole(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        struct sim s;
        sim_make(&s, seed, 500, 1 + seed % 4);
        struct ct_result *whole = sim_run(&s, NULL);
        const uint64_t seam = s.end.start_ns + 1 + whole->wall_ns * seed / (RUNS + 1);
        struct ct_result *a = sim_run_part(&s, NULL, (struct ct_span){s.end.start_ns, seam, false});
        struct ct_result *b = sim_run_part(&s, NULL, (struct ct_span){seam, s.end.end_ns, true});
        assert_int_equal(a->wall_ns + b->wall_ns, whole->wall_ns);
        assert_int_equal(parallel_sum(a, false), a->wall_ns);
        assert_int_equal(parallel_sum(b, true), b->totals.running_ns);
        assert_int_equal(switches(a) + switches(b), switches(whole));
        for (size_t i = 0; i < whole->threads_cnt; i++)
            for (int st = 0; st < CT_ST_COUNT; st++)
                assert_int_equal(share_of(a, whole->threads[i]->id, st) +
                                     share_of(b, whole->threads[i]->id, st),
                                 whole->threads[i]->totals.state_ns[st]);
        ct_result_free(whole);
        ct_result_free(a);
        ct_result_free(b);
        sim_free(&s);
    }
}

/* Swaps neighbours that are less than the window apart, again and again. */
static void any_order_inside_the_window_gives_the_same(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        struct sim s;
        sim_make(&s, seed, 600, 3);
        size_t *order = malloc(s.cnt * sizeof(*order));
        for (size_t i = 0; i < s.cnt; i++)
            order[i] = i;
        srand(seed);
        /* blocks whose ends are less than the window apart, each in any order */
        for (size_t from = 0; from < s.cnt;) {
            size_t to = from;
            while (to < s.cnt &&
                   s.recs[to].head.time_ns < s.recs[from].head.time_ns + CT_ORDER_WINDOW_NS)
                to++;
            for (size_t i = from; i + 1 < to; i++) {
                const size_t j = i + (size_t)rand() % (to - i);
                /* records of one moment keep the order of arrival: the kernel's locks made it */
                const bool tie = s.recs[order[i]].head.time_ns == s.recs[order[j]].head.time_ns;
                if (!tie) {
                    const size_t k = order[i];
                    order[i] = order[j];
                    order[j] = k;
                }
            }
            from = to;
        }
        struct ct_result *a = sim_run(&s, NULL), *b = sim_run(&s, order);
        assert_true(same_result(a, b));
        ct_result_free(a);
        ct_result_free(b);
        free(order);
        sim_free(&s);
    }
}

/* Without any of the switches of a stretch, accounts stand and the stretch is a gap. */
static void losses_leave_accounts_and_show_a_gap(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        struct sim s;
        sim_make(&s, seed, 800, 2);
        struct ct_result *whole = sim_run(&s, NULL);
        size_t kept = 0;
        struct sim_rec gap = {.head = {.kind = CT_EV_LOST}};
        const size_t a = s.cnt / 3, b = s.cnt / 2;
        for (size_t i = 0; i < s.cnt; i++) {
            const uint8_t kind = s.recs[i].head.kind;
            if (i >= a && i < b && kind == CT_EV_SWITCH) {
                gap.lost.to_ns = s.recs[i].head.time_ns;
                if (!gap.lost.cnt++)
                    gap.head.time_ns = gap.lost.to_ns;
                continue;
            }
            if (i == b) /* told as soon as there is room again; one record at least was taken out */
                s.recs[kept++] = gap;
            s.recs[kept++] = s.recs[i];
        }
        s.cnt = kept;
        const uint64_t from = gap.head.time_ns;
        struct ct_result *res = sim_run(&s, NULL);
        assert_int_equal(res->totals.running_ns, whole->totals.running_ns);
        assert_int_equal(res->gaps_cnt, 1);
        assert_int_equal(res->gaps[0].start_ns, from - SIM_START_NS);
        assert_int_equal(parallel_sum(res, false),
                         res->wall_ns - (res->gaps[0].end_ns - res->gaps[0].start_ns));
        ct_result_free(res);
        ct_result_free(whole);
        sim_free(&s);
    }
}

/* Records dropped without a word: no hang, no huge number, no more threads at once than CPUs. */
static void holes_never_make_nonsense(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= RUNS; seed++) {
        struct sim s;
        sim_make(&s, seed, 800, 2);
        size_t kept = 0;
        srand(seed);
        for (size_t i = 0; i < s.cnt; i++)
            if (rand() % 4)
                s.recs[kept++] = s.recs[i];
        s.cnt = kept;
        struct ct_result *r = sim_run(&s, NULL);
        assert_true(r->parallelism_cnt <= 3);
        assert_true(parallel_sum(r, false) <= r->wall_ns);
        for (size_t i = 0; i < r->threads_cnt; i++)
            assert_true(r->threads[i]->end_ns <= r->wall_ns);
        ct_result_free(r);
        sim_free(&s);
    }
}

static struct ct_model *fresh_model(void)
{
    static char *const command[] = {"x", NULL};
    struct ct_model *m = ct_model_new(&(struct ct_model_info){.command = command});
    assert_non_null(m);
    return m;
}

static void feed_new(struct ct_model *m, uint32_t id, uint32_t parent, uint32_t tid, uint32_t tgid,
                     uint64_t at)
{
    const struct ct_rec_new r = {.head = {.time_ns = at,
                                          .kind = CT_EV_NEW,
                                          .state = CT_ST_RUNNABLE + CT_RUN_CREATED,
                                          .id = id},
                                 .parent_id = parent,
                                 .tid = tid,
                                 .tgid = tgid};
    ct_model_record(&r.head, m);
}

static void feed_end(struct ct_model *m, uint32_t id, uint32_t tid, uint32_t tgid, int status,
                     uint64_t from, uint64_t at)
{
    const struct ct_rec_totals r = {
        .life = {.head = {.time_ns = at, .kind = CT_EV_TOTALS, .state = CT_ST_DEAD, .id = id},
                 .tid = tid,
                 .tgid = tgid,
                 .exit_code = status},
        .totals = {.start_ns = from, .end_ns = at, .running_ns = at - from}};
    ct_model_record(&r.life.head, m);
}

static void a_number_used_twice_is_two_processes(void **state)
{
    (void)state;
    struct ct_model *m = fresh_model();
    feed_new(m, 1, 0, 100, 100, 1000);
    feed_new(m, 2, 1, 200, 200, 1100);
    feed_end(m, 2, 200, 200, 3 << 8, 1100, 1200);
    feed_new(m, 3, 1, 200, 200, 1300);
    feed_new(m, 4, 3, 201, 200, 1310);
    feed_end(m, 4, 201, 200, 0, 1310, 1390);
    feed_end(m, 3, 200, 200, 9, 1300, 1400);
    feed_end(m, 1, 100, 100, 0, 1000, 1500);
    struct ct_result *r = NULL;
    assert_int_equal(ct_model_seal(m, &(struct ct_run_end){.start_ns = 1000, .end_ns = 1500}, &r),
                     0);
    assert_int_equal(r->processes_cnt, 3);
    assert_int_equal(r->processes[1].threads, 1);
    assert_int_equal(r->processes[1].exit.code, 3);
    assert_int_equal(r->processes[2].threads, 2);
    assert_int_equal(r->processes[2].exit.signal, 9);
    assert_int_equal(r->processes[2].start_ns, 300);
    assert_int_equal(r->peak_threads, 3);
    ct_result_free(r);
}

/* exec from thread 101: it takes the number 100 while the old leader dies as 100 too. */
static void exec_from_another_thread_keeps_one_process(void **state)
{
    (void)state;
    struct ct_model *m = fresh_model();
    feed_new(m, 1, 0, 100, 100, 1000);
    feed_new(m, 2, 1, 101, 100, 1100);
    feed_end(m, 1, 100, 100, 0, 1000, 1200);
    struct ct_rec_exec e = {.head = {.time_ns = 1210, .kind = CT_EV_EXEC, .id = 2},
                            .tid = 100,
                            .tgid = 100,
                            .comm = "fresh",
                            .argv_len = 6};
    memcpy(e.argv, "a\0b\0c", 6);
    ct_model_record(&e.head, m);
    feed_end(m, 2, 100, 100, 5 << 8, 1100, 1500);
    struct ct_result *r = NULL;
    assert_int_equal(ct_model_seal(m, &(struct ct_run_end){.start_ns = 1000, .end_ns = 1500}, &r),
                     0);
    assert_int_equal(r->processes_cnt, 1);
    assert_int_equal(r->processes[0].exit.code, 5);
    assert_int_equal(r->processes[0].argv_len, 6);
    assert_int_equal(r->threads[1]->tid, 100);
    ct_result_free(r);
}

/* Attached to while on CPU 1: it counts as running there from its first moment. */
static void a_life_may_begin_on_a_cpu(void **state)
{
    (void)state;
    struct ct_model *m = fresh_model();
    const struct ct_rec_new n = {
        .head = {.time_ns = 1000, .kind = CT_EV_NEW, .state = CT_ST_RUNNING, .cpu = 1, .id = 1},
        .tid = 100,
        .tgid = 100};
    const struct ct_rec_switch out = {
        .head = {.time_ns = 1300, .kind = CT_EV_SWITCH, .state = CT_ST_BLOCKED, .cpu = 1, .id = 1}};
    ct_model_record(&n.head, m);
    ct_model_record(&out.head, m);
    struct ct_result *r = NULL;
    assert_int_equal(ct_model_seal(m, &(struct ct_run_end){.start_ns = 1000, .end_ns = 1500}, &r),
                     0);
    assert_int_equal(r->parallelism_cnt, 2);
    assert_int_equal(r->parallelism_ns[1], 300);
    assert_int_equal(r->parallelism_ns[0], 200);
    ct_result_free(r);
}

/* The end is dated back: a switch may bear a later stamp, and a wakeup too. */
static void nothing_is_drawn_beyond_the_end(void **state)
{
    (void)state;
    struct ct_model *m = fresh_model();
    feed_new(m, 1, 0, 100, 100, 1000);
    const struct ct_rec_switch in = {.head = {.time_ns = 1100, .kind = CT_EV_SWITCH, .cpu = 0},
                                     .next_id = 1};
    const struct ct_rec_switch out = {
        .head = {.time_ns = 1510, .kind = CT_EV_SWITCH, .state = CT_ST_BLOCKED, .cpu = 0, .id = 1}};
    const struct ct_rec_switch back = {
        .head = {.time_ns = 1530, .kind = CT_EV_SWITCH, .cpu = 1}, .next_id = 1, .wake_lag_ns = 5};
    ct_model_record(&in.head, m);
    ct_model_record(&out.head, m);
    ct_model_record(&back.head, m);
    struct ct_result *r = NULL;
    assert_int_equal(ct_model_seal(m, &(struct ct_run_end){.start_ns = 1000, .end_ns = 1500}, &r),
                     0);
    assert_int_equal(parallel_sum(r, false), r->wall_ns);
    assert_int_equal(r->parallelism_ns[1], 400);
    ct_result_free(r);
}

/* The first thread leaves, another ends the process with a code: that is the process's. */
static void a_process_ends_as_its_group_does(void **state)
{
    (void)state;
    struct ct_model *m = fresh_model();
    feed_new(m, 1, 0, 100, 100, 1000);
    feed_new(m, 2, 1, 101, 100, 1100);
    feed_end(m, 1, 100, 100, 0, 1000, 1200);
    struct ct_rec_totals t = {
        .life = {.head = {.time_ns = 1500, .kind = CT_EV_TOTALS, .state = CT_ST_DEAD, .id = 2},
                 .tid = 101,
                 .tgid = 100,
                 .exit_code = 31 << 8,
                 .flags = CT_LIFE_GROUP_EXIT},
        .totals = {.start_ns = 1100, .end_ns = 1500}};
    ct_model_record(&t.life.head, m);
    struct ct_result *r = NULL;
    assert_int_equal(ct_model_seal(m, &(struct ct_run_end){.start_ns = 1000, .end_ns = 1500}, &r),
                     0);
    assert_int_equal(r->processes[0].exit.code, 31);
    ct_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_tile_lives_and_stream_agrees),
        cmocka_unit_test(intervals_are_the_accounts),
        cmocka_unit_test(strips_show_the_accounts),
        cmocka_unit_test(parts_add_up_to_the_whole),
        cmocka_unit_test(any_order_inside_the_window_gives_the_same),
        cmocka_unit_test(losses_leave_accounts_and_show_a_gap),
        cmocka_unit_test(holes_never_make_nonsense),
        cmocka_unit_test(a_number_used_twice_is_two_processes),
        cmocka_unit_test(exec_from_another_thread_keeps_one_process),
        cmocka_unit_test(a_life_may_begin_on_a_cpu),
        cmocka_unit_test(nothing_is_drawn_beyond_the_end),
        cmocka_unit_test(a_process_ends_as_its_group_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
