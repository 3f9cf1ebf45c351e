/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/spaces.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAPS_MAX    1000000 /* over all processes */
#define MODULES_MAX 16384
#define FDS_MAX     200
#define ANCESTRY    64 /* generations without an exec */

static void *append(void **array, size_t *cnt, size_t *room, size_t elem)
{
    if (*cnt == *room) {
        const size_t more = *room ? 2 * *room : 8;
        void *bigger = realloc(*array, more * elem);
        if (!bigger)
            return NULL;
        *array = bigger;
        *room = more;
    }
    return (char *)*array + (*cnt)++ * elem;
}

/* ---- processes ---- */

static void add_space(struct ct_spaces *s, uint32_t tgid, uint32_t parent, uint64_t time_ns)
{
    const size_t i = ct_map_index(&s->by_tgid, tgid, 0, s->latest_cnt);
    if (i == SIZE_MAX) {
        s->lost = true;
        return;
    }
    if (i == s->latest_cnt) {
        uint32_t *latest =
            append((void **)&s->latest, &s->latest_cnt, &s->latest_room, sizeof(*s->latest));
        if (!latest)
            abort(); /* the map would name what is not there */
        *latest = 0;
    }
    struct ct_space *p =
        append((void **)&s->spaces, &s->spaces_cnt, &s->spaces_room, sizeof(*s->spaces));
    if (!p) {
        s->lost = true;
        return;
    }
    uint32_t *at = &s->latest[i]; /* events of several CPUs may come out of order */
    while (*at && s->spaces[*at - 1].start_ns > time_ns)
        at = &s->spaces[*at - 1].earlier;
    *p = (struct ct_space){.tgid = tgid, .parent = parent, .earlier = *at, .start_ns = time_ns};
    *at = (uint32_t)s->spaces_cnt; /* index + 1 */
}

/* Index + 1 of the newest space; 0: none. */
static uint32_t newest(const struct ct_spaces *s, uint32_t tgid)
{
    const size_t i = ct_map_find(&s->by_tgid, tgid, 0);
    return i == SIZE_MAX ? 0 : s->latest[i];
}

/* The last that had begun by then; the first if none had. */
static struct ct_space *space_at(const struct ct_spaces *s, uint32_t tgid, uint64_t time_ns)
{
    struct ct_space *p = NULL;

    for (uint32_t i = newest(s, tgid); i; i = p->earlier) {
        p = &s->spaces[i - 1];
        if (p->start_ns <= time_ns)
            break;
    }
    return p;
}

void ct_spaces_record(struct ct_spaces *s, const struct ct_rec_head *rec)
{
    if (rec->kind == CT_EV_NEW) {
        const struct ct_rec_new *r = (const struct ct_rec_new *)rec;
        if (r->tid == r->tgid || !ct_spaces_known(s, r->tgid))
            add_space(s, r->tgid, r->parent_id ? r->ppid : 0, rec->time_ns);
    }
}

void ct_spaces_exec(struct ct_spaces *s, uint32_t tgid, uint64_t time_ns)
{
    if (ct_spaces_known(s, tgid))
        add_space(s, tgid, 0, time_ns);
}

bool ct_spaces_known(const struct ct_spaces *s, uint32_t tgid)
{
    return newest(s, tgid) != 0;
}

/* ---- files ---- */

static uint64_t hash_bytes(const void *bytes, size_t len)
{
    const unsigned char *b = bytes;
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ b[i]) * 0x100000001b3ULL;
    return hash;
}

/* Whether the process sees other files than we do under the same names. */
static bool is_elsewhere(uint32_t tgid)
{
    char path[64];
    struct stat own, its;

    snprintf(path, sizeof(path), "/proc/%" PRIu32 "/ns/mnt", tgid);
    if (!stat("/proc/self/ns/mnt", &own) && !stat(path, &its) && own.st_ino != its.st_ino)
        return true;
    snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root/.", tgid);
    return !stat("/", &own) && !stat(path, &its) &&
           (own.st_ino != its.st_ino || own.st_dev != its.st_dev);
}

/* Opens a file that will be out of our reach once the process has ended. */
static int open_there(struct ct_spaces *s, uint32_t tgid, const char *file)
{
    char path[4096 + 64];

    if (file[0] != '/' || file[1] == '/' || s->fds_cnt >= FDS_MAX || !is_elsewhere(tgid))
        return -1;
    const int n = snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root%s", tgid, file);
    if (n < 0 || (size_t)n >= sizeof(path))
        return -1;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    s->fds_cnt += fd >= 0;
    return fd;
}

