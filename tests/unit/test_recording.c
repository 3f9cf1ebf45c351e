/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/source/recording_write.c user/source/recording_read.c user/source/recording_pack.c user/source/recording_unpack.c user/source/recording_columns.c user/source/recording_format.c user/base/map.c
/*
 * Recordings: what is written is read again, whatever the records hold; what was cut off or damaged
 * is told, and all before it is good; what a later version added is skipped, what an earlier one
 * lacked is 0; and no bytes make the reader keep or do more than they have paid for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/source/recording.h"
#include "user/source/recording_block.h"

#define ROOM 4096 /* of one record */

/* ---- records of random content ---- */

struct stream {
    uint8_t *bytes; /* each record at a multiple of 8 */
    size_t len;
    size_t room;
    size_t cnt;
};

static uint64_t seed = 1;
static uint32_t ids = 5000;

static uint64_t roll(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return seed >> 11;
}

/* Of any size up to `bits`, small ones as often as great ones. */
static uint64_t some(unsigned bits)
{
    const unsigned n = (unsigned)(roll() % (bits + 1));
    const uint64_t v = roll() << 32 ^ roll();
    return n < 64 ? v & ((1ULL << n) - 1) : v;
}

static uint32_t an_id(void)
{
    return (uint32_t)(roll() % ids);
}

static void name(char comm[CT_COMM_LEN])
{
    snprintf(comm, CT_COMM_LEN, "name-%u", (unsigned)(roll() % 9));
}

static void fill(void *at, size_t len)
{
    for (size_t i = 0; i + 8 <= len; i += 8) {
        const uint64_t v = roll() % 3 ? 0 : some(64);
        memcpy((uint8_t *)at + i, &v, 8);
    }
}

static void make_totals(struct ct_rec_totals *t)
{
    fill(&t->totals, sizeof(t->totals));
    t->totals.loop.pad = 0;
    t->totals.start_ns = some(62);
    t->totals.end_ns = some(62);
    t->life.since_ns = some(62);
    t->life.tid = (uint32_t)some(32);
    t->life.tgid = (uint32_t)some(32);
    t->life.exit_code = (int32_t)some(32);
    t->life.flags = (uint32_t)some(2);
    name(t->life.comm);
}

static void make_rows(struct ct_rec_rows *r)
{
    struct ct_row *row = (struct ct_row *)(r + 1);

    r->table = (uint32_t)(roll() % (CT_TABLE_COUNT + 1));
    r->cnt = (uint32_t)(roll() % 20);
    for (uint32_t i = 0; i < r->cnt; i++) {
        fill(&row[i], sizeof(row[i]));
        if (ct_table_has_comm(r->table)) {
            memset(row[i].comm, 0, CT_COMM_LEN);
            name(row[i].comm);
        }
    }
}

static void make_switch(struct ct_rec_switch *s)
{
    s->head.id = an_id();
    s->next_id = an_id();
    s->out_lag_ns = (uint32_t)some(20);
    s->head.time_ns += s->out_lag_ns;
    s->wake_lag_ns = roll() % 3 ? some(62) : 0;
    s->waker_id = an_id();
    s->wake = (uint32_t)(roll() % CT_WAKE_COUNT);
}

static void make_new(struct ct_rec_new *n)
{
    n->parent_id = an_id();
    n->tid = (uint32_t)some(32);
    n->tgid = (uint32_t)some(32);
    n->ppid = (uint32_t)some(32);
    name(n->comm);
}

static void make_exec(struct ct_rec_exec *e)
{
    e->tid = (uint32_t)some(32);
    e->tgid = (uint32_t)some(32);
    name(e->comm);
    e->argv_len = (uint32_t)(roll() % 100);
    e->argv_cut = (uint32_t)(roll() % 2);
    fill(e->argv, 96);
}

static void make_stack(struct ct_rec_stack *s)
{
    s->tgid = (uint32_t)some(32);
    s->text_len = (uint32_t)(roll() % 200);
    s->cnt = some(64);
    s->ns = some(64);
    s->max_ns = some(64);
    fill(s->text, 192);
}

