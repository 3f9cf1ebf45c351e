/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FAR         4096 /* from the young end: who belongs farther back waits elsewhere */
#define INSERT_MOST 512  /* steps that are moved for one that comes late */

static bool before(const struct ct_step *a, const struct ct_step *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : (int32_t)(a->seq - b->seq) < 0;
}

/* Room for one more at the end: what was handed on makes room first. */
static int make_room(struct ct_queue *q)
{
    if (q->end < q->room)
        return 0;
    if (q->first > q->room / 2) {
        memmove(q->steps, q->steps + q->first, (q->end - q->first) * sizeof(*q->steps));
        q->end -= q->first;
        q->first = 0;
        return 0;
    }
    const size_t room = q->room ? 2 * q->room : 1024;
    struct ct_step *steps = realloc(q->steps, room * sizeof(*steps));
    if (!steps)
        return -ENOMEM;
    q->steps = steps;
    q->room = room;
    return 0;
}

/* ---- stragglers ---- */

static int add_straggler(struct ct_stragglers *h, const struct ct_step *step)
{
    if (h->cnt == h->room) {
        const size_t room = h->room ? 2 * h->room : 256;
        struct ct_step *steps = realloc(h->steps, room * sizeof(*steps));
        if (!steps)
            return -ENOMEM;
        h->steps = steps;
        h->room = room;
    }
    size_t i = h->cnt++;
    for (; i && before(step, &h->steps[(i - 1) / 2]); i = (i - 1) / 2)
        h->steps[i] = h->steps[(i - 1) / 2];
    h->steps[i] = *step;
    return 0;
}

static struct ct_step take_straggler(struct ct_stragglers *h)
{
    const struct ct_step first = h->steps[0], last = h->steps[--h->cnt];
    size_t i = 0;

    for (size_t child = 1; child < h->cnt; child = 2 * i + 1) {
        if (child + 1 < h->cnt && before(&h->steps[child + 1], &h->steps[child]))
            child++;
        if (!before(&h->steps[child], &last))
            break;
        h->steps[i] = h->steps[child];
        i = child;
    }
    h->steps[i] = last;
    return first;
}

/* ---- in and out ---- */

/* Where the step belongs: looked for in strides that grow, from the young end, and then halved. */
static size_t place_of(const struct ct_queue *q, const struct ct_step *step)
{
    size_t to = q->end, stride = 1;

    while (to > q->first && before(step, &q->steps[to - 1])) {
        const size_t from = to - q->first > stride ? to - stride : q->first;
        if (!before(step, &q->steps[from])) { /* between the two */
            size_t low = from + 1;
            for (to--; low < to;) {
                const size_t mid = low + (to - low) / 2;
                if (before(step, &q->steps[mid]))
                    to = mid;
                else
                    low = mid + 1;
            }
            return to;
        }
        to = from;
        stride *= 2;
    }
    return to;
}

static int put(struct ct_order *o, struct ct_queue *q, const struct ct_step *step)
{
    if (q->end - q->first > FAR && before(step, &q->steps[q->end - FAR]))
        return add_straggler(&o->stragglers, step);
    const int err = make_room(q);
    if (err)
        return err;
    const size_t at = place_of(q, step);
    memmove(&q->steps[at + 1], &q->steps[at], (q->end - at) * sizeof(*q->steps));
    q->steps[at] = *step;
    q->end++;
    return 0;
}

/* The oldest of all that wait; NULL: none does. *from: its queue, or NULL: it is a straggler. */
static const struct ct_step *oldest(struct ct_order *o, struct ct_queue **from)
{
    struct ct_queue *const queues[] = {&o->events, &o->lives};
    const struct ct_step *found = o->stragglers.cnt ? o->stragglers.steps : NULL;

    if (!found && o->lives.first == o->lives.end) { /* almost always */
        *from = &o->events;
        return o->events.first < o->events.end ? &o->events.steps[o->events.first] : NULL;
    }
    *from = NULL;
    for (int i = 0; i < 2; i++) {
        struct ct_queue *q = queues[i];
        if (q->first == q->end || (found && !before(&q->steps[q->first], found)))
            continue;
        found = &q->steps[q->first];
        *from = q;
    }
    return found;
}

static void hand_on(struct ct_order *o, struct ct_queue *from, ct_step_fn out, void *ctx)
{
    const struct ct_step step = from ? from->steps[from->first++] : take_straggler(&o->stragglers);

    if (step.time_ns < o->released_ns)
        o->late_cnt++;
    else
        o->released_ns = step.time_ns;
    out(&step, ctx);
}

int ct_order_add(struct ct_order *o, const struct ct_step *step, int advance, ct_step_fn out,
                 void *ctx)
{
    struct ct_step numbered = *step;
    numbered.seq = o->seq++;
    const int err = put(o, advance ? &o->events : &o->lives, &numbered);
    if (err)
        return err;
    if (advance && step->time_ns > o->newest_ns)
        o->newest_ns = step->time_ns;
    struct ct_queue *from;
    for (const struct ct_step *s = oldest(o, &from); s; s = oldest(o, &from)) {
        if (s->time_ns + CT_ORDER_WINDOW_NS > o->newest_ns)
            break;
        hand_on(o, from, out, ctx);
    }
    return 0;
}

int ct_order_insert(struct ct_order *o, const struct ct_step *step)
{
    const struct ct_queue *q = &o->events;
    const size_t waiting = q->end - q->first;

    if (step->time_ns < o->released_ns)
        return 1;
    if (waiting > INSERT_MOST && q->steps[q->end - INSERT_MOST].time_ns > step->time_ns)
        return 1;
    struct ct_step numbered = *step;
    numbered.seq = o->seq++;
    return put(o, &o->events, &numbered);
}

void ct_order_flush(struct ct_order *o, ct_step_fn out, void *ctx)
{
    struct ct_queue *from;

    while (oldest(o, &from))
        hand_on(o, from, out, ctx);
}

void ct_order_fini(struct ct_order *o)
{
    free(o->events.steps);
    free(o->lives.steps);
    free(o->stragglers.steps);
    *o = (struct ct_order){0};
}
