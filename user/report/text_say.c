/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/text_say.h"

#include <stdarg.h>
#include <stdio.h>

#include "user/report/format.h"

void ct_tell(struct ct_sentence *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(s->text + s->len, sizeof(s->text) - s->len, format, args);
    va_end(args);
    if (n > 0)
        s->len += (size_t)n;
    if (s->len > sizeof(s->text) - 1)
        s->len = sizeof(s->text) - 1;
}

void ct_tell_count(struct ct_sentence *s, uint64_t n, const char *one, const char *many)
{
    char number[CT_NUMBER_LEN];

    ct_format_count(number, n);
    ct_tell(s, "%s %s", number, n == 1 ? one : many);
}
