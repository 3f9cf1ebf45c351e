/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/symbolizer.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/source/name_list.h"
#include "user/source/symbols.h"

#define TRUSTED_MAX   64
#define RUNTIMES_MAX  256 /* processes with a map of what they have compiled */
#define GENERATIONS   64
#define SYMBOLS_BYTES ((size_t)256 << 20)

/* What a process's runtime says it has compiled. */
struct runtime {
    uint32_t tgid;
    struct ct_name_list list;
};

struct ct_symbolizer {
    const struct ct_spaces *spaces;
    struct file {
        bool tried;
        struct ct_symbols *symbols;
    } * files; /* by module */
    struct runtime runtimes[RUNTIMES_MAX];
    size_t runtimes_cnt;
    struct ct_name_list kernel;
    bool kernel_tried;
    size_t budget; /* for symbols, in bytes */
    uid_t trusted[TRUSTED_MAX];
    size_t trusted_cnt;
};

struct ct_symbolizer *ct_symbolizer_new(const struct ct_spaces *spaces)
{
    struct ct_symbolizer *z = calloc(1, sizeof(*z));
    if (z)
        z->files = calloc(spaces->modules_cnt + 1, sizeof(*z->files));
    if (!z || !z->files) {
        free(z);
        return NULL;
    }
    z->spaces = spaces;
    z->budget = SYMBOLS_BYTES;
    return z;
}

void ct_symbolizer_free(struct ct_symbolizer *z)
{
    if (!z)
        return;
    for (size_t i = 0; i < z->spaces->modules_cnt; i++)
        ct_symbols_free(z->files[i].symbols);
    for (size_t i = 0; i < z->runtimes_cnt; i++)
        ct_name_list_fini(&z->runtimes[i].list);
    ct_name_list_fini(&z->kernel);
    free(z->files);
    free(z);
}

void ct_symbolizer_trust(struct ct_symbolizer *z, uid_t uid)
{
    if (z->trusted_cnt < TRUSTED_MAX)
        z->trusted[z->trusted_cnt++] = uid;
}

/* ---- files ---- */

/* All processes have the same one: ours. */
static struct ct_symbols *open_vdso(size_t *budget)
{
    const unsigned long at = getauxval(AT_SYSINFO_EHDR);
    char *image;

    memcpy(&image, &at, sizeof(image));
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)image;
    return image ? ct_symbols_of_image(
                       image, head->e_shoff + (size_t)head->e_shnum * head->e_shentsize, budget)
                 : NULL;
}

/* Whether the file is the one that was mapped: another may have taken its name. */
static bool is_same(const struct ct_symbols *s, const struct ct_module *m, const struct stat *st)
{
    uint8_t id[20];

    if (!m->build_id_len)
        return !m->ino || m->ino == st->st_ino;
    return ct_symbols_build_id(s, id) == m->build_id_len &&
           !memcmp(id, m->build_id, m->build_id_len);
}

static struct ct_symbols *open_file(const struct ct_module *m, size_t *budget)
{
    struct stat st;
    const int fd = m->fd >= 0
                       ? fcntl(m->fd, F_DUPFD_CLOEXEC, 3)
                       : open(m->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st)) {
        close(fd);
        return NULL;
    }
    struct ct_symbols *s = ct_symbols_open(fd, budget);
    if (s && !is_same(s, m, &st)) {
        ct_symbols_free(s);
        s = NULL;
    }
    return s;
}

static struct ct_symbols *symbols_of(struct ct_symbolizer *z, uint32_t module)
{
    struct file *f = &z->files[module];
    const struct ct_module *m = &z->spaces->modules[module];

    if (!f->tried) {
        f->tried = true;
        if (!strcmp(m->path, "[vdso]"))
            f->symbols = open_vdso(&z->budget);
        else if (m->path[0] == '/' && m->path[1] != '/')
            f->symbols = open_file(m, &z->budget);
    }
    return f->symbols;
}

/* ---- what a runtime has compiled ---- */

static bool is_trusted(const struct ct_symbolizer *z, uint32_t tgid, uid_t uid)
{
    char path[64];
    struct stat st;

    for (size_t i = 0; i < z->trusted_cnt; i++)
        if (z->trusted[i] == uid)
            return true;
    snprintf(path, sizeof(path), "/proc/%" PRIu32, tgid);
    return !uid || (!stat(path, &st) && st.st_uid == uid);
}

static FILE *open_runtime(const struct ct_symbolizer *z, uint32_t tgid)
{
    char path[96];
    struct stat st;

    for (size_t i = 0; i < 2; i++) {
        if (i)
            snprintf(path, sizeof(path), "/tmp/perf-%" PRIu32 ".map", tgid);
        else
            snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root/tmp/perf-%" PRIu32 ".map", tgid,
                     tgid);
        const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
            continue;
        FILE *f = !fstat(fd, &st) && S_ISREG(st.st_mode) && is_trusted(z, tgid, st.st_uid)
                      ? fdopen(fd, "r")
                      : NULL;
        if (f)
            return f;
        close(fd);
    }
    return NULL;
}

