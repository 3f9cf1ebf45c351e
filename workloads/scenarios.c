/* SPDX-License-Identifier: GPL-2.0-only */
#include "scenarios.h"

#include <string.h>

static const struct wl_scenario *const scenarios[] = {
    &wl_scenario_waiters_tasks,    &wl_scenario_waiters_sequential, &wl_scenario_waiters_staggered,
    &wl_scenario_waiters_blocking, &wl_scenario_waiters_gather,     &wl_scenario_generator,
    &wl_scenario_hello_thread,     &wl_scenario_hello_process,      &wl_scenario_introspect,
};

const struct wl_scenario *wl_scenario_at(size_t index)
{
    return index < sizeof(scenarios) / sizeof(scenarios[0]) ? scenarios[index] : NULL;
}

const char *wl_scenario_name_at(size_t index)
{
    const struct wl_scenario *scenario = wl_scenario_at(index);

    return scenario ? scenario->name : NULL;
}

const struct wl_scenario *wl_scenario_find(const char *name)
{
    for (size_t i = 0; wl_scenario_at(i); i++)
        if (strcmp(wl_scenario_at(i)->name, name) == 0)
            return wl_scenario_at(i);
    return NULL;
}
