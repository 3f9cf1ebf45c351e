/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/utf8.h"

size_t ct_utf8_span(const unsigned char *s, size_t len, bool *whole)
{
    const unsigned char lead = s[0];
    const size_t need = lead < 0x80   ? 1
                        : lead < 0xc2 ? 0
                        : lead < 0xe0 ? 2
                        : lead < 0xf0 ? 3
                        : lead < 0xf5 ? 4
                                      : 0;
    unsigned char low = 0x80, high = 0xbf;
    size_t span = 1;

    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f;
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    while (span < need && span < len && s[span] >= low && s[span] <= high) {
        span++;
        low = 0x80;
        high = 0xbf;
    }
    *whole = span == need;
    return span;
}

bool ct_utf8_turns_text(const unsigned char *s)
{
    return s[0] == 0xe2 &&
           ((s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae))) ||
            (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}
