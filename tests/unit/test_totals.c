/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/core/result.c
/* Arithmetic on accounts: sums that forget no member, quantiles held against sorted samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "user/core/result.h"

/* ---- the layout of the histogram, written anew from its description in bpf/event.h ---- */

static uint64_t edges[CT_LAT_BUCKETS + 1]; /* bucket b holds [edges[b], edges[b + 1]) */

static int make_edges(void **state)
{
    (void)state;
    int b = 1;
    edges[0] = 0;
    for (uint64_t octave = 1ULL << CT_LAT_MIN_LOG2; b <= CT_LAT_BUCKETS; octave *= 2)
        for (int sub = 0; sub < CT_LAT_SUB && b <= CT_LAT_BUCKETS; sub++)
            edges[b++] = octave + octave / CT_LAT_SUB * (uint64_t)sub;
    return 0;
}

static int bucket_of(uint64_t ns)
{
    int b = 0;
    while (b < CT_LAT_BUCKETS - 1 && ns >= edges[b + 1])
        b++;
    return b;
}

static void add_sample(struct ct_totals *t, uint64_t ns)
{
    t->latency_hist[bucket_of(ns)]++;
    t->latency_cnt++;
    t->latency_sum_ns += ns;
    if (ns > t->latency_max_ns)
        t->latency_max_ns = ns;
}

/* The sample of that rank (from 1) in n sorted ones, as the histogram can know it. */
static uint64_t expected(const uint64_t *sorted, size_t n, size_t rank)
{
    const int b = bucket_of(sorted[rank - 1]);
    const uint64_t max = sorted[n - 1];
    return b == CT_LAT_BUCKETS - 1 || edges[b + 1] > max ? max : edges[b + 1];
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* ---- quantiles ---- */

static const unsigned percents[] = {0, 1, 25, 50, 90, 95, 99, 100};
#define PERCENTS (sizeof(percents) / sizeof(percents[0]))

static size_t rank_of(unsigned percent, size_t n)
{
    const size_t rank = (percent * n + 99) / 100;
    return rank ? rank : 1;
}

static void check_quantiles(uint64_t *samples, size_t n)
{
    struct ct_totals t = {0};
    for (size_t i = 0; i < n; i++)
        add_sample(&t, samples[i]);
    qsort(samples, n, sizeof(*samples), by_value);
    for (size_t i = 0; i < PERCENTS; i++) {
        const size_t rank = rank_of(percents[i], n);
        const uint64_t got = ct_totals_latency_quantile(&t, percents[i] / 100.0);
        const uint64_t exact = samples[rank - 1];
        assert_int_equal(got, expected(samples, n, rank));
        assert_true(got >= exact);
        if (exact >= edges[1] && exact < edges[CT_LAT_BUCKETS - 1])
            assert_true(got <= exact + exact / CT_LAT_SUB + 1);
    }
}

static void quantiles_agree_with_sorted_samples(void **state)
{
    (void)state;
    uint64_t samples[500];
    srand(1);
    for (int round = 0; round < 500; round++) {
        const size_t n = 1 + (size_t)rand() % 500;
        for (size_t i = 0; i < n; i++) /* all magnitudes, beyond the range too */
            samples[i] = (((uint64_t)rand() << 31) | (uint64_t)rand()) >> (rand() % 62);
        check_quantiles(samples, n);
    }
}

/* A sample at a bucket's lower edge is in it, one nanosecond less is in the one before. */
static void every_border_is_on_its_side(void **state)
{
    (void)state;
    for (int b = 1; b < CT_LAT_BUCKETS; b++) {
        uint64_t at[] = {edges[b], UINT64_MAX / 4}, below[] = {edges[b] - 1, UINT64_MAX / 4};
        struct ct_totals t = {0};
        add_sample(&t, at[0]);
        assert_int_equal(t.latency_hist[b], 1);
        check_quantiles(at, 2);
        check_quantiles(below, 2);
        add_sample(&t, at[0]);
        assert_int_equal(ct_totals_latency_quantile(&t, 0.5), edges[b]); /* never above the max */
    }
}

/* For each number of samples: those up to the rank in one bucket, the others in a later one. */
static void no_rank_is_off_by_one(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 20000; n++)
        for (size_t i = 0; i < PERCENTS; i++) {
            const double q = percents[i] / 100.0;
            const uint32_t rank = (uint32_t)rank_of(percents[i], n);
            struct ct_totals t = {.latency_cnt = n, .latency_max_ns = 1000000};
            t.latency_hist[3] = rank;
            t.latency_hist[9] = n - rank;
            assert_int_equal(ct_totals_latency_quantile(&t, q), edges[4]);
            if (rank == 1)
                continue;
            t.latency_hist[3] = rank - 1;
            t.latency_hist[9] = n - rank + 1;
            assert_int_equal(ct_totals_latency_quantile(&t, q), edges[10]);
        }
}

static void of_no_samples_the_quantile_is_zero(void **state)
{
    (void)state;
    const struct ct_totals none = {0};
    assert_int_equal(ct_totals_latency_quantile(&none, 0), 0);
    assert_int_equal(ct_totals_latency_quantile(&none, 1), 0);
}

