/* SPDX-License-Identifier: GPL-2.0-only */
#include "tasks.h"

#include <string.h>

static const struct wl_task *const tasks[] = {
    &wl_task_cpu,
    &wl_task_net,
    &wl_task_sleep,
    &wl_task_mixed,
};

const struct wl_task *wl_task_at(size_t index)
{
    return index < sizeof(tasks) / sizeof(tasks[0]) ? tasks[index] : NULL;
}

const char *wl_task_name_at(size_t index)
{
    const struct wl_task *task = wl_task_at(index);

    return task ? task->name : NULL;
}

const struct wl_task *wl_task_find(const char *name)
{
    for (size_t i = 0; wl_task_at(i); i++)
        if (strcmp(wl_task_at(i)->name, name) == 0)
            return wl_task_at(i);
    return NULL;
}
