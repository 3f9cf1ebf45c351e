/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYMBOLS_MAX  4000000
#define NAME_MAX_LEN 1024
#define SEGMENTS_MAX 32
#define REACH        65536 /* a function without a size is not longer */
#define OVERLAP      8     /* symbols looked at for one that holds the address */
#if defined(__x86_64__)
#define STACK_POINTER 7 /* as DWARF numbers registers */
#else
#define STACK_POINTER 31
#endif

struct symbol {
    uint64_t start, size;
    char *name;
    int rank; /* among those of one place: exported ones first */
};

struct table {
    struct symbol *symbols;
    size_t cnt, room;
};

struct ct_symbols {
    int fd;
    size_t *budget;
    Elf *elf;
    Dwarf_CFI *cfi; /* belongs to elf */
    bool cfi_sought;
    GElf_Phdr segments[SEGMENTS_MAX];
    size_t segments_cnt;
    uint8_t build_id[20];
    size_t build_id_len;
    struct table functions, objects;
};

/* ---- reading ---- */

static bool add(struct table *t, const GElf_Sym *sym, const char *name, size_t *budget)
{
    const size_t len = strcspn(name + 1, "@") + 1; /* without its version */
    const size_t kept = len < NAME_MAX_LEN ? len : NAME_MAX_LEN;

    if (*budget < kept + sizeof(*t->symbols))
        return false;
    *budget -= kept + sizeof(*t->symbols);
    if (t->cnt == t->room) {
        const size_t more = t->room ? 2 * t->room : 256;
        struct symbol *bigger = realloc(t->symbols, more * sizeof(*bigger));
        if (!bigger)
            return false;
        t->symbols = bigger;
        t->room = more;
    }
    char *copy = strndup(name, kept);
    if (copy)
        t->symbols[t->cnt++] =
            (struct symbol){.start = sym->st_value,
                            .size = sym->st_size,
                            .name = copy,
                            .rank = GELF_ST_BIND(sym->st_info) == STB_GLOBAL
                                        ? 2
                                        : GELF_ST_BIND(sym->st_info) == STB_WEAK};
    return copy;
}

static void read_table(struct ct_symbols *s, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    const size_t cnt = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;

    for (size_t i = 0; i < cnt && i < SYMBOLS_MAX; i++) {
        GElf_Sym sym;
        if (!gelf_getsym(data, (int)i, &sym) || sym.st_shndx == SHN_UNDEF)
            continue;
        const int type = GELF_ST_TYPE(sym.st_info);
        struct table *to = type == STT_FUNC || type == STT_GNU_IFUNC ? &s->functions
                           : type == STT_OBJECT                      ? &s->objects
                           : type == STT_NOTYPE && header->sh_type == SHT_SYMTAB &&
                                   GELF_ST_BIND(sym.st_info) != STB_LOCAL
                               ? &s->functions
                               : NULL;
        const char *name = to ? elf_strptr(elf, header->sh_link, sym.st_name) : NULL;
        if (name && *name && !add(to, &sym, name, s->budget))
            return;
    }
}

/* Whether it had a full table. */
static bool read_tables(struct ct_symbols *s, Elf *elf, GElf_Word type)
{
    Elf_Scn *section = NULL;
    bool found = false;

    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type != type)
            continue;
        found = true;
        read_table(s, elf, section, &header);
    }
    return found;
}

static void read_segments(struct ct_symbols *s)
{
    size_t cnt = 0;

    if (elf_getphdrnum(s->elf, &cnt))
        return;
    for (size_t i = 0; i < cnt && i < 4 * SEGMENTS_MAX && s->segments_cnt < SEGMENTS_MAX; i++) {
        GElf_Phdr *p = &s->segments[s->segments_cnt];
        if (gelf_getphdr(s->elf, (int)i, p) && p->p_type == PT_LOAD)
            s->segments_cnt++;
    }
}

static void read_build_id(struct ct_symbols *s)
{
    const void *id = NULL;
    const ssize_t len = dwelf_elf_gnu_build_id(s->elf, &id);

    if (len > 0 && (size_t)len <= sizeof(s->build_id)) {
        memcpy(s->build_id, id, (size_t)len);
        s->build_id_len = (size_t)len;
    }
}

/* What the distribution packs apart: /usr/lib/debug/.build-id/ab/cdef...debug. */
static void read_debug_file(struct ct_symbols *s)
{
    char path[96] = "/usr/lib/debug/.build-id/";
    size_t len = strlen(path);

    if (s->build_id_len < 2)
        return;
    for (size_t i = 0; i < s->build_id_len; i++)
        len += (size_t)snprintf(path + len, sizeof(path) - len, "%s%02x", i == 1 ? "/" : "",
                                s->build_id[i]);
    snprintf(path + len, sizeof(path) - len, ".debug");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    if (elf)
        read_tables(s, elf, SHT_SYMTAB);
    elf_end(elf);
    if (fd >= 0)
        close(fd);
}

