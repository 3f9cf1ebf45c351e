/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/faults/failing.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/common_interface_defs.h>

static size_t seen, failing;
static bool counts, for_ever, shows;

void ct_failing_from(size_t nth, bool forever)
{
    seen = 0;
    failing = nth;
    for_ever = forever;
    counts = true;
}

void ct_failing_show(bool on)
{
    shows = on;
}

size_t ct_failing_end(void)
{
    counts = false;
    return seen;
}

static bool fails(void)
{
    if (!counts)
        return false;
    seen++;
    if (!failing || (for_ever ? seen < failing : seen != failing))
        return false;
    if (shows && seen == failing)
        __sanitizer_print_stack_trace();
    errno = ENOMEM;
    return true;
}

/* The linker's names: __wrap_X is called for X, __real_X is X. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t cnt, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t len);
FILE *__real_open_memstream(char **text, size_t *size);
int __real_vasprintf(char **text, const char *format, va_list args);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t cnt, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t len);
FILE *__wrap_open_memstream(char **text, size_t *size);
int __wrap_vasprintf(char **text, const char *format, va_list args);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t cnt, size_t size)
{
    return fails() ? NULL : __real_calloc(cnt, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *s)
{
    return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t len)
{
    return fails() ? NULL : __real_strndup(s, len);
}

FILE *__wrap_open_memstream(char **text, size_t *size)
{
    return fails() ? NULL : __real_open_memstream(text, size);
}

int __wrap_vasprintf(char **text, const char *format, va_list args)
{
    return fails() ? -1 : __real_vasprintf(text, format, args);
}
