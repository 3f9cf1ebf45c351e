/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How numbers and foreign strings become readable text. Floor 3, shared by the reporters.
 *
 * Numbers: three significant digits, and nothing that happened is ever shown as zero.
 * Strings: bytes of the traced program are hostile until proven printable. They pass glyph by
 * glyph, so that cutting and aligning never tear a character and never miscount its columns.
 */
#ifndef CT_FORMAT_H
#define CT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT_NUMBER_LEN 48

struct ct_unit {
    const char *name;
    double ns;
};

/* The unit in which max_ns has one to three digits before the point (never above seconds). */
const struct ct_unit *ct_unit_for(uint64_t max_ns);

/*
 * v >= 0 with three significant digits, at most `decimals` (0..2) of them behind the point;
 * "<0.01" where that would show zero. Not finite: "-". Returns the length.
 */
size_t ct_format_number(char to[CT_NUMBER_LEN], double v, int decimals);

/*
 * The same for a column: blanks stand where digits behind the point are missing, so that points
 * align when the cells are set to the right.
 */
size_t ct_format_aligned(char to[CT_NUMBER_LEN], double v, int decimals);

/* "1.62 s", "31.0 us", "0 s". */
size_t ct_format_ns(char to[CT_NUMBER_LEN], uint64_t ns);

/* "12.3 %" of whole; "0 %" where whole is 0. */
size_t ct_format_percent(char to[CT_NUMBER_LEN], uint64_t part, uint64_t whole);

/* "1,234,567" */
size_t ct_format_count(char to[CT_NUMBER_LEN], uint64_t n);

/* "SIGSEGV"; "signal 40" for one without a name. */
size_t ct_format_signal(char to[CT_NUMBER_LEN], int signal);

/* What one character (with the marks that combine with it) looks like on a screen. */
struct ct_glyph {
    char bytes[16];
    uint8_t len;
    uint8_t cols;
};

/*
 * Takes one character from [at, end), at < end, and returns where the next begins. Without
 * unicode the glyph is ASCII. Harmless text stays as it is; all else becomes \n, \x1b (a byte that
 * is not text) or \u{202e} (a character that would hide, reorder or widen what is around it).
 * Widths come from wcwidth: in a locale that is not UTF-8 all that is not ASCII is escaped.
 */
const char *ct_glyph_next(const char *at, const char *end, bool unicode, struct ct_glyph *g);

#endif
