/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/map.h"
#include "user/source/recording_block.h"

struct ct_block_packer {
    struct ct_packer *columns;
    const uint8_t **recs; /* by kind, then in their order */
    size_t recs_room;
    uint64_t *values; /* of one column */
    size_t values_room;
    struct ct_map names_at;
    struct ct_bytes names;
    struct ct_bytes runs;
    struct ct_bytes sections;
    struct ct_bytes section;
    struct ct_bytes tails;
    uint64_t base_ns;
    uint64_t owed;
    uint32_t id_max;
};

static uint32_t tail_length(const uint8_t *rec, const struct ct_layout *l)
{
    uint32_t n;

    memcpy(&n, rec + l->tail_len_at, sizeof(n));
    return n;
}

static size_t tail_bytes(const uint8_t *rec, const struct ct_layout *l)
{
    switch (l->tail) {
    case CT_TAIL_TEXT:
        return tail_length(rec, l);
    case CT_TAIL_SYMBOL:
        return strnlen((const char *)rec + l->bytes, CT_SYMBOL_LEN - 1) + 1;
    case CT_TAIL_ROWS:
        return tail_length(rec, l) * sizeof(struct ct_row);
    case CT_TAIL_NONE:
        break;
    }
    return 0;
}

size_t ct_record_bytes(const struct ct_rec_head *rec)
{
    const struct ct_layout *l = ct_layout_of(rec->kind);

    return l ? l->bytes + tail_bytes((const uint8_t *)rec, l) : 0;
}

/* ---- columns ---- */

static uint64_t load(const uint8_t *at, unsigned size)
{
    uint64_t v8;
    uint32_t v4;
    uint16_t v2;

    switch (size) {
    case 1:
        return *at;
    case 2:
        memcpy(&v2, at, sizeof(v2));
        return v2;
    case 4:
        memcpy(&v4, at, sizeof(v4));
        return v4;
    default:
        memcpy(&v8, at, sizeof(v8));
        return v8;
    }
}

/* Its number in the block's table of names. */
static uint64_t name_of(struct ct_block_packer *p, const uint8_t *comm)
{
    const size_t cnt = p->names.len / CT_COMM_LEN;
    const size_t i = ct_map_index(&p->names_at, load(comm, 8), load(comm + 8, 8), cnt);

    if (i == SIZE_MAX) {
        p->names.failed = true;
        return 0;
    }
    if (i == cnt)
        ct_bytes_add(&p->names, comm, CT_COMM_LEN);
    return i;
}

static void gather(uint64_t *v, const uint8_t *const *recs, size_t cnt, const struct ct_field *f)
{
    for (size_t i = 0; i < cnt; i++)
        v[i] = load(recs[i] + f->offset, f->size);
}

static void to_differences(uint64_t *v, size_t cnt, uint64_t before)
{
    for (size_t i = 0; i < cnt; i++) {
        const uint64_t now = v[i];
        v[i] = ct_zigzag(now - before);
        before = now;
    }
}

/* Who leaves a CPU is who came to it last, if nothing is missing. */
static void to_chain(uint64_t *v, const uint8_t *const *recs, size_t cnt)
{
    uint32_t last[CT_CHAIN_CPUS] = {0};

    for (size_t i = 0; i < cnt; i++) {
        const struct ct_rec_switch *sw = (const struct ct_rec_switch *)recs[i];
        uint32_t *on = &last[sw->head.cpu % CT_CHAIN_CPUS];
        v[i] = ct_zigzag(v[i] - *on);
        *on = sw->next_id;
    }
}

/*
 * A thread is mostly woken by the same ones, and a waker wakes many at about the same time. What is
 * 0 stays so: no wait has ended.
 */
static void to_wakers(uint64_t *v, const uint8_t *const *recs, size_t cnt)
{
    uint32_t last[CT_WAKE_IDS] = {0};

    for (size_t i = 0; i < cnt; i++) {
        const struct ct_rec_switch *sw = (const struct ct_rec_switch *)recs[i];
        uint32_t *by = &last[sw->next_id % CT_WAKE_IDS];
        if (!sw->wake_lag_ns)
            continue;
        v[i] = ct_zigzag(v[i] - *by);
        *by = sw->waker_id;
    }
}

