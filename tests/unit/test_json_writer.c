/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/json_writer.c user/report/utf8.c
/* The JSON writer: layout, numbers, strings of any bytes, misuse, errors of the stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <float.h>
#include <cmocka.h>

#include "user/report/json_writer.h"

struct text {
    char *bytes;
    size_t len;
    FILE *file;
    struct ct_json j;
};

static struct ct_json *text_begin(struct text *t)
{
    *t = (struct text){0};
    t->file = open_memstream(&t->bytes, &t->len);
    assert_non_null(t->file);
    ct_json_begin(&t->j, t->file);
    return &t->j;
}

static int text_end(struct text *t)
{
    const int err = ct_json_end(&t->j);
    assert_int_equal(fclose(t->file), 0);
    return err;
}

static void layout_is_by_line_or_in_line(void **state)
{
    (void)state;
    struct text t;
    struct ct_json *j = text_begin(&t);
    ct_json_object(j, CT_JSON_LINES);
    ct_json_key(j, "none");
    ct_json_array(j, CT_JSON_LINES);
    ct_json_close(j);
    ct_json_key(j, "rows");
    ct_json_array(j, CT_JSON_LINES);
    for (unsigned i = 0; i < 2; i++) {
        ct_json_object(j, CT_JSON_LINE);
        ct_json_key(j, "i");
        ct_json_u64(j, i);
        ct_json_key(j, "in");
        ct_json_array(j, CT_JSON_LINES); /* inside a line: stays in it */
        ct_json_bool(j, i);
        ct_json_null(j);
        ct_json_close(j);
        ct_json_close(j);
    }
    ct_json_close(j);
    ct_json_close(j);
    assert_int_equal(text_end(&t), 0);
    assert_string_equal(t.bytes, "{\n  \"none\": [],\n  \"rows\": [\n"
                                 "    {\"i\": 0, \"in\": [false, null]},\n"
                                 "    {\"i\": 1, \"in\": [true, null]}\n  ]\n}\n");
    free(t.bytes);
}

static void numbers_are_exact(void **state)
{
    (void)state;
    struct text t;
    struct ct_json *j = text_begin(&t);
    ct_json_array(j, CT_JSON_LINE);
    ct_json_u64(j, UINT64_MAX);
    ct_json_u64(j, (1ULL << 53) + 1);
    ct_json_i64(j, INT64_MIN);
    ct_json_double(j, 0.1);
    ct_json_double(j, 1.0 / 3);
    ct_json_double(j, DBL_MAX);
    ct_json_double(j, 0.0 / (double)(j->depth - 1));
    ct_json_double(j, 1.0 / (double)(j->depth - 1));
    ct_json_close(j);
    assert_int_equal(text_end(&t), 0);
    assert_string_equal(t.bytes, "[18446744073709551615, 9007199254740993, -9223372036854775808, "
                                 "0.1, 0.3333333333333333, 1.7976931348623157e+308, null, null]\n");
    free(t.bytes);
}

#define FFFD "\xef\xbf\xbd"

static void strings_become_valid_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"\"quoted\" \\ back/slash", "\\\"quoted\\\" \\\\ back/slash"},
        {"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
        {"\x01\x1b[31m\x1f\x7f", "\\u0001\\u001b[31m\\u001f\\u007f"},
        {"\xc2\x80\xc2\x9b\xc2\xa0", "\\u0080\\u009b\xc2\xa0"},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        /* Unicode, section 3.9, tables 3-8 to 3-11 */
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
         "A",
         FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf"
         "A",
         FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
        {"\xf4\x91\x92\x93\xff"
         "A\x80\xbf"
         "B",
         FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B"},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
         "A",
         FFFD FFFD FFFD FFFD "A"},
        {"cut \xf0\x9f\x98", "cut " FFFD},
        {"cut \xe2", "cut " FFFD},
        {"\xe2\"", FFFD "\\\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text t;
        char expect[256];
        ct_json_text(text_begin(&t), cases[i].in);
        assert_int_equal(text_end(&t), 0);
        snprintf(expect, sizeof(expect), "\"%s\"\n", cases[i].out);
        assert_string_equal(t.bytes, expect);
        free(t.bytes);
    }
    struct text t;
    struct ct_json *j = text_begin(&t);
    ct_json_array(j, CT_JSON_LINE);
    ct_json_bytes(j, "a\0b", 3);
    ct_json_bytes(j, "\xe2\x82\xac", 2); /* the third byte is not ours to read */
    ct_json_text(j, NULL);
    ct_json_close(j);
    assert_int_equal(text_end(&t), 0);
    assert_string_equal(t.bytes, "[\"a\\u0000b\", \"" FFFD "\", null]\n");
    free(t.bytes);
}

