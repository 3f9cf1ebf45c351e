/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/core/strip.c
/* A strip is drawn while nobody knows how long the run will be: nothing may vanish or move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "user/core/strip.h"

#define MS 1000000ULL

static unsigned first_bin(const uint8_t *row)
{
    unsigned b = 0;
    while (b < CT_STRIP_BINS && !row[b])
        b++;
    return b;
}

/* A lane that ends long before the run does, at every place in it. */
static void what_ends_early_is_still_there(void **state)
{
    (void)state;
    for (uint64_t from = 0; from < 1990 * MS; from += 37 * MS) {
        struct ct_strip s = {0};
        struct ct_strip_pen p = {0};
        ct_strip_add(&s, &p, CT_PAINT_RUNNING, from, from + 3 * MS);
        ct_strip_seal(&s, &p, 2000 * MS);
        const unsigned bin = first_bin(s.running);
        const unsigned expected = (unsigned)(from * CT_STRIP_BINS / (2000 * MS));
        assert_in_range(bin, expected ? expected - 1 : 0, expected + 1);
    }
}

/* The same, with what came before: the earlier part keeps its place and its share. */
static void growing_keeps_what_was_drawn(void **state)
{
    (void)state;
    struct ct_strip s = {0};
    struct ct_strip_pen p = {0};
    ct_strip_add(&s, &p, CT_PAINT_BLOCKED, 0, 500 * MS);
    ct_strip_add(&s, &p, CT_PAINT_RUNNING, 500 * MS, 1000 * MS);
    ct_strip_add(&s, &p, CT_PAINT_RUNNABLE, 1000 * MS, 2000 * MS);
    ct_strip_seal(&s, &p, 2000 * MS);
    for (int b = 0; b < CT_STRIP_BINS; b++) {
        if (b % 32 < 2 || b % 32 > 29)
            continue; /* a quarter's edge may lie within a bin */
        const int quarter = b / 32;
        assert_in_range(s.blocked[b], quarter == 0 ? 250 : 0, quarter == 0 ? 255 : 0);
        assert_in_range(s.running[b], quarter == 1 ? 250 : 0, quarter == 1 ? 255 : 0);
        assert_in_range(s.runnable[b], quarter >= 2 ? 250 : 0, quarter >= 2 ? 255 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_early_is_still_there),
        cmocka_unit_test(growing_keeps_what_was_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
