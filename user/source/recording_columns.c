/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/recording_columns.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define ZSTD_LEVEL     1
#define FEW            32 /* numbers that are worth no packer's head */
#define VARINT_MAX_LEN 10

/* ---- bytes that grow ---- */

bool ct_bytes_reserve(struct ct_bytes *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->room - b->len >= more)
        return true;
    size_t room = b->room ? b->room : 4096;
    while (room - b->len < more)
        room *= 2;
    uint8_t *bigger = realloc(b->at, room);
    if (!bigger) {
        b->failed = true;
        return false;
    }
    b->at = bigger;
    b->room = room;
    return true;
}

void ct_bytes_add(struct ct_bytes *b, const void *bytes, size_t len)
{
    if (!len || !ct_bytes_reserve(b, len))
        return;
    memcpy(b->at + b->len, bytes, len);
    b->len += len;
}

/* Room must be there. */
static size_t put_varint(uint8_t *to, uint64_t v)
{
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        to[n++] = (uint8_t)(v | 0x80);
    to[n++] = (uint8_t)v;
    return n;
}

void ct_bytes_varint(struct ct_bytes *b, uint64_t v)
{
    if (ct_bytes_reserve(b, VARINT_MAX_LEN))
        b->len += put_varint(b->at + b->len, v);
}

void ct_bytes_fini(struct ct_bytes *b)
{
    free(b->at);
    *b = (struct ct_bytes){0};
}

/* ---- packing ---- */

struct ct_packer {
    ZSTD_CCtx *zstd;
    struct ct_bytes first; /* varints, or how many bits */
    struct ct_bytes bits;
    struct ct_bytes packed;
};

struct ct_packer *ct_packer_new(void)
{
    struct ct_packer *p = calloc(1, sizeof(*p));

    if (p)
        p->zstd = ZSTD_createCCtx();
    if (p && !p->zstd) {
        free(p);
        p = NULL;
    }
    return p;
}

void ct_packer_free(struct ct_packer *p)
{
    if (!p)
        return;
    ZSTD_freeCCtx(p->zstd);
    ct_bytes_fini(&p->first);
    ct_bytes_fini(&p->bits);
    ct_bytes_fini(&p->packed);
    free(p);
}

/* The tag, lengths and bytes: packed under tag + 1 if that is smaller, else as they are. */
static void put_packed(struct ct_bytes *out, struct ct_packer *p, enum ct_column_tag tag,
                       const uint8_t *bytes, size_t len)
{
    uint8_t kind = (uint8_t)tag;
    size_t packed = len;

    if (len > FEW) {
        const size_t most = ZSTD_compressBound(len);
        p->packed.len = 0;
        if (!ct_bytes_reserve(&p->packed, most)) {
            out->failed = true;
            return;
        }
        packed = ZSTD_compressCCtx(p->zstd, p->packed.at, p->packed.room, bytes, len, ZSTD_LEVEL);
    }
    if (ZSTD_isError(packed) || packed + 2 >= len) {
        ct_bytes_add(out, &kind, 1);
        ct_bytes_varint(out, len);
        ct_bytes_add(out, bytes, len);
        return;
    }
    kind++;
    ct_bytes_add(out, &kind, 1);
    ct_bytes_varint(out, len);
    ct_bytes_varint(out, packed);
    ct_bytes_add(out, p->packed.at, packed);
}

static void put_varints(struct ct_bytes *out, struct ct_packer *p, const uint64_t *v, size_t cnt)
{
    p->first.len = 0;
    if (!ct_bytes_reserve(&p->first, VARINT_MAX_LEN * cnt)) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < cnt; i++)
        p->first.len += put_varint(p->first.at + p->first.len, v[i]);
    put_packed(out, p, CT_COLUMN_VARINT, p->first.at, p->first.len);
}

static unsigned bit_length(uint64_t v)
{
    return v ? 64 - (unsigned)__builtin_clzll(v) : 0;
}

