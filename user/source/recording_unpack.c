/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unpacks blocks, of which nothing is believed: each number is held against its limit before it is
 * used, and nothing is handed over before the whole block has been looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/source/recording_block.h"

#define COLUMNS_MAX 1024 /* of one kind, in any version to come */
#define CPUS_MAX    8192 /* of any kernel */

/* All records of one kind in the block, their fixed parts one after the other. */
struct kind {
    size_t cnt;
    size_t next; /* to be handed over */
    uint8_t *recs;
    size_t recs_room;
    struct ct_bytes tails; /* texts, or rows */
    size_t tails_at;
    uint32_t *lengths; /* of symbols */
    size_t lengths_room;
};

struct run {
    unsigned kind;
    uint64_t cnt;
};

struct ct_block_unpacker {
    struct ct_unpacker *columns;
    struct kind kinds[CT_EV_COUNT];
    struct run *runs;
    size_t runs_cnt;
    size_t runs_room;
    uint64_t *values;
    size_t values_room;
    struct ct_bytes names;
    uint64_t base_ns;
    uint64_t owed;
    uint32_t id_max;
    bool no_memory;
    union { /* a record that has a tail, put together; aligned as they are */
        struct ct_rec_exec exec;
        uint8_t bytes[sizeof(struct ct_rec_stack) + CT_RECORDING_TEXT_MAX];
    } whole;
};

struct ct_block_unpacker *ct_block_unpacker_new(void)
{
    struct ct_block_unpacker *u = calloc(1, sizeof(*u));

    if (u && !(u->columns = ct_unpacker_new())) {
        free(u);
        u = NULL;
    }
    return u;
}

void ct_block_unpacker_free(struct ct_block_unpacker *u)
{
    if (!u)
        return;
    ct_unpacker_free(u->columns);
    for (unsigned k = 0; k < CT_EV_COUNT; k++) {
        free(u->kinds[k].recs);
        free(u->kinds[k].lengths);
        ct_bytes_fini(&u->kinds[k].tails);
    }
    free(u->runs);
    free(u->values);
    ct_bytes_fini(&u->names);
    free(u);
}

/* Room for cnt elements, contents lost. */
static bool room_for(struct ct_block_unpacker *u, void **array, size_t *room, size_t cnt,
                     size_t elem)
{
    if (cnt <= *room)
        return true;
    free(*array);
    *array = malloc(cnt * elem);
    *room = *array ? cnt : 0;
    u->no_memory = u->no_memory || !*array;
    return *array != NULL;
}

static bool values_for(struct ct_block_unpacker *u, size_t cnt)
{
    return room_for(u, (void **)&u->values, &u->values_room, cnt, sizeof(*u->values));
}

/* ---- which records there are ---- */

/* No byte of the file says more than one run, so there are no more than its bytes. */
static bool get_runs(struct ct_block_unpacker *u, struct ct_cursor *c, uint32_t records)
{
    uint64_t cnt, sum = 0, bytes = 0;

    for (unsigned k = 0; k < CT_EV_COUNT; k++)
        u->kinds[k].cnt = u->kinds[k].next = u->kinds[k].tails_at = 0;
    if (!ct_cursor_varint(c, &cnt) || cnt > (uint64_t)(c->end - c->at) / 2 ||
        !room_for(u, (void **)&u->runs, &u->runs_room, cnt, sizeof(*u->runs)))
        return false;
    u->runs_cnt = 0;
    for (uint64_t i = 0; i < cnt; i++) {
        uint64_t kind, len;
        if (!ct_cursor_varint(c, &kind) || !ct_cursor_varint(c, &len) || len > records - sum)
            return false;
        sum += len;
        const struct ct_layout *l = ct_layout_of(kind < CT_EV_COUNT ? (unsigned)kind : CT_EV_COUNT);
        if (!l) /* of a later version */
            continue;
        u->runs[u->runs_cnt++] = (struct run){.kind = (unsigned)kind, .cnt = len};
        u->kinds[kind].cnt += len;
        bytes += len * l->bytes;
    }
    return sum == records && bytes <= CT_BLOCK_DECODED_MAX;
}

