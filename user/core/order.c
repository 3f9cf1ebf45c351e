/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool before(const struct ct_step *a, const struct ct_step *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->seq < b->seq;
}

static void sift_up(struct ct_order *o, size_t i)
{
    const struct ct_step step = o->heap[i];
    while (i > 0 && before(&step, &o->heap[(i - 1) / 2])) {
        o->heap[i] = o->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    o->heap[i] = step;
}

static struct ct_step pop(struct ct_order *o)
{
    const struct ct_step top = o->heap[0];
    const struct ct_step last = o->heap[--o->cnt];
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= o->cnt)
            break;
        if (child + 1 < o->cnt && before(&o->heap[child + 1], &o->heap[child]))
            child++;
        if (!before(&o->heap[child], &last))
            break;
        o->heap[i] = o->heap[child];
        i = child;
    }
    o->heap[i] = last;
    return top;
}

static void hand_on(struct ct_order *o, ct_step_fn out, void *ctx)
{
    const struct ct_step step = pop(o);
    if (step.time_ns < o->released_ns)
        o->late_cnt++;
    else
        o->released_ns = step.time_ns;
    out(&step, ctx);
}

int ct_order_add(struct ct_order *o, const struct ct_step *step, int advance, ct_step_fn out,
                 void *ctx)
{
    if (o->cnt == o->room) {
        const size_t room = o->room ? 2 * o->room : 1024;
        struct ct_step *heap = realloc(o->heap, room * sizeof(*heap));
        if (!heap)
            return -ENOMEM;
        o->heap = heap;
        o->room = room;
    }
    o->heap[o->cnt] = *step;
    o->heap[o->cnt].seq = o->seq++;
    sift_up(o, o->cnt++);

    if (advance && step->time_ns > o->newest_ns)
        o->newest_ns = step->time_ns;
    while (o->cnt && o->heap[0].time_ns + CT_ORDER_WINDOW_NS <= o->newest_ns)
        hand_on(o, out, ctx);
    return 0;
}

void ct_order_flush(struct ct_order *o, ct_step_fn out, void *ctx)
{
    while (o->cnt)
        hand_on(o, out, ctx);
}

void ct_order_fini(struct ct_order *o)
{
    free(o->heap);
    *o = (struct ct_order){0};
}
