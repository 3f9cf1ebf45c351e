/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/protobuf.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "user/report/utf8.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LEN = 2 };

#define VARINT_MOST 10
#define LENGTH_LEN  4 /* of a message's length, which is not known when it is opened */

static void put(struct ct_proto *p, const void *bytes, size_t len)
{
    if (!p->err && len > sizeof(p->bytes) - p->len)
        p->err = -EMSGSIZE;
    if (p->err)
        return;
    memcpy(p->bytes + p->len, bytes, len);
    p->len += len;
}

static void varint(struct ct_proto *p, uint64_t value)
{
    unsigned char bytes[VARINT_MOST];
    size_t len = 0;

    for (; value > 0x7f; value >>= 7)
        bytes[len++] = (unsigned char)(value | 0x80);
    bytes[len++] = (unsigned char)value;
    put(p, bytes, len);
}

static void key(struct ct_proto *p, uint32_t field, enum wire wire)
{
    varint(p, (uint64_t)field << 3 | wire);
}

void ct_proto_u64(struct ct_proto *p, uint32_t field, uint64_t value)
{
    key(p, field, WIRE_VARINT);
    varint(p, value);
}

void ct_proto_double(struct ct_proto *p, uint32_t field, double value)
{
    unsigned char bytes[sizeof(uint64_t)];
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    key(p, field, WIRE_64);
    put(p, bytes, sizeof(bytes));
}

size_t ct_proto_open(struct ct_proto *p, uint32_t field)
{
    static const unsigned char length[LENGTH_LEN];

    key(p, field, WIRE_LEN);
    put(p, length, sizeof(length));
    return p->len;
}

/* The length takes all the bytes that were kept for it, which the encoding allows. */
void ct_proto_close(struct ct_proto *p, size_t opened)
{
    const size_t len = p->len - opened;

    if (p->err)
        return;
    for (size_t i = 0; i < LENGTH_LEN; i++)
        p->bytes[opened - LENGTH_LEN + i] =
            (unsigned char)((len >> 7 * i & 0x7f) | (i + 1 < LENGTH_LEN ? 0x80 : 0));
}

void ct_proto_bytes(struct ct_proto *p, uint32_t field, const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    const size_t opened = ct_proto_open(p, field);
    size_t at = 0;

    while (at < len) {
        bool whole;
        const size_t span = ct_utf8_span(s + at, len - at, &whole);
        put(p, whole ? bytes + at : CT_UTF8_INSTEAD, whole ? span : strlen(CT_UTF8_INSTEAD));
        at += span;
    }
    ct_proto_close(p, opened);
}

void ct_proto_text(struct ct_proto *p, uint32_t field, const char *text)
{
    ct_proto_bytes(p, field, text, strlen(text));
}

void ct_proto_flush(struct ct_proto *p)
{
    errno = 0;
    if (!p->err && (fwrite(p->bytes, 1, p->len, p->out) != p->len || ferror(p->out)))
        p->err = errno ? -errno : -EIO;
    p->len = 0;
}