static void to_wakes(uint64_t *v, const uint8_t *const *recs, size_t cnt, uint64_t base_ns)
{
    uint64_t last[CT_WAKE_IDS];

    for (size_t i = 0; i < CT_WAKE_IDS; i++)
        last[i] = base_ns;
    for (size_t i = 0; i < cnt; i++) {
        const struct ct_rec_switch *sw = (const struct ct_rec_switch *)recs[i];
        uint64_t *at = &last[sw->waker_id % CT_WAKE_IDS];
        const uint64_t woken = sw->head.time_ns - sw->wake_lag_ns;
        if (!sw->wake_lag_ns)
            continue;
        v[i] = ct_zigzag(woken - *at) + 1;
        *at = woken;
    }
}

static bool is_wide(const struct ct_field *f)
{
    return f->how == CT_FIELD_WIDE || f->how == CT_FIELD_DELTA || f->how == CT_FIELD_WAKE ||
           f->how == CT_FIELD_MAX;
}

static void put_field(struct ct_block_packer *p, const uint8_t *const *recs, size_t cnt,
                      const struct ct_field *f)
{
    uint64_t *v = p->values;

    if (f->how == CT_FIELD_COMM) {
        for (size_t i = 0; i < cnt; i++)
            v[i] = name_of(p, recs[i] + f->offset);
    } else if (f->how == CT_FIELD_SPARE) {
        memset(v, 0, cnt * sizeof(*v));
    } else {
        gather(v, recs, cnt, f);
    }
    if (f->how == CT_FIELD_DELTA)
        to_differences(v, cnt, p->base_ns);
    else if (f->how == CT_FIELD_NEAR)
        to_differences(v, cnt, 0);
    else if (f->how == CT_FIELD_CHAIN)
        to_chain(v, recs, cnt);
    else if (f->how == CT_FIELD_WAKER)
        to_wakers(v, recs, cnt);
    else if (f->how == CT_FIELD_WAKE)
        to_wakes(v, recs, cnt, p->base_ns);
    ct_column_put(&p->section, p->columns, v, cnt, is_wide(f));
}

/* ---- tails ---- */

static void put_texts(struct ct_block_packer *p, const uint8_t *const *recs, size_t cnt,
                      const struct ct_layout *l)
{
    p->tails.len = 0;
    for (size_t i = 0; i < cnt; i++) {
        const size_t len = tail_bytes(recs[i], l);
        p->values[i] = len;
        ct_bytes_add(&p->tails, recs[i] + l->bytes, len);
    }
    p->owed += p->tails.len / CT_TEXT_A_BYTE;
    if (l->tail == CT_TAIL_SYMBOL) /* else the length is one of the fields */
        ct_column_put(&p->section, p->columns, p->values, cnt, false);
    ct_blob_put(&p->section, p->columns, p->tails.at, p->tails.len);
}

static bool has_comm(const uint8_t *rec)
{
    return ct_table_has_comm(((const struct ct_rec_rows *)rec)->table);
}

/* The field of all rows of all these records. The comm lies where other tables have notes. */
static size_t gather_rows(struct ct_block_packer *p, const uint8_t *const *recs, size_t cnt,
                          const struct ct_field *f)
{
    const bool note = f && f->offset >= offsetof(struct ct_row, note) &&
                      f->offset < offsetof(struct ct_row, errors);
    size_t n = 0;

    for (size_t i = 0; i < cnt; i++) {
        const uint32_t rows = ((const struct ct_rec_rows *)recs[i])->cnt;
        const uint8_t *row = recs[i] + sizeof(struct ct_rec_rows);
        const bool comm = has_comm(recs[i]);
        for (uint32_t k = 0; k < rows; k++, row += sizeof(struct ct_row)) {
            if (!f)
                p->values[n++] = comm ? name_of(p, row + offsetof(struct ct_row, comm)) : 0;
            else if (f->how == CT_FIELD_MAX)
                p->values[n++] = ((const struct ct_row *)row)->sum_ns - load(row + f->offset, 8);
            else
                p->values[n++] = note && comm ? 0 : load(row + f->offset, f->size);
        }
    }
    return n;
}

