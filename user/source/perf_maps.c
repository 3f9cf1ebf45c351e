/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/perf_maps.h"

#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING_BYTES ((size_t)512 * 1024) /* what perf_event_mlock_kb grants to anybody */
#define RECORD_MAX 8192

struct ring {
    int fd;
    struct perf_event_mmap_page *page;
    uint64_t marked;
};

struct ct_perf_maps {
    struct ring *rings;
    size_t rings_cnt;
    size_t page_bytes;
};

static int open_event(int cpu, bool build_id)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(attr),
        .config = PERF_COUNT_SW_DUMMY,
        .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
        .sample_id_all = 1,
        .mmap = 1,
        .mmap2 = 1,
        .comm = 1,
        .comm_exec = 1,
        .build_id = build_id,
        .watermark = 1, /* far away: we come by ourselves */
        .wakeup_watermark = RING_BYTES,
    };
    return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static bool open_ring(struct ct_perf_maps *p, int cpu)
{
    struct ring *r = &p->rings[p->rings_cnt];

    r->fd = open_event(cpu, true);
    if (r->fd < 0)
        r->fd = open_event(cpu, false); /* before 5.12 */
    if (r->fd < 0)
        return false;
    r->page = mmap(NULL, p->page_bytes + RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (r->page == MAP_FAILED) {
        close(r->fd);
        return false;
    }
    p->rings_cnt++;
    return true;
}

struct ct_perf_maps *ct_perf_maps_open(void)
{
    const long cpus = sysconf(_SC_NPROCESSORS_CONF);
    struct ct_perf_maps *p = calloc(1, sizeof(*p));

    if (!p || cpus <= 0 || !(p->rings = calloc((size_t)cpus, sizeof(*p->rings)))) {
        free(p);
        return NULL;
    }
    p->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    for (int cpu = 0; cpu < cpus; cpu++)
        open_ring(p, cpu); /* one that is off has no ring */
    if (p->rings_cnt)
        return p;
    ct_perf_maps_free(p);
    return NULL;
}

void ct_perf_maps_mark(struct ct_perf_maps *p)
{
    for (size_t i = 0; i < p->rings_cnt; i++)
        p->rings[i].marked = __atomic_load_n(&p->rings[i].page->data_head, __ATOMIC_ACQUIRE);
}

/* len bytes of the ring, which may turn at its end. */
static void copy_out(const struct ct_perf_maps *p, const struct ring *r, uint64_t at, void *to,
                     size_t len)
{
    const char *data = (const char *)r->page + p->page_bytes;
    const size_t from = (size_t)at & (RING_BYTES - 1);
    const size_t first = len < RING_BYTES - from ? len : RING_BYTES - from;

    memcpy(to, data + from, first);
    memcpy((char *)to + first, data, len - first);
}

/* struct perf_event_header { .. }; PERF_RECORD_MMAP2, as perf_event.h describes it in words only */
struct mmap2 {
    struct perf_event_header header;
    uint32_t pid, tid;
    uint64_t start, len, offset;
    union {
        struct {
            uint32_t major, minor;
            uint64_t ino, generation;
        };
        struct {
            uint8_t build_id_len, pad[3];
            uint8_t build_id[20];
        };
    };
    uint32_t prot, flags;
    char path[];
};

static void take_map(struct ct_spaces *s, const struct mmap2 *r, size_t size)
{
    uint64_t time_ns;

    if (size < sizeof(*r) + sizeof(time_ns) + 1 || !ct_spaces_known(s, r->pid) ||
        !memchr(r->path, 0, size - sizeof(*r)))
        return;
    memcpy(&time_ns, (const char *)r + size - sizeof(time_ns), sizeof(time_ns));
    const struct ct_mapping map = {
        .time_ns = time_ns, .start = r->start, .end = r->start + r->len, .offset = r->offset};
    struct ct_module module = {.path = (char *)r->path, .fd = -1};
    if (r->header.misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
        module.build_id_len = r->build_id_len <= sizeof(module.build_id) ? r->build_id_len : 0;
        memcpy(module.build_id, r->build_id, module.build_id_len);
    } else {
        module.ino = r->ino;
    }
    ct_spaces_map(s, r->pid, map, &module);
}

/* struct perf_event_header { .. }; PERF_RECORD_COMM */
struct comm {
    struct perf_event_header header;
    uint32_t pid, tid;
};

static void take_exec(struct ct_spaces *s, const struct comm *r, size_t size)
{
    uint64_t time_ns;

    if (size < sizeof(*r) + sizeof(time_ns) || !(r->header.misc & PERF_RECORD_MISC_COMM_EXEC))
        return;
    memcpy(&time_ns, (const char *)r + size - sizeof(time_ns), sizeof(time_ns));
    ct_spaces_exec(s, r->pid, time_ns);
}

/* Takes the execs, or the mappings, of what was marked. */
static void take_ring(struct ct_perf_maps *p, struct ring *r, struct ct_spaces *s, bool execs)
{
    union {
        struct perf_event_header header;
        struct mmap2 map;
        struct comm comm;
        char bytes[RECORD_MAX];
    } rec;
    uint64_t at = r->page->data_tail;

    while (r->marked - at >= sizeof(rec.header)) {
        copy_out(p, r, at, &rec.header, sizeof(rec.header));
        const size_t size = rec.header.size;
        if (size < sizeof(rec.header) || size > r->marked - at)
            break;
        const bool wanted = rec.header.type == (execs ? PERF_RECORD_COMM : PERF_RECORD_MMAP2);
        if (wanted && size <= sizeof(rec)) {
            copy_out(p, r, at, &rec, size);
            if (execs)
                take_exec(s, &rec.comm, size);
            else
                take_map(s, &rec.map, size);
        } else if (rec.header.type == PERF_RECORD_LOST) {
            s->lost = true;
        }
        at += size;
    }
    if (!execs)
        __atomic_store_n(&r->page->data_tail, r->marked, __ATOMIC_RELEASE);
}

void ct_perf_maps_take(struct ct_perf_maps *p, struct ct_spaces *s)
{
    /* all CPUs' execs first: a process may have gone to another CPU in between */
    for (size_t i = 0; i < p->rings_cnt; i++)
        take_ring(p, &p->rings[i], s, true);
    for (size_t i = 0; i < p->rings_cnt; i++)
        take_ring(p, &p->rings[i], s, false);
}

void ct_perf_maps_free(struct ct_perf_maps *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->rings_cnt; i++) {
        munmap(p->rings[i].page, p->page_bytes + RING_BYTES);
        close(p->rings[i].fd);
    }
    free(p->rings);
    free(p);
}
