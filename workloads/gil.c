/* SPDX-License-Identifier: GPL-2.0-only */
#include "gil.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "diag.h"

struct wl_gil {
    atomic_bool drop_requested; /* read by the holder without the mutex */
    pthread_mutex_t mutex;      /* guards all below, and is only ever held for an instant */
    pthread_cond_t dropped, taken;
    uint64_t switch_interval_ns;
    uint64_t switches; /* how often the lock has been taken: tells whether it changed hands */
    bool locked;
};

struct wl_gil *wl_gil_new(uint64_t switch_interval_ns)
{
    struct wl_gil *gil = wl_alloc(1, sizeof(*gil));
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&gil->mutex, NULL);
    pthread_cond_init(&gil->dropped, &attr);
    pthread_cond_init(&gil->taken, &attr);
    pthread_condattr_destroy(&attr);
    gil->switch_interval_ns = switch_interval_ns;
    return gil;
}

void wl_gil_free(struct wl_gil *gil)
{
    if (!gil)
        return;
    pthread_cond_destroy(&gil->taken);
    pthread_cond_destroy(&gil->dropped);
    pthread_mutex_destroy(&gil->mutex);
    free(gil);
}

/* Only a lock that has been with the same holder for a whole interval is asked for. */
static void wait_for_turn(struct wl_gil *gil)
{
    while (gil->locked) {
        struct timespec until = wl_timespec(wl_now_ns() + gil->switch_interval_ns);
        uint64_t switches = gil->switches;
        int rc = pthread_cond_timedwait(&gil->dropped, &gil->mutex, &until);

        if (rc == ETIMEDOUT && gil->locked && gil->switches == switches)
            atomic_store_explicit(&gil->drop_requested, true, memory_order_relaxed);
    }
}

void wl_gil_take(struct wl_gil *gil)
{
    if (!gil)
        return;
    pthread_mutex_lock(&gil->mutex);
    wait_for_turn(gil);
    gil->locked = true;
    gil->switches++;
    atomic_store_explicit(&gil->drop_requested, false, memory_order_relaxed);
    pthread_cond_broadcast(&gil->taken);
    pthread_mutex_unlock(&gil->mutex);
}

/* The wait for a successor cannot hang: a drop request means that somebody is in wait_for_turn. */
void wl_gil_drop(struct wl_gil *gil)
{
    uint64_t switches;

    if (!gil)
        return;
    pthread_mutex_lock(&gil->mutex);
    switches = gil->switches;
    gil->locked = false;
    pthread_cond_signal(&gil->dropped);
    if (atomic_load_explicit(&gil->drop_requested, memory_order_relaxed))
        while (gil->switches == switches)
            pthread_cond_wait(&gil->taken, &gil->mutex);
    pthread_mutex_unlock(&gil->mutex);
}

void wl_gil_check(struct wl_gil *gil)
{
    if (gil && atomic_load_explicit(&gil->drop_requested, memory_order_relaxed)) {
        wl_gil_drop(gil);
        wl_gil_take(gil);
    }
}
