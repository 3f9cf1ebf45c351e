/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The recorder. Buffers go round: the session's thread fills one, the writer packs and writes it
 * and gives it back. There are at most BUFFERS_MAX of them; if none is free when one is needed, the
 * recording ends, for whoever drains the kernel's rings must not wait.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "user/base/version.h"
#include "user/source/recording.h"
#include "user/source/recording_block.h"

#define BUFFERS_MAX  64 /* of CT_BLOCK_FILL: 1.6 million switches behind */
#define BUFFER_ROOM  (CT_BLOCK_FILL + RECORD_MAX)
#define RECORD_MAX   (128U << 10)
#define FLUSH_AGE_NS 1000000000ULL

struct buffer {
    struct buffer *next;
    size_t len;
    _Alignas(8) uint8_t bytes[BUFFER_ROOM];
};

/* Where blocks begin, for the index: when the places are used up, every other one is given up. */
#define PLACES_MAX 16384
struct place {
    uint64_t offset;
    uint64_t base_ns;
    uint64_t records; /* up to the next place */
};

struct ct_recorder {
    int fd;
    pthread_t thread;
    /* of the session's thread */
    struct buffer *filling;
    uint64_t filling_since_ns;
    /* of both, under the lock */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct buffer *full, **full_end;
    struct buffer *spare;
    unsigned buffers;
    bool finish;
    int error; /* set once, atomically */
    /* of the writer, and of nobody else while it runs */
    struct ct_block_packer *packer;
    struct ct_bytes out;
    struct ct_price price;
    const struct ct_run_end *end; /* NULL: not known */
    struct place *places;
    size_t places_cnt;
    uint64_t blocks, stride; /* of records; a place for each stride of them */
    uint64_t records;
};

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

int ct_recorder_error(const struct ct_recorder *r)
{
    return __atomic_load_n(&r->error, __ATOMIC_RELAXED);
}

/* The first one stays. */
static void fail(struct ct_recorder *r, int err)
{
    int none = 0;

    __atomic_compare_exchange_n(&r->error, &none, err, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* ---- the writer ---- */

static void write_out(struct ct_recorder *r)
{
    size_t done = 0;

    if (r->out.failed)
        fail(r, -ENOMEM);
    while (!ct_recorder_error(r) && done < r->out.len) {
        const ssize_t n = write(r->fd, r->out.at + done, r->out.len - done);
        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = r->fd, .events = POLLOUT}, 1, -1);
        else if (n < 0 && errno != EINTR)
            fail(r, -errno);
    }
    r->out.len = 0;
}

static void note_block(struct ct_recorder *r, uint64_t offset, const struct ct_block_head *h)
{
    r->records += h->records;
    if (r->blocks++ % r->stride) {
        r->places[r->places_cnt - 1].records += h->records;
        return;
    }
    r->places[r->places_cnt++] =
        (struct place){.offset = offset, .base_ns = h->base_ns, .records = h->records};
    if (r->places_cnt < PLACES_MAX)
        return;
    for (size_t i = 0; i < PLACES_MAX / 2; i++) {
        r->places[i] = r->places[2 * i];
        r->places[i].records += r->places[2 * i + 1].records;
    }
    r->places_cnt = PLACES_MAX / 2;
    r->stride *= 2;
}

/* A block that is no EVENTS: its payload is all in body. */
static void put_block(struct ct_recorder *r, enum ct_block_kind kind, struct ct_bytes *body)
{
    const struct ct_block_head head = {.kind = kind, .packed_bytes = (uint32_t)body->len};
    uint8_t bytes[CT_BLOCK_HEAD];

    if (body->failed || body->len > CT_BLOCK_PACKED_MAX) {
        fail(r, body->failed ? -ENOMEM : -EFBIG);
    } else {
        ct_block_head_put(bytes, &head, body->at);
        ct_bytes_add(&r->out, bytes, sizeof(bytes));
        ct_bytes_add(&r->out, body->at, body->len);
        r->price.paid += CT_BLOCK_HEAD + body->len;
    }
    ct_bytes_fini(body);
}

/* ---- before and behind the records ---- */

/* A tag, a length, bytes. */
static void put_text(struct ct_bytes *b, unsigned tag, const char *text)
{
    const size_t len = strlen(text);

    ct_bytes_varint(b, tag);
    ct_bytes_varint(b, len);
    ct_bytes_add(b, text, len);
}

static void put_number(struct ct_bytes *b, unsigned tag, uint64_t v)
{
    struct ct_bytes number = {0};

    ct_bytes_varint(&number, v);
    ct_bytes_varint(b, tag);
    ct_bytes_varint(b, number.len);
    ct_bytes_add(b, number.at, number.len);
    b->failed = b->failed || number.failed;
    ct_bytes_fini(&number);
}

