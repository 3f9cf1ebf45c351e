/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was mapped where, in which process, and when: so that an address of a process that has ended
 * can still be named. Code only: a file's data lies at a fixed distance from its code.
 *
 * Times are those of the records (the scheduler's clock, which is perf's too).
 */
#ifndef CT_SPACES_H
#define CT_SPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/map.h"
#include "user/core/result.h"

/* A mapped file, or something else that code can be in ("[vdso]", "//anon"). */
struct ct_module {
    char *path; /* as the process saw it */
    uint8_t build_id[20];
    uint8_t build_id_len; /* 0: not known; then ino tells whether a file is the one */
    uint64_t ino;         /* 0: not known */
    int fd;               /* opened while the process lived, if we would not find it; -1: not */
};

struct ct_mapping {
    uint64_t time_ns;
    uint64_t start, end;
    uint64_t offset; /* in the file, of start */
    uint32_t module; /* index */
};

/* A process between fork, or exec, and the next exec. */
struct ct_space {
    uint32_t tgid;
    uint32_t parent;  /* what it has from its parent: tgid; 0: nothing (exec, attached) */
    uint32_t earlier; /* index + 1 of the space before it under this tgid */
    uint64_t start_ns;
    struct ct_mapping *maps;
    size_t maps_cnt, maps_room;
};

struct ct_spaces {
    struct ct_space *spaces;
    size_t spaces_cnt, spaces_room;
    uint32_t *latest; /* of each tgid: index of its newest space */
    size_t latest_cnt, latest_room;
    struct ct_map by_tgid; /* (tgid, 0): index into latest */
    struct ct_module *modules;
    size_t modules_cnt, modules_room;
    struct ct_map by_name; /* (hash of path, hash of identity) */
    size_t fds_cnt;
    size_t total; /* mappings */
    bool lost;    /* there was no room, or no memory: some addresses stay without a name */
};

/* Follows forks: any record may be given. */
void ct_spaces_record(struct ct_spaces *s, const struct ct_rec_head *rec);

/*
 * A process of ours has left its mappings behind. Not from the EXEC record, which comes when the
 * new ones are made already.
 */
void ct_spaces_exec(struct ct_spaces *s, uint32_t tgid, uint64_t time_ns);

/* Whether the process is one of ours. */
bool ct_spaces_known(const struct ct_spaces *s, uint32_t tgid);

/* A mapping of a process of ours; module is copied, map->module is filled here. */
void ct_spaces_map(struct ct_spaces *s, uint32_t tgid, struct ct_mapping map,
                   const struct ct_module *module);

/* Takes in what a living process has mapped. */
void ct_spaces_read(struct ct_spaces *s, uint32_t tgid, uint64_t time_ns);

/* The mapping that held the address at that time; NULL: none known. */
const struct ct_mapping *ct_spaces_find(const struct ct_spaces *s, uint32_t tgid, uint64_t time_ns,
                                        uint64_t address);

/*
 * The space of the process at that time; NULL: none known. To go on with what it has from its
 * parent: ct_spaces_at(s, space->parent, space->start_ns).
 */
const struct ct_space *ct_spaces_at(const struct ct_spaces *s, uint32_t tgid, uint64_t time_ns);

void ct_spaces_fini(struct ct_spaces *s);

#endif