/* One record of that kind, all fields but the padding at random. */
static void make(uint8_t out[ROOM], unsigned kind)
{
    struct ct_rec_head *h = (struct ct_rec_head *)out;

    memset(out, 0, ROOM);
    *h = (struct ct_rec_head){.time_ns = some(61),
                              .kind = (uint8_t)kind,
                              .state = (uint8_t)(roll() % CT_ST_COUNT),
                              .cpu = (uint16_t)(roll() % 5),
                              .id = an_id()};
    switch ((enum ct_event_kind)kind) {
    case CT_EV_SWITCH:
        make_switch((struct ct_rec_switch *)out);
        break;
    case CT_EV_NEW:
        make_new((struct ct_rec_new *)out);
        break;
    case CT_EV_EXEC:
        make_exec((struct ct_rec_exec *)out);
        break;
    case CT_EV_TOTALS:
        make_totals((struct ct_rec_totals *)out);
        break;
    case CT_EV_LOST:
        ((struct ct_rec_lost *)out)->to_ns = some(62);
        ((struct ct_rec_lost *)out)->cnt = some(64);
        break;
    case CT_EV_ROWS:
        make_rows((struct ct_rec_rows *)out);
        break;
    case CT_EV_STACK:
        make_stack((struct ct_rec_stack *)out);
        break;
    case CT_EV_LOCK:
        ((struct ct_rec_lock *)out)->key = some(64);
        snprintf(((struct ct_rec_lock *)out)->symbol, CT_SYMBOL_LEN, "lock-%u", an_id());
        break;
    case CT_EV_COUNT:
        fail();
    }
}

static void append(struct stream *s, const struct ct_rec_head *rec)
{
    const size_t len = ct_record_bytes(rec);

    assert_true(len >= sizeof(*rec));
    if (s->room < s->len + CT_RECORD_ROUND(len)) {
        s->room = 2 * (s->len + CT_RECORD_ROUND(len));
        s->bytes = realloc(s->bytes, s->room);
        assert_non_null(s->bytes);
    }
    memset(s->bytes + s->len, 0, CT_RECORD_ROUND(len));
    memcpy(s->bytes + s->len, rec, len);
    s->len += CT_RECORD_ROUND(len);
    s->cnt++;
}

/* A ct_record_fn. */
static void keep(const struct ct_rec_head *rec, void *ctx)
{
    append(ctx, rec);
}

static void drop(const struct ct_rec_head *rec, void *ctx)
{
    (void)rec;
    ++*(size_t *)ctx;
}

/* cnt records of all kinds (UINT_MAX) or of one. */
static struct stream make_stream(size_t cnt, unsigned kind)
{
    _Alignas(8) uint8_t rec[ROOM];
    struct stream s = {0};

    for (size_t i = 0; i < cnt; i++) {
        make(rec, kind < CT_EV_COUNT
                      ? kind
                      : (unsigned)(roll() % 3 ? CT_EV_SWITCH : roll() % CT_EV_COUNT));
        append(&s, (const struct ct_rec_head *)rec);
    }
    return s;
}

/* ---- files ---- */

static char *const command[] = {(char *)"./a program", (char *)"", (char *)"\xff\x01", NULL};

static struct ct_model_info an_info(void)
{
    return (struct ct_model_info){.host = {.kernel = "6.18.1-test", .arch = "x86_64", .cpus = 3},
                                  .command = command,
                                  .with_syscalls = true,
                                  .attached = true};
}

static const struct ct_cpu_times cpus[] = {{0, 7, 1ULL << 50}, {2, 0, 0}};
static const struct ct_run_end an_end = {.start_ns = 5,
                                         .end_ns = 1ULL << 61,
                                         .start_boot_ns = 3,
                                         .start_unix_ns = 4,
                                         .lost_events = 6,
                                         .lost_threads = 7,
                                         .lost_rows = 8,
                                         .lost_waits = 9,
                                         .lost_waits_ns = 10,
                                         .lost_names = true,
                                         .cpus = cpus,
                                         .cpus_cnt = 2,
                                         .exit = {.known = true, .code = -1, .signal = 11},
                                         .observer_cpu_ns = 12,
                                         .stolen_ns = CT_NOT_TOLD,
                                         .throttled_ns = 13};