static bool get_names(struct ct_block_unpacker *u, struct ct_cursor *c)
{
    struct ct_cursor names;

    if (!ct_blob_get(c, u->columns, CT_BLOCK_FILL, &names) ||
        (size_t)(names.end - names.at) % CT_COMM_LEN)
        return false;
    u->owed += (uint64_t)(names.end - names.at) / CT_COMM_LEN;
    u->names.len = 0;
    ct_bytes_add(&u->names, names.at, (size_t)(names.end - names.at));
    return true;
}

/* ---- columns ---- */

static const uint8_t *name_at(const struct ct_block_unpacker *u, uint64_t i)
{
    static const uint8_t none[CT_COMM_LEN];

    if (!u->names.len && !i)
        return none;
    return i < u->names.len / CT_COMM_LEN ? u->names.at + i * CT_COMM_LEN : NULL;
}

static bool put_names(const struct ct_block_unpacker *u, uint8_t *to, size_t stride, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++, to += stride) {
        const uint8_t *name = name_at(u, u->values[i]);
        if (!name)
            return false;
        memcpy(to, name, CT_COMM_LEN);
    }
    return true;
}

static void from_differences(uint64_t *v, size_t cnt, uint64_t before)
{
    for (size_t i = 0; i < cnt; i++)
        v[i] = before += ct_unzigzag(v[i]);
}

/* Its cpu and next_id are there already. */
static void from_chain(uint64_t *v, const uint8_t *recs, size_t cnt)
{
    uint32_t last[CT_CHAIN_CPUS] = {0};

    for (size_t i = 0; i < cnt; i++) {
        const struct ct_rec_switch *sw = (const struct ct_rec_switch *)recs + i;
        uint32_t *on = &last[sw->head.cpu % CT_CHAIN_CPUS];
        v[i] = (uint32_t)(*on + ct_unzigzag(v[i]));
        *on = sw->next_id;
    }
}

/* v are the wakers; the records hold the wakes as they were packed. */
static void from_wakes(uint64_t *v, uint8_t *recs, size_t cnt, uint64_t base_ns)
{
    uint32_t last[CT_WAKE_IDS] = {0};
    uint64_t last_ns[CT_WAKE_IDS];

    for (size_t i = 0; i < CT_WAKE_IDS; i++)
        last_ns[i] = base_ns;
    for (size_t i = 0; i < cnt; i++) {
        struct ct_rec_switch *sw = (struct ct_rec_switch *)recs + i;
        uint32_t *by = &last[sw->next_id % CT_WAKE_IDS];
        if (!sw->wake_lag_ns)
            continue;
        v[i] = *by = (uint32_t)(*by + ct_unzigzag(v[i]));
        uint64_t *at = &last_ns[v[i] % CT_WAKE_IDS];
        *at += ct_unzigzag(sw->wake_lag_ns - 1);
        sw->wake_lag_ns = sw->head.time_ns - *at;
    }
}

#define STORE(type)                                                                                \
    for (size_t i = 0; i < cnt; i++, to += stride) {                                               \
        const type narrow = (type)v[i];                                                            \
        any |= v[i];                                                                               \
        memcpy(to, &narrow, sizeof(narrow));                                                       \
    }

/* false: one is too great for its field. */
static bool store(uint8_t *to, size_t stride, const uint64_t *v, size_t cnt, unsigned size)
{
    uint64_t any = 0;

    switch (size) {
    case 1:
        STORE(uint8_t)
        return any <= UINT8_MAX;
    case 2:
        STORE(uint16_t)
        return any <= UINT16_MAX;
    case 4:
        STORE(uint32_t)
        return any <= UINT32_MAX;
    default:
        STORE(uint64_t)
        return true;
    }
}

/* Time in a state that we do not know. */
static void add_spare(uint8_t *to, size_t stride, const uint64_t *v, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++, to += stride)
        *(uint64_t *)to += v[i];
}

static bool get_field(struct ct_block_unpacker *u, struct ct_cursor *c, const struct ct_field *f,
                      struct kind *k, size_t stride)
{
    uint64_t *v = u->values;

