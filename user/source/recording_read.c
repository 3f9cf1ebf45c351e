/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The replay: reads a recording from its beginning to its end and hands over its records. The file
 * may hold any bytes; what they can make us keep or do is bounded (CT_PRICE_*). Where a block is
 * damaged or missing, what stands before it is good: there the recording is cut.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "user/source/recording.h"
#include "user/source/recording_block.h"

#define WORDS_MAX (1U << 20)
#define CPUS_MAX  8192

struct ct_replay {
    FILE *in;
    struct ct_model_info info;
    char **words;
    size_t words_cnt, words_room;
    uint64_t begun_unix_ns;
    uint8_t head[CT_BLOCK_HEAD];
    struct ct_block_head block;
    struct ct_bytes payload;
    uint64_t block_at; /* where it begins */
    struct ct_price price;
    struct ct_block_unpacker *unpacker;
    struct ct_run_end end;
    struct ct_cpu_times *cpus;
    bool ended;                 /* the END block was seen */
    uint64_t first_ns, last_ns; /* of the records so far */
    ct_record_fn sink;          /* during a block */
    void *sink_ctx;
    bool no_memory; /* for what stands in a block */
};

uint64_t ct_replay_at(const struct ct_replay *r)
{
    return r->price.paid;
}

const struct ct_model_info *ct_replay_info(const struct ct_replay *r)
{
    return &r->info;
}

/* ---- tags, lengths, bytes ---- */

typedef bool (*item_fn)(struct ct_replay *r, uint64_t tag, struct ct_cursor *value);

/* Each item through take; one whose tag take does not know is of a later version. */
static bool each_item(struct ct_replay *r, item_fn take)
{
    struct ct_cursor c = {.at = r->payload.at, .end = r->payload.at + r->block.packed_bytes};

    while (c.at < c.end) {
        uint64_t tag, len;
        struct ct_cursor value;
        if (!ct_cursor_varint(&c, &tag) || !ct_cursor_varint(&c, &len) ||
            !ct_cursor_part(&c, len, &value) || !take(r, tag, &value))
            return false;
    }
    return true;
}

static bool take_text(char *to, size_t size, const struct ct_cursor *value)
{
    const size_t len = (size_t)(value->end - value->at);

    if (len >= size || memchr(value->at, 0, len))
        return false;
    memcpy(to, value->at, len);
    to[len] = 0;
    return true;
}

static bool take_word(struct ct_replay *r, const struct ct_cursor *value)
{
    const size_t len = (size_t)(value->end - value->at);

    if (r->words_cnt + 1 >= r->words_room) {
        const size_t more = r->words_room ? 2 * r->words_room : 16;
        char **bigger = realloc((void *)r->words, more * sizeof(*bigger));
        if (!bigger) {
            r->no_memory = true;
            return false;
        }
        r->words = bigger;
        r->words_room = more;
    }
    if (r->words_cnt >= WORDS_MAX || memchr(value->at, 0, len))
        return false;
    char *word = malloc(len + 1);
    if (!word) {
        r->no_memory = true;
        return false;
    }
    memcpy(word, value->at, len);
    word[len] = 0;
    r->words[r->words_cnt++] = word;
    return true;
}

static bool take_info(struct ct_replay *r, uint64_t tag, struct ct_cursor *value)
{
    struct ct_host *host = &r->info.host;
    uint64_t v = 0;

    switch (tag) {
    case CT_INFO_KERNEL:
        return take_text(host->kernel, sizeof(host->kernel), value);
    case CT_INFO_ARCH:
        return take_text(host->arch, sizeof(host->arch), value);
    case CT_INFO_WORD:
        return take_word(r, value);
    case CT_INFO_CPUS:
        if (!ct_cursor_varint(value, &v) || v > CPUS_MAX)
            return false;
        host->cpus = (uint32_t)v;
        return true;
    case CT_INFO_FLAGS:
        if (!ct_cursor_varint(value, &v))
            return false;
        r->info.with_syscalls = v & CT_INFO_SYSCALLS;
        r->info.with_stacks = v & CT_INFO_STACKS;
        r->info.attached = v & CT_INFO_ATTACHED;
        return true;
    case CT_INFO_UNIX_NS:
        return ct_cursor_varint(value, &r->begun_unix_ns);
    default:
        return true;
    }
}

