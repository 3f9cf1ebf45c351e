/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void ct_say(const char *format, ...)
{
    char line[1024] = "conctrace: ";
    size_t len = strlen(line);
    va_list args;

    va_start(args, format);
    int more = vsnprintf(line + len, sizeof(line) - len - 1, format, args);
    va_end(args);
    if (more < 0)
        return;
    size_t end = len + (size_t)more;
    if (end > sizeof(line) - 2)
        end = sizeof(line) - 2;
    for (size_t i = len; i < end; i++) /* an operand may hold what a terminal would obey */
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?';
    line[end] = '\n';
    /* Nobody is left to tell if this fails. */
    if (write(STDERR_FILENO, line, end + 1) < 0)
        return;
}