    if (!ct_column_get(c, u->columns, v, k->cnt))
        return false;
    if (f->how == CT_FIELD_COMM)
        return put_names(u, k->recs + f->offset, stride, k->cnt);
    if (f->how == CT_FIELD_SPARE) {
        add_spare(k->recs + f->offset, stride, v, k->cnt);
        return true;
    }
    if (f->how == CT_FIELD_DELTA)
        from_differences(v, k->cnt, u->base_ns);
    else if (f->how == CT_FIELD_NEAR)
        from_differences(v, k->cnt, 0);
    else if (f->how == CT_FIELD_CHAIN)
        from_chain(v, k->recs, k->cnt);
    else if (f->how == CT_FIELD_WAKER)
        from_wakes(v, k->recs, k->cnt, u->base_ns);
    return store(k->recs + f->offset, stride, v, k->cnt, f->size);
}

/* Those behind the ones we know are of a later version. */
static bool get_fields(struct ct_block_unpacker *u, struct ct_cursor *c, const struct ct_layout *l,
                       struct kind *k, uint64_t columns)
{
    if (columns > COLUMNS_MAX)
        return false;
    for (uint64_t i = 0; i < columns; i++) {
        if (i < l->fields_cnt ? !get_field(u, c, &l->fields[i], k, l->bytes)
                              : !ct_column_get(c, u->columns, u->values, k->cnt))
            return false;
    }
    return true;
}

/* ---- tails ---- */

static uint32_t number_at(const uint8_t *rec, uint16_t at)
{
    uint32_t n;

    memcpy(&n, rec + at, sizeof(n));
    return n;
}

/* The sum of what the records say of their tails; UINT64_MAX: one says too much. */
static uint64_t sum_of_tails(const struct kind *k, const struct ct_layout *l, uint32_t most)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < k->cnt; i++) {
        const uint32_t n = number_at(k->recs + i * l->bytes, l->tail_len_at);
        if (n > most)
            return UINT64_MAX;
        sum += n;
    }
    return sum;
}

static bool get_texts(struct ct_block_unpacker *u, struct ct_cursor *c, const struct ct_layout *l,
                      struct kind *k, uint32_t most)
{
    struct ct_cursor text;
    uint64_t sum = 0;

    if (l->tail == CT_TAIL_TEXT) {
        sum = sum_of_tails(k, l, most);
    } else {
        if (!room_for(u, (void **)&k->lengths, &k->lengths_room, k->cnt, sizeof(*k->lengths)) ||
            !ct_column_get(c, u->columns, u->values, k->cnt))
            return false;
        for (size_t i = 0; i < k->cnt; i++) {
            if (!u->values[i] || u->values[i] > CT_SYMBOL_LEN)
                return false;
            k->lengths[i] = (uint32_t)u->values[i];
            sum += u->values[i];
        }
    }
    if (sum > CT_BLOCK_DECODED_MAX || !ct_blob_get(c, u->columns, CT_BLOCK_DECODED_MAX, &text) ||
        (uint64_t)(text.end - text.at) != sum)
        return false;
    u->owed += sum / CT_TEXT_A_BYTE;
    k->tails.len = 0;
    ct_bytes_add(&k->tails, text.at, sum);
    return true;
}

static void from_sums(struct ct_row *row, uint64_t cnt)
{
    for (uint64_t i = 0; i < cnt; i++)
        row[i].max_ns = row[i].sum_ns - row[i].max_ns;
}

static bool get_comms(struct ct_block_unpacker *u, const struct kind *k, const struct ct_layout *l)
{
    uint8_t *row = k->tails.at;
    const uint64_t *v = u->values;

    for (size_t i = 0; i < k->cnt; i++) {
        const struct ct_rec_rows *rec = (const struct ct_rec_rows *)(k->recs + i * l->bytes);
        const bool comm = ct_table_has_comm(rec->table);
        for (uint32_t n = 0; n < rec->cnt; n++, v++, row += sizeof(struct ct_row)) {
            const uint8_t *name = name_at(u, *v);
            if (!name)
                return false;
            if (comm)
                memcpy(row + offsetof(struct ct_row, comm), name, CT_COMM_LEN);
        }
    }
    return true;
}

/* The comm's column comes first, but goes over what the notes' columns put there. */
static bool get_rows(struct ct_block_unpacker *u, struct ct_cursor *c, const struct ct_layout *l,
                     struct kind *k)
{
    const uint64_t rows = sum_of_tails(k, l, CT_RECORDING_ROWS_MAX);
    struct ct_cursor comms;
    uint64_t columns;

