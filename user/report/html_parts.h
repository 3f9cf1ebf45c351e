/* SPDX-License-Identifier: GPL-2.0-only */
/* What a page's data is written with: so that no byte of it can be taken for markup. */
#ifndef CT_HTML_PARTS_H
#define CT_HTML_PARTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "user/report/html_lanes.h"

/*
 * Writes what `write` writes, which is JSON, as an element of a page. There, "<" could end it: it
 * becomes \u003c, as it stands in strings only. 0 or -errno.
 */
typedef int (*ct_html_write_fn)(void *ctx, FILE *out);
int ct_html_put_json(FILE *out, const char *what, ct_html_write_fn write, void *ctx);

/* What the lanes' script must know besides: names of system calls, what was folded. */
int ct_html_put_about(const struct ct_html_lanes *l, FILE *out);

/* Base64 as a stream. Errors stay with `out`. */
struct ct_base64 {
    FILE *out;
    uint8_t rest[3];
    unsigned rest_cnt;
};
void ct_base64_put(struct ct_base64 *b, const uint8_t *bytes, size_t len);
void ct_base64_end(struct ct_base64 *b);

#endif