static void the_smallest_and_the_largest(void **state)
{
    (void)state;
    struct ct_totals t = {0};
    add_sample(&t, 0);
    assert_int_equal(ct_totals_latency_quantile(&t, 0.5), 0);
    add_sample(&t, UINT64_MAX / 2); /* beyond the range: the last bucket has no edge */
    assert_int_equal(t.latency_hist[CT_LAT_BUCKETS - 1], 1);
    assert_int_equal(ct_totals_latency_quantile(&t, 0.5), edges[1]);
    assert_int_equal(ct_totals_latency_quantile(&t, 0.51), UINT64_MAX / 2);
}

/* ---- sums ---- */

/* All members before the histogram are 64 bits wide: a new one cannot be forgotten here. */
#define WORDS (offsetof(struct ct_totals, latency_hist) / sizeof(__u64))

static struct ct_totals numbered(uint64_t factor)
{
    __u64 words[WORDS];
    struct ct_totals t = {0};
    for (size_t i = 0; i < WORDS; i++)
        words[i] = (i + 1) * factor;
    memcpy(&t, words, sizeof(words));
    t.state_ns[CT_ST_DEAD] = 0; /* the dead take no time */
    for (uint32_t i = 0; i < CT_LAT_BUCKETS; i++)
        t.latency_hist[i] = (i + 1) * (uint32_t)factor;
    return t;
}

static void adding_forgets_no_member(void **state)
{
    (void)state;
    struct ct_totals sum = numbered(1000), expect = numbered(1007);
    const struct ct_totals a = numbered(1000), b = numbered(7);
    expect.start_ns = b.start_ns;
    expect.end_ns = a.end_ns;
    expect.latency_max_ns = a.latency_max_ns;
    ct_totals_add(&sum, &b);
    assert_memory_equal(&sum, &expect, sizeof(sum));
    sum = b; /* and the other way round */
    ct_totals_add(&sum, &a);
    assert_memory_equal(&sum, &expect, sizeof(sum));
}

static void adding_to_nothing_copies_and_adding_nothing_changes_nothing(void **state)
{
    (void)state;
    const struct ct_totals a = numbered(3), nothing = {0};
    struct ct_totals sum = nothing;
    ct_totals_add(&sum, &a);
    assert_memory_equal(&sum, &a, sizeof(sum));
    ct_totals_add(&sum, &nothing);
    assert_memory_equal(&sum, &a, sizeof(sum));
}

static void full_buckets_stay_full(void **state)
{
    (void)state;
    struct ct_totals sum = {0}, more = {.latency_cnt = 1, .latency_max_ns = 5000};
    for (int i = 0; i < CT_LAT_BUCKETS; i++) {
        sum.latency_hist[i] = UINT32_MAX - (uint32_t)i;
        more.latency_hist[i] = 2;
    }
    ct_totals_add(&sum, &more);
    assert_int_equal(sum.latency_hist[0], UINT32_MAX);
    assert_int_equal(sum.latency_hist[1], UINT32_MAX);
    assert_int_equal(sum.latency_hist[2], UINT32_MAX);
    assert_int_equal(sum.latency_hist[3], UINT32_MAX - 1);
    /* more counts than 32 bits hold, all buckets together: still a bucket in the middle */
    sum.latency_max_ns = UINT64_MAX;
    assert_int_equal(ct_totals_latency_quantile(&sum, 0.5), edges[CT_LAT_BUCKETS / 2]);
}

static void parts_add_up_to_the_lifetime(void **state)
{
    (void)state;
    struct ct_totals t = {.running_ns = 1, .unknown_ns = 1ULL << 60};
    for (int i = 0; i < CT_RUN_COUNT; i++)
        t.runnable_ns[i] = 1ULL << (4 + i);
    for (int i = 0; i < CT_CAUSE_COUNT; i++)
        t.blocked_ns[i] = 1ULL << (20 + i);
    assert_int_equal(ct_totals_runnable(&t), ((1ULL << CT_RUN_COUNT) - 1) << 4);
    assert_int_equal(ct_totals_blocked(&t), ((1ULL << CT_CAUSE_COUNT) - 1) << 20);
    assert_int_equal(ct_totals_lifetime(&t),
                     1 + ct_totals_runnable(&t) + ct_totals_blocked(&t) + (1ULL << 60));
}

static void nothing_can_be_freed(void **state)
{
    (void)state;
    ct_result_free(NULL);
    ct_result_free(calloc(1, sizeof(struct ct_result)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_agree_with_sorted_samples),
        cmocka_unit_test(every_border_is_on_its_side),
        cmocka_unit_test(no_rank_is_off_by_one),
        cmocka_unit_test(of_no_samples_the_quantile_is_zero),
        cmocka_unit_test(the_smallest_and_the_largest),
        cmocka_unit_test(adding_forgets_no_member),
        cmocka_unit_test(adding_to_nothing_copies_and_adding_nothing_changes_nothing),
        cmocka_unit_test(full_buckets_stay_full),
        cmocka_unit_test(parts_add_up_to_the_lifetime),
        cmocka_unit_test(nothing_can_be_freed),
    };
    return cmocka_run_group_tests(tests, make_edges, NULL);
}