/* Adds the low n bits (at most 32) of v to the stream, whose unfinished byte is in *acc. */
static void put_bits(struct ct_bytes *b, uint64_t *acc, unsigned *filled, uint64_t v, unsigned n)
{
    *acc |= (v & ((1ULL << n) - 1)) << *filled;
    for (*filled += n; *filled >= 8; *filled -= 8) {
        b->at[b->len++] = (uint8_t)*acc;
        *acc >>= 8;
    }
}

static void put_bit_column(struct ct_bytes *out, struct ct_packer *p, const uint64_t *v, size_t cnt)
{
    uint64_t acc = 0;
    unsigned filled = 0;

    p->first.len = p->bits.len = 0;
    if (!ct_bytes_reserve(&p->first, cnt) || !ct_bytes_reserve(&p->bits, 8 * cnt + 8)) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < cnt; i++) {
        const unsigned n = bit_length(v[i]);
        p->first.at[p->first.len++] = (uint8_t)n;
        if (n > 1) { /* the highest is always 1 */
            const unsigned low = n - 1 < 32 ? n - 1 : 32;
            put_bits(&p->bits, &acc, &filled, v[i], low);
            put_bits(&p->bits, &acc, &filled, v[i] >> low, n - 1 - low);
        }
    }
    if (filled)
        put_bits(&p->bits, &acc, &filled, 0, 8 - filled);
    put_packed(out, p, CT_COLUMN_BITS, p->first.at, p->first.len);
    ct_bytes_varint(out, p->bits.len);
    ct_bytes_add(out, p->bits.at, p->bits.len);
}

void ct_column_put(struct ct_bytes *out, struct ct_packer *p, const uint64_t *v, size_t cnt,
                   bool wide)
{
    const uint8_t zero = CT_COLUMN_ZERO;
    uint64_t any = 0;

    for (size_t i = 0; i < cnt; i++)
        any |= v[i];
    if (!any)
        ct_bytes_add(out, &zero, 1);
    else if (wide && cnt > FEW)
        put_bit_column(out, p, v, cnt);
    else
        put_varints(out, p, v, cnt);
}

void ct_blob_put(struct ct_bytes *out, struct ct_packer *p, const void *bytes, size_t len)
{
    put_packed(out, p, CT_COLUMN_VARINT, bytes, len);
}

/* ---- unpacking ---- */

#define SPARE 16 /* readable behind the bytes, as bits are read eight bytes at a time */

struct ct_unpacker {
    ZSTD_DCtx *zstd;
    struct ct_bytes plain;
    struct ct_bytes bits;
};

struct ct_unpacker *ct_unpacker_new(void)
{
    struct ct_unpacker *u = calloc(1, sizeof(*u));

    if (u)
        u->zstd = ZSTD_createDCtx();
    if (u && !u->zstd) {
        free(u);
        u = NULL;
    }
    return u;
}

void ct_unpacker_free(struct ct_unpacker *u)
{
    if (!u)
        return;
    ZSTD_freeDCtx(u->zstd);
    ct_bytes_fini(&u->plain);
    ct_bytes_fini(&u->bits);
    free(u);
}

bool ct_cursor_varint(struct ct_cursor *c, uint64_t *v)
{
    uint64_t sum = 0;

    for (unsigned shift = 0; c->at < c->end && shift < 64; shift += 7) {
        const uint8_t byte = *c->at++;
        if (shift == 63 && byte > 1)
            return false;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *v = sum;
            return true;
        }
    }
    return false;
}

bool ct_cursor_part(struct ct_cursor *c, uint64_t len, struct ct_cursor *part)
{
    if (len > (uint64_t)(c->end - c->at))
        return false;
    *part = (struct ct_cursor){.at = c->at, .end = c->at + len};
    c->at += len;
    return true;
}

bool ct_unpacker_failed(const struct ct_unpacker *u)
{
    return u->plain.failed || u->bits.failed;
}

/* What put_packed put behind its tag. */
static bool get_packed(struct ct_cursor *c, struct ct_unpacker *u, bool packed, size_t most,
                       struct ct_cursor *bytes)
{
    uint64_t len, packed_len;
    struct ct_cursor from;