    if (rows > CT_BLOCK_DECODED_MAX / sizeof(struct ct_row) || !values_for(u, rows) ||
        !ct_cursor_varint(c, &columns) || columns < 1 || columns > COLUMNS_MAX)
        return false;
    u->owed += CT_PRICE_ROW * rows;
    k->tails.len = 0;
    if (!ct_bytes_reserve(&k->tails, rows * sizeof(struct ct_row)))
        return false;
    if (rows)
        memset(k->tails.at, 0, rows * sizeof(struct ct_row));
    comms = *c;
    for (uint64_t i = 0; i < columns; i++) {
        if (!ct_column_get(c, u->columns, u->values, rows))
            return false;
        if (i >= 1 && i <= CT_ROW_FIELDS && rows &&
            !store(k->tails.at + ct_row_fields[i - 1].offset, sizeof(struct ct_row), u->values,
                   rows, ct_row_fields[i - 1].size))
            return false;
    }
    k->tails.len = rows * sizeof(struct ct_row);
    from_sums((struct ct_row *)k->tails.at, rows);
    return ct_column_get(&comms, u->columns, u->values, rows) && get_comms(u, k, l);
}

/* ---- what no record may say ---- */

static bool take_id(struct ct_block_unpacker *u, uint32_t id)
{
    if (id > u->id_max)
        u->id_max = id;
    return id <= CT_RECORDING_ID_MAX;
}

/* A state that a later version has added is a wait for something that we do not know. */
static bool check(struct ct_block_unpacker *u, struct ct_rec_head *rec)
{
    if (rec->state >= CT_ST_COUNT)
        rec->state = CT_ST_BLOCKED + CT_CAUSE_OTHER;
    if (rec->time_ns > CT_RECORDING_TIME_MAX || rec->cpu >= CPUS_MAX || !take_id(u, rec->id))
        return false;
    if (rec->kind == CT_EV_SWITCH) {
        struct ct_rec_switch *sw = (struct ct_rec_switch *)rec;
        if (sw->wake >= CT_WAKE_COUNT)
            sw->wake = CT_WAKE_UNKNOWN;
        return sw->out_lag_ns <= rec->time_ns && take_id(u, sw->next_id) &&
               take_id(u, sw->waker_id);
    }
    if (rec->kind == CT_EV_NEW)
        return take_id(u, ((const struct ct_rec_new *)rec)->parent_id);
    if (rec->kind == CT_EV_LOST)
        return ((const struct ct_rec_lost *)rec)->to_ns <= CT_RECORDING_TIME_MAX;
    if (rec->kind == CT_EV_TOTALS) {
        const struct ct_rec_totals *t = (const struct ct_rec_totals *)rec;
        return t->totals.start_ns <= CT_RECORDING_TIME_MAX &&
               t->totals.end_ns <= CT_RECORDING_TIME_MAX &&
               t->life.since_ns <= CT_RECORDING_TIME_MAX;
    }
    return true;
}

static bool check_all(struct ct_block_unpacker *u, unsigned kind)
{
    const struct ct_layout *l = ct_layout_of(kind);
    const struct kind *k = &u->kinds[kind];

    for (size_t i = 0; i < k->cnt; i++) {
        struct ct_rec_head *rec = (struct ct_rec_head *)(k->recs + i * l->bytes);
        rec->kind = (__u8)kind;
        if (!check(u, rec))
            return false;
    }
    u->owed += k->cnt * (kind == CT_EV_SWITCH ? CT_PRICE_RECORD : CT_PRICE_LIFE);
    return true;
}

/* ---- a block ---- */

static bool get_section(struct ct_block_unpacker *u, struct ct_cursor *c, unsigned kind,
                        uint64_t columns)
{
    const struct ct_layout *l = ct_layout_of(kind);
    struct kind *k = &u->kinds[kind];

    if (!room_for(u, (void **)&k->recs, &k->recs_room, k->cnt, l->bytes) || !values_for(u, k->cnt))
        return false;
    memset(k->recs, 0, k->cnt * l->bytes);
    if (!get_fields(u, c, l, k, columns))
        return false;
    switch (l->tail) {
    case CT_TAIL_TEXT:
        return get_texts(u, c, l, k, kind == CT_EV_EXEC ? CT_ARGV_MAX : CT_RECORDING_TEXT_MAX);
    case CT_TAIL_SYMBOL:
        return get_texts(u, c, l, k, 0);
    case CT_TAIL_ROWS:
        return get_rows(u, c, l, k);
    case CT_TAIL_NONE:
        break;
    }
    return true;
}

