/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text report: one screen that a student reads in ten seconds. Floor 3: knows the result, the
 * style and its FILE; no clock, no environment.
 *
 * Role: the table of sections below, top to bottom; an empty line stands between those that had
 * something to say. To add one, write a function and a row.
 *
 * Invariants (tests/unit/test_report_text*.c): no line is wider than the screen; without
 * style.unicode all is printable ASCII, without style.color there is no escape sequence; bytes of
 * the traced program come out escaped; unless verbose, the report of any run fits on about a
 * screen.
 *
 * Rejected: a line of averages for all that does not fit ("other threads: 20 % running"): averages
 * of unlike threads say nothing, so threads fold with their like first (text_rows.c).
 */
#include <errno.h>

#include "user/report/text_internal.h"
#include "user/report/text_why.h"

#define ROWS_MOST  12 /* more rows of threads would push the rest from the screen */
#define ROWS_LEAST 8  /* where much else is to be told */

struct context {
    struct ct_page page;
    struct ct_trust trust;
    struct ct_text_rows rows;
    struct ct_ledger why;
};

static void heading(struct context *c)
{
    ct_text_heading(&c->page);
    ct_text_warnings(&c->page, &c->trust);
}

static void verdict(struct context *c)
{
    ct_text_verdict(&c->page);
}

static void breakdown(struct context *c)
{
    ct_text_breakdown(&c->page);
}

static void threads(struct context *c)
{
    ct_text_threads(&c->page, &c->rows);
}

static void why(struct context *c)
{
    ct_ledger_put(&c->page, &c->why);
}

static void timeline(struct context *c)
{
    ct_text_timeline(&c->page, &c->rows);
}

static void stacks(struct context *c)
{
    const int err = ct_text_stacks(&c->page);
    if (err && !c->page.err)
        c->page.err = err;
}

static void trust(struct context *c)
{
    ct_text_trust(&c->page, &c->trust);
}

static void (*const sections[])(struct context *) = {
    heading, verdict, breakdown, threads, why, timeline, stacks, trust,
};

/* Rows for threads: what else is to be told wants room, too. */
static size_t rows_most(const struct ct_ledger *why)
{
    const size_t lines = ct_ledger_lines(why);

    return lines + ROWS_LEAST <= ROWS_MOST ? ROWS_MOST - lines : ROWS_LEAST;
}

int ct_report_text(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    struct context c = {.page = {.r = r,
                                 .style = style,
                                 .out = out,
                                 .width = style->width > 0 ? style->width : 100},
                        .trust = ct_trust_of(r)};

    int err = ct_text_why(&c.why, r, style->verbose);
    if (!err)
        err = ct_text_rows_init(&c.rows, r, style->verbose ? 0 : rows_most(&c.why));
    if (err) {
        ct_ledger_fini(&c.why);
        return err;
    }
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        sections[i](&c);
        ct_page_gap(&c.page);
    }
    ct_text_rows_fini(&c.rows);
    ct_ledger_fini(&c.why);
    errno = 0;
    if (fflush(out) && !c.page.err)
        c.page.err = errno ? -errno : -EIO;
    return c.page.err;
}
