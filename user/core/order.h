/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts records into the order of time. Several CPUs write one ring, so stamps come almost in order:
 * a record waits until one that is CT_ORDER_WINDOW_NS younger has been seen. Equal stamps keep
 * the order of arrival, in which the kernel's locks already put the records of one thread.
 *
 * Records come nearly sorted, so each is put in its place from the young end: a few comparisons. (A
 * heap cost ten times that, in cache misses, on a backlog of a hundred thousand.) The lives, whose
 * accounts overtake the events that precede them, wait in a queue of their own. What comes in no
 * order at all (no kernel gives that, a recording may) goes into a heap: so no stream of steps
 * takes more than a logarithm's time for each.
 */
#ifndef CT_ORDER_H
#define CT_ORDER_H

#include <stddef.h>
#include <stdint.h>

#define CT_ORDER_WINDOW_NS 200000000ULL

enum ct_step_kind {
    CT_STEP_BEGIN, /* the thread's life begins, in `state` */
    CT_STEP_WAKE,  /* becomes runnable; `wake` and `waker` tell by whom */
    CT_STEP_IN,    /* gets `cpu`; became runnable at to_ns, if that is not 0 (as in WAKE) */
    CT_STEP_OUT,   /* leaves `cpu`, to `state` */
    CT_STEP_END, /* its life ends, or tracing does; was in `state` since to_ns, if that is not 0 */
    CT_STEP_GAP, /* records were lost between time_ns and to_ns */
};

/* One thing that happened to one thread at one time: a switch record makes two of these. */
struct ct_step {
    uint64_t time_ns;
    union {
        uint64_t to_ns;
        uint64_t call; /* OUT: as in struct ct_rec_switch */
    };
    uint32_t seq; /* order of arrival, wrapping round; set by ct_order_add */
    uint32_t id;
    uint32_t waker; /* 0: no traced thread. OUT: who took the CPU */
    uint16_t cpu;
    uint8_t kind : 4; /* enum ct_step_kind */
    uint8_t wake : 4; /* enum ct_wake */
    uint8_t state;
};
_Static_assert(sizeof(struct ct_step) == 32, "a step is small: a second of them waits");

typedef void (*ct_step_fn)(const struct ct_step *step, void *ctx);

/* Steps from the oldest to the youngest: steps[first] to steps[end - 1]. */
struct ct_queue {
    struct ct_step *steps;
    size_t first;
    size_t end;
    size_t room;
};

/* Those whose place is far from the young end: the oldest of `steps` first, as a binary heap. */
struct ct_stragglers {
    struct ct_step *steps;
    size_t cnt;
    size_t room;
};

struct ct_order {
    struct ct_queue events;
    struct ct_queue lives;
    struct ct_stragglers stragglers;
    uint32_t seq;
    uint64_t newest_ns;
    uint64_t released_ns; /* stamp of the last step handed on */
    uint64_t late_cnt;    /* came after a younger one had been handed on; handed on at once */
};

/*
 * Adds a step. `advance`: its stamp may release older ones (only for stamps from the stream of
 * events itself: an account may overtake the events that precede it). 0 or -ENOMEM.
 */
int ct_order_add(struct ct_order *o, const struct ct_step *step, int advance, ct_step_fn out,
                 void *ctx);

/*
 * Adds a step that lies a little back in time, if it can still be put in its place and that costs
 * little: 0. 1 if not; -ENOMEM.
 */
int ct_order_insert(struct ct_order *o, const struct ct_step *step);

/* Hands on all that waits. */
void ct_order_flush(struct ct_order *o, ct_step_fn out, void *ctx);

void ct_order_fini(struct ct_order *o);

#endif