/* Its index; SIZE_MAX: no room. */
static size_t intern(struct ct_spaces *s, uint32_t tgid, const struct ct_module *m)
{
    const uint64_t identity =
        m->build_id_len ? hash_bytes(m->build_id, m->build_id_len) : m->ino + 1;
    const uint64_t name = hash_bytes(m->path, strlen(m->path));
    const size_t known = ct_map_find(&s->by_name, name, identity);
    if (known != SIZE_MAX)
        return known;
    char *path = s->modules_cnt < MODULES_MAX ? strdup(m->path) : NULL;
    struct ct_module *fresh =
        path ? append((void **)&s->modules, &s->modules_cnt, &s->modules_room, sizeof(*s->modules))
             : NULL;
    if (!fresh) {
        free(path);
        s->lost = true;
        return SIZE_MAX;
    }
    *fresh = *m;
    fresh->path = path;
    fresh->fd = open_there(s, tgid, path);
    ct_map_index(&s->by_name, name, identity, s->modules_cnt - 1); /* else it is met anew */
    return s->modules_cnt - 1;
}

void ct_spaces_map(struct ct_spaces *s, uint32_t tgid, struct ct_mapping map,
                   const struct ct_module *module)
{
    struct ct_space *p = space_at(s, tgid, map.time_ns);
    if (!p || map.end <= map.start)
        return;
    const size_t m = intern(s, tgid, module);
    struct ct_mapping *to =
        m != SIZE_MAX && s->total < MAPS_MAX
            ? append((void **)&p->maps, &p->maps_cnt, &p->maps_room, sizeof(*p->maps))
            : NULL;
    if (!to) {
        s->lost = true;
        return;
    }
    s->total++;
    *to = map;
    to->module = (uint32_t)m;
}

/* One line of /proc/PID/maps; only code is kept. */
static void take_line(struct ct_spaces *s, uint32_t tgid, uint64_t time_ns, char *line)
{
    struct ct_mapping map = {.time_ns = time_ns};
    struct ct_module module = {.fd = -1};
    char rights[8];
    int path_at = 0;

    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*x:%*x %" SCNu64 " %n", &map.start,
               &map.end, rights, &map.offset, &module.ino, &path_at) < 5 ||
        rights[2] != 'x')
        return;
    module.path = path_at && line[path_at] ? line + path_at : (char *)"//anon";
    ct_spaces_map(s, tgid, map, &module);
}

void ct_spaces_read(struct ct_spaces *s, uint32_t tgid, uint64_t time_ns)
{
    char path[64], line[4096 + 128];

    snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", tgid);
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    while (fgets(line, sizeof(line), f))
        take_line(s, tgid, time_ns, line);
    fclose(f);
}

/* ---- questions ---- */

const struct ct_space *ct_spaces_at(const struct ct_spaces *s, uint32_t tgid, uint64_t time_ns)
{
    return space_at(s, tgid, time_ns);
}

/* The newest that was there by then; else any that came later. */
static const struct ct_mapping *find_in(const struct ct_space *p, uint64_t time_ns,
                                        uint64_t address)
{
    const struct ct_mapping *later = NULL;

    for (size_t i = p->maps_cnt; i-- > 0;) {
        const struct ct_mapping *m = &p->maps[i];
        if (address < m->start || address >= m->end)
            continue;
        if (m->time_ns <= time_ns)
            return m;
        later = m;
    }
    return later;
}

const struct ct_mapping *ct_spaces_find(const struct ct_spaces *s, uint32_t tgid, uint64_t time_ns,
                                        uint64_t address)
{
    for (int i = 0; i < ANCESTRY && tgid; i++) {
        const struct ct_space *p = ct_spaces_at(s, tgid, time_ns);
        if (!p)
            break;
        const struct ct_mapping *m = find_in(p, time_ns, address);
        if (m)
            return m;
        tgid = p->parent;
        time_ns = p->start_ns;
    }
    return NULL;
}

void ct_spaces_fini(struct ct_spaces *s)
{
    for (size_t i = 0; i < s->spaces_cnt; i++)
        free(s->spaces[i].maps);
    for (size_t i = 0; i < s->modules_cnt; i++) {
        free(s->modules[i].path);
        if (s->modules[i].fd >= 0)
            close(s->modules[i].fd);
    }
    free(s->spaces);
    free(s->latest);
    free(s->modules);
    ct_map_fini(&s->by_tgid);
    ct_map_fini(&s->by_name);
    *s = (struct ct_spaces){0};
}
