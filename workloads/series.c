/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sin x by its series up to x^11, with every factorial computed anew by recursion: work that only
 * a CPU can do. A compiler sees that the factorials of 3, 5, 7, 9 and 11 are constants and would
 * leave nothing of it; the empty asm statements hide the argument and the result of each call from
 * it, so that the calls stay, and stay recursive, at any optimization level.
 */
#include "series.h"

#include "gil.h"

static __attribute__((noinline)) uint64_t factorial(uint64_t n)
{
    uint64_t below;

    __asm__ volatile("" : "+r"(n));
    if (n < 2)
        return 1;
    below = factorial(n - 1);
    __asm__ volatile("" : "+r"(below));
    return n * below;
}

static double sine(double x)
{
    double square = x * x;
    double power = x;
    double sum = x;

    for (uint64_t n = 3; n <= 11; n += 2) {
        power *= -square;
        sum += power / (double)factorial(n);
    }
    return sum;
}

double wl_series_sum(uint64_t first, uint64_t count, uint64_t total, struct wl_gil *gil)
{
    double sum = 0;

    for (uint64_t i = first; i < first + count; i++) {
        sum += sine((double)i / (double)total);
        wl_gil_check(gil);
    }
    return sum;
}
