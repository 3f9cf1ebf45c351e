/* SPDX-License-Identifier: GPL-2.0-only */
// links: tests/harness/sim.c user/core/model.c user/core/seal.c user/core/timeline.c user/core/span.c user/core/order.c user/core/gaps.c user/core/path.c user/core/path_fold.c user/core/path_seal.c user/core/strip.c user/core/result.c user/core/tables.c user/core/stacks.c user/base/map.c
/*
 * The critical path, followed forwards, is the one that a walk backwards over all that happened
 * finds; and it stays exact where so much happens that it must be folded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/harness/sim.h"
#include "user/core/path.h"

/* ---- the oracle: everything kept, walked back from the end ---- */

struct span {
    uint64_t start, end;
    uint8_t state;
    uint32_t waker; /* who ended it; 0: nobody traced */
};

struct life {
    struct span spans[4096];
    size_t cnt;
    uint32_t parent;
};

static void open_span(struct life *l, uint64_t at, uint8_t state)
{
    if (l->cnt)
        l->spans[l->cnt - 1].end = at;
    assert_true(l->cnt < 4096);
    l->spans[l->cnt++] = (struct span){.start = at, .state = state};
}

/* As the records tell it; ids up to 64. Returns the last id. */
static uint32_t read_lives(const struct sim *s, struct life *lives)
{
    uint32_t last = 0;

    for (size_t i = 0; i < s->cnt; i++) {
        const struct sim_rec *r = &s->recs[i];
        if (r->head.kind == CT_EV_NEW) {
            lives[r->head.id].parent = r->fresh.parent_id;
            open_span(&lives[r->head.id], r->head.time_ns, r->head.state);
            last = r->head.id > last ? r->head.id : last;
        }
        if (r->head.kind != CT_EV_SWITCH)
            continue;
        if (r->head.id)
            open_span(&lives[r->head.id], r->head.time_ns, r->head.state);
        if (!r->sw.next_id)
            continue;
        struct life *next = &lives[r->sw.next_id];
        if (r->sw.wake_lag_ns) {
            next->spans[next->cnt - 1].waker = r->sw.waker_id;
            open_span(next, r->head.time_ns - r->sw.wake_lag_ns, CT_ST_RUNNABLE + CT_RUN_WOKEN);
        }
        open_span(next, r->head.time_ns, CT_ST_RUNNING);
    }
    for (uint32_t id = 1; id <= last; id++)
        lives[id].spans[lives[id].cnt - 1].end = s->end.end_ns;
    return last;
}

/* The path that ends with thread id at `at`, last step first. Returns how many steps. */
static size_t walk_back(const struct life *lives, uint32_t id, uint64_t at, struct ct_path_step *to)
{
    size_t cnt = 0;

    while (id) {
        const struct life *l = &lives[id];
        size_t i = l->cnt;
        while (i > 0 && l->spans[i - 1].start >= at)
            i--;
        if (!i) { /* its birth: the parent's doing */
            id = l->parent;
            continue;
        }
        const struct span *p = &l->spans[i - 1];
        if (p->state >= CT_ST_BLOCKED && p->waker && p->end == at) {
            id = p->waker;
            continue;
        }
        to[cnt++] =
            (struct ct_path_step){.start_ns = p->start, .end_ns = at, .id = id, .state = p->state};
        at = p->start;
    }
    return cnt;
}

/* Neighbours of one thread in one state are one step. */
static size_t join_steps(struct ct_path_step *s, size_t cnt)
{
    size_t n = 0;

    for (size_t i = 0; i < cnt; i++)
        if (n && s[n - 1].id == s[i].id && s[n - 1].state == s[i].state)
            s[n - 1].end_ns = s[i].end_ns;
        else
            s[n++] = s[i];
    return n;
}

static uint64_t total(const struct ct_path_sums *s)
{
    return s->running_ns + s->runnable_ns + s->blocked_ns + s->unknown_ns;
}

