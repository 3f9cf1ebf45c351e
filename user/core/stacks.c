/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ct_stacks_add(struct ct_stacks *s, const struct ct_rec_stack *rec, uint32_t process)
{
    if (rec->head.state >= CT_ST_COUNT || !rec->text_len || rec->text[rec->text_len - 1])
        return 0;
    if (s->cnt == s->room) {
        const size_t more = s->room ? 2 * s->room : 64;
        struct ct_stack *bigger = realloc(s->all, more * sizeof(*bigger));
        if (!bigger)
            return -ENOMEM;
        s->all = bigger;
        s->room = more;
    }
    char *frames = malloc(rec->text_len);
    if (!frames)
        return -ENOMEM;
    memcpy(frames, rec->text, rec->text_len);
    s->all[s->cnt++] = (struct ct_stack){.process = process,
                                         .state = rec->head.state,
                                         .count = rec->cnt,
                                         .ns = rec->ns,
                                         .max_ns = rec->max_ns,
                                         .frames = frames,
                                         .frames_len = rec->text_len};
    return 0;
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int place_order(const void *va, const void *vb)
{
    const struct ct_stack *a = va, *b = vb;
    int order = compare(a->process, b->process);

    if (!order)
        order = compare(a->state, b->state);
    if (!order)
        order = memcmp(a->frames, b->frames,
                       a->frames_len < b->frames_len ? a->frames_len : b->frames_len);
    return order ? order : compare(a->frames_len, b->frames_len);
}

static int weight_order(const void *va, const void *vb)
{
    const struct ct_stack *a = va, *b = vb;

    return a->ns == b->ns ? place_order(va, vb) : compare(b->ns, a->ns);
}

void ct_stacks_seal(struct ct_stacks *s, struct ct_result *r)
{
    size_t n = 0;

    if (!s->cnt)
        return;
    qsort(s->all, s->cnt, sizeof(*s->all), place_order);
    for (size_t i = 1; i < s->cnt; i++) {
        struct ct_stack *to = &s->all[n], *from = &s->all[i];
        if (place_order(to, from)) {
            s->all[++n] = *from;
            continue;
        }
        to->count += from->count;
        to->ns += from->ns;
        if (from->max_ns > to->max_ns)
            to->max_ns = from->max_ns;
        free(from->frames);
    }
    qsort(s->all, n + 1, sizeof(*s->all), weight_order);
    r->stacks = s->all;
    r->stacks_cnt = n + 1;
    *s = (struct ct_stacks){0};
}

void ct_stacks_fini(struct ct_stacks *s)
{
    for (size_t i = 0; i < s->cnt; i++)
        free(s->all[i].frames);
    free(s->all);
    *s = (struct ct_stacks){0};
}
