/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What writer and reader of recordings share: the frame of a block, and which fields each kind of
 * record has. docs/recording.md defines the format for others.
 *
 * Records are never stored as they lie in memory. Each field is a column: its values over all
 * records of one kind in a block, one after the other. So like stands beside like, which is what
 * compresses; and a reader takes the columns it knows, skips those behind them, and leaves what an
 * older file lacks at 0. Rule: columns are appended, never moved, changed or dropped.
 */
#ifndef CT_RECORDING_FORMAT_H
#define CT_RECORDING_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "bpf/event.h"

#define CT_RECORDING_MAGIC                                                                         \
    "\x89"                                                                                         \
    "CTREC\r\n" /* damaged if it went through a text mode */
#define CT_RECORDING_MAGIC_LEN 8
#define CT_RECORDING_VERSION   1
#define CT_RECORDING_HEAD      16 /* magic, version, and 4 bytes that are 0 */

#define CT_BLOCK_MAGIC 0x4b4c4243U /* "CBLK" */
#define CT_BLOCK_HEAD  32
enum ct_block_kind {
    CT_BLOCK_INFO = 1,   /* the first */
    CT_BLOCK_EVENTS = 2, /* records */
    CT_BLOCK_END = 3,    /* what is known only at the end; behind the last record */
    CT_BLOCK_INDEX = 4,  /* where the blocks are */
};

#define CT_TRAILER_MAGIC "CTREC END" /* with its NUL: 10 bytes */
#define CT_TRAILER_LEN   32

/* No block is larger, packed or unpacked: what a reader must have room for. */
#define CT_BLOCK_PACKED_MAX  (8U << 20)
#define CT_BLOCK_DECODED_MAX (4U << 20)

/* The writer closes a block at this size, as records lie in memory. */
#define CT_BLOCK_FILL (1U << 20)

/*
 * A file of n bytes must not make its reader work, or keep, without bound. So what a reader has
 * taken in must have cost the file its price in bytes, over all that was read so far and
 * CT_PRICE_FREE. Real records cost more than that anyhow; for those that pack better the writer
 * fills up.
 */
#define CT_PRICE_FREE   4096
#define CT_PRICE_RECORD 1  /* a switch */
#define CT_PRICE_LIFE   16 /* any other record */
#define CT_PRICE_ID     16 /* each id above those so far, used or not */
#define CT_PRICE_ROW    8
#define CT_TEXT_A_BYTE  32 /* bytes of text for one of the file's */

/* What a thread's id can be at most: serial numbers from 1. */
#define CT_RECORDING_ID_MAX (1U << 27)
/* Stamps are nanoseconds since boot: 146 years. */
#define CT_RECORDING_TIME_MAX (1ULL << 62)
#define CT_RECORDING_ROWS_MAX 256 /* in one table of one thread */
#define CT_RECORDING_TEXT_MAX (64U << 10)

enum ct_field_how {
    CT_FIELD_PLAIN,
    CT_FIELD_WIDE,  /* plain; its lower bits are noise */
    CT_FIELD_DELTA, /* against the record before, of this kind in this block; the first against the
                       block's base; WIDE */
    CT_FIELD_NEAR,  /* against the record before, likewise; the first against 0 */
    CT_FIELD_CHAIN, /* against the next_id of the last switch on that CPU */
    CT_FIELD_WAKER, /* of a switch, if it ends a wait: against the last one who woke that thread */
    CT_FIELD_WAKE,  /* of a switch, if it ends a wait: the time of the wakeup, against that of the
                       same waker's last one; else 0. WIDE */
    CT_FIELD_MAX,   /* of a row: what its sum is greater. WIDE */
    CT_FIELD_SPARE, /* of a state that a later version may add: 0 here, and to a reader a part of
                       the field it names. WIDE */
    CT_FIELD_COMM,  /* CT_COMM_LEN bytes: a number in the block's table of names */
};

