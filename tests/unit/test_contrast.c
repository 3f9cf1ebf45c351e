/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/analysis/contrast.c user/analysis/contrast_words.c user/analysis/contrast_verdict.c
// links: user/core/comparison.c user/core/result.c
/* How designs differ: made-up results, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "user/analysis/contrast.h"

#define MS 1000000ULL

/* ---- making up ---- */

static struct ct_design *design(struct ct_comparison *c, const char *label)
{
    c->designs = realloc(c->designs, (c->designs_cnt + 1) * sizeof(*c->designs));
    assert_non_null(c->designs);
    struct ct_design *d = &c->designs[c->designs_cnt++];
    *d = (struct ct_design){.label = strdup(label), .command = strdup(label)};
    return d;
}

/* A run on two CPUs: threads that run all the time, as if there were nothing else. */
static struct ct_result *run(struct ct_design *d, uint64_t wall_ns, uint64_t running_ns)
{
    struct ct_result *r = calloc(1, sizeof(*r));

    assert_non_null(r);
    r->wall_ns = wall_ns;
    r->totals.running_ns = running_ns;
    r->host.cpus = 2;
    d->samples = realloc(d->samples, (d->samples_cnt + 1) * sizeof(*d->samples));
    assert_non_null(d->samples);
    d->samples[d->samples_cnt++] = (struct ct_sample){.result = r};
    return r;
}

static void runs(struct ct_comparison *c, const char *label, uint64_t a, uint64_t b, uint64_t e)
{
    struct ct_design *d = design(c, label);

    run(d, a * MS, 100 * MS);
    run(d, b * MS, 100 * MS);
    run(d, e * MS, 100 * MS);
}

static void path(struct ct_result *r, unsigned state, uint64_t ns)
{
    r->path.known = true;
    r->path.state_ns[state] += ns;
}

static void lock(struct ct_result *r, uint64_t address, uint32_t waiters, uint64_t waits,
                 uint64_t ns)
{
    r->locks = realloc(r->locks, (r->locks_cnt + 1) * sizeof(*r->locks));
    assert_non_null(r->locks);
    r->locks[r->locks_cnt++] =
        (struct ct_lock){.address = address, .waiters = waiters, .waits = waits, .wait_ns = ns};
    r->totals.blocked_ns[CT_CAUSE_LOCK] += ns;
}

static void says(const char *text, const char *expected)
{
    assert_non_null(text);
    assert_string_equal(text, expected);
}

/* ---- numbers ---- */

static void medians_and_ranges(void **state)
{
    struct ct_comparison c = {0};
    const struct ct_spread *w = c.contrasts[CT_METRIC_WALL].spreads;

    (void)state;
    runs(&c, "odd", 30, 10, 20);
    runs(&c, "even", 40, 10, 20);
    run(&c.designs[1], 31 * MS, 100 * MS);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_true(w[0].median == 20e6 && w[0].min == 10e6 && w[0].max == 30e6);
    assert_true(w[1].median == 25.5e6 && w[1].min == 10e6 && w[1].max == 40e6);
    /* the median run is one that took place: of an even number, the faster of the two */
    assert_int_equal(c.medians[0], 2);
    assert_int_equal(ct_comparison_median(&c, 1)->wall_ns, 20 * MS);
    ct_comparison_fini(&c);
}

static void numbers_are_the_accounts(void **state)
{
    struct ct_comparison c = {0};
    struct ct_result *r = run(design(&c, "a"), 100 * MS, 150 * MS);

    (void)state;
    r->totals.runnable_ns[CT_RUN_PREEMPTED] = 30 * MS;
    r->totals.runnable_ns[CT_RUN_WOKEN] = 20 * MS;
    for (unsigned i = 0; i < CT_CAUSE_COUNT; i++)
        r->totals.blocked_ns[i] = 1000 + i;
    r->totals.voluntary = 7;
    r->totals.involuntary = 8;
    r->totals.migrations = 9;
    r->threads_cnt = 0;
    c.designs[0].samples[0].peak_bytes = 4096;
    assert_int_equal(ct_contrast_run(&c), 0);
#define MEDIAN(metric) (c.contrasts[CT_METRIC_##metric].spreads[0].median)
    assert_true(MEDIAN(WALL) == 100e6 && MEDIAN(CPU) == 150e6);
    assert_true(MEDIAN(PARALLELISM) == 1.5 && MEDIAN(DEMAND) == 2.0);
    assert_true(MEDIAN(RUNNABLE) == 50e6);
#define X(upper, lower, words) assert_true(MEDIAN(upper) == 1000 + CT_CAUSE_##upper);
    CT_CAUSES(X)
#undef X
    assert_true(MEDIAN(VOLUNTARY) == 7 && MEDIAN(INVOLUNTARY) == 8 && MEDIAN(MIGRATIONS) == 9);
    assert_true(MEDIAN(PEAK) == 4096);
    ct_comparison_fini(&c);
}

