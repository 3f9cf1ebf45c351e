/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/recording_format.h"

#include "user/core/model.h"

#define AT(type, member, how)                                                                      \
    {                                                                                              \
        offsetof(struct type, member), sizeof(((struct type *)0)->member), how                     \
    }
#define HEAD(type)                                                                                 \
    AT(type, head.time_ns, CT_FIELD_DELTA), AT(type, head.state, CT_FIELD_PLAIN),                  \
        AT(type, head.cpu, CT_FIELD_PLAIN)

/* Append only: a column's place in these lists is its name. */
static const struct ct_field switch_fields[] = {
    HEAD(ct_rec_switch),
    AT(ct_rec_switch, next_id, CT_FIELD_PLAIN),
    AT(ct_rec_switch, head.id, CT_FIELD_CHAIN), /* behind cpu and next_id, which it is told from */
    AT(ct_rec_switch, out_lag_ns, CT_FIELD_WIDE),
    AT(ct_rec_switch, wake_lag_ns, CT_FIELD_WAKE),
    AT(ct_rec_switch, waker_id, CT_FIELD_WAKER), /* behind both */
    AT(ct_rec_switch, wake, CT_FIELD_PLAIN),
    AT(ct_rec_switch, call, CT_FIELD_PLAIN),
};

static const struct ct_field new_fields[] = {
    HEAD(ct_rec_new),
    AT(ct_rec_new, head.id, CT_FIELD_NEAR),
    AT(ct_rec_new, parent_id, CT_FIELD_NEAR),
    AT(ct_rec_new, tid, CT_FIELD_NEAR),
    AT(ct_rec_new, tgid, CT_FIELD_NEAR),
    AT(ct_rec_new, ppid, CT_FIELD_NEAR),
    {offsetof(struct ct_rec_new, comm), 8, CT_FIELD_COMM},
    AT(ct_rec_new, ns_tid, CT_FIELD_NEAR),
    AT(ct_rec_new, ns_tgid, CT_FIELD_NEAR),
};

static const struct ct_field exec_fields[] = {
    HEAD(ct_rec_exec),
    AT(ct_rec_exec, head.id, CT_FIELD_NEAR),
    AT(ct_rec_exec, tid, CT_FIELD_NEAR),
    AT(ct_rec_exec, tgid, CT_FIELD_NEAR),
    {offsetof(struct ct_rec_exec, comm), 8, CT_FIELD_COMM},
    AT(ct_rec_exec, argv_len, CT_FIELD_PLAIN),
    AT(ct_rec_exec, argv_cut, CT_FIELD_PLAIN),
};

#define LIFE(member, how) AT(ct_rec_totals, life.member, how)
#define SUM(member)       AT(ct_rec_totals, totals.member, CT_FIELD_WIDE)
#define CNT(member)       AT(ct_rec_totals, totals.member, CT_FIELD_PLAIN)
#define STATE(i)          AT(ct_rec_totals, totals.state_ns[i], CT_FIELD_WIDE)
#define SPARE             AT(ct_rec_totals, totals.blocked_ns[CT_CAUSE_OTHER], CT_FIELD_SPARE)
#define HIST(i)                                                                                    \
    {                                                                                              \
        offsetof(struct ct_rec_totals, totals.latency_hist) + 4 * (i), 4, CT_FIELD_PLAIN           \
    }
#define HISTS(i)                                                                                   \
    HIST(i), HIST((i) + 1), HIST((i) + 2), HIST((i) + 3), HIST((i) + 4), HIST((i) + 5),            \
        HIST((i) + 6), HIST((i) + 7)