struct file {
    uint8_t *bytes;
    size_t len;
};

static struct file write_file(const struct stream *s, const struct ct_run_end *end)
{
    const struct ct_model_info info = an_info();
    const int fd = memfd_create("recording", MFD_CLOEXEC);
    struct ct_recorder *r = NULL;
    struct file f;

    assert_int_equal(ct_recorder_start(&r, fd, &info), 0);
    for (size_t at = 0; at < s->len;) {
        const struct ct_rec_head *rec = (const struct ct_rec_head *)(s->bytes + at);
        ct_recorder_record(rec, r);
        at += CT_RECORD_ROUND(ct_record_bytes(rec));
    }
    assert_int_equal(ct_recorder_finish(r, end), 0);
    f.len = (size_t)lseek(fd, 0, SEEK_END);
    f.bytes = malloc(f.len);
    assert_non_null(f.bytes);
    assert_int_equal(pread(fd, f.bytes, f.len, 0), f.len);
    close(fd);
    return f;
}

/* Reads all; what the records are goes through sink. -EBADMSG: it is no recording. */
static int read_file(const uint8_t *bytes, size_t len, ct_record_fn sink, void *ctx,
                     struct ct_replay_end *end)
{
    static const uint8_t none[1];
    FILE *in = fmemopen((void *)(len ? bytes : none), len ? len : 1, "r");
    struct ct_replay *r = NULL;
    char why[256] = "";
    int more;

    assert_non_null(in);
    int err = ct_replay_open(&r, in, why, sizeof(why));
    if (err) {
        assert_null(r);
        assert_non_null(strstr(why, "offset"));
    } else {
        while ((more = ct_replay_next(r, sink, ctx, end)) == 1)
            ;
        assert_int_equal(more, 0);
    }
    ct_replay_free(r);
    fclose(in);
    return err;
}

static void check_same(const struct stream *a, const struct stream *b)
{
    assert_int_equal(a->cnt, b->cnt);
    assert_int_equal(a->len, b->len);
    if (a->len && memcmp(a->bytes, b->bytes, a->len)) {
        size_t i = 0;
        while (a->bytes[i] == b->bytes[i])
            i++;
        fail_msg("streams differ at byte %zu of %zu", i, a->len);
    }
}

static void round_trip(struct stream s)
{
    struct file f = write_file(&s, &an_end);
    struct ct_replay_end end = {0};
    struct stream again = {0};

    assert_int_equal(read_file(f.bytes, f.len, keep, &again, &end), 0);
    assert_false(end.cut);
    check_same(&s, &again);
    free(f.bytes);
    free(again.bytes);
    free(s.bytes);
}

/* ---- the tests ---- */

static void every_kind_comes_back_as_it_was(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < CT_EV_COUNT; kind++)
        for (size_t cnt = 1; cnt < 2000; cnt *= 5)
            round_trip(make_stream(cnt, kind));
}

static void any_mixture_comes_back_in_its_order(void **state)
{
    (void)state;
    for (seed = 1; seed < 20; seed += 1)
        round_trip(make_stream(3000, UINT32_MAX)); /* more than one block */
    round_trip((struct stream){0});
}