static int by_start(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1; /* the last of equals is found: the widest, */
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return strcmp(x->name, y->name); /* the one with the fewest underscores, mostly */
}

static struct ct_symbols *open_elf(Elf *elf, int fd, size_t *budget)
{
    struct ct_symbols *s = elf && elf_kind(elf) == ELF_K_ELF ? calloc(1, sizeof(*s)) : NULL;

    if (!s) {
        elf_end(elf);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    s->elf = elf;
    s->fd = fd;
    s->budget = budget;
    read_segments(s);
    read_build_id(s);
    if (!read_tables(s, elf, SHT_SYMTAB))
        read_debug_file(s);
    if (!s->functions.cnt || !s->objects.cnt)
        read_tables(s, elf, SHT_DYNSYM);
    struct table *const tables[] = {&s->functions, &s->objects};
    for (size_t i = 0; i < 2; i++)
        if (tables[i]->cnt > 1)
            qsort(tables[i]->symbols, tables[i]->cnt, sizeof(struct symbol), by_start);
    return s;
}

struct ct_symbols *ct_symbols_open(int fd, size_t *budget)
{
    struct stat st;

    elf_version(EV_CURRENT);
    Elf *elf = !fstat(fd, &st) && S_ISREG(st.st_mode) ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
    return open_elf(elf, fd, budget);
}

struct ct_symbols *ct_symbols_of_image(char *image, size_t size, size_t *budget)
{
    elf_version(EV_CURRENT);
    return open_elf(elf_memory(image, size), -1, budget);
}

static void free_table(struct table *t)
{
    for (size_t i = 0; i < t->cnt; i++)
        free(t->symbols[i].name);
    free(t->symbols);
}

void ct_symbols_free(struct ct_symbols *s)
{
    if (!s)
        return;
    free_table(&s->functions);
    free_table(&s->objects);
    if (s->cfi)
        dwarf_cfi_end(s->cfi);
    elf_end(s->elf);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}

/* ---- questions ---- */

size_t ct_symbols_build_id(const struct ct_symbols *s, uint8_t id[20])
{
    memcpy(id, s->build_id, s->build_id_len);
    return s->build_id_len;
}

bool ct_symbols_address(const struct ct_symbols *s, uint64_t offset, uint64_t *address)
{
    for (size_t i = 0; i < s->segments_cnt; i++) {
        const GElf_Phdr *p = &s->segments[i];
        /* a mapping begins at a page, which may be a little before the segment */
        const uint64_t slack = p->p_offset & 0xfff;
        if (offset + slack >= p->p_offset && offset - (p->p_offset - slack) < p->p_filesz + slack) {
            *address = offset - p->p_offset + p->p_vaddr;
            if (p->p_flags & PF_X)
                return true;
        }
    }
    return false;
}

bool ct_symbols_loaded(const struct ct_symbols *s, uint64_t address)
{
    for (size_t i = 0; i < s->segments_cnt; i++)
        if (address - s->segments[i].p_vaddr < s->segments[i].p_memsz)
            return true;
    return false;
}

static const char *find(const struct table *t, uint64_t address, bool reach, uint64_t *into)
{
    size_t from = 0, to = t->cnt;

    while (from < to) { /* the first that begins behind the address */
        const size_t mid = from + (to - from) / 2;
        if (t->symbols[mid].start <= address)
            from = mid + 1;
        else
            to = mid;
    }
    for (size_t i = from; i > 0 && i + OVERLAP > from; i--) {
        const struct symbol *s = &t->symbols[i - 1];
        *into = address - s->start;
        if (*into < s->size || (!s->size && reach && *into < REACH))
            return s->name;
    }
    return NULL;
}

const char *ct_symbols_function(const struct ct_symbols *s, uint64_t address, uint64_t *into)
{
    return find(&s->functions, address, true, into);
}

const char *ct_symbols_object(const struct ct_symbols *s, uint64_t address, uint64_t *into)
{
    return find(&s->objects, address, false, into);
}

uint64_t ct_symbols_frame_bytes(struct ct_symbols *s, uint64_t address)
{
    Dwarf_Frame *frame = NULL;
    Dwarf_Op *ops = NULL;
    size_t cnt = 0;
    uint64_t bytes = 0;

    if (!s->cfi_sought) {
        s->cfi_sought = true;
        s->cfi = dwarf_getcfi_elf(s->elf);
    }
    if (!s->cfi || dwarf_cfi_addrframe(s->cfi, address, &frame))
        return 0;
    if (!dwarf_frame_cfa(frame, &ops, &cnt) && cnt == 1 && ops[0].atom == DW_OP_bregx &&
        ops[0].number == STACK_POINTER)
        bytes = ops[0].number2;
    free(frame);
    return bytes;
}