/* What holds of every path. */
static void check_sums(const struct ct_result *r)
{
    uint64_t at = 0, states = 0, shares = 0;

    assert_true(r->path.known);
    for (size_t i = 0; i < r->path.steps_cnt; i++) {
        const struct ct_path_step *s = &r->path.steps[i];
        assert_int_equal(s->start_ns, at);
        assert_true(s->end_ns > at);
        assert_int_equal(total(&s->sums), s->end_ns - s->start_ns);
        at = s->end_ns;
    }
    assert_int_equal(at, r->wall_ns);
    for (int i = 0; i < CT_ST_COUNT; i++)
        states += r->path.state_ns[i];
    for (size_t i = 0; i < r->path.shares_cnt; i++)
        shares += total(&r->path.shares[i].sums);
    assert_int_equal(states, r->wall_ns);
    assert_int_equal(shares, r->wall_ns);
}

static void forwards_is_backwards(void **state)
{
    (void)state;
    static struct life lives[65];
    static struct ct_path_step back[100000];
    unsigned forgotten = 0;

    for (unsigned seed = 1; seed <= 60; seed++) {
        struct sim s;
        sim_make(&s, seed, 600, 1 + seed % 4);
        struct ct_result *r = sim_run(&s, NULL);
        check_sums(r);
        if (r->path.unfollowed) { /* told so late that its waker's past was forgotten */
            forgotten++;
            ct_result_free(r);
            sim_free(&s);
            continue;
        }
        memset(lives, 0, sizeof(lives));
        read_lives(&s, lives);
        const uint32_t id = r->path.steps[r->path.steps_cnt - 1].id;
        size_t cnt = walk_back(lives, id, s.end.end_ns, back);
        for (size_t i = 0; i < cnt / 2; i++) {
            const struct ct_path_step swap = back[i];
            back[i] = back[cnt - 1 - i];
            back[cnt - 1 - i] = swap;
        }
        cnt = join_steps(back, cnt);
        const size_t forwards = join_steps(r->path.steps, r->path.steps_cnt);
        assert_int_equal(forwards, cnt);
        for (size_t i = 0; i < cnt; i++) {
            assert_int_equal(r->path.steps[i].start_ns, back[i].start_ns - s.end.start_ns);
            assert_int_equal(r->path.steps[i].end_ns, back[i].end_ns - s.end.start_ns);
            assert_int_equal(r->path.steps[i].id, back[i].id);
            assert_int_equal(r->path.steps[i].state, back[i].state);
        }
        ct_result_free(r);
        sim_free(&s);
    }
    assert_in_range(forgotten, 0, 15);
}

/* A wakes B, B wakes C, C ends the run: that is the path, and the waits in between are not. */
static void a_chain_is_named(void **state)
{
    (void)state;
    struct ct_path_builder b;
    struct ct_path p;
    assert_true(ct_path_init(&b, 1000));
    for (uint32_t id = 1; id <= 3; id++)
        ct_path_begin(&b, id, 0, CT_ST_UNKNOWN, 1000);
    ct_path_extend(&b, 3, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 1010); /* C waits from here on */
    ct_path_extend(&b, 2, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 1020); /* B too */
    ct_path_wake(&b, 2, CT_ST_BLOCKED + CT_CAUSE_LOCK, 1, CT_ST_RUNNING, 1500);
    ct_path_extend(&b, 2, CT_ST_RUNNABLE + CT_RUN_WOKEN, CT_WAKE_UNKNOWN, 1510);
    ct_path_wake(&b, 3, CT_ST_BLOCKED + CT_CAUSE_PIPE, 2, CT_ST_RUNNING, 1800);
    ct_path_extend(&b, 3, CT_ST_RUNNABLE + CT_RUN_WOKEN, CT_WAKE_UNKNOWN, 1805);
    ct_path_extend(&b, 3, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 2000);
    assert_int_equal(ct_path_seal(&b, 3, 1000, 2000, &p), 0);
    const struct ct_path_step expected[] = {
        {.start_ns = 0, .end_ns = 500, .id = 1, .state = CT_ST_RUNNING},
        {.start_ns = 500, .end_ns = 510, .id = 2, .state = CT_ST_RUNNABLE + CT_RUN_WOKEN},
        {.start_ns = 510, .end_ns = 800, .id = 2, .state = CT_ST_RUNNING},
        {.start_ns = 800, .end_ns = 805, .id = 3, .state = CT_ST_RUNNABLE + CT_RUN_WOKEN},
        {.start_ns = 805, .end_ns = 1000, .id = 3, .state = CT_ST_RUNNING},
    };
    assert_int_equal(p.steps_cnt, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(p.steps[i].start_ns, expected[i].start_ns);
        assert_int_equal(p.steps[i].end_ns, expected[i].end_ns);
        assert_int_equal(p.steps[i].id, expected[i].id);
        assert_int_equal(p.steps[i].state, expected[i].state);
    }
    assert_int_equal(ct_path_bound(&p), CT_BOUND_CPU);
    free(p.steps);
    free(p.shares);
    ct_path_fini(&b);
}

