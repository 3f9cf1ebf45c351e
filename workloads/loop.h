/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop: epoll for descriptors, one timerfd for all timers, one thread.
 *
 * It calls back and knows nothing of coroutines or transfers, which are built on it. Timers are
 * members of their owner, kept in a heap, so that setting one allocates nothing and a hundred
 * thousand of them are cheap; equal deadlines go off in the order in which they were set.
 * Rejected: epoll_wait's own timeout, whose milliseconds would round every delay up; a loop
 * library, which would add its own descriptors and wake-ups to the trace.
 */
#ifndef WL_LOOP_H
#define WL_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wl_loop;

typedef void wl_loop_event(void *arg, int fd, uint32_t events);

struct wl_timer {
    uint64_t deadline_ns, order;
    size_t place; /* in the heap, from 1; 0: not set */
    void (*fire)(void *arg);
    void *arg;
};

struct wl_loop *wl_loop_new(void); /* NULL after a message */
void wl_loop_free(struct wl_loop *loop);

/* Watches fd for EPOLLIN, EPOLLOUT, or changes what it is watched for. -1: errno says why. */
int wl_loop_watch(struct wl_loop *loop, int fd, uint32_t events, wl_loop_event *call, void *arg);
void wl_loop_unwatch(struct wl_loop *loop, int fd);

void wl_timer_set(struct wl_loop *loop, struct wl_timer *timer, uint64_t deadline_ns);
void wl_timer_clear(struct wl_loop *loop, struct wl_timer *timer);

/* Has call(arg) called when the loop is freed: for the one thing that is built on it and must go
 * before it does. */
void wl_loop_at_end(struct wl_loop *loop, void (*call)(void *arg), void *arg);

/* Calls back for what has happened, waiting for it if may_wait. False: nothing ever will. */
bool wl_loop_turn(struct wl_loop *loop, bool may_wait);

#endif
