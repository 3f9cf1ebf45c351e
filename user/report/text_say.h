/* SPDX-License-Identifier: GPL-2.0-only */
/* A sentence of the text report, said in parts; what finds no room is cut. */
#ifndef CT_TEXT_SAY_H
#define CT_TEXT_SAY_H

#include <stddef.h>
#include <stdint.h>

struct ct_sentence {
    char text[1024];
    size_t len;
};

__attribute__((format(printf, 2, 3))) void ct_tell(struct ct_sentence *s, const char *format, ...);
/* "1 thread", "2,000 threads" */
void ct_tell_count(struct ct_sentence *s, uint64_t n, const char *one, const char *many);

#endif