static bool get_sections(struct ct_block_unpacker *u, struct ct_cursor *c)
{
    uint64_t cnt;
    unsigned seen = 0;

    if (!ct_cursor_varint(c, &cnt) || cnt > (uint64_t)(c->end - c->at))
        return false;
    for (uint64_t i = 0; i < cnt; i++) {
        uint64_t kind, columns, len;
        struct ct_cursor section;
        if (!ct_cursor_varint(c, &kind) || !ct_cursor_varint(c, &columns) ||
            !ct_cursor_varint(c, &len) || !ct_cursor_part(c, len, &section))
            return false;
        if (kind >= CT_EV_COUNT) /* of a later version */
            continue;
        if (seen & 1U << kind || !u->kinds[kind].cnt ||
            !get_section(u, &section, (unsigned)kind, columns))
            return false;
        seen |= 1U << kind;
    }
    for (unsigned k = 0; k < CT_EV_COUNT; k++)
        if (u->kinds[k].cnt && (!(seen & 1U << k) || !check_all(u, k)))
            return false;
    return true;
}

static bool affordable(const struct ct_block_unpacker *u, struct ct_price *price)
{
    price->owed += u->owed;
    if (u->id_max > price->id_max) {
        price->owed += (uint64_t)CT_PRICE_ID * (u->id_max - price->id_max);
        price->id_max = u->id_max;
    }
    return price->owed <= price->paid + CT_PRICE_FREE;
}

/* The fixed part and its tail. */
static const struct ct_rec_head *put_together(struct ct_block_unpacker *u, struct kind *k,
                                              const struct ct_layout *l, const uint8_t *rec)
{
    size_t len = 0;

    if (l->tail == CT_TAIL_SYMBOL)
        len = k->lengths[k->next];
    else if (l->tail == CT_TAIL_TEXT)
        len = number_at(rec, l->tail_len_at);
    else
        len = number_at(rec, l->tail_len_at) * sizeof(struct ct_row);
    memcpy(u->whole.bytes, rec, l->bytes);
    if (len)
        memcpy(u->whole.bytes + l->bytes, k->tails.at + k->tails_at, len);
    if (l->tail == CT_TAIL_SYMBOL) /* it must end */
        memset(u->whole.bytes + l->bytes + len - 1, 0, CT_SYMBOL_LEN - len + 1);
    k->tails_at += len;
    return (const struct ct_rec_head *)u->whole.bytes;
}

static void hand_over(struct ct_block_unpacker *u, ct_record_fn sink, void *ctx)
{
    for (size_t i = 0; i < u->runs_cnt; i++) {
        const struct ct_layout *l = ct_layout_of(u->runs[i].kind);
        struct kind *k = &u->kinds[u->runs[i].kind];
        for (uint64_t n = 0; n < u->runs[i].cnt; n++, k->next++) {
            const uint8_t *rec = k->recs + k->next * l->bytes;
            sink(l->tail == CT_TAIL_NONE ? (const struct ct_rec_head *)rec
                                         : put_together(u, k, l, rec),
                 ctx);
        }
    }
}

static bool out_of_memory(const struct ct_block_unpacker *u)
{
    bool out = u->no_memory || u->names.failed || ct_unpacker_failed(u->columns);

    for (unsigned k = 0; k < CT_EV_COUNT; k++)
        out = out || u->kinds[k].tails.failed;
    return out;
}

int ct_block_unpack(struct ct_block_unpacker *u, const struct ct_block_head *head,
                    const uint8_t *payload, struct ct_price *price, ct_record_fn sink, void *ctx)
{
    struct ct_cursor c = {.at = payload, .end = payload + head->packed_bytes};

    u->base_ns = head->base_ns;
    u->owed = u->id_max = 0;
    u->no_memory = false;
    const bool good = get_runs(u, &c, head->records) && get_names(u, &c) && get_sections(u, &c) &&
                      affordable(u, price);
    if (out_of_memory(u))
        return -ENOMEM;
    if (!good)
        return -EBADMSG;
    hand_over(u, sink, ctx);
    return 0;
}