static void put_rows(struct ct_block_packer *p, const uint8_t *const *recs, size_t cnt)
{
    size_t rows = gather_rows(p, recs, cnt, NULL);

    p->owed += CT_PRICE_ROW * rows;
    ct_bytes_varint(&p->section, CT_ROW_FIELDS + 1);
    ct_column_put(&p->section, p->columns, p->values, rows, false);
    for (size_t i = 0; i < CT_ROW_FIELDS; i++) {
        rows = gather_rows(p, recs, cnt, &ct_row_fields[i]);
        ct_column_put(&p->section, p->columns, p->values, rows, is_wide(&ct_row_fields[i]));
    }
}

/* ---- a block ---- */

static void put_section(struct ct_block_packer *p, unsigned kind, const uint8_t *const *recs,
                        size_t cnt)
{
    const struct ct_layout *l = ct_layout_of(kind);

    p->section.len = 0;
    for (size_t i = 0; i < l->fields_cnt; i++)
        put_field(p, recs, cnt, &l->fields[i]);
    if (l->tail == CT_TAIL_ROWS)
        put_rows(p, recs, cnt);
    else if (l->tail != CT_TAIL_NONE)
        put_texts(p, recs, cnt, l);
    ct_bytes_varint(&p->sections, kind);
    ct_bytes_varint(&p->sections, l->fields_cnt);
    ct_bytes_varint(&p->sections, p->section.len);
    ct_bytes_add(&p->sections, p->section.at, p->section.len);
}

static void note_id(struct ct_block_packer *p, uint32_t id)
{
    if (id > p->id_max)
        p->id_max = id;
}

/* What reading it will cost, but for its tail. */
static void note_price(struct ct_block_packer *p, const struct ct_rec_head *rec)
{
    note_id(p, rec->id);
    p->owed += rec->kind == CT_EV_SWITCH ? CT_PRICE_RECORD : CT_PRICE_LIFE;
    if (rec->kind == CT_EV_SWITCH) {
        note_id(p, ((const struct ct_rec_switch *)rec)->next_id);
        note_id(p, ((const struct ct_rec_switch *)rec)->waker_id);
    } else if (rec->kind == CT_EV_NEW) {
        note_id(p, ((const struct ct_rec_new *)rec)->parent_id);
    }
}

struct tally {
    size_t cnt[CT_EV_COUNT];
    size_t all;
    size_t runs;
    size_t rows;
};

static void end_run(struct ct_block_packer *p, struct tally *t, unsigned kind, size_t len)
{
    if (!len)
        return;
    ct_bytes_varint(&p->runs, kind);
    ct_bytes_varint(&p->runs, len);
    t->runs++;
}

/* Counts, and the runs of records of one kind. */
static void count(struct ct_block_packer *p, const uint8_t *raw, size_t len, struct tally *t)
{
    unsigned kind = CT_EV_COUNT;
    size_t run = 0;

    for (const uint8_t *at = raw; at < raw + len;) {
        const struct ct_rec_head *rec = (const struct ct_rec_head *)at;
        if (rec->kind != kind) {
            end_run(p, t, kind, run);
            kind = rec->kind;
            run = 0;
        }
        run++;
        t->cnt[kind]++;
        t->all++;
        if (kind == CT_EV_ROWS)
            t->rows += ((const struct ct_rec_rows *)rec)->cnt;
        note_price(p, rec);
        at += CT_RECORD_ROUND(ct_record_bytes(rec));
    }
    end_run(p, t, kind, run);
}

static bool make_room(struct ct_block_packer *p, const struct tally *t)
{
    const size_t values = t->all > t->rows ? t->all : t->rows;

    if (t->all > p->recs_room) {
        free((void *)p->recs);
        p->recs = malloc(t->all * sizeof(*p->recs));
        p->recs_room = p->recs ? t->all : 0;
    }
    if (values > p->values_room) {
        free(p->values);
        p->values = malloc(values * sizeof(*p->values));
        p->values_room = p->values ? values : 0;
    }
    return p->recs_room >= t->all && p->values_room >= values;
}