static void a_size_that_is_not_told_is_not_known(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    runs(&c, "a", 10, 11, 12);
    c.designs[0].samples[0].peak_bytes = 4096;
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_false(c.contrasts[CT_METRIC_PEAK].spreads[0].known);
    assert_true(c.contrasts[CT_METRIC_WALL].spreads[0].known);
    ct_comparison_fini(&c);
}

/* ---- who was fastest ---- */

static void ranges_that_overlap_show_no_difference(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    runs(&c, "a", 100, 110, 130);
    runs(&c, "b", 120, 150, 160);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_false(c.contrasts[CT_METRIC_WALL].differs);
    assert_int_equal(c.contrasts[CT_METRIC_WALL].best, CT_DESIGNS_MAX);
    assert_null(c.contrasts[CT_METRIC_WALL].explanation);
    assert_false(ct_comparison_apart(&c, 0, 1, CT_METRIC_WALL));
    assert_false(ct_comparison_apart(&c, 1, 0, CT_METRIC_WALL));
    says(c.verdict, "No difference in wall time is shown: all took 100 ms to 160 ms.");
    assert_null(c.reasons[0]);
    ct_comparison_fini(&c);
}

static void ranges_apart_show_one(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    runs(&c, "a", 100, 110, 130);
    runs(&c, "b", 131, 150, 160);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_int_equal(c.contrasts[CT_METRIC_WALL].best, 0);
    says(c.verdict, "a was fastest: 110 ms; b, the next, took 1.36 times as long.");
    says(c.contrasts[CT_METRIC_WALL].explanation, "b took 150 ms, a 110 ms.");
    /* the same CPU time, exactly: nothing to say */
    assert_null(c.contrasts[CT_METRIC_CPU].explanation);
    ct_comparison_fini(&c);
}

static void the_best_is_held_against_the_first(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    runs(&c, "slow", 1600, 1620, 1700);
    runs(&c, "slower", 2000, 2010, 2020);
    runs(&c, "fast", 800, 810, 820);
    assert_int_equal(ct_contrast_run(&c), 0);
    says(c.verdict, "fast was fastest: 810 ms, 2.00 times as fast as slow.");
    ct_comparison_fini(&c);
}

static void the_best_may_be_two(void **state)
{
    struct ct_comparison c = {0};
    const struct ct_contrast *w = &c.contrasts[CT_METRIC_WALL];

    (void)state;
    runs(&c, "serial", 1600, 1620, 1700);
    runs(&c, "pool", 800, 820, 830);
    runs(&c, "processes", 790, 810, 840);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_int_equal(w->best, 2);
    assert_true(w->tied[1] && w->tied[2] && !w->tied[0]);
    says(c.verdict, "pool and processes were fastest, about 810 ms: which of them is, these runs "
                    "do not show.");
    ct_comparison_fini(&c);
}

static void with_one_run_a_tenth_is_a_difference(void **state)
{
    struct ct_comparison c = {0}, d = {0};

    (void)state;
    run(design(&c, "a"), 100 * MS, MS);
    run(design(&c, "b"), 109 * MS, MS);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_false(c.contrasts[CT_METRIC_WALL].differs);
    run(design(&d, "a"), 100 * MS, MS);
    run(design(&d, "b"), 111 * MS, MS);
    assert_int_equal(ct_contrast_run(&d), 0);
    assert_true(d.contrasts[CT_METRIC_WALL].differs);
    ct_comparison_fini(&c);
    ct_comparison_fini(&d);
}

static void who_failed_spoils_nothing(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    design(&c, "broken")->failed_cnt = 3;
    runs(&c, "a", 100, 110, 120);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_null(ct_comparison_median(&c, 0));
    assert_false(c.contrasts[CT_METRIC_WALL].spreads[0].known);
    assert_false(c.contrasts[CT_METRIC_WALL].differs);
    says(c.verdict, "a took 110 ms (100 ms to 120 ms).");
    ct_comparison_fini(&c);
}