/* All scalar values as UTF-8, left-aligned in 32 bits: in ascending order, as UTF-8 sorts. */
static uint32_t *all_encodings(size_t *cnt)
{
    uint32_t *all = malloc(0x110000 * sizeof(*all));
    assert_non_null(all);
    *cnt = 0;
    for (uint32_t c = 0; c < 0x110000; c++) {
        const uint32_t a = c & 0x3f, b = c >> 6 & 0x3f, d = c >> 12 & 0x3f;
        if (c >= 0xd800 && c < 0xe000)
            continue;
        all[(*cnt)++] = c < 0x80      ? c << 24
                        : c < 0x800   ? (0xc0 | c >> 6) << 24 | (0x80 | a) << 16
                        : c < 0x10000 ? (0xe0 | c >> 12) << 24 | (0x80 | b) << 16 | (0x80 | a) << 8
                                      : (0xf0 | c >> 18) << 24 | (0x80 | d) << 16 |
                                            (0x80 | b) << 8 | (0x80 | a);
    }
    return all;
}

/* The first encoding not below key. */
static size_t find(const uint32_t *all, size_t cnt, uint32_t key)
{
    size_t low = 0;
    while (low < cnt) {
        const size_t mid = (low + cnt) / 2;
        if (all[mid] < key)
            low = mid + 1;
        else
            cnt = mid;
    }
    return low;
}

