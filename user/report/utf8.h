/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of any bytes are well-formed UTF-8: foreign text is made valid by all writers alike. */
#ifndef CT_UTF8_H
#define CT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define CT_UTF8_INSTEAD "\xef\xbf\xbd" /* U+FFFD, for what is not */

/*
 * The longest beginning of s that begins a well-formed sequence too, at least 1; *whole tells
 * whether it is such a sequence itself. Unicode, table 3-7: only the second byte's range depends
 * on the first, which is what keeps overlong forms, surrogates and all above U+10FFFF out.
 */
size_t ct_utf8_span(const unsigned char *s, size_t len, bool *whole);

/*
 * Whether the well-formed sequence at s is a mark of direction, with which a line reads otherwise
 * than it is: U+200E, U+202A, U+2066 ..
 */
bool ct_utf8_turns_text(const unsigned char *s);

#endif
