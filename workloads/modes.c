/* SPDX-License-Identifier: GPL-2.0-only */
#include "run.h"

#include <string.h>

static const struct wl_mode *const modes[] = {
    &wl_mode_serial, &wl_mode_threads, &wl_mode_processes, &wl_mode_pool, &wl_mode_eventloop,
};

const struct wl_mode *wl_mode_at(size_t index)
{
    return index < sizeof(modes) / sizeof(modes[0]) ? modes[index] : NULL;
}

const char *wl_mode_name_at(size_t index)
{
    const struct wl_mode *mode = wl_mode_at(index);

    return mode ? mode->name : NULL;
}

static int is_called(const struct wl_mode *mode, const char *name)
{
    if (strcmp(mode->name, name) == 0)
        return 1;
    for (size_t i = 0; i < sizeof(mode->aliases) / sizeof(mode->aliases[0]); i++)
        if (mode->aliases[i] && strcmp(mode->aliases[i], name) == 0)
            return 1;
    return 0;
}

const struct wl_mode *wl_mode_find(const char *name)
{
    for (size_t i = 0; wl_mode_at(i); i++)
        if (is_called(wl_mode_at(i), name))
            return wl_mode_at(i);
    return NULL;
}
