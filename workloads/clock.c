/* SPDX-License-Identifier: GPL-2.0-only */
#include "clock.h"

#include <errno.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * WL_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t wl_now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t wl_thread_cpu_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

struct timespec wl_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / WL_NS_PER_S),
                             .tv_nsec = (long)(ns % WL_NS_PER_S)};
}

/* An absolute deadline makes the retry after a signal exact: no rest to compute, no drift. */
void wl_sleep_until(uint64_t deadline_ns)
{
    struct timespec until = wl_timespec(deadline_ns);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
}
