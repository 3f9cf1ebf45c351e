/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define INSERT_MOST 512 /* steps that are moved for one that comes late */

static bool before(const struct ct_step *a, const struct ct_step *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : (int32_t)(a->seq - b->seq) < 0;
}

static bool empty(const struct ct_queue *q)
{
    return q->first == q->end;
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

static int put(struct ct_queue *q, const struct ct_step *step)
{
    const int err = make_room(q);
    if (err)
        return err;
    size_t i = q->end++;
    for (; i > q->first && before(step, &q->steps[i - 1]); i--)
        q->steps[i] = q->steps[i - 1];
    q->steps[i] = *step;
    return 0;
}

/* The queue whose head comes next; NULL: both are empty. */
static struct ct_queue *next(struct ct_order *o)
{
    if (empty(&o->lives))
        return empty(&o->events) ? NULL : &o->events;
    if (empty(&o->events))
        return &o->lives;
    return before(&o->lives.steps[o->lives.first], &o->events.steps[o->events.first]) ? &o->lives
                                                                                      : &o->events;
}

static void hand_on(struct ct_order *o, struct ct_queue *q, ct_step_fn out, void *ctx)
{
    const struct ct_step *step = &q->steps[q->first++];
    if (step->time_ns < o->released_ns)
        o->late_cnt++;
    else
        o->released_ns = step->time_ns;
    out(step, ctx);
}

int ct_order_add(struct ct_order *o, const struct ct_step *step, int advance, ct_step_fn out,
                 void *ctx)
{
    struct ct_step numbered = *step;
    numbered.seq = o->seq++;
    const int err = put(advance ? &o->events : &o->lives, &numbered);
    if (err)
        return err;
    if (advance && step->time_ns > o->newest_ns)
        o->newest_ns = step->time_ns;
    for (struct ct_queue *q = next(o); q; q = next(o)) {
        if (q->steps[q->first].time_ns + CT_ORDER_WINDOW_NS > o->newest_ns)
            break;
        hand_on(o, q, out, ctx);
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
    return put(&o->events, &numbered);
}

void ct_order_flush(struct ct_order *o, ct_step_fn out, void *ctx)
{
    for (struct ct_queue *q = next(o); q; q = next(o))
        hand_on(o, q, out, ctx);
}

void ct_order_fini(struct ct_order *o)
{
    free(o->events.steps);
    free(o->lives.steps);
    *o = (struct ct_order){0};
}
