/* SPDX-License-Identifier: GPL-2.0-only */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "diag.h"

enum { EVENTS_AT_ONCE = 256 };

/* By descriptor, so that an event that is already fetched for a descriptor that a callback has
 * just stopped watching finds an empty row instead of freed memory. */
struct watch {
    wl_loop_event *call;
    void *arg;
};

struct wl_loop {
    int epoll, timerfd;
    struct watch *watches;
    size_t watches_max, watches_cnt;
    struct wl_timer **heap; /* heap[1] is due first */
    size_t heap_max, timers_cnt;
    uint64_t order;    /* of the next timer to be set */
    uint64_t armed_ns; /* what the timerfd is set to; 0: nothing */
    void (*at_end)(void *arg);
    void *at_end_arg;
};

struct wl_loop *wl_loop_new(void)
{
    struct wl_loop *loop = wl_alloc(1, sizeof(*loop));
    struct epoll_event event = {.events = EPOLLIN};

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    event.data.fd = loop->timerfd;
    if (loop->epoll < 0 || loop->timerfd < 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timerfd, &event)) {
        wl_error("no event loop: %s", strerror(errno));
        wl_loop_free(loop);
        return NULL;
    }
    return loop;
}

void wl_loop_free(struct wl_loop *loop)
{
    if (!loop)
        return;
    if (loop->at_end)
        loop->at_end(loop->at_end_arg);
    if (loop->timerfd >= 0)
        close(loop->timerfd);
    if (loop->epoll >= 0)
        close(loop->epoll);
    free(loop->watches);
    free(loop->heap);
    free(loop);
}

void wl_loop_at_end(struct wl_loop *loop, void (*call)(void *arg), void *arg)
{
    loop->at_end = call;
    loop->at_end_arg = arg;
}

static void watches_grow(struct wl_loop *loop, size_t fd)
{
    size_t max = loop->watches_max ? loop->watches_max : 16;
    struct watch *watches;

    while (max <= fd)
        max *= 2;
    if (max == loop->watches_max)
        return;
    watches = wl_alloc(max, sizeof(*watches));
    if (loop->watches_max)
        memcpy(watches, loop->watches, loop->watches_max * sizeof(*watches));
    free(loop->watches);
    loop->watches = watches;
    loop->watches_max = max;
}

int wl_loop_watch(struct wl_loop *loop, int fd, uint32_t events, wl_loop_event *call, void *arg)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    bool known;

    watches_grow(loop, (size_t)fd);
    known = loop->watches[fd].call;
    if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event))
        return -1;
    loop->watches[fd] = (struct watch){call, arg};
    loop->watches_cnt += known ? 0 : 1;
    return 0;
}

/* The descriptor may be closed already, and then epoll has forgotten it by itself. */
void wl_loop_unwatch(struct wl_loop *loop, int fd)
{
    if ((size_t)fd >= loop->watches_max || !loop->watches[fd].call)
        return;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    loop->watches[fd] = (struct watch){0};
    loop->watches_cnt--;
}

static bool is_earlier(const struct wl_timer *a, const struct wl_timer *b)
{
    if (a->deadline_ns != b->deadline_ns)
        return a->deadline_ns < b->deadline_ns;
    return a->order < b->order;
}

static void heap_put(struct wl_loop *loop, struct wl_timer *timer, size_t place)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void heap_up(struct wl_loop *loop, struct wl_timer *timer, size_t place)
{
    for (; place > 1 && is_earlier(timer, loop->heap[place / 2]); place /= 2)
        heap_put(loop, loop->heap[place / 2], place);
    heap_put(loop, timer, place);
}

static void heap_down(struct wl_loop *loop, struct wl_timer *timer, size_t place)
{
    for (size_t child = 2 * place; child <= loop->timers_cnt; child = 2 * place) {
        if (child < loop->timers_cnt && is_earlier(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (!is_earlier(loop->heap[child], timer))
            break;
        heap_put(loop, loop->heap[child], place);
        place = child;
    }
    heap_put(loop, timer, place);
}

static void heap_grow(struct wl_loop *loop)
{
    size_t max = loop->heap_max ? 2 * loop->heap_max : 16;
    struct wl_timer **heap;

    if (loop->timers_cnt + 1 < loop->heap_max)
        return;
    heap = wl_alloc(max, sizeof(struct wl_timer *));
    if (loop->heap)
        memcpy(heap, loop->heap, loop->heap_max * sizeof(struct wl_timer *));
    free(loop->heap);
    loop->heap = heap;
    loop->heap_max = max;
}

void wl_timer_set(struct wl_loop *loop, struct wl_timer *timer, uint64_t deadline_ns)
{
    wl_timer_clear(loop, timer);
    heap_grow(loop);
    timer->deadline_ns = deadline_ns;
    timer->order = loop->order++;
    heap_up(loop, timer, ++loop->timers_cnt);
}

void wl_timer_clear(struct wl_loop *loop, struct wl_timer *timer)
{
    size_t place = timer->place;
    struct wl_timer *last;

    if (!place)
        return;
    timer->place = 0;
    last = loop->heap[loop->timers_cnt--];
    if (last == timer)
        return;
    if (place > 1 && is_earlier(last, loop->heap[place / 2]))
        heap_up(loop, last, place);
    else
        heap_down(loop, last, place);
}

/* The timerfd is set only when the first deadline has changed: no system call a turn. */
static void arm(struct wl_loop *loop)
{
    uint64_t first = loop->timers_cnt ? loop->heap[1]->deadline_ns : 0;
    struct itimerspec at = {.it_value = wl_timespec(first)};

    if (first == loop->armed_ns)
        return;
    timerfd_settime(loop->timerfd, TFD_TIMER_ABSTIME, &at, NULL);
    loop->armed_ns = first;
}

/* Only timers that are due by now: one that a callback sets for this instant waits a turn. */
static void fire_timers(struct wl_loop *loop)
{
    uint64_t now = wl_now_ns();

    while (loop->timers_cnt && loop->heap[1]->deadline_ns <= now) {
        struct wl_timer *timer = loop->heap[1];

        wl_timer_clear(loop, timer);
        timer->fire(timer->arg);
    }
}

/* Reading it lets the timerfd, which has gone off, fall silent. */
static void timerfd_gone_off(struct wl_loop *loop)
{
    uint64_t expirations;
    ssize_t got = read(loop->timerfd, &expirations, sizeof(expirations));

    (void)got; /* nothing to read: it was set anew meanwhile */
    loop->armed_ns = 0;
}

bool wl_loop_turn(struct wl_loop *loop, bool may_wait)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int got;

    if (may_wait && !loop->watches_cnt && !loop->timers_cnt)
        return false;
    arm(loop);
    got = epoll_wait(loop->epoll, events, EVENTS_AT_ONCE, may_wait ? -1 : 0);
    for (int i = 0; i < got; i++) {
        int fd = events[i].data.fd;

        if (fd == loop->timerfd) {
            timerfd_gone_off(loop);
            continue;
        }
        if (loop->watches[fd].call)
            loop->watches[fd].call(loop->watches[fd].arg, fd, events[i].events);
    }
    fire_timers(loop);
    return true;
}
