/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of scenarios: the lesson's small programs. A new one is a function and a row. */
#ifndef WL_SCENARIOS_H
#define WL_SCENARIOS_H

#include "names.h"
#include "run.h"

struct wl_scenario {
    const char *name, *summary;
    unsigned workers;               /* how many threads or processes it starts */
    int (*run)(struct wl_run *run); /* -1 after a message */
};

extern const struct wl_scenario wl_scenario_waiters_tasks, wl_scenario_waiters_sequential,
    wl_scenario_waiters_staggered, wl_scenario_waiters_blocking, wl_scenario_waiters_gather,
    wl_scenario_generator, wl_scenario_hello_thread, wl_scenario_hello_process,
    wl_scenario_introspect;

const struct wl_scenario *wl_scenario_find(const char *name); /* NULL: no such scenario */
const struct wl_scenario *wl_scenario_at(size_t index);       /* NULL behind the last */
wl_name_at wl_scenario_name_at;

#endif
