/* SPDX-License-Identifier: GPL-2.0-only */
/* The divisors of 12 between 1 and 12, asked for one at a time, once more than there are. */
#include <stdio.h>

#include "generator.h"
#include "scenarios.h"

static void divisors(struct wl_generator *self, long number)
{
    for (long candidate = 2; candidate < number; candidate++)
        if (number % candidate == 0)
            wl_generator_yield(self, candidate);
}

static int play(struct wl_run *run)
{
    struct wl_generator *generator = wl_generator_new(divisors, 12);
    long value;

    (void)run;
    if (!generator)
        return -1;
    while (wl_generator_next(generator, &value))
        printf("%ld\n", value);
    puts("the generator has ended");
    wl_generator_free(generator);
    return 0;
}

const struct wl_scenario wl_scenario_generator = {
    .name = "generator",
    .summary = "a function that stops at each value it yields: 2 3 4 6, then its end",
    .run = play,
};
