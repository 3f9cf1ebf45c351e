/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clocks: every time in the workload is CLOCK_MONOTONIC in nanoseconds, the clock that
 * clock_nanosleep, timerfd and tracers share, so that intervals from different threads and
 * processes compare directly.
 */
#ifndef WL_CLOCK_H
#define WL_CLOCK_H

#include <stdint.h>

#define WL_NS_PER_US 1000ULL
#define WL_NS_PER_MS 1000000ULL
#define WL_NS_PER_S  1000000000ULL

uint64_t wl_now_ns(void);
uint64_t wl_thread_cpu_ns(void);

/* Blocks the thread until the clock reads deadline_ns, whatever signals arrive meanwhile. */
void wl_sleep_until(uint64_t deadline_ns);

struct timespec wl_timespec(uint64_t ns);

#endif
