/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lanes of the HTML report: a thread's intervals each, packed for the page's script to unpack.
 *
 * A page holds at most CT_HTML_ITEMS_MAX of them. Where a run has more, neighbours that are short
 * for the run are folded into mixtures, which keep their time by state and by CPU: so sums stay
 * exact however long the run was, and both the page and the memory to make it are bounded.
 * docs/html.md tells the format.
 */
#ifndef CT_HTML_LANES_H
#define CT_HTML_LANES_H

#include <stdint.h>
#include <stdio.h>

#include "user/core/result.h"

#define CT_HTML_ITEMS_MAX 1000000

/* Codes in the place of a state. The two are of strips, which do not tell the parts. */
#define CT_HTML_MIXTURE  31
#define CT_HTML_RUNNABLE 20
#define CT_HTML_BLOCKED  21

struct ct_html_lane {
    uint8_t *bytes;
    size_t len, room;
    uint64_t start_ns, at_ns; /* of its life, and how far it is packed */
    /* what the last items said, lest each say it again */
    uint64_t cpu, call, other, taker, wake;
    uint32_t items;
    struct ct_html_mixture *open; /* being folded; NULL: nothing */
};

struct ct_html_lanes {
    const struct ct_result *r;
    struct ct_html_lane *lanes; /* by thread's place in the result */
    uint32_t *calls;            /* numbers of system calls, by the place that items name */
    size_t calls_cnt;
    uint64_t fold_ns; /* what is shorter may be folded; 0: nothing is */
    uint64_t intervals;
    uint64_t items;
    bool coarse; /* of strips, as the intervals were not kept */
    int err;
};

/*
 * Hears the intervals of r, or takes its strips if there are none. 0 or -errno. The caller calls
 * ct_html_lanes_fini in any case; r outlives it.
 */
int ct_html_lanes_init(struct ct_html_lanes *l, const struct ct_result *r, uint64_t most);
void ct_html_lanes_fini(struct ct_html_lanes *l);

/* Writes them as two elements of a page: what they are, and the lanes in base64. 0 or -errno. */
int ct_html_lanes_write(const struct ct_html_lanes *l, FILE *out);

#endif
