/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/format.c
/* Numbers as people read them; hostile bytes as harmless ones. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "user/report/format.h"

static void numbers_have_three_digits_and_are_never_zero(void **state)
{
    (void)state;
    static const struct {
        double v;
        int decimals;
        const char *text;
    } cases[] = {
        {0, 2, "0"},           {1e-9, 2, "<0.01"},
        {0.0049, 2, "<0.01"},  {0.0051, 2, "0.01"},
        {0.5, 2, "0.50"},      {1.618, 2, "1.62"},
        {9.994, 2, "9.99"},    {9.996, 2, "10.0"},
        {99.94, 2, "99.9"},    {99.96, 2, "100"},
        {1234.5, 2, "1234"},   {0.04, 1, "<0.1"},
        {0.06, 1, "0.1"},      {9.98, 1, "10.0"},
        {99.94, 1, "99.9"},    {100, 1, "100"},
        {0.3, 0, "<1"},        {0.6, 0, "1"},
        {7, 0, "7"},           {123456, 0, "123456"},
        {(double)NAN, 2, "-"}, {(double)INFINITY, 1, "-"},
    };
    char text[CT_NUMBER_LEN];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(ct_format_number(text, cases[i].v, cases[i].decimals),
                         strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void cells_align_on_the_point(void **state)
{
    (void)state;
    static const double values[] = {0, 0.001, 0.12, 1.23, 12.3, 123, 12345};
    char text[CT_NUMBER_LEN];
    for (int decimals = 1; decimals <= 2; decimals++)
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            const size_t len = ct_format_aligned(text, values[i], decimals);
            const char *point = strchr(text, '.');
            const size_t whole = point ? (size_t)(point - text) : strcspn(text, " ");
            assert_int_equal(len - whole, decimals + 1);
        }
}

static void times_choose_their_unit(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {1, "1 ns"},
        {999, "999 ns"},
        {1000, "1.00 us"},
        {31000, "31.0 us"},
        {999499, "999 us"},
        {999500, "1.00 ms"},
        {807000000, "807 ms"},
        {1620000000, "1.62 s"},
        {999500000, "1.00 s"},
        {86400ULL * 1000000000, "86400 s"},
        {UINT64_MAX, "18446744074 s"},
    };
    char text[CT_NUMBER_LEN];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ct_format_ns(text, cases[i].ns);
        assert_string_equal(text, cases[i].text);
    }
}

static void counts_percentages_signals(void **state)
{
    (void)state;
    char text[CT_NUMBER_LEN];
    ct_format_count(text, 0);
    assert_string_equal(text, "0");
    ct_format_count(text, 999);
    assert_string_equal(text, "999");
    ct_format_count(text, 1000);
    assert_string_equal(text, "1,000");
    ct_format_count(text, UINT64_MAX);
    assert_string_equal(text, "18,446,744,073,709,551,615");
    ct_format_percent(text, 1, 3);
    assert_string_equal(text, "33.3 %");
    ct_format_percent(text, 1, 1000000);
    assert_string_equal(text, "<0.1 %");
    ct_format_percent(text, 0, 0);
    assert_string_equal(text, "0 %");
    ct_format_signal(text, 11);
    assert_string_equal(text, "SIGSEGV");
    ct_format_signal(text, 40);
    assert_string_equal(text, "signal 40");
    ct_format_signal(text, -1);
    assert_string_equal(text, "signal -1");
}

/* All of the text's glyphs, one after the other; the sum of their columns in *cols. */
static const char *shown(const char *text, size_t len, bool unicode, int *cols)
{
    static char out[1024];
    size_t n = 0;
    const char *end = text + len;
    *cols = 0;
    while (text < end) {
        struct ct_glyph g;
        const char *next = ct_glyph_next(text, end, unicode, &g);
        assert_true(next > text && next <= end);
        assert_true(g.len > 0 && g.len <= sizeof(g.bytes) && g.cols > 0);
        memcpy(out + n, g.bytes, g.len);
        n += g.len;
        *cols += g.cols;
        text = next;
    }
    out[n] = 0;
    return out;
}

static void foreign_text_is_harmless(void **state)
{
    (void)state;
    static const struct {
        const char *in, *unicode;
        int cols;
        const char *ascii;
    } cases[] = {
        {"worker-1", "worker-1", 8, "worker-1"},
        {"a\033[31mb", "a\\x1b[31mb", 10, "a\\x1b[31mb"},
        {"\n\t\r\x7f", "\\n\\t\\r\\x7f", 10, "\\n\\t\\r\\x7f"},
        {"caf\xc3\xa9", "caf\xc3\xa9", 4, "caf\\u{e9}"},
        {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4, "\\u{65e5}\\u{672c}"},
        {"e\xcc\x81", "e\xcc\x81", 1, "e\\u{301}"},                 /* a mark on its letter */
        {"\xcc\x81", "\\u{301}", 7, "\\u{301}"},                    /* on nothing */
        {"\xff\xc3", "\\xff\\xc3", 8, "\\xff\\xc3"},                /* not UTF-8; cut short */
        {"\xc0\xaf", "\\xc0\\xaf", 8, "\\xc0\\xaf"},                /* overlong */
        {"\xe0\x82\xa9", "\\xe0\\x82\\xa9", 12, "\\xe0\\x82\\xa9"}, /* overlong, of a letter */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80", 12, "\\xed\\xa0\\x80"}, /* half a character */
        {"\xe2\x80\xae", "\\u{202e}", 8, "\\u{202e}"},              /* right to left */
        {"\xe2\x80\x8b", "\\u{200b}", 8, "\\u{200b}"},              /* zero width */
        {"\xd7\x90", "\\u{5d0}", 7, "\\u{5d0}"},                    /* alef: would reorder */
        {"\xc2\x9b", "\\u{9b}", 6, "\\u{9b}"},                      /* an escape of eight bits */
        {"\xf3\xa0\x81\x81", "\\u{e0041}", 9, "\\u{e0041}"},        /* an invisible letter */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16, "\\xf4\\x90\\x80\\x80"}, /* beyond all */
    };
    int cols;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t len = strlen(cases[i].in);
        assert_string_equal(shown(cases[i].in, len, true, &cols), cases[i].unicode);
        assert_int_equal(cols, cases[i].cols);
        assert_string_equal(shown(cases[i].in, len, false, &cols), cases[i].ascii);
        assert_int_equal(cols, strlen(cases[i].ascii));
    }
}

/* Marks do not pile up: the third one is told as a number. */
static void a_glyph_is_bounded(void **state)
{
    (void)state;
    int cols;
    assert_string_equal(shown("e\xcc\x81\xcc\x81\xcc\x81", 7, true, &cols),
                        "e\xcc\x81\xcc\x81\\u{301}");
    assert_int_equal(cols, 8);
}

/* Any bytes at all: the iterator ends, stays inside, and shows ASCII only where told so. */
static void any_bytes_come_out_printable(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int run = 0; run < 20000; run++) {
        char text[12];
        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> 24);
        }
        int cols;
        const char *out = shown(text, sizeof(text), false, &cols);
        assert_int_equal(cols, strlen(out));
        for (; *out; out++)
            assert_in_range(*out, ' ', '~');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_three_digits_and_are_never_zero),
        cmocka_unit_test(cells_align_on_the_point),
        cmocka_unit_test(times_choose_their_unit),
        cmocka_unit_test(counts_percentages_signals),
        cmocka_unit_test(foreign_text_is_harmless),
        cmocka_unit_test(a_glyph_is_bounded),
        cmocka_unit_test(any_bytes_come_out_printable),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