/* A wakeup is told late: what the waker did since does not count, what it did before does. */
static void a_wakeup_may_be_told_late(void **state)
{
    (void)state;
    struct ct_path_builder b;
    struct ct_path p;
    assert_true(ct_path_init(&b, 0));
    ct_path_begin(&b, 1, 0, CT_ST_UNKNOWN, 0);
    ct_path_begin(&b, 2, 0, CT_ST_UNKNOWN, 0);
    ct_path_extend(&b, 1, CT_ST_RUNNABLE, CT_WAKE_UNKNOWN, 100);
    ct_path_extend(&b, 1, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 300);
    ct_path_extend(&b, 1, CT_ST_BLOCKED + CT_CAUSE_SLEEP, CT_WAKE_HARDIRQ, 900);
    ct_path_wake(&b, 2, CT_ST_BLOCKED, 1, CT_ST_RUNNING, 200);
    ct_path_extend(&b, 2, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 1000);
    assert_int_equal(ct_path_seal(&b, 2, 0, 1000, &p), 0);
    assert_int_equal(p.steps_cnt, 3);
    assert_int_equal(p.steps[1].id, 1);
    assert_int_equal(p.steps[1].state, CT_ST_RUNNING);
    assert_int_equal(p.steps[1].end_ns, 200);
    assert_int_equal(p.state_ns[CT_ST_BLOCKED + CT_CAUSE_SLEEP], 0);
    free(p.steps);
    free(p.shares);
    ct_path_fini(&b);
}

/* Beyond memory: the wait stays, nothing is made up, and it is counted. */
static void a_forgotten_waker_is_counted(void **state)
{
    (void)state;
    struct ct_path_builder b;
    struct ct_path p;
    assert_true(ct_path_init(&b, 0));
    ct_path_begin(&b, 1, 0, CT_ST_UNKNOWN, 0);
    ct_path_begin(&b, 2, 0, CT_ST_UNKNOWN, 0);
    for (uint64_t at = 10; at < 500; at += 10)
        ct_path_extend(&b, 1, at % 20 ? CT_ST_RUNNING : CT_ST_RUNNABLE, CT_WAKE_UNKNOWN, at);
    ct_path_wake(&b, 2, CT_ST_BLOCKED + CT_CAUSE_LOCK, 1, CT_ST_RUNNING, 55);
    assert_int_equal(b.unfollowed, 1);
    ct_path_wake(&b, 2, CT_ST_BLOCKED + CT_CAUSE_LOCK, 77, CT_ST_RUNNING, 60); /* never heard of */
    assert_int_equal(b.unfollowed, 2);
    assert_int_equal(ct_path_seal(&b, 2, 0, 60, &p), 0);
    assert_int_equal(p.state_ns[CT_ST_BLOCKED + CT_CAUSE_LOCK], 60);
    assert_int_equal(p.unfollowed, 2);
    free(p.steps);
    free(p.shares);
    ct_path_fini(&b);
}