static bool take_cpus(struct ct_replay *r, struct ct_cursor *value)
{
    if (r->cpus)
        return false;
    r->cpus = calloc(CPUS_MAX, sizeof(*r->cpus));
    if (!r->cpus) {
        r->no_memory = true;
        return false;
    }
    while (value->at < value->end) {
        struct ct_cpu_times *t = &r->cpus[r->end.cpus_cnt];
        uint64_t cpu;
        if (r->end.cpus_cnt == CPUS_MAX || !ct_cursor_varint(value, &cpu) || cpu >= CPUS_MAX ||
            !ct_cursor_varint(value, &t->traced_ns) || !ct_cursor_varint(value, &t->idle_ns))
            return false;
        t->cpu = (uint32_t)cpu;
        r->end.cpus_cnt++;
    }
    r->end.cpus = r->cpus;
    return true;
}

static bool take_end(struct ct_replay *r, uint64_t tag, struct ct_cursor *value)
{
    uint64_t v;

    if (tag == CT_END_TAG_CPUS)
        return take_cpus(r, value);
    if (!tag || tag > CT_END_FIELDS)
        return true;
    if (!ct_cursor_varint(value, &v))
        return false;
    const struct ct_end_field *f = &ct_end_fields[tag - 1];
    uint8_t *to = (uint8_t *)&r->end + f->offset;
    if (f->size == sizeof(v)) {
        memcpy(to, &v, sizeof(v));
    } else if (f->size == sizeof(uint32_t)) {
        const uint32_t narrow = (uint32_t)v;
        memcpy(to, &narrow, sizeof(narrow));
        return v <= UINT32_MAX;
    } else {
        *(bool *)to = v != 0;
    }
    return true;
}

/* ---- blocks ---- */

/* NULL, or why there is no whole, undamaged block here. */
static const char *read_block(struct ct_replay *r)
{
    r->block_at = r->price.paid;
    size_t n = fread(r->head, 1, sizeof(r->head), r->in);
    if (ferror(r->in))
        return "it cannot be read";
    if (n < sizeof(r->head))
        return n ? "a block is not complete" : "there is no end";
    if (!ct_block_head_get(&r->block, r->head))
        return "no block begins there";
    r->payload.len = 0;
    if (!ct_bytes_reserve(&r->payload, (size_t)r->block.packed_bytes + 1)) {
        r->no_memory = true;
        return "there is no memory for a block";
    }
    n = fread(r->payload.at, 1, r->block.packed_bytes, r->in);
    if (n < r->block.packed_bytes)
        return "a block is not complete";
    if (!ct_block_intact(r->head, r->payload.at, n))
        return "a block is damaged";
    r->price.paid += CT_BLOCK_HEAD + n;
    return NULL;
}

static int refuse(struct ct_replay *r, char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s (offset %" PRIu64 ")", what, r->block_at);
    return -EBADMSG;
}