static void put_head(struct ct_recorder *r, const struct ct_model_info *info)
{
    uint8_t head[CT_RECORDING_HEAD] = {0};
    struct ct_bytes body = {0};
    struct timespec now;

    for (size_t i = 0; i < CT_RECORDING_MAGIC_LEN; i++) /* bytes, not a text with an end */
        head[i] = (uint8_t)CT_RECORDING_MAGIC[i];
    ct_put32(head + CT_RECORDING_MAGIC_LEN, CT_RECORDING_VERSION);
    ct_bytes_add(&r->out, head, sizeof(head));
    r->price.paid = sizeof(head);

    clock_gettime(CLOCK_REALTIME, &now);
    put_text(&body, CT_INFO_KERNEL, info->host.kernel);
    put_text(&body, CT_INFO_ARCH, info->host.arch);
    put_number(&body, CT_INFO_CPUS, info->host.cpus);
    for (char *const *word = info->command; word && *word; word++)
        put_text(&body, CT_INFO_WORD, *word);
    put_number(&body, CT_INFO_FLAGS,
               (info->with_syscalls ? CT_INFO_SYSCALLS : 0) |
                   (info->with_stacks ? CT_INFO_STACKS : 0) |
                   (info->attached ? CT_INFO_ATTACHED : 0));
    put_number(&body, CT_INFO_UNIX_NS,
               (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec);
    put_text(&body, CT_INFO_WRITER, CT_VERSION);
    put_block(r, CT_BLOCK_INFO, &body);
}

static uint64_t end_number(const struct ct_run_end *end, const struct ct_end_field *f)
{
    const uint8_t *at = (const uint8_t *)end + f->offset;
    uint64_t v8;
    uint32_t v4;

    if (f->size == 8) {
        memcpy(&v8, at, sizeof(v8));
        return v8;
    }
    if (f->size == 4) {
        memcpy(&v4, at, sizeof(v4));
        return v4;
    }
    return *at;
}

static void put_end(struct ct_recorder *r, const struct ct_run_end *end)
{
    struct ct_bytes body = {0}, cpus = {0};

    for (unsigned i = 0; i < CT_END_FIELDS; i++)
        put_number(&body, i + 1, end_number(end, &ct_end_fields[i]));
    for (size_t i = 0; i < end->cpus_cnt; i++) {
        ct_bytes_varint(&cpus, end->cpus[i].cpu);
        ct_bytes_varint(&cpus, end->cpus[i].traced_ns);
        ct_bytes_varint(&cpus, end->cpus[i].idle_ns);
    }
    ct_bytes_varint(&body, CT_END_TAG_CPUS);
    ct_bytes_varint(&body, cpus.len);
    ct_bytes_add(&body, cpus.at, cpus.len);
    body.failed = body.failed || cpus.failed;
    ct_bytes_fini(&cpus);
    put_block(r, CT_BLOCK_END, &body);
}

/* For each place: offset and base as differences to the one before, records. */
static void put_index(struct ct_recorder *r)
{
    const uint64_t index_at = r->price.paid;
    uint8_t trailer[CT_TRAILER_LEN] = {0};
    struct ct_bytes body = {0};
    uint64_t offset = 0, base = 0;

    ct_bytes_varint(&body, r->places_cnt);
    for (size_t i = 0; i < r->places_cnt; i++) {
        const struct place *p = &r->places[i];
        ct_bytes_varint(&body, p->offset - offset);
        ct_bytes_varint(&body, ct_zigzag(p->base_ns - base));
        ct_bytes_varint(&body, p->records);
        offset = p->offset;
        base = p->base_ns;
    }
    put_block(r, CT_BLOCK_INDEX, &body);
    memcpy(trailer, CT_TRAILER_MAGIC, sizeof(CT_TRAILER_MAGIC));
    ct_put64(trailer + 12, index_at);
    ct_put64(trailer + 20, r->records);
    ct_put32(trailer + 28, ct_crc32(0, trailer, 28));
    ct_bytes_add(&r->out, trailer, sizeof(trailer));
}

/* ---- the thread ---- */

static void write_events(struct ct_recorder *r, const struct buffer *b)
{
    struct ct_block_head head;
    const uint64_t at = r->price.paid;

    if (ct_recorder_error(r))
        return;
    const int err = ct_block_pack(r->packer, b->bytes, b->len, &r->price, &r->out);
    if (err || !ct_block_head_get(&head, r->out.at)) {
        fail(r, err ? err : -EFBIG);
        return;
    }
    note_block(r, at, &head);
    write_out(r);
}

/* It writes an open file, with no right to more room than the file's owner has. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[2] = {{0}};

    syscall(SYS_capset, &head, none);
}

static void *writer(void *ctx)
{
    struct ct_recorder *r = ctx;

    drop_capabilities();
    write_out(r); /* what stands before the records */
    pthread_mutex_lock(&r->lock);
    for (;;) {
        while (!r->full && !r->finish)
            pthread_cond_wait(&r->wake, &r->lock);
        struct buffer *b = r->full;
        if (!b)
            break;
        r->full = b->next;
        if (!r->full)
            r->full_end = &r->full;
        pthread_mutex_unlock(&r->lock);
        write_events(r, b);
        pthread_mutex_lock(&r->lock);
        b->next = r->spare;
        r->spare = b;
    }
    pthread_mutex_unlock(&r->lock);
    if (r->end && !ct_recorder_error(r)) {
        put_end(r, r->end);
        put_index(r);
        write_out(r);
    }
    return NULL;
}