static const struct ct_field totals_fields[] = {
    LIFE(head.time_ns, CT_FIELD_DELTA),
    LIFE(head.state, CT_FIELD_PLAIN),
    LIFE(head.cpu, CT_FIELD_PLAIN),
    LIFE(head.id, CT_FIELD_NEAR),
    LIFE(since_ns, CT_FIELD_DELTA),
    LIFE(tid, CT_FIELD_NEAR),
    LIFE(tgid, CT_FIELD_NEAR),
    LIFE(exit_code, CT_FIELD_PLAIN),
    LIFE(flags, CT_FIELD_PLAIN),
    {offsetof(struct ct_rec_totals, life.comm), 8, CT_FIELD_COMM},
    AT(ct_rec_totals, totals.start_ns, CT_FIELD_DELTA),
    AT(ct_rec_totals, totals.end_ns, CT_FIELD_DELTA),
    STATE(0),
    STATE(1),
    STATE(2),
    STATE(3),
    STATE(4),
    STATE(5),
    STATE(6),
    STATE(7),
    STATE(8),
    STATE(9),
    STATE(10),
    STATE(11),
    STATE(12),
    STATE(13),
    STATE(14),
    STATE(15),
    STATE(16),
    STATE(17),
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SPARE,
    SUM(kernel_ns),
    SUM(irq_ns),
    CNT(voluntary),
    CNT(involuntary),
    CNT(migrations),
    CNT(wakeups),
    CNT(syscalls),
    SUM(kernel_cpu_ns),
    CNT(kernel_voluntary),
    CNT(kernel_involuntary),
    SUM(kernel_run_delay_ns),
    CNT(latency_cnt),
    SUM(latency_sum_ns),
    SUM(latency_max_ns),
    HISTS(0),
    HISTS(8),
    HISTS(16),
    HISTS(24),
    HISTS(32),
    HISTS(40),
    HISTS(48),
    HISTS(56),
    HISTS(64),
    HISTS(72),
    HISTS(80),
    HISTS(88),
    HISTS(96),
    HISTS(104),
    CNT(loop.returns),
    SUM(loop.away_ns),
    CNT(loop.long_cnt),
    SUM(loop.long_ns),
    SUM(loop.long_running_ns),
    SUM(loop.long_blocked_ns),
    SUM(loop.max_ns),
    SUM(loop.max_at_ns),
    SUM(loop.max_running_ns),
    SUM(loop.max_blocked_ns),
    SUM(loop.max_call_ns),
    CNT(loop.max_call_nr),
};
_Static_assert(CT_ST_COUNT == 18, "a state that is added takes the place of the first SPARE");
_Static_assert(CT_LAT_BUCKETS == 112, "as many as are listed");

static const struct ct_field lost_fields[] = {
    HEAD(ct_rec_lost),
    AT(ct_rec_lost, head.id, CT_FIELD_NEAR),
    AT(ct_rec_lost, to_ns, CT_FIELD_DELTA),
    AT(ct_rec_lost, cnt, CT_FIELD_PLAIN),
};

static const struct ct_field rows_fields[] = {
    HEAD(ct_rec_rows),
    AT(ct_rec_rows, head.id, CT_FIELD_NEAR),
    AT(ct_rec_rows, table, CT_FIELD_PLAIN),
    AT(ct_rec_rows, cnt, CT_FIELD_PLAIN),
};

static const struct ct_field stack_fields[] = {
    HEAD(ct_rec_stack),
    AT(ct_rec_stack, head.id, CT_FIELD_NEAR),
    AT(ct_rec_stack, tgid, CT_FIELD_NEAR),
    AT(ct_rec_stack, text_len, CT_FIELD_PLAIN),
    AT(ct_rec_stack, cnt, CT_FIELD_PLAIN),
    AT(ct_rec_stack, ns, CT_FIELD_WIDE),
    AT(ct_rec_stack, max_ns, CT_FIELD_WIDE),
};

static const struct ct_field lock_fields[] = {
    HEAD(ct_rec_lock),
    AT(ct_rec_lock, head.id, CT_FIELD_NEAR),
    AT(ct_rec_lock, key, CT_FIELD_PLAIN),
};

const struct ct_field ct_row_fields[CT_ROW_FIELDS] = {
    AT(ct_row, key, CT_FIELD_PLAIN),    AT(ct_row, cnt, CT_FIELD_WIDE),
    AT(ct_row, sum_ns, CT_FIELD_WIDE),  AT(ct_row, max_ns, CT_FIELD_MAX),
    AT(ct_row, note[0], CT_FIELD_WIDE), AT(ct_row, note[1], CT_FIELD_WIDE),
    AT(ct_row, errors, CT_FIELD_PLAIN),
};

#define LAYOUT(fields, bytes, tail, len_at)                                                        \
    {                                                                                              \
        fields, sizeof(fields) / sizeof((fields)[0]), bytes, tail, len_at                          \
    }

static const struct ct_layout layouts[CT_EV_COUNT] = {
    [CT_EV_SWITCH] = LAYOUT(switch_fields, sizeof(struct ct_rec_switch), CT_TAIL_NONE, 0),
    [CT_EV_NEW] = LAYOUT(new_fields, sizeof(struct ct_rec_new), CT_TAIL_NONE, 0),
    [CT_EV_EXEC] = LAYOUT(exec_fields, offsetof(struct ct_rec_exec, argv), CT_TAIL_TEXT,
                          offsetof(struct ct_rec_exec, argv_len)),
    [CT_EV_TOTALS] = LAYOUT(totals_fields, sizeof(struct ct_rec_totals), CT_TAIL_NONE, 0),
    [CT_EV_LOST] = LAYOUT(lost_fields, sizeof(struct ct_rec_lost), CT_TAIL_NONE, 0),
    [CT_EV_ROWS] = LAYOUT(rows_fields, sizeof(struct ct_rec_rows), CT_TAIL_ROWS,
                          offsetof(struct ct_rec_rows, cnt)),
    [CT_EV_STACK] = LAYOUT(stack_fields, sizeof(struct ct_rec_stack), CT_TAIL_TEXT,
                           offsetof(struct ct_rec_stack, text_len)),
    [CT_EV_LOCK] = LAYOUT(lock_fields, offsetof(struct ct_rec_lock, symbol), CT_TAIL_SYMBOL, 0),
};