static void what_was_traced_and_how_it_ended_come_back(void **state)
{
    struct stream s = make_stream(10, UINT32_MAX);
    struct file f = write_file(&s, &an_end);
    FILE *in = fmemopen(f.bytes, f.len, "r");
    struct ct_replay *r = NULL;
    struct ct_replay_end end;
    size_t cnt = 0;
    char why[256];

    (void)state;
    assert_int_equal(ct_replay_open(&r, in, why, sizeof(why)), 0);
    const struct ct_model_info *info = ct_replay_info(r), was = an_info();
    assert_string_equal(info->host.kernel, was.host.kernel);
    assert_string_equal(info->host.arch, was.host.arch);
    assert_int_equal(info->host.cpus, was.host.cpus);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(info->command[i], command[i]);
    assert_null(info->command[3]);
    assert_true(info->with_syscalls && info->attached && !info->with_stacks);
    while (ct_replay_next(r, drop, &cnt, &end) == 1)
        ;
    assert_int_equal(cnt, s.cnt);
    assert_int_equal(end.end.cpus_cnt, 2);
    assert_memory_equal(end.end.cpus, cpus, sizeof(cpus));
    end.end.cpus = cpus;
    assert_int_equal(end.end.exit.code, -1);
    assert_int_equal(end.end.exit.signal, 11);
    assert_true(end.end.exit.known && end.end.lost_names);
    const uint64_t numbers[] = {end.end.start_ns,        end.end.end_ns,      end.end.start_boot_ns,
                                end.end.start_unix_ns,   end.end.lost_events, end.end.lost_threads,
                                end.end.lost_rows,       end.end.lost_waits,  end.end.lost_waits_ns,
                                end.end.observer_cpu_ns, end.end.stolen_ns,   end.end.throttled_ns};
    const uint64_t were[] = {5, 1ULL << 61, 3, 4, 6, 7, 8, 9, 10, 12, CT_NOT_TOLD, 13};
    assert_memory_equal(numbers, were, sizeof(were));
    ct_replay_free(r);
    fclose(in);
    free(f.bytes);
    free(s.bytes);
}

/* All before the cut is there and is right, and the cut is told. */
static void check_prefix(const struct stream *s, const struct stream *got)
{
    assert_true(got->len <= s->len);
    if (got->len)
        assert_memory_equal(got->bytes, s->bytes, got->len);
}

static void every_truncation_is_told_and_leaves_what_was_before(void **state)
{
    ids = 50; /* of greater ones the file would mostly be filling */
    struct stream s = make_stream(30, UINT32_MAX);
    struct file f = write_file(&s, &an_end);

    (void)state;
    for (size_t len = 0; len < f.len; len++) {
        uint8_t *exact = malloc(len + 1); /* so that ASan sees a byte too far */
        struct ct_replay_end end = {0};
        struct stream got = {0};
        memcpy(exact, f.bytes, len);
        const int err = read_file(exact, len, keep, &got, &end);
        if (err) {
            assert_int_equal(err, -EBADMSG);
        } else {
            check_prefix(&s, &got);
            assert_true(end.cut || got.len == s.len);
            assert_true(!end.cut || (end.cut_at <= len && end.cut_why));
        }
        free(exact);
        free(got.bytes);
    }
    free(f.bytes);
    free(s.bytes);
}

static void every_flipped_byte_is_told_and_leaves_what_was_before(void **state)
{
    ids = 50; /* of greater ones the file would mostly be filling */
    struct stream s = make_stream(30, UINT32_MAX);
    struct file f = write_file(&s, &an_end);

    (void)state;
    for (size_t i = 0; i < f.len; i++) {
        struct ct_replay_end end = {0};
        struct stream got = {0};
        const uint8_t was = f.bytes[i];
        f.bytes[i] ^= (uint8_t)(1 + roll() % 255);
        if (!read_file(f.bytes, f.len, keep, &got, &end)) {
            check_prefix(&s, &got);
            assert_true(end.cut || got.len == s.len);
        }
        free(got.bytes);
        f.bytes[i] = was;
    }
    free(f.bytes);
    free(s.bytes);
}

/* What packs to nearly nothing is filled up, so that it can be read again. */
static void what_packs_best_can_still_be_read(void **state)
{
    struct ct_rec_switch same = {
        .head = {.time_ns = 7, .kind = CT_EV_SWITCH, .state = CT_ST_BLOCKED, .id = 1},
        .next_id = 1,
        .waker_id = 300000};
    struct ct_rec_stack *stack = calloc(1, sizeof(*stack) + 30000);
    struct stream s = {0};

    (void)state;
    stack->head.kind = CT_EV_STACK;
    stack->text_len = 30000;
    for (size_t i = 0; i < 60000; i++)
        append(&s, &same.head);
    for (size_t i = 0; i < 100; i++)
        append(&s, &stack->head);
    struct file f = write_file(&s, &an_end);
    assert_in_range(f.len, 60000, 6000000);
    free(f.bytes);
    free(stack);
    round_trip(s);
}