/*
 * Two million hand-overs between two threads, and 200 others that wait all the while: memory stays
 * small, and each nanosecond is with its thread and its state.
 */
static void what_is_folded_stays_exact(void **state)
{
    (void)state;
    const uint64_t rounds = 2000000;
    struct ct_path_builder b;
    struct ct_path p;
    uint64_t at = 0;
    assert_true(ct_path_init(&b, 0));
    for (uint32_t id = 1; id <= 202; id++)
        ct_path_begin(&b, id, 0, CT_ST_UNKNOWN, 0);
    for (uint32_t id = 2; id <= 202; id++)
        ct_path_extend(&b, id, CT_ST_RUNNING, CT_WAKE_UNKNOWN, id);
    at = 300;
    for (uint64_t i = 0; i < rounds; i++) {
        const uint32_t from = 1 + i % 2, to = 3 - from;
        at += 700 + i % 11;
        ct_path_wake(&b, to, CT_ST_BLOCKED + CT_CAUSE_PIPE, from, CT_ST_RUNNING, at);
        ct_path_extend(&b, from, CT_ST_RUNNING, CT_WAKE_UNKNOWN, at + 5);
        at += 50;
        ct_path_extend(&b, to, CT_ST_RUNNABLE + CT_RUN_WOKEN, CT_WAKE_UNKNOWN, at);
    }
    assert_true(b.nodes_room <= 1 << 20);
    assert_int_equal(ct_path_seal(&b, 1, 0, at, &p), 0);
    assert_true(p.steps_cnt <= CT_PATH_STEPS_MAX);
    assert_int_equal(p.state_ns[CT_ST_RUNNABLE + CT_RUN_WOKEN], 50 * rounds);
    assert_int_equal(p.state_ns[CT_ST_RUNNING], at - 50 * rounds);
    assert_int_equal(p.shares_cnt, 2);
    uint64_t end = 0;
    for (size_t i = 0; i < p.steps_cnt; i++) {
        assert_int_equal(p.steps[i].start_ns, end);
        end = p.steps[i].end_ns;
        assert_int_equal(total(&p.steps[i].sums), end - p.steps[i].start_ns);
    }
    assert_int_equal(end, at);
    assert_true(total(&p.shares[0].sums) + total(&p.shares[1].sums) == at);
    assert_true(total(&p.shares[1].sums) > at / 3);
    free(p.steps);
    free(p.shares);
    ct_path_fini(&b);
}

/* Woken and on a CPU at one stamp, as is common: the path still leads to the waker. */
static void a_wakeup_may_take_no_time(void **state)
{
    (void)state;
    static char *const command[] = {"x", NULL};
    struct ct_model *m = ct_model_new(
        &(struct ct_model_info){.host = {.cpus = 2}, .command = command, .with_syscalls = true});
    const uint8_t created = CT_ST_RUNNABLE + CT_RUN_CREATED;
    for (uint32_t id = 1; id <= 2; id++) {
        const struct ct_rec_new n = {
            .head = {.time_ns = 1000, .kind = CT_EV_NEW, .state = created, .id = id},
            .parent_id = id - 1,
            .tid = 100 + id,
            .tgid = 101};
        const struct ct_rec_switch in = {
            .head = {.time_ns = 1000 + id, .kind = CT_EV_SWITCH, .cpu = (uint16_t)id},
            .next_id = id};
        ct_model_record(&n.head, m);
        ct_model_record(&in.head, m);
    }
    const struct ct_rec_switch out = {.head = {.time_ns = 1100,
                                               .kind = CT_EV_SWITCH,
                                               .state = CT_ST_BLOCKED + CT_CAUSE_LOCK,
                                               .cpu = 1,
                                               .id = 1}};
    const struct ct_rec_switch back = {.head = {.time_ns = 1500, .kind = CT_EV_SWITCH, .cpu = 1},
                                       .next_id = 1,
                                       .waker_id = 2,
                                       .wake = CT_WAKE_TASK};
    struct ct_result *r;
    ct_model_record(&out.head, m);
    ct_model_record(&back.head, m);
    /* the run ends with thread 1: thread 2 leaves its CPU for good before */
    const struct ct_rec_switch gone = {.head = {.time_ns = 1550,
                                                .kind = CT_EV_SWITCH,
                                                .state = CT_ST_BLOCKED + CT_CAUSE_SLEEP,
                                                .cpu = 2,
                                                .id = 2}};
    ct_model_record(&gone.head, m);
    assert_int_equal(ct_model_seal(m, &(struct ct_run_end){.start_ns = 1000, .end_ns = 1600}, &r),
                     0);
    check_sums(r);
    assert_int_equal(r->path.state_ns[CT_ST_BLOCKED + CT_CAUSE_LOCK], 0);
    assert_int_equal(r->path.shares_cnt, 2);
    assert_int_equal(r->path.shares[0].id, 2);
    ct_result_free(r);
}

