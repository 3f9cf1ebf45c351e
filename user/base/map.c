/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/base/map.h"

#include <stdlib.h>

#define FIRST_ROOM 64

/* splitmix64's finalizer: every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/* The slot of (a, b), or the empty one where it belongs. */
static struct ct_map_slot *find(const struct ct_map *m, uint64_t a, uint64_t b)
{
    size_t i = (size_t)mix(a + mix(b)) & (m->room - 1);
    while (m->slots[i].index_plus_one && (m->slots[i].a != a || m->slots[i].b != b))
        i = (i + 1) & (m->room - 1);
    return &m->slots[i];
}

static bool grow(struct ct_map *m)
{
    struct ct_map bigger = {.cnt = m->cnt, .room = m->room ? 2 * m->room : FIRST_ROOM};
    bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < m->room; i++)
        if (m->slots[i].index_plus_one)
            *find(&bigger, m->slots[i].a, m->slots[i].b) = m->slots[i];
    free(m->slots);
    *m = bigger;
    return true;
}

size_t ct_map_index(struct ct_map *m, uint64_t a, uint64_t b, size_t next)
{
    if (m->cnt * 4 >= m->room * 3 && !grow(m))
        return SIZE_MAX;
    struct ct_map_slot *s = find(m, a, b);
    if (!s->index_plus_one) {
        *s = (struct ct_map_slot){.a = a, .b = b, .index_plus_one = next + 1};
        m->cnt++;
    }
    return s->index_plus_one - 1;
}

size_t ct_map_find(const struct ct_map *m, uint64_t a, uint64_t b)
{
    return m->room ? find(m, a, b)->index_plus_one - 1 : SIZE_MAX;
}

void ct_map_fini(struct ct_map *m)
{
    free(m->slots);
    *m = (struct ct_map){0};
}
