/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings: what libc lacks. */
#ifndef CT_STR_H
#define CT_STR_H

/*
 * Edit distance between a and b (insert, delete, replace, swap neighbours), for suggestions.
 * Strings longer than 63 bytes count as infinitely far apart (UINT_MAX).
 */
unsigned ct_str_distance(const char *a, const char *b);

#endif