static void sort_by_kind(struct ct_block_packer *p, const uint8_t *raw, size_t len,
                         const struct tally *t)
{
    size_t at[CT_EV_COUNT], sum = 0;

    for (unsigned k = 0; k < CT_EV_COUNT; k++) {
        at[k] = sum;
        sum += t->cnt[k];
    }
    for (const uint8_t *r = raw; r < raw + len;) {
        const struct ct_rec_head *rec = (const struct ct_rec_head *)r;
        p->recs[at[rec->kind]++] = r;
        r += CT_RECORD_ROUND(ct_record_bytes(rec));
    }
}

/* Bytes of 0 until the file has paid for what it holds. */
static void fill_up(struct ct_price *price, const struct ct_block_packer *p, struct ct_bytes *out,
                    size_t begin)
{
    static const uint8_t zeros[256];

    price->owed += p->owed;
    if (p->id_max > price->id_max) {
        price->owed += (uint64_t)CT_PRICE_ID * (p->id_max - price->id_max);
        price->id_max = p->id_max;
    }
    while (!out->failed && price->paid + (out->len - begin) + CT_PRICE_FREE < price->owed)
        ct_bytes_add(out, zeros, sizeof(zeros));
    price->paid += out->len - begin;
}

int ct_block_pack(struct ct_block_packer *p, const uint8_t *raw, size_t len, struct ct_price *price,
                  struct ct_bytes *out)
{
    static const uint8_t no_head[CT_BLOCK_HEAD];
    const size_t begin = out->len;
    struct tally t = {0};
    size_t kinds = 0;

    p->runs.len = p->names.len = p->sections.len = 0;
    p->owed = p->id_max = 0;
    p->base_ns = ((const struct ct_rec_head *)raw)->time_ns;
    ct_map_fini(&p->names_at);
    count(p, raw, len, &t);
    if (!make_room(p, &t))
        return -ENOMEM;
    sort_by_kind(p, raw, len, &t);
    for (unsigned k = 0, at = 0; k < CT_EV_COUNT; at += t.cnt[k++]) {
        if (t.cnt[k])
            put_section(p, k, p->recs + at, t.cnt[k]);
        kinds += t.cnt[k] > 0;
    }
    ct_bytes_add(out, no_head, sizeof(no_head));
    ct_bytes_varint(out, t.runs);
    ct_bytes_add(out, p->runs.at, p->runs.len);
    ct_blob_put(out, p->columns, p->names.at, p->names.len);
    p->owed += p->names.len / CT_COMM_LEN;
    ct_bytes_varint(out, kinds);
    ct_bytes_add(out, p->sections.at, p->sections.len);
    fill_up(price, p, out, begin);
    if (out->failed || p->runs.failed || p->names.failed || p->sections.failed ||
        p->section.failed || p->tails.failed)
        return -ENOMEM;
    if (out->len - begin > CT_BLOCK_PACKED_MAX)
        return -EFBIG;
    ct_block_head_put(
        out->at + begin,
        &(struct ct_block_head){.kind = CT_BLOCK_EVENTS,
                                .packed_bytes = (uint32_t)(out->len - begin - CT_BLOCK_HEAD),
                                .records = (uint32_t)t.all,
                                .base_ns = p->base_ns},
        out->at + begin + CT_BLOCK_HEAD);
    return 0;
}

struct ct_block_packer *ct_block_packer_new(void)
{
    struct ct_block_packer *p = calloc(1, sizeof(*p));

    if (p && !(p->columns = ct_packer_new())) {
        free(p);
        p = NULL;
    }
    return p;
}

void ct_block_packer_free(struct ct_block_packer *p)
{
    if (!p)
        return;
    ct_packer_free(p->columns);
    free((void *)p->recs);
    free(p->values);
    ct_map_fini(&p->names_at);
    ct_bytes_fini(&p->names);
    ct_bytes_fini(&p->runs);
    ct_bytes_fini(&p->sections);
    ct_bytes_fini(&p->section);
    ct_bytes_fini(&p->tails);
    free(p);
}
