/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of tasks. A new task is a file with a step function and a row in tasks.c. */
#ifndef WL_TASKS_H
#define WL_TASKS_H

#include "job.h"
#include "names.h"

extern const struct wl_task wl_task_cpu, wl_task_net, wl_task_sleep, wl_task_mixed;

const struct wl_task *wl_task_find(const char *name); /* NULL: no such task */
const struct wl_task *wl_task_at(size_t index);       /* NULL behind the last */
wl_name_at wl_task_name_at;

#endif