/* ---- the session's side ---- */

/* NULL: there are as many as there may be, or no memory. */
static struct buffer *take_buffer(struct ct_recorder *r)
{
    pthread_mutex_lock(&r->lock);
    struct buffer *b = r->spare;
    if (b)
        r->spare = b->next;
    const bool more = !b && r->buffers < BUFFERS_MAX;
    if (more)
        r->buffers++;
    pthread_mutex_unlock(&r->lock);
    if (more)
        b = malloc(sizeof(*b));
    if (b)
        b->len = 0;
    return b;
}

static void hand_to_writer(struct ct_recorder *r)
{
    struct buffer *b = r->filling;

    r->filling = NULL;
    b->next = NULL;
    pthread_mutex_lock(&r->lock);
    *r->full_end = b;
    r->full_end = &b->next;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
}

void ct_recorder_record(const struct ct_rec_head *rec, void *recorder)
{
    struct ct_recorder *r = recorder;
    const size_t bytes = ct_record_bytes(rec);

    if (!bytes || ct_recorder_error(r))
        return;
    if (bytes > RECORD_MAX) {
        fail(r, -EFBIG);
        return;
    }
    if (!r->filling) {
        r->filling = take_buffer(r);
        if (!r->filling) {
            fail(r, -ENOBUFS);
            return;
        }
        r->filling_since_ns = now_ns();
    }
    struct buffer *b = r->filling;
    memcpy(b->bytes + b->len, rec, bytes);
    b->len += CT_RECORD_ROUND(bytes);
    if (b->len >= CT_BLOCK_FILL)
        hand_to_writer(r);
}

void ct_recorder_tick(struct ct_recorder *r)
{
    if (r->filling && now_ns() - r->filling_since_ns >= FLUSH_AGE_NS)
        hand_to_writer(r);
}

/* ---- begin ---- */

static void free_buffers(struct buffer *b)
{
    while (b) {
        struct buffer *next = b->next;
        free(b);
        b = next;
    }
}

/* The writer does not run. */
static void recorder_free(struct ct_recorder *r)
{
    free_buffers(r->full);
    free_buffers(r->spare);
    free(r->filling);
    ct_block_packer_free(r->packer);
    ct_bytes_fini(&r->out);
    free(r->places);
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* Signals are not its business; the one for too large a file becomes an error of write. */
static int start_thread(struct ct_recorder *r)
{
    sigset_t all, was;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was);
    const int err = pthread_create(&r->thread, NULL, writer, r);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    return -err;
}

int ct_recorder_start(struct ct_recorder **out, int fd, const struct ct_model_info *info)
{
    struct ct_recorder *r = calloc(1, sizeof(*r));

    if (!r)
        return -ENOMEM;
    r->fd = fd;
    r->full_end = &r->full;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    r->packer = ct_block_packer_new();
    r->places = malloc(PLACES_MAX * sizeof(*r->places));
    r->stride = 1;
    int err = r->packer && r->places ? 0 : -ENOMEM;
    if (!err) {
        put_head(r, info);
        err = ct_recorder_error(r);
    }
    if (!err)
        err = start_thread(r);
    if (err) {
        recorder_free(r);
        return err;
    }
    pthread_setname_np(r->thread, "conctrace-rec");
    *out = r;
    return 0;
}

/* ---- end ---- */

int ct_recorder_finish(struct ct_recorder *r, const struct ct_run_end *end)
{
    if (!r)
        return 0;
    if (r->filling)
        hand_to_writer(r);
    pthread_mutex_lock(&r->lock);
    r->end = end;
    r->finish = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    const int err = ct_recorder_error(r);
    recorder_free(r);
    return err;
}
