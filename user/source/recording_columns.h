/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Columns of numbers and of bytes: how recordings pack them.
 *
 * A column is a tag and, but for ZERO, its data:
 *   ZERO       all are 0
 *   VARINT     length; each number in groups of 7 bits, lowest first
 *   VARINT_Z   length, packed length; the same, packed
 *   BITS       length; a byte for each number: how many bits it has. Then length; the bits below
 *              the highest, lowest first, without gaps
 *   BITS_Z     length, packed length of those bytes, packed; then as above
 * Lengths are varints. BITS is for numbers whose lower bits are noise (times): what a general
 * packer cannot shrink does not pass through it, and the rest has a statistic of its own.
 */
#ifndef CT_RECORDING_COLUMNS_H
#define CT_RECORDING_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ct_column_tag {
    CT_COLUMN_ZERO = 0,
    CT_COLUMN_VARINT = 1,
    CT_COLUMN_VARINT_Z = 2,
    CT_COLUMN_BITS = 3,
    CT_COLUMN_BITS_Z = 4,
};

/* Bytes that grow. After a want of memory `failed` stays set and nothing is added any more. */
struct ct_bytes {
    uint8_t *at;
    size_t len;
    size_t room;
    bool failed;
};

bool ct_bytes_reserve(struct ct_bytes *b, size_t more);
void ct_bytes_add(struct ct_bytes *b, const void *bytes, size_t len);
void ct_bytes_varint(struct ct_bytes *b, uint64_t v);
void ct_bytes_fini(struct ct_bytes *b);

/* ---- packing ---- */

struct ct_packer; /* zstd's context and room to work in */

/* NULL: no memory. */
struct ct_packer *ct_packer_new(void);
void ct_packer_free(struct ct_packer *p);

/* Adds a column of cnt numbers; wide: as BITS, if they are many. */
void ct_column_put(struct ct_bytes *out, struct ct_packer *p, const uint64_t *v, size_t cnt,
                   bool wide);
/* Adds bytes: a tag (VARINT or VARINT_Z), lengths, data. */
void ct_blob_put(struct ct_bytes *out, struct ct_packer *p, const void *bytes, size_t len);

/* ---- unpacking: of bytes that may be anything ---- */

struct ct_cursor {
    const uint8_t *at;
    const uint8_t *end;
};

struct ct_unpacker;

struct ct_unpacker *ct_unpacker_new(void);
void ct_unpacker_free(struct ct_unpacker *u);
/* Whether it had no memory for a column: what it refused since may be undamaged. */
bool ct_unpacker_failed(const struct ct_unpacker *u);

/* false: there is none. */
bool ct_cursor_varint(struct ct_cursor *c, uint64_t *v);
/* The next len bytes as a cursor of their own. */
bool ct_cursor_part(struct ct_cursor *c, uint64_t len, struct ct_cursor *part);

/* Takes a column of exactly cnt numbers. false: it is damaged; v may then hold anything. */
bool ct_column_get(struct ct_cursor *c, struct ct_unpacker *u, uint64_t *v, size_t cnt);
/* Takes bytes, at most `most`; they are u's, up to the next call. */
bool ct_blob_get(struct ct_cursor *c, struct ct_unpacker *u, size_t most, struct ct_cursor *bytes);

#endif
