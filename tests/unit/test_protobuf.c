/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/protobuf.c user/report/utf8.c
/* The protobuf writer: numbers, lengths, strings of any bytes, what finds no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "user/report/protobuf.h"

static struct ct_proto p;

static void begin(void)
{
    memset(&p, 0, sizeof(p));
}

static void holds(const void *bytes, size_t len)
{
    assert_int_equal(p.err, 0);
    assert_int_equal(p.len, len);
    assert_memory_equal(p.bytes, bytes, len);
}

static void numbers_take_the_fewest_bytes(void **state)
{
    (void)state;
    begin();
    ct_proto_u64(&p, 1, 150); /* the example of the encoding's own description */
    ct_proto_u64(&p, 117, 0);
    ct_proto_u64(&p, 2, UINT64_MAX);
    holds("\x08\x96\x01\xa8\x07\x00\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 17);
    begin();
    ct_proto_double(&p, 44, 1.0);
    holds("\xe1\x02\0\0\0\0\0\0\xf0\x3f", 10);
}

static void messages_know_their_length(void **state)
{
    (void)state;
    begin();
    const size_t outer = ct_proto_open(&p, 1), inner = ct_proto_open(&p, 2);
    ct_proto_u64(&p, 3, 5);
    ct_proto_close(&p, inner);
    ct_proto_close(&p, outer);
    holds("\x0a\x87\x80\x80\x00\x12\x82\x80\x80\x00\x18\x05", 12);
}

static void strings_become_valid_utf8(void **state)
{
    (void)state;
    begin();
    ct_proto_text(&p, 2, "a\xff\xc3\xa9");
    holds("\x12\x86\x80\x80\x00"
          "a\xef\xbf\xbd\xc3\xa9",
          11);
}

static void what_finds_no_room_is_an_error(void **state)
{
    static char much[CT_PROTO_BYTES];

    (void)state;
    begin();
    memset(much, 'x', sizeof(much));
    ct_proto_close(&p, ct_proto_open(&p, 1));
    ct_proto_bytes(&p, 2, much, sizeof(much));
    assert_int_equal(p.err, -EMSGSIZE);
    assert_true(p.len <= CT_PROTO_BYTES);
    ct_proto_flush(&p); /* out is NULL: nothing is written any more */
    assert_int_equal(p.err, -EMSGSIZE);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    begin();
    p.out = fopen("/dev/full", "we");
    assert_non_null(p.out);
    setbuf(p.out, NULL);
    ct_proto_u64(&p, 1, 1);
    ct_proto_flush(&p);
    assert_int_equal(p.err, -ENOSPC);
    fclose(p.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_the_fewest_bytes),
        cmocka_unit_test(messages_know_their_length),
        cmocka_unit_test(strings_become_valid_utf8),
        cmocka_unit_test(what_finds_no_room_is_an_error),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