static int read_head(struct ct_replay *r, char *why, size_t size)
{
    uint8_t head[CT_RECORDING_HEAD];
    const size_t n = fread(head, 1, sizeof(head), r->in);

    if (ferror(r->in)) {
        snprintf(why, size, "it cannot be read: %s", strerror(errno));
        return -EIO;
    }
    if (n < sizeof(head) || memcmp(head, CT_RECORDING_MAGIC, CT_RECORDING_MAGIC_LEN))
        return refuse(r, why, size, "it is no recording of conctrace");
    const uint32_t version = ct_get32(head + CT_RECORDING_MAGIC_LEN);
    if (version != CT_RECORDING_VERSION) {
        snprintf(why, size,
                 "it is of version %" PRIu32 " of the format, which this conctrace does not know "
                 "(offset %d)",
                 version, CT_RECORDING_MAGIC_LEN);
        return -EBADMSG;
    }
    r->price.paid = sizeof(head);
    const char *wrong = read_block(r);
    if (!wrong && r->block.kind != CT_BLOCK_INFO)
        wrong = "it does not begin with what was traced";
    if (!wrong && !each_item(r, take_info))
        wrong = "what was traced is not told as it should be";
    if (r->no_memory)
        return -ENOMEM; /* why says so already */
    return wrong ? refuse(r, why, size, wrong) : 0;
}

bool ct_replay_recognizes(FILE *in)
{
    char head[CT_RECORDING_MAGIC_LEN];

    return fread(head, 1, sizeof(head), in) == sizeof(head) &&
           !memcmp(head, CT_RECORDING_MAGIC, sizeof(head));
}

int ct_replay_open(struct ct_replay **out, FILE *in, char *why, size_t why_size)
{
    struct ct_replay *r = calloc(1, sizeof(*r));
    int err = -ENOMEM;

    snprintf(why, why_size, "there is no memory to read it");
    if (!r)
        return err;
    r->in = in;
    r->words = calloc(1, sizeof(*r->words));
    r->words_room = 1;
    r->unpacker = ct_block_unpacker_new();
    if (r->words && r->unpacker)
        err = read_head(r, why, why_size);
    if (err) {
        ct_replay_free(r);
        return err;
    }
    r->words[r->words_cnt] = NULL; /* there always is room for it */
    r->info.command = r->words;
    *out = r;
    return 0;
}

static void on_record(const struct ct_rec_head *rec, void *ctx)
{
    struct ct_replay *r = ctx;

    if (rec->kind == CT_EV_NEW && (!r->first_ns || rec->time_ns < r->first_ns))
        r->first_ns = rec->time_ns;
    if (rec->time_ns > r->last_ns)
        r->last_ns = rec->time_ns;
    r->sink(rec, r->sink_ctx);
}

/* What can be told of a run whose end is missing. */
static void cut(struct ct_replay *r, const char *why, struct ct_replay_end *end)
{
    *end = (struct ct_replay_end){.end = {.start_ns = r->first_ns ? r->first_ns : r->last_ns,
                                          .end_ns = r->last_ns,
                                          .start_unix_ns = r->begun_unix_ns,
                                          .stolen_ns = CT_NOT_TOLD,
                                          .throttled_ns = CT_NOT_TOLD},
                                  .cut = true,
                                  .cut_at = r->block_at,
                                  .cut_why = why};
}

int ct_replay_next(struct ct_replay *r, ct_record_fn sink, void *ctx, struct ct_replay_end *end)
{
    const char *why = read_block(r);
    int err = 0;

    if (!why && r->block.kind == CT_BLOCK_EVENTS) {
        r->sink = sink;
        r->sink_ctx = ctx;
        err = ct_block_unpack(r->unpacker, &r->block, r->payload.at, &r->price, on_record, r);
        if (!err)
            return 1;
        why = "a block is damaged";
    } else if (!why && r->block.kind == CT_BLOCK_END) {
        r->ended = each_item(r, take_end);
        why = "the end is damaged";
    } else if (!why) {
        why = "there is no end";
    }
    if (err == -ENOMEM || r->no_memory)
        return -ENOMEM;
    if (r->ended) /* the index behind it is for who wants to seek */
        *end = (struct ct_replay_end){.end = r->end};
    else
        cut(r, why, end);
    return 0;
}

void ct_replay_free(struct ct_replay *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->words_cnt; i++)
        free(r->words[i]);
    free((void *)r->words);
    ct_bytes_fini(&r->payload);
    ct_block_unpacker_free(r->unpacker);
    free(r->cpus);
    free(r);
}
