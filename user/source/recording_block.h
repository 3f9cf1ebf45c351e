/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks of records: packed by the writer, unpacked by the reader. Blocks are independent: each can
 * be read without those before it.
 *
 * The payload of an EVENTS block, all numbers varints:
 *   how many runs; for each: kind, how many records of it follow one another
 *   the names: a blob of CT_COMM_LEN bytes each
 *   how many kinds; for each: kind, how many columns, how many bytes; its columns; its tail
 *   bytes of 0, if it must be longer (CT_PRICE_*)
 */
#ifndef CT_RECORDING_BLOCK_H
#define CT_RECORDING_BLOCK_H

#include "user/core/model.h"
#include "user/source/recording_columns.h"
#include "user/source/recording_format.h"

/* What was taken in must have cost the file its price. */
struct ct_price {
    uint64_t paid; /* bytes of the file so far */
    uint64_t owed;
    uint32_t id_max; /* greatest so far */
};

/* Bytes of a record as it lies in memory, its tail included; 0: no kind that we know. */
size_t ct_record_bytes(const struct ct_rec_head *rec);

/* Records wait for packing one after the other, each begun at a multiple of 8. */
#define CT_RECORD_ROUND(bytes) (((bytes) + 7) & ~(size_t)7)

struct ct_block_packer;

struct ct_block_packer *ct_block_packer_new(void);
void ct_block_packer_free(struct ct_block_packer *p);

/*
 * Packs the records of raw (at most CT_BLOCK_FILL bytes, and one record): appends head and payload
 * to *out. 0, -ENOMEM, or -EFBIG: no reader would take it.
 */
int ct_block_pack(struct ct_block_packer *p, const uint8_t *raw, size_t len, struct ct_price *price,
                  struct ct_bytes *out);

struct ct_block_unpacker;

struct ct_block_unpacker *ct_block_unpacker_new(void);
void ct_block_unpacker_free(struct ct_block_unpacker *u);

/*
 * Hands the block's records over, in the order in which they came. price->paid holds the file's
 * bytes up to the block's end. -EBADMSG: it is damaged, and nothing was handed over; -ENOMEM.
 */
int ct_block_unpack(struct ct_block_unpacker *u, const struct ct_block_head *head,
                    const uint8_t *payload, struct ct_price *price, ct_record_fn sink, void *ctx);

#endif
