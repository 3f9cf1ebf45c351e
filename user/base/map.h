/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A map from two numbers to an index: open addressing, grows, never shrinks, no removal. It holds
 * indexes rather than things, so that its user's array stays a plain array that can be sorted.
 */
#ifndef CT_MAP_H
#define CT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ct_map_slot {
    uint64_t a, b;
    size_t index_plus_one; /* 0: empty */
};

struct ct_map {
    struct ct_map_slot *slots;
    size_t cnt;
    size_t room; /* a power of two */
};

/*
 * The index under (a, b); if there is none, next is put there and returned. SIZE_MAX: no memory.
 */
size_t ct_map_index(struct ct_map *m, uint64_t a, uint64_t b, size_t next);

/* The index under (a, b). SIZE_MAX: there is none. */
size_t ct_map_find(const struct ct_map *m, uint64_t a, uint64_t b);

void ct_map_fini(struct ct_map *m);

#endif