struct ct_field {
    uint16_t offset;
    uint8_t size; /* 1, 2, 4 or 8 bytes */
    uint8_t how;
};

/* What follows the fields in memory. Its length is one of the fields. */
enum ct_tail { CT_TAIL_NONE, CT_TAIL_TEXT, CT_TAIL_SYMBOL, CT_TAIL_ROWS };

struct ct_layout {
    const struct ct_field *fields;
    size_t fields_cnt;
    size_t bytes; /* of the fixed part, a multiple of 8 */
    enum ct_tail tail;
    uint16_t tail_len_at; /* a __u32 */
};

/* By enum ct_event_kind. */
const struct ct_layout *ct_layout_of(unsigned kind);

/* Of a row, but for its comm, which has a column of its own in front. */
#define CT_ROW_FIELDS 7
extern const struct ct_field ct_row_fields[CT_ROW_FIELDS];
/* Whether rows of that table have a comm in the place of their notes. */
bool ct_table_has_comm(uint32_t table);

#define CT_CHAIN_CPUS 1024 /* CT_FIELD_CHAIN: CPUs are told apart modulo this */
#define CT_WAKE_IDS   4096 /* CT_FIELD_WAKER, _WAKE: and threads modulo this */

/* ---- bytes ---- */

static inline void ct_put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t ct_get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void ct_put64(uint8_t *p, uint64_t v)
{
    ct_put32(p, (uint32_t)v);
    ct_put32(p + 4, (uint32_t)(v >> 32));
}

static inline uint64_t ct_get64(const uint8_t *p)
{
    return (uint64_t)ct_get32(p) | (uint64_t)ct_get32(p + 4) << 32;
}

static inline uint64_t ct_zigzag(uint64_t difference)
{
    return difference << 1 ^ (difference >> 63 ? ~0ULL : 0);
}

static inline uint64_t ct_unzigzag(uint64_t v)
{
    return v >> 1 ^ (v & 1 ? ~0ULL : 0);
}

/* The CRC-32 of zlib, PNG and Ethernet; begin with 0. */
uint32_t ct_crc32(uint32_t crc, const void *bytes, size_t len);

/* ---- blocks ---- */

struct ct_block_head {
    uint32_t kind; /* enum ct_block_kind */
    uint32_t packed_bytes;
    uint32_t records;
    uint64_t base_ns; /* EVENTS: what the first stamps count from */
};

/* The head's bytes, with the checksum over them and the payload. */
void ct_block_head_put(uint8_t out[CT_BLOCK_HEAD], const struct ct_block_head *h,
                       const uint8_t *payload);
/* false: these bytes are no head. The checksum is not looked at. */
bool ct_block_head_get(struct ct_block_head *h, const uint8_t in[CT_BLOCK_HEAD]);
/* Whether head and payload are as they were written. */
bool ct_block_intact(const uint8_t head[CT_BLOCK_HEAD], const uint8_t *payload, size_t len);

/* The numbers of struct ct_run_end and struct ct_exit, in the order of their tags (from 1). */
struct ct_end_field {
    uint16_t offset;
    uint8_t size;
};
#define CT_END_FIELDS 16
extern const struct ct_end_field ct_end_fields[CT_END_FIELDS];
/* Tags of the END block beside these. */
#define CT_END_TAG_CPUS 64 /* (cpu, traced_ns, idle_ns) for each */

enum ct_info_tag {
    CT_INFO_KERNEL = 1,
    CT_INFO_ARCH = 2,
    CT_INFO_CPUS = 3,
    CT_INFO_WORD = 4, /* of the command, in order, one each */
    CT_INFO_FLAGS = 5,
    CT_INFO_UNIX_NS = 6, /* when the recording was begun */
    CT_INFO_WRITER = 7,  /* version of the program that wrote it */
};
#define CT_INFO_SYSCALLS 1U
#define CT_INFO_STACKS   2U
#define CT_INFO_ATTACHED 4U

#endif
