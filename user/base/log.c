/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/* An operand may hold what a terminal would obey. The bytes of the character at s, of n. */
static size_t make_harmless(char *s, size_t n)
{
    mbstate_t whole = {0};
    wchar_t c;
    const size_t len = mbrtowc(&c, s, n, &whole);

    if (len >= 1 && len <= n && iswprint((wint_t)c))
        return len;
    const size_t bad = len >= 1 && len <= n ? len : 1;
    memset(s, '?', bad);
    return bad;
}

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
    for (size_t i = len; i < end;)
        i += make_harmless(line + i, end - i);
    line[end] = '\n';
    /* Nobody is left to tell if this fails. */
    if (write(STDERR_FILENO, line, end + 1) < 0)
        return;
}
