/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/text_names.h"

/* A run of digits is as good as any other. */
static unsigned next(const char **at)
{
    const char *s = *at;
    unsigned c = (unsigned char)*s;

    if (c >= '0' && c <= '9') {
        while (*s >= '0' && *s <= '9')
            s++;
        *at = s;
        return '0';
    }
    *at += c != 0;
    return c;
}

int ct_name_compare(const char *a, const char *b)
{
    unsigned ca, cb;

    do {
        ca = next(&a);
        cb = next(&b);
    } while (ca == cb && ca);
    return ca < cb ? -1 : ca > cb;
}

void ct_name_pattern(char to[CT_NAME_PATTERN_LEN], const char *comm)
{
    unsigned len = 0;

    while (*comm) {
        const char c = *comm;
        next(&comm);
        to[len++] = c >= '0' && c <= '9' ? '*' : c;
    }
    to[len] = 0;
}
