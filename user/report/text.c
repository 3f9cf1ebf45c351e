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
#include <limits.h>

#include "user/report/text_internal.h"
#include "user/report/text_why.h"

struct context {
    struct ct_page page;
    const struct ct_text_plan *plan;
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

static void findings(struct context *c)
{
    ct_text_findings(&c->page, c->plan);
}

static void breakdown(struct context *c)
{
    ct_text_breakdown(&c->page, c->plan);
}

static void path(struct context *c)
{
    ct_text_parallelism(&c->page);
    ct_text_path(&c->page, c->plan);
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
    heading, verdict, findings, breakdown, path, threads, why, timeline, stacks, trust,
};

/*
 * Plans for the page, from the one that tells most to the one that tells least: the first that fits
 * is taken. A line more of threads costs two, as the timeline has it, too.
 */
/* clang-format off */
static const struct ct_text_plan plans[] = {
    /* threads, tables, their rows, findings, explained, stretches, halves */
    {12, 4, 3, 3, 3, 10, true},
    {10, 4, 3, 3, 3, 6, true},
    {8, 4, 3, 3, 3, 4, true},
    {8, 4, 2, 3, 3, 4, true},
    {8, 4, 2, 3, 2, 4, false},
    {7, 3, 2, 3, 2, 2, false},
    {6, 3, 2, 3, 1, 2, false},
    {6, 2, 2, 3, 1, 2, false},
    {6, 2, 1, 3, 1, 2, false},
    {5, 2, 1, 3, 1, 2, false},
    {5, 1, 1, 3, 1, 2, false},
    {5, 1, 1, 3, 1, 0, false},
    {4, 1, 1, 3, 1, 0, false},
    {4, 0, 0, 3, 1, 0, false},
    {4, 0, 0, 2, 1, 0, false},
    {4, 0, 0, 1, 1, 0, false},
    {4, 0, 0, 1, 0, 0, false},
};
/* clang-format on */
static const struct ct_text_plan everything = {.tables = INT_MAX,
                                               .why = INT_MAX,
                                               .findings = INT_MAX,
                                               .explained = INT_MAX,
                                               .stretches = CT_STRETCHES_MOST,
                                               .halves = true};
#define LINES_MOST  56 /* a screen */
#define WIDTH_LEAST 80 /* what has no room on a narrower screen is not left out, but broken */

static void context_fini(struct context *c)
{
    ct_text_rows_fini(&c->rows);
    ct_ledger_fini(&c->why);
}

/* Writes the page by the plan, or (mute) counts its lines. */
static int write_page(struct context *c, const struct ct_text_plan *plan)
{
    c->plan = plan;
    int err = ct_text_why(&c->why, c->page.r, c->page.style->verbose, plan->why);
    if (!err)
        err = ct_text_rows_init(&c->rows, c->page.r, plan->threads);
    if (err)
        return err;
    if (c->why.sections_cnt > plan->tables)
        c->why.sections_cnt = plan->tables;
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        sections[i](c);
        ct_page_gap(&c->page);
    }
    return c->page.err;
}

/* Takes the first plan by which the page fits on a screen, or the last one. */
static int choose_plan(const struct context *empty, const struct ct_text_plan **plan)
{
    const size_t last = sizeof(plans) / sizeof(plans[0]) - 1;

    for (size_t i = 0; i < last; i++) {
        struct context c = *empty;
        c.page.mute = true;
        c.page.width = c.page.width < WIDTH_LEAST ? WIDTH_LEAST : c.page.width;
        const int err = write_page(&c, &plans[i]);
        context_fini(&c);
        *plan = &plans[i];
        if (err || c.page.lines <= LINES_MOST)
            return err;
    }
    *plan = &plans[last];
    return 0;
}

int ct_report_text(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    struct context c = {.page = {.r = r,
                                 .style = style,
                                 .out = out,
                                 .width = style->width > 0 ? style->width : 100},
                        .trust = ct_trust_of(r)};
    const struct ct_text_plan *plan = &everything;
    int err = style->verbose ? 0 : choose_plan(&c, &plan);

    if (err)
        return err;
    err = write_page(&c, plan);
    context_fini(&c);
    errno = 0;
    if (fflush(out) && !err)
        err = errno ? -errno : -EIO;
    return err;
}