static void nobody_ran(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    design(&c, "broken")->failed_cnt = 1;
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_null(c.verdict);
    ct_comparison_fini(&c);
}

static void only_less_is_better(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    run(design(&c, "a"), 100 * MS, 50 * MS);
    run(design(&c, "b"), 100 * MS, 200 * MS);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_int_equal(c.contrasts[CT_METRIC_CPU].best, 0);
    assert_true(c.contrasts[CT_METRIC_PARALLELISM].differs);
    assert_int_equal(c.contrasts[CT_METRIC_PARALLELISM].best, CT_DESIGNS_MAX);
    assert_false(c.contrasts[CT_METRIC_PARALLELISM].tied[0]);
    ct_comparison_fini(&c);
}

static void odd_labels_go_by_their_letters(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    runs(&c, "a label that is longer than a sentence bears", 100, 110, 120);
    runs(&c, "\033[31mred", 200, 210, 220);
    assert_int_equal(ct_contrast_run(&c), 0);
    says(c.verdict, "A was fastest: 110 ms; B, the next, took 1.91 times as long.");
    ct_comparison_fini(&c);
}

/* ---- why ---- */

static void the_critical_path_tells_why(void **state)
{
    struct ct_comparison c = {0};
    struct ct_result *a = run(design(&c, "serial"), 1000 * MS, 10 * MS);
    struct ct_result *b = run(design(&c, "threads"), 110 * MS, 20 * MS);

    (void)state;
    /* the sums over threads are the same */
    a->totals.blocked_ns[CT_CAUSE_SLEEP] = b->totals.blocked_ns[CT_CAUSE_SLEEP] = 990 * MS;
    path(a, CT_ST_BLOCKED + CT_CAUSE_SLEEP, 990 * MS);
    path(a, CT_ST_RUNNING, 10 * MS);
    path(b, CT_ST_BLOCKED + CT_CAUSE_SLEEP, 99 * MS);
    path(b, CT_ST_RUNNING, 11 * MS);
    assert_int_equal(ct_contrast_run(&c), 0);
    says(c.reasons[0], "On the way from its start to its end (critical path) serial was waiting "
                       "for a timer for 990 ms, threads for 99.0 ms.");
    assert_null(c.contrasts[CT_METRIC_SLEEP].explanation);
    ct_comparison_fini(&c);
}

static void all_waits_for_a_cpu_are_one(void **state)
{
    struct ct_comparison c = {0};
    struct ct_result *a = run(design(&c, "a"), 1000 * MS, 10 * MS);
    struct ct_result *b = run(design(&c, "b"), 100 * MS, 10 * MS);

    (void)state;
    path(a, CT_ST_RUNNABLE + CT_RUN_PREEMPTED, 300 * MS);
    path(a, CT_ST_RUNNABLE + CT_RUN_WOKEN, 300 * MS);
    path(a, CT_ST_RUNNING, 400 * MS);
    path(b, CT_ST_RUNNING, 100 * MS);
    assert_int_equal(ct_contrast_run(&c), 0);
    says(c.reasons[0], "On the way from its start to its end (critical path) a was waiting for a "
                       "CPU for 600 ms, b for 0 s.");
    says(c.reasons[1], "a was running for 400 ms of it, b for 100 ms.");
    assert_null(c.reasons[2]);
    ct_comparison_fini(&c);
}

static void without_paths_nothing_is_guessed(void **state)
{
    struct ct_comparison c = {0};

    (void)state;
    runs(&c, "a", 1000, 1010, 1020);
    runs(&c, "b", 100, 110, 120);
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_null(c.reasons[0]);
    ct_comparison_fini(&c);
}

static void the_same_work_more_at_once(void **state)
{
    struct ct_comparison c = {0}, d = {0};

    (void)state;
    run(design(&c, "a"), 1000 * MS, 1000 * MS);
    run(design(&c, "b"), 500 * MS, 990 * MS);
    assert_int_equal(ct_contrast_run(&c), 0);
    says(c.reasons[0], "Both used about the same CPU time, 990 ms: what differs is how much of it "
                       "ran at once.");
    says(c.contrasts[CT_METRIC_PARALLELISM].explanation,
         "b ran 1.98 threads at a time on average, a 1.00.");
    run(design(&d, "a"), 1000 * MS, 1000 * MS);
    run(design(&d, "b"), 500 * MS, 820 * MS);
    assert_int_equal(ct_contrast_run(&d), 0);
    assert_null(d.reasons[0]); /* not the same work */
    ct_comparison_fini(&c);
    ct_comparison_fini(&d);
}