/*
 * A child begins by the clock of its own CPU, by which its parent may have blocked a moment ago:
 * that moment is the parent's, and known.
 */
static void a_birth_may_be_late(void **state)
{
    (void)state;
    struct ct_path_builder b;
    struct ct_path p;
    assert_true(ct_path_init(&b, 0));
    ct_path_begin(&b, 1, 0, CT_ST_UNKNOWN, 0);
    ct_path_extend(&b, 1, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 100);
    ct_path_begin(&b, 2, 1, CT_ST_BLOCKED + CT_CAUSE_CHILD, 104);
    ct_path_extend(&b, 2, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 200);
    assert_int_equal(ct_path_seal(&b, 2, 0, 200, &p), 0);
    assert_int_equal(p.state_ns[CT_ST_UNKNOWN], 0);
    assert_int_equal(p.state_ns[CT_ST_BLOCKED + CT_CAUSE_CHILD], 4);
    assert_int_equal(p.state_ns[CT_ST_RUNNING], 196);
    free(p.steps);
    free(p.shares);
    ct_path_fini(&b);
}

/* A wait for events is the network's or a timer's, by what ended it. */
static void events_are_told_by_their_end(void **state)
{
    (void)state;
    const struct {
        enum ct_wake wake;
        enum ct_bound bound;
    } cases[] = {{CT_WAKE_HARDIRQ, CT_BOUND_SLEEP},
                 {CT_WAKE_SOFTIRQ, CT_BOUND_NETWORK},
                 {CT_WAKE_FOREIGN, CT_BOUND_MIXED}};
    for (size_t i = 0; i < 3; i++) {
        struct ct_path_builder b;
        struct ct_path p;
        assert_true(ct_path_init(&b, 0));
        ct_path_begin(&b, 1, 0, CT_ST_UNKNOWN, 0);
        ct_path_extend(&b, 1, CT_ST_RUNNING, CT_WAKE_UNKNOWN, 10);
        ct_path_extend(&b, 1, CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT, cases[i].wake, 100);
        assert_int_equal(ct_path_seal(&b, 1, 0, 100, &p), 0);
        assert_int_equal(ct_path_bound(&p), cases[i].bound);
        free(p.steps);
        free(p.shares);
        ct_path_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forwards_is_backwards),
        cmocka_unit_test(a_chain_is_named),
        cmocka_unit_test(a_wakeup_may_be_told_late),
        cmocka_unit_test(a_forgotten_waker_is_counted),
        cmocka_unit_test(what_is_folded_stays_exact),
        cmocka_unit_test(a_wakeup_may_take_no_time),
        cmocka_unit_test(a_birth_may_be_late),
        cmocka_unit_test(events_are_told_by_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
