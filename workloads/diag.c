/* SPDX-License-Identifier: GPL-2.0-only */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int wl_error(const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    fprintf(stderr, "workload: %s\n", line);
    return -1;
}

void *wl_alloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory) {
        wl_error("out of memory");
        exit(WL_EXIT_FAILURE);
    }
    return memory;
}