static const char *runtime_name(struct ct_symbolizer *z, uint32_t tgid, uint64_t address)
{
    size_t i = 0;

    while (i < z->runtimes_cnt && z->runtimes[i].tgid != tgid)
        i++;
    if (i == RUNTIMES_MAX)
        return NULL;
    if (i == z->runtimes_cnt) {
        z->runtimes[z->runtimes_cnt++].tgid = tgid;
        FILE *f = open_runtime(z, tgid);
        if (f) {
            ct_name_list_read_perf(&z->runtimes[i].list, f);
            fclose(f);
        }
    }
    return ct_name_list_find(&z->runtimes[i].list, address);
}

/* ---- questions ---- */

/* The file's symbols and the address as linked. NULL: no file, or none that we can read. */
static struct ct_symbols *locate(struct ct_symbolizer *z, const struct ct_mapping *m,
                                 uint64_t address, uint64_t *linked)
{
    struct ct_symbols *s = symbols_of(z, m->module);

    return s && ct_symbols_address(s, address - m->start + m->offset, linked) ? s : NULL;
}

static void name_place(const struct ct_module *module, uint64_t at, char name[CT_SYMBOL_NAME_LEN])
{
    const char *slash = strrchr(module->path, '/');

    if (module->path[0] == '/' && module->path[1] != '/')
        snprintf(name, CT_SYMBOL_NAME_LEN, "[%.255s+0x%" PRIx64 "]", slash + 1, at);
    else
        snprintf(name, CT_SYMBOL_NAME_LEN, "%.255s",
                 module->path[0] == '[' ? module->path : "[anonymous]");
}

void ct_symbolizer_user(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns, uint64_t address,
                        bool is_return, char name[CT_SYMBOL_NAME_LEN])
{
    const uint64_t asked = address - (is_return && address);
    const struct ct_mapping *m = ct_spaces_find(z->spaces, tgid, time_ns, asked);
    uint64_t linked = 0, into;
    const struct ct_symbols *s = m ? locate(z, m, asked, &linked) : NULL;
    const char *found = s ? ct_symbols_function(s, linked, &into) : runtime_name(z, tgid, asked);

    if (found)
        snprintf(name, CT_SYMBOL_NAME_LEN, "%s", found);
    else if (m)
        name_place(&z->spaces->modules[m->module], s ? linked : asked - m->start + m->offset, name);
    else
        snprintf(name, CT_SYMBOL_NAME_LEN, "[unknown]");
}

void ct_symbolizer_kernel(struct ct_symbolizer *z, uint64_t address, char name[CT_SYMBOL_NAME_LEN])
{
    if (!z->kernel_tried) {
        z->kernel_tried = true;
        FILE *f = fopen("/proc/kallsyms", "re");
        if (f) {
            ct_name_list_read_kernel(&z->kernel, f);
            fclose(f);
        }
    }
    const char *found = ct_name_list_find(&z->kernel, address);
    snprintf(name, CT_SYMBOL_NAME_LEN, "%s", found ? found : "[kernel]");
}

/* Whether the file mapped there holds the address in its data. */
static bool data_of(struct ct_symbolizer *z, const struct ct_mapping *m, uint64_t address,
                    char name[CT_SYMBOL_NAME_LEN])
{
    uint64_t linked, into;
    const struct ct_symbols *s = locate(z, m, m->start, &linked);

    if (!s)
        return false;
    linked += address - m->start;
    if (!ct_symbols_loaded(s, linked))
        return false;
    const char *found = ct_symbols_object(s, linked, &into);
    if (!found)
        name_place(&z->spaces->modules[m->module], linked, name);
    else if (into)
        snprintf(name, CT_SYMBOL_NAME_LEN, "%.400s+0x%" PRIx64, found, into);
    else
        snprintf(name, CT_SYMBOL_NAME_LEN, "%s", found);
    return true;
}

bool ct_symbolizer_data(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns, uint64_t address,
                        char name[CT_SYMBOL_NAME_LEN])
{
    for (int i = 0; i < GENERATIONS && tgid; i++) {
        const struct ct_space *p = ct_spaces_at(z->spaces, tgid, time_ns);
        if (!p)
            break;
        for (size_t k = p->maps_cnt; k-- > 0;)
            if (data_of(z, &p->maps[k], address, name))
                return true;
        tgid = p->parent;
        time_ns = p->start_ns;
    }
    return false;
}

bool ct_symbolizer_is_code(const struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns,
                           uint64_t address)
{
    return ct_spaces_find(z->spaces, tgid, time_ns, address) != NULL;
}

uint64_t ct_symbolizer_frame_bytes(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns,
                                   uint64_t address)
{
    const struct ct_mapping *m = ct_spaces_find(z->spaces, tgid, time_ns, address);
    uint64_t linked;
    struct ct_symbols *s = m ? locate(z, m, address, &linked) : NULL;

    return s ? ct_symbols_frame_bytes(s, linked) : 0;
}