const struct ct_layout *ct_layout_of(unsigned kind)
{
    return kind < CT_EV_COUNT ? &layouts[kind] : NULL;
}

bool ct_table_has_comm(uint32_t table)
{
    return table == CT_TABLE_WAKERS || table == CT_TABLE_PREEMPTORS;
}

#define END(member)                                                                                \
    {                                                                                              \
        offsetof(struct ct_run_end, member), sizeof(((struct ct_run_end *)0)->member)              \
    }
const struct ct_end_field ct_end_fields[CT_END_FIELDS] = {
    END(start_ns),      END(end_ns),          END(start_boot_ns), END(start_unix_ns),
    END(lost_events),   END(lost_threads),    END(lost_rows),     END(lost_waits),
    END(lost_waits_ns), END(lost_names),      END(exit.known),    END(exit.code),
    END(exit.signal),   END(observer_cpu_ns), END(stolen_ns),     END(throttled_ns),
};

/* ---- checksums: eight bytes at a time, each with its own table ---- */

#define POLYNOMIAL 0xedb88320U

struct crc_tables {
    uint32_t of[8][256];
};

static void fill_tables(struct crc_tables *t)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        t->of[0][i] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t i = 0; i < 256; i++)
            t->of[k][i] = t->of[k - 1][i] >> 8 ^ t->of[0][t->of[k - 1][i] & 0xff];
}

uint32_t ct_crc32(uint32_t crc, const void *bytes, size_t len)
{
    static struct crc_tables tables; /* filled again and again with the same: no lock is needed */
    static int filled;
    const uint8_t *p = bytes;

    if (!__atomic_load_n(&filled, __ATOMIC_ACQUIRE)) {
        fill_tables(&tables);
        __atomic_store_n(&filled, 1, __ATOMIC_RELEASE);
    }
    crc = ~crc;
    for (; len >= 8; len -= 8, p += 8) {
        const uint32_t a = crc ^ ct_get32(p), b = ct_get32(p + 4);
        crc = tables.of[7][a & 0xff] ^ tables.of[6][a >> 8 & 0xff] ^ tables.of[5][a >> 16 & 0xff] ^
              tables.of[4][a >> 24] ^ tables.of[3][b & 0xff] ^ tables.of[2][b >> 8 & 0xff] ^
              tables.of[1][b >> 16 & 0xff] ^ tables.of[0][b >> 24];
    }
    while (len--)
        crc = crc >> 8 ^ tables.of[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

/* ---- blocks ---- */

#define CHECKED                                                                                    \
    (CT_BLOCK_HEAD - 4) /* the checksum comes last, over all before it and the payload */

static uint32_t checksum(const uint8_t *head, const uint8_t *payload, size_t len)
{
    return ct_crc32(ct_crc32(0, head, CHECKED), payload, len);
}

void ct_block_head_put(uint8_t out[CT_BLOCK_HEAD], const struct ct_block_head *h,
                       const uint8_t *payload)
{
    ct_put32(out, CT_BLOCK_MAGIC);
    ct_put32(out + 4, h->kind);
    ct_put32(out + 8, h->packed_bytes);
    ct_put32(out + 12, h->records);
    ct_put64(out + 16, h->base_ns);
    ct_put32(out + 24, 0);
    ct_put32(out + CHECKED, checksum(out, payload, h->packed_bytes));
}

bool ct_block_head_get(struct ct_block_head *h, const uint8_t in[CT_BLOCK_HEAD])
{
    *h = (struct ct_block_head){.kind = ct_get32(in + 4),
                                .packed_bytes = ct_get32(in + 8),
                                .records = ct_get32(in + 12),
                                .base_ns = ct_get64(in + 16)};
    return ct_get32(in) == CT_BLOCK_MAGIC && h->packed_bytes <= CT_BLOCK_PACKED_MAX;
}

bool ct_block_intact(const uint8_t head[CT_BLOCK_HEAD], const uint8_t *payload, size_t len)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)head, (void)payload, (void)len; /* a fuzzer cannot guess it, and shall get past it */
    return true;
#else
    return ct_get32(head + CHECKED) == checksum(head, payload, len);
#endif
}