/* ---- blocks by hand: other versions, and hostile ones ---- */

#define HEAD_COLUMNS 3 /* time, state, cpu */

/* A block of cnt records with that many columns of the value v each. */
static unsigned block_kind = CT_EV_SWITCH;

static void make_block(struct ct_bytes *out, size_t cnt, size_t columns, uint64_t v, bool stranger)
{
    struct ct_packer *p = ct_packer_new();
    struct ct_bytes section = {0};
    uint64_t *values = malloc((cnt + 1) * sizeof(*values));

    for (size_t i = 0; i < cnt; i++)
        values[i] = v;
    for (size_t i = 0; i < columns; i++)
        ct_column_put(&section, p, values, cnt, i % 2);
    out->len = 0;
    ct_bytes_varint(out, stranger ? 2 : 1);
    if (stranger) {
        ct_bytes_varint(out, 99);
        ct_bytes_varint(out, 5);
    }
    ct_bytes_varint(out, block_kind);
    ct_bytes_varint(out, cnt);
    ct_blob_put(out, p, "the only name 16", CT_COMM_LEN);
    ct_bytes_varint(out, stranger ? 2 : 1);
    if (stranger) { /* of a later version: whatever it holds */
        ct_bytes_varint(out, 99);
        ct_bytes_varint(out, 7);
        ct_bytes_varint(out, 3);
        ct_bytes_add(out, "\xff\xff\xff", 3);
    }
    ct_bytes_varint(out, block_kind);
    ct_bytes_varint(out, columns);
    ct_bytes_varint(out, section.len);
    ct_bytes_add(out, section.at, section.len);
    assert_false(out->failed);
    ct_bytes_fini(&section);
    ct_packer_free(p);
    free(values);
}

static int unpack(const struct ct_bytes *b, uint32_t records, uint64_t paid, ct_record_fn sink,
                  void *ctx)
{
    struct ct_block_unpacker *u = ct_block_unpacker_new();
    const struct ct_block_head head = {.kind = CT_BLOCK_EVENTS,
                                       .packed_bytes = (uint32_t)b->len,
                                       .records = records,
                                       .base_ns = 100};
    struct ct_price price = {.paid = paid};
    const int err = ct_block_unpack(u, &head, b->at, &price, sink, ctx);

    ct_block_unpacker_free(u);
    return err;
}

static void missing_columns_are_0_and_added_ones_are_skipped(void **state)
{
    struct ct_bytes b = {0};
    struct stream got = {0};

    (void)state;
    make_block(&b, 3, 4, 2, false); /* an older one: time, state, cpu, next_id */
    assert_int_equal(unpack(&b, 3, b.len, keep, &got), 0);
    assert_int_equal(got.cnt, 3);
    const struct ct_rec_switch *sw = (const struct ct_rec_switch *)got.bytes;
    assert_int_equal(sw[2].head.time_ns, 103); /* differences of 1 */
    assert_int_equal(sw[2].next_id, 2);
    assert_int_equal(sw[2].head.id, 0);
    assert_int_equal(sw[2].wake, 0);

    got.len = got.cnt = 0;
    make_block(&b, 3, 30, 2, true);
    assert_int_equal(unpack(&b, 8, b.len, keep, &got), 0);
    assert_int_equal(got.cnt, 3);
    assert_int_equal(((const struct ct_rec_switch *)got.bytes)[2].wake, 2);
    ct_bytes_fini(&b);
    free(got.bytes);
}

