/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libbpf could tell the same, but takes as long for that as for all the rest of the start: it reads
 * megabytes in pages, and looks at every type. Three names are wanted here, and newer kernels let
 * their type information be mapped.
 */
#include "user/source/percpu.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct section {
    const char *at;
    size_t size;
};

struct btf_parts {
    struct section types, strings;
};

/* absent from older headers */
enum { KIND_FLOAT = 16, KIND_DECL_TAG, KIND_TYPE_TAG, KIND_ENUM64 };

/* From 6.2 to 6.14 the count follows the pointer to the current task there. */
enum { QUEUES, COUNT, HOT, WANTED_CNT };
static const char *const wanted[WANTED_CNT] = {"runqueues", "__preempt_count", "pcpu_hot"};

struct variables {
    uint32_t id[WANTED_CNT]; /* 0: there is none */
    int64_t at[WANTED_CNT];  /* -1: not known */
};

static bool cut(const char *btf, size_t size, size_t from, size_t len, struct section *part)
{
    if (from > size || len > size - from)
        return false;
    *part = (struct section){btf + from, len};
    return true;
}

static bool open_parts(const char *btf, size_t size, struct btf_parts *b)
{
    struct btf_header h;
    if (size < sizeof(h))
        return false;
    memcpy(&h, btf, sizeof(h));
    return h.magic == BTF_MAGIC &&
           cut(btf, size, (size_t)h.hdr_len + h.type_off, h.type_len, &b->types) &&
           cut(btf, size, (size_t)h.hdr_len + h.str_off, h.str_len, &b->strings);
}

static bool is_named(const struct btf_parts *b, uint32_t name, const char *what)
{
    const size_t len = strlen(what) + 1;
    return name < b->strings.size && len <= b->strings.size - name &&
           !memcmp(b->strings.at + name, what, len);
}

/* What follows a type in the table, in bytes; -1: of a kind that is not known. */
static ptrdiff_t tail_bytes(const struct btf_type *t)
{
    const ptrdiff_t cnt = (ptrdiff_t)BTF_INFO_VLEN(t->info);

    switch (BTF_INFO_KIND(t->info)) {
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case KIND_FLOAT:
    case KIND_TYPE_TAG:
        return 0;
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case KIND_DECL_TAG:
        return 4;
    case BTF_KIND_ARRAY:
        return sizeof(struct btf_array);
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
        return 8 * cnt;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case KIND_ENUM64:
        return 12 * cnt;
    default:
        return -1;
    }
}

static void look_at(const struct btf_parts *b, const struct btf_type *t, uint32_t id,
                    const char *tail, struct variables *v)
{
    const uint32_t kind = BTF_INFO_KIND(t->info);

    if (kind == BTF_KIND_VAR) {
        for (int w = 0; w < WANTED_CNT; w++)
            if (is_named(b, t->name_off, wanted[w]))
                v->id[w] = id;
    } else if (kind == BTF_KIND_DATASEC && is_named(b, t->name_off, ".data..percpu")) {
        struct btf_var_secinfo var;
        for (uint32_t i = 0; i < BTF_INFO_VLEN(t->info); i++) {
            memcpy(&var, tail + i * sizeof(var), sizeof(var));
            for (int w = 0; w < WANTED_CNT; w++)
                if (var.type && var.type == v->id[w])
                    v->at[w] = var.offset;
        }
    }
}

/* The section of the variables comes after them, as whoever makes the table adds it last. */
int64_t ct_preempt_count_in(const void *btf, size_t size)
{
    struct variables v = {.at = {-1, -1, -1}};
    struct btf_parts b;
    struct btf_type t;
    size_t at = 0;

    if (!open_parts(btf, size, &b))
        return 0;
    for (uint32_t id = 1; b.types.size - at >= sizeof(t); id++) {
        memcpy(&t, b.types.at + at, sizeof(t));
        at += sizeof(t);
        const ptrdiff_t tail = tail_bytes(&t);
        if (tail < 0 || (size_t)tail > b.types.size - at)
            break;
        look_at(&b, &t, id, b.types.at + at, &v);
        at += (size_t)tail;
    }
    if (v.at[COUNT] < 0 && v.at[HOT] >= 0)
        v.at[COUNT] = v.at[HOT] + (int64_t)sizeof(void *);
    return v.at[QUEUES] >= 0 && v.at[COUNT] >= 0 ? v.at[COUNT] - v.at[QUEUES] : 0;
}

static int64_t read_and_look(int fd, size_t size)
{
    char *all = malloc(size);
    size_t len = 0;
    int64_t at = 0;

    while (all && len < size) {
        const ssize_t got = read(fd, all + len, size - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    if (all)
        at = ct_preempt_count_in(all, len);
    free(all);
    return at;
}

int64_t ct_preempt_count_at(void)
{
    const int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
    struct stat st;
    int64_t at = 0;

    if (fd < 0)
        return 0;
    if (!fstat(fd, &st) && st.st_size > 0) {
        const size_t size = (size_t)st.st_size;
        void *all = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (all == MAP_FAILED) {
            at = read_and_look(fd, size);
        } else {
            at = ct_preempt_count_in(all, size);
            munmap(all, size);
        }
    }
    close(fd);
    return at;
}