    if (!ct_cursor_varint(c, &len) || len > most)
        return false;
    if (!packed)
        return ct_cursor_part(c, len, bytes);
    u->plain.len = 0;
    if (!ct_cursor_varint(c, &packed_len) || !ct_cursor_part(c, packed_len, &from) ||
        !ct_bytes_reserve(&u->plain, len + 1))
        return false;
    /* never more than len: what the frame says of itself is not believed */
    const size_t got = ZSTD_decompressDCtx(u->zstd, u->plain.at, len, from.at, packed_len);
    if (ZSTD_isError(got) || got != len)
        return false;
    *bytes = (struct ct_cursor){.at = u->plain.at, .end = u->plain.at + len};
    return true;
}

static bool get_varints(struct ct_cursor *bytes, uint64_t *v, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        if (bytes->at < bytes->end && *bytes->at < 0x80)
            v[i] = *bytes->at++;
        else if (!ct_cursor_varint(bytes, &v[i]))
            return false;
    }
    return bytes->at == bytes->end;
}

static uint64_t load_word(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* n bits (at most 63) from bit `at` on. SPARE bytes behind the last are readable. */
static uint64_t get_bits(const uint8_t *bits, uint64_t at, unsigned n)
{
    const unsigned skip = at & 7;
    uint64_t v = load_word(bits + (at >> 3)) >> skip;

    if (n + skip > 64)
        v |= (uint64_t)bits[(at >> 3) + 8] << (64 - skip);
    return v & ((1ULL << n) - 1);
}

static bool get_bit_column(struct ct_cursor *c, struct ct_unpacker *u, const uint8_t *lengths,
                           uint64_t *v, size_t cnt)
{
    struct ct_cursor bits;
    uint64_t len, at = 0;

    if (!ct_cursor_varint(c, &len) || !ct_cursor_part(c, len, &bits))
        return false;
    u->bits.len = 0;
    if (!ct_bytes_reserve(&u->bits, len + SPARE))
        return false;
    memcpy(u->bits.at, bits.at, len);
    memset(u->bits.at + len, 0, SPARE);
    const uint64_t end = 8 * len;
    for (size_t i = 0; i < cnt; i++) {
        const unsigned n = lengths[i];
        if (n < 2) {
            v[i] = n;
            continue;
        }
        if (n > 64 || at + n - 1 > end)
            return false;
        v[i] = 1ULL << (n - 1) | get_bits(u->bits.at, at, n - 1);
        at += n - 1;
    }
    return (at + 7) / 8 == len;
}

bool ct_column_get(struct ct_cursor *c, struct ct_unpacker *u, uint64_t *v, size_t cnt)
{
    struct ct_cursor bytes;

    if (c->at == c->end)
        return false;
    const uint8_t tag = *c->at++;
    switch (tag) {
    case CT_COLUMN_ZERO:
        memset(v, 0, cnt * sizeof(*v));
        return true;
    case CT_COLUMN_VARINT:
    case CT_COLUMN_VARINT_Z:
        return get_packed(c, u, tag == CT_COLUMN_VARINT_Z, VARINT_MAX_LEN * cnt, &bytes) &&
               get_varints(&bytes, v, cnt);
    case CT_COLUMN_BITS:
    case CT_COLUMN_BITS_Z:
        return get_packed(c, u, tag == CT_COLUMN_BITS_Z, cnt, &bytes) &&
               (size_t)(bytes.end - bytes.at) == cnt && get_bit_column(c, u, bytes.at, v, cnt);
    default:
        return false;
    }
}

bool ct_blob_get(struct ct_cursor *c, struct ct_unpacker *u, size_t most, struct ct_cursor *bytes)
{
    if (c->at == c->end || (*c->at != CT_COLUMN_VARINT && *c->at != CT_COLUMN_VARINT_Z))
        return false;
    const bool packed = *c->at++ == CT_COLUMN_VARINT_Z;
    return get_packed(c, u, packed, most, bytes);
}