static void what_no_record_may_say_is_refused(void **state)
{
    struct ct_bytes b = {0};
    size_t cnt = 0;

    (void)state;
    make_block(&b, 40, 3, 1ULL << 63, false); /* a time beyond all times, a state too great */
    assert_int_equal(unpack(&b, 40, b.len, drop, &cnt), -EBADMSG);
    make_block(&b, 40, 4, 200, false); /* all well */
    assert_int_equal(unpack(&b, 40, b.len, drop, &cnt), 0);
    make_block(&b, 40, 3, 9000, false); /* a cpu, and a state */
    assert_int_equal(unpack(&b, 40, b.len, drop, &cnt), -EBADMSG);
    make_block(&b, 40, 4, 2, false); /* another count than the head's */
    assert_int_equal(unpack(&b, 41, b.len, drop, &cnt), -EBADMSG);
    make_block(&b, 4, 2000, 0, false); /* more columns than any version will have */
    assert_int_equal(unpack(&b, 4, b.len, drop, &cnt), -EBADMSG);
    block_kind = CT_EV_NEW;
    make_block(&b, 4, 9, 0, false); /* the block's one name */
    assert_int_equal(unpack(&b, 4, b.len, drop, &cnt), 0);
    make_block(&b, 4, 9, 2, false); /* none of its names */
    assert_int_equal(unpack(&b, 4, b.len, drop, &cnt), -EBADMSG);
    block_kind = CT_EV_SWITCH;
    assert_int_equal(cnt, 44);
    ct_bytes_fini(&b);
}

static void what_is_not_paid_for_is_refused(void **state)
{
    struct ct_bytes b = {0};
    size_t cnt = 0;

    (void)state;
    make_block(&b, 50000, 9, 0, false); /* 50,000 records in some 50 bytes */
    assert_true(b.len < 100);
    assert_int_equal(unpack(&b, 50000, b.len, drop, &cnt), -EBADMSG);
    assert_int_equal(unpack(&b, 50000, 50000, drop, &cnt), 0);
    make_block(&b, 2, 4, 100000, false); /* an id far above all others */
    assert_int_equal(unpack(&b, 2, b.len, drop, &cnt), -EBADMSG);
    make_block(&b, 4000000, 1, 0, false); /* more than a block holds, at any price */
    assert_int_equal(unpack(&b, 4000000, 1ULL << 40, drop, &cnt), -EBADMSG);
    assert_int_equal(cnt, 50000);
    ct_bytes_fini(&b);
}

static void a_full_disk_ends_the_recording_and_is_told(void **state)
{
    struct stream s = make_stream(3000, UINT32_MAX);
    const struct ct_model_info info = an_info();
    const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct ct_recorder *r = NULL;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ct_recorder_start(&r, fd, &info), 0);
    for (size_t at = 0; at < s.len;) {
        const struct ct_rec_head *rec = (const struct ct_rec_head *)(s.bytes + at);
        ct_recorder_record(rec, r);
        at += CT_RECORD_ROUND(ct_record_bytes(rec));
    }
    assert_int_equal(ct_recorder_finish(r, &an_end), -ENOSPC);
    close(fd);
    free(s.bytes);
}

static void a_run_without_its_end_is_cut(void **state)
{
    struct stream s = make_stream(50, UINT32_MAX), got = {0};
    struct file f = write_file(&s, NULL);
    struct ct_replay_end end = {0};

    (void)state;
    assert_int_equal(read_file(f.bytes, f.len, keep, &got, &end), 0);
    assert_true(end.cut);
    assert_int_equal(end.cut_at, f.len);
    check_same(&s, &got);
    free(got.bytes);
    free(f.bytes);
    free(s.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back_as_it_was),
        cmocka_unit_test(any_mixture_comes_back_in_its_order),
        cmocka_unit_test(what_was_traced_and_how_it_ended_come_back),
        cmocka_unit_test(every_truncation_is_told_and_leaves_what_was_before),
        cmocka_unit_test(every_flipped_byte_is_told_and_leaves_what_was_before),
        cmocka_unit_test(what_packs_best_can_still_be_read),
        cmocka_unit_test(missing_columns_are_0_and_added_ones_are_skipped),
        cmocka_unit_test(what_no_record_may_say_is_refused),
        cmocka_unit_test(what_is_not_paid_for_is_refused),
        cmocka_unit_test(a_full_disk_ends_the_recording_and_is_told),
        cmocka_unit_test(a_run_without_its_end_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