/* The slow and plain way: grows the sequence while any character begins like it. */
static size_t reference(const unsigned char *s, size_t len, char *out)
{
    static const char *const shorts[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\", [0x7f] = NULL};
    size_t cnt, to = 0;
    uint32_t *all = all_encodings(&cnt);
    for (size_t at = 0, n; at < len; at += n) {
        uint32_t key = 0;
        bool whole = false;
        for (n = 0; !whole && n < 4 && at + n < len; n++) {
            const uint32_t longer = key | (uint32_t)s[at + n] << (24 - 8 * n);
            const size_t i = find(all, cnt, longer);
            if (i == cnt || (all[i] ^ longer) >> (24 - 8 * n))
                break;
            key = longer;
            whole = all[i] == key;
        }
        n = n ? n : 1;
        const uint32_t c = key >> 24 < 0x80    ? key >> 24
                           : key >> 24 == 0xc2 ? key >> 16 & 0xff
                                               : 999;
        if (!whole)
            to += (size_t)sprintf(out + to, FFFD);
        else if (c < 0x80 && shorts[c])
            to += (size_t)sprintf(out + to, "%s", shorts[c]);
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            to += (size_t)sprintf(out + to, "\\u%04x", c);
        else
            to += (size_t)sprintf(out + to, "%.*s", (int)n, (const char *)s + at);
    }
    free(all);
    return to;
}

/* Every sequence of four bytes at which something may turn, one after another. */
static void any_bytes_agree_with_the_reference(void **state)
{
    (void)state;
    static const unsigned char turns[] = {0x00, 0x1f, 0x22, 0x5c, 0x7e, 0x7f, 0x80, 0x8f, 0x90,
                                          0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
                                          0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5};
    const size_t n = sizeof(turns), len = n * n * n * n * 4;
    unsigned char *in = malloc(len), *to = in;
    char *expect = malloc(6 * len + 1);
    assert_true(in && expect);
    for (size_t i = 0; i < n * n * n * n; i++) {
        *to++ = turns[i / (n * n * n)];
        *to++ = turns[i / (n * n) % n];
        *to++ = turns[i / n % n];
        *to++ = turns[i % n];
    }
    const size_t expect_len = reference(in, len, expect);
    struct text t;
    ct_json_bytes(text_begin(&t), (char *)in, len);
    assert_int_equal(text_end(&t), 0);
    assert_int_equal(t.len, expect_len + 3);
    assert_memory_equal(t.bytes + 1, expect, expect_len);
    free(t.bytes);
    free(expect);
    free(in);
}

/* ---- misuse: what would break the JSON is not written ---- */

static void in_object(struct ct_json *j)
{
    ct_json_object(j, CT_JSON_LINE);
}

static void value_without_key(struct ct_json *j)
{
    in_object(j);
    ct_json_u64(j, 7);
}

static void key_in_array(struct ct_json *j)
{
    ct_json_array(j, CT_JSON_LINE);
    ct_json_key(j, "7");
}

static void key_after_key(struct ct_json *j)
{
    in_object(j);
    ct_json_key(j, "a");
    ct_json_key(j, "7");
}

static void key_without_value(struct ct_json *j)
{
    in_object(j);
    ct_json_key(j, "a");
    ct_json_close(j);
}

static void key_at_top(struct ct_json *j)
{
    ct_json_key(j, "7");
}

static void close_too_many(struct ct_json *j)
{
    in_object(j);
    ct_json_close(j);
    ct_json_close(j);
}

static void close_too_few(struct ct_json *j)
{
    in_object(j);
}

static void two_values(struct ct_json *j)
{
    ct_json_null(j);
    ct_json_u64(j, 7);
}

static void no_value(struct ct_json *j)
{
    (void)j;
}

static void too_deep(struct ct_json *j)
{
    for (int i = 0; i <= CT_JSON_DEPTH; i++)
        ct_json_array(j, CT_JSON_LINE);
    for (int i = 0; i < CT_JSON_DEPTH; i++)
        ct_json_close(j);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    void (*const cases[])(struct ct_json *) = {
        value_without_key, key_in_array,  key_after_key, key_without_value, key_at_top,
        close_too_many,    close_too_few, two_values,    no_value,          too_deep};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text t;
        cases[i](text_begin(&t));
        assert_int_equal(text_end(&t), -EINVAL);
        assert_null(strchr(t.bytes, '7'));
        assert_null(strstr(t.bytes, "}}"));
        free(t.bytes);
    }
}

/* ---- errors of the stream ---- */

/* An array of about so many bytes with a line break in it. */
static int written_to(const char *path, const char *mode, int buffering, size_t bytes)
{
    FILE *f = fopen(path, mode);
    struct ct_json j;
    assert_non_null(f);
    assert_int_equal(setvbuf(f, NULL, buffering, 4096), 0);
    ct_json_begin(&j, f);
    ct_json_array(&j, CT_JSON_LINES);
    for (size_t i = 0; i < bytes; i += 5)
        ct_json_u64(&j, 1);
    ct_json_close(&j);
    errno = 0; /* what other calls leave in errno must not be told */
    const int err = ct_json_end(&j);
    fclose(f);
    return err;
}

static void errors_are_told_by_their_number(void **state)
{
    (void)state;
    assert_int_equal(written_to("/dev/full", "w", _IOFBF, 10), -ENOSPC); /* shows at the flush */
    assert_int_equal(written_to("/dev/full", "w", _IOFBF, 100000), -ENOSPC); /* and in between */
    assert_int_equal(written_to("/dev/full", "w", _IONBF, 10), -ENOSPC);     /* and at once */
    assert_int_equal(written_to("/dev/full", "w", _IOLBF, 10), -ENOSPC);     /* and at each line */
    assert_int_equal(written_to("/dev/null", "r", _IOFBF, 10), -EBADF);
    assert_int_equal(written_to("/dev/null", "w", _IOFBF, 100000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_is_by_line_or_in_line),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(strings_become_valid_utf8),
        cmocka_unit_test(any_bytes_agree_with_the_reference),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(errors_are_told_by_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