static void one_lock_is_told_from_many(void **state)
{
    static const struct {
        uint64_t addresses[2];
        uint32_t waiters;
        uint64_t waits;
        const char *words;
        bool leads;
    } cases[] = {
        {{0x1000, 0x1004}, 4, 100, "waited 800 ms for one lock, those of b 0 s.", true},
        {{0x1000, 0x9000}, 4, 100, "waited 800 ms for locks, those of b 0 s.", true},
        {{0x1000, 0x1004}, 1, 100, "waited 800 ms for one lock, those of b 0 s.", true},
        {{0x1000, 0x1004}, 2, 3, "waited 800 ms for one lock, those of b 0 s.", true},
        {{0x1000, 0x1004}, 1, 1, "waited 800 ms for the end of others, those of b 0 s.", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ct_comparison c = {0};
        char expected[128];
        struct ct_result *a = run(design(&c, "a"), 1000 * MS, 100 * MS);
        run(design(&c, "b"), 500 * MS, 100 * MS);
        lock(a, cases[i].addresses[0], cases[i].waiters, cases[i].waits, 400 * MS);
        lock(a, cases[i].addresses[1], cases[i].waiters, cases[i].waits, 400 * MS);
        assert_int_equal(ct_contrast_run(&c), 0);
        snprintf(expected, sizeof(expected), "The threads of a %s", cases[i].words);
        says(c.contrasts[CT_METRIC_LOCK].explanation, expected);
        assert_int_equal(c.contrasts[CT_METRIC_LOCK].leads, cases[i].leads);
        ct_comparison_fini(&c);
    }
}

static void what_costs_little_does_not_lead(void **state)
{
    struct ct_comparison c = {0};
    struct ct_result *a = run(design(&c, "a"), 1000 * MS, 500 * MS);
    struct ct_result *b = run(design(&c, "b"), 500 * MS, 500 * MS);

    (void)state;
    a->totals.runnable_ns[CT_RUN_WOKEN] = 199 * MS;
    a->totals.voluntary = 1999;
    a->totals.involuntary = 2000;
    a->totals.blocked_ns[CT_CAUSE_DISK] = 49 * MS;
    b->totals.blocked_ns[CT_CAUSE_DISK] = 26 * MS; /* more than a share of its own, shorter run */
    a->totals.blocked_ns[CT_CAUSE_PIPE] = 50 * MS;
    assert_int_equal(ct_contrast_run(&c), 0);
    assert_false(c.contrasts[CT_METRIC_RUNNABLE].leads);
    assert_non_null(c.contrasts[CT_METRIC_RUNNABLE].explanation);
    assert_false(c.contrasts[CT_METRIC_VOLUNTARY].leads);
    assert_true(c.contrasts[CT_METRIC_INVOLUNTARY].leads);
    assert_true(c.contrasts[CT_METRIC_PARALLELISM].leads);
    assert_true(c.contrasts[CT_METRIC_DISK].matters);
    assert_false(c.contrasts[CT_METRIC_PIPE].matters);
    ct_comparison_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_and_ranges),
        cmocka_unit_test(numbers_are_the_accounts),
        cmocka_unit_test(a_size_that_is_not_told_is_not_known),
        cmocka_unit_test(ranges_that_overlap_show_no_difference),
        cmocka_unit_test(ranges_apart_show_one),
        cmocka_unit_test(the_best_is_held_against_the_first),
        cmocka_unit_test(the_best_may_be_two),
        cmocka_unit_test(with_one_run_a_tenth_is_a_difference),
        cmocka_unit_test(who_failed_spoils_nothing),
        cmocka_unit_test(nobody_ran),
        cmocka_unit_test(only_less_is_better),
        cmocka_unit_test(odd_labels_go_by_their_letters),
        cmocka_unit_test(the_critical_path_tells_why),
        cmocka_unit_test(all_waits_for_a_cpu_are_one),
        cmocka_unit_test(without_paths_nothing_is_guessed),
        cmocka_unit_test(the_same_work_more_at_once),
        cmocka_unit_test(one_lock_is_told_from_many),
        cmocka_unit_test(what_costs_little_does_not_lead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
