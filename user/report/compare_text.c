/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The comparison as text: what was compared, what failed, who was fastest and why, the numbers side
 * by side, the timelines on one axis. Two to five designs fit on about a screen.
 */
#include "user/report/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/compare_internal.h"
#include "user/report/format.h"

#define SENTENCES_MOST 6   /* beside the verdict */
#define BUSY           0.2 /* CPUs */
#define WORDS_LINES    4   /* of what a failed run wrote last */

void ct_compare_put_label(struct ct_page *p, const struct ct_comparison *c, size_t design, int cols)
{
    const char letter[] = {(char)('A' + (int)design), 0};
    const char *label = c->designs[design].label;

    ct_page_put(p, letter);
    if (cols < 4)
        return;
    ct_page_to(p, p->col + 1);
    ct_page_put_foreign(p, label, strlen(label), cols - 2, CT_CUT_MIDDLE);
}

void ct_compare_put_key(struct ct_page *p, const char *mark, size_t len, const char *words)
{
    const int cols = (len ? 2 : 0) + (int)strlen(words);

    if (p->col && p->col + 3 + cols > p->width)
        ct_page_newline(p);
    ct_page_ink(p, CT_INK_FAINT);
    ct_page_to(p, p->col ? p->col + 3 : 2);
    ct_page_put_piece(p, mark, len, 1);
    if (len)
        ct_page_to(p, p->col + 1);
    ct_page_put(p, words);
    ct_page_ink(p, CT_INK_PLAIN);
}

/* ---- what was compared ---- */

static size_t runs_of(const struct ct_comparison *c)
{
    size_t most = 0;

    for (size_t i = 0; i < c->designs_cnt; i++) {
        const size_t runs = c->designs[i].samples_cnt + c->designs[i].failed_cnt;
        most = runs > most ? runs : most;
    }
    return most;
}

static void put_heading(struct ct_page *p, const struct ct_comparison *c)
{
    const size_t runs = c->interrupted ? runs_of(c) : c->runs_wanted;
    char text[160];

    if (c->recorded)
        snprintf(text, sizeof(text), "%zu %s", c->designs_cnt,
                 c->designs_cnt == 1 ? "recording" : "recordings");
    else
        snprintf(text, sizeof(text), "%zu %s, %zu %s%s", c->designs_cnt,
                 c->designs_cnt == 1 ? "design" : "designs", runs, runs == 1 ? "run" : "runs",
                 c->designs_cnt == 1 ? ""
                 : runs == 1         ? " each"
                                     : " each, in turn");
    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put(p, text);
    ct_page_ink(p, CT_INK_PLAIN);
    for (size_t i = 0; i < c->designs_cnt; i++) {
        const struct ct_result *r = ct_comparison_median(c, i);
        if (!r || !r->host.cpus)
            continue;
        snprintf(text, sizeof(text), "%u %s", r->host.cpus, r->host.cpus == 1 ? "CPU" : "CPUs");
        ct_page_put_right(p, p->width, text);
        break;
    }
    ct_page_newline(p);
    if (c->interrupted) {
        ct_page_ink(p, CT_INK_BAD);
        ct_page_put_wrapped(p, "Interrupted: this is what there was until then.", 0);
        ct_page_ink(p, CT_INK_PLAIN);
    }
    for (size_t i = 0; i < c->designs_cnt; i++) {
        const char *line = c->designs[i].command;
        const char letter[] = {(char)('A' + (int)i), 0};
        ct_page_to(p, 2);
        ct_page_put(p, letter);
        ct_page_to(p, 5);
        ct_page_put_foreign(p, line, strlen(line), p->width - 5, CT_CUT_MIDDLE);
        ct_page_newline(p);
    }
}

/* ---- what failed ---- */

/* Where the last lines begin. */
static const char *last_lines(const char *text, size_t lines)
{
    const char *at = text + strlen(text);

    while (at > text && at[-1] == '\n')
        at--;
    for (; at > text; at--)
        if (at[-1] == '\n' && !--lines)
            break;
    return at;
}

static void put_last_words(struct ct_page *p, const char *words)
{
    for (const char *at = last_lines(words, p->style->verbose ? 40 : WORDS_LINES); *at;) {
        const size_t len = strcspn(at, "\n");
        if (len) {
            ct_page_ink(p, CT_INK_FAINT);
            ct_page_to(p, 5);
            ct_page_put(p, "|");
            ct_page_to(p, 7);
            ct_page_put_foreign(p, at, len, p->width - 7, CT_CUT_END);
            ct_page_ink(p, CT_INK_PLAIN);
            ct_page_newline(p);
        }
        at += len + (at[len] == '\n');
    }
}

static void put_failure(struct ct_page *p, const struct ct_comparison *c, size_t i)
{
    const struct ct_design *d = &c->designs[i];
    const bool words = d->last_words && *d->last_words;
    char how[160], runs[80] = "";

    if (d->samples_cnt)
        snprintf(runs, sizeof(runs), " in %zu of %zu runs, which are left out", d->failed_cnt,
                 d->samples_cnt + d->failed_cnt);
    else if (d->failed_cnt > 1)
        snprintf(runs, sizeof(runs), ", each time");
    snprintf(how, sizeof(how), " failed: %s%s%s", d->failure ? d->failure : "", runs,
             words ? ". It last wrote:" : "");
    ct_page_to(p, 2);
    ct_page_ink(p, CT_INK_BAD);
    ct_compare_put_label(p, c, i, p->width / 2);
    ct_page_ink(p, CT_INK_PLAIN);
    ct_page_to(p, p->col + 1);
    ct_page_put_wrapped(p, how + 1, 4);
    if (words)
        put_last_words(p, d->last_words);
}

static void put_failures(struct ct_page *p, const struct ct_comparison *c)
{
    for (size_t i = 0; i < c->designs_cnt; i++)
        if (c->designs[i].failed_cnt)
            put_failure(p, c, i);
}

/* ---- who, and why ---- */

static void put_sentence(struct ct_page *p, const char *text)
{
    ct_page_to(p, 2);
    ct_page_put_wrapped(p, text, 4);
}

static bool one_run_each(const struct ct_comparison *c)
{
    size_t known = 0;

    for (size_t i = 0; i < c->designs_cnt; i++) {
        known += c->designs[i].samples_cnt > 0;
        if (c->designs[i].samples_cnt > 1)
            return false;
    }
    return known > 1;
}

/* What others had of the CPUs while these ran, on the average: noise that one should know of. */
static void put_busy(struct ct_page *p, const struct ct_comparison *c)
{
    double other_ns = 0, wall_ns = 0;
    char text[120], number[CT_NUMBER_LEN];

    for (size_t i = 0; i < c->designs_cnt; i++) {
        for (size_t k = 0; k < c->designs[i].samples_cnt; k++) {
            const struct ct_result *r = c->designs[i].samples[k].result;
            wall_ns += (double)r->wall_ns;
            other_ns -= (double)r->observer_cpu_ns;
            for (size_t n = 0; n < r->cpus_cnt; n++)
                other_ns += (double)r->cpus[n].other_ns;
        }
    }
    if (other_ns < BUSY * wall_ns || wall_ns <= 0)
        return;
    ct_format_number(number, other_ns / wall_ns, 2);
    snprintf(text, sizeof(text), "Other programs kept %s CPUs busy meanwhile, on average.", number);
    put_sentence(p, text);
}

static void put_sentences(struct ct_page *p, const struct ct_comparison *c)
{
    size_t left = p->style->verbose ? SIZE_MAX : SENTENCES_MOST;

    if (!c->verdict)
        return;
    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put_wrapped(p, c->verdict, 2);
    ct_page_ink(p, CT_INK_PLAIN);
    if (one_run_each(c))
        put_sentence(p, c->recorded ? "One run each tells nothing of noise."
                                    : "One run each tells nothing of noise: -n 3 and more does.");
    put_busy(p, c);
    for (size_t i = 0; i < sizeof(c->reasons) / sizeof(c->reasons[0]) && c->reasons[i]; i++, left--)
        put_sentence(p, c->reasons[i]);
    for (size_t m = 0; m < CT_METRIC_COUNT && left; m++) {
        if (!c->contrasts[m].leads || !c->contrasts[m].explanation)
            continue;
        put_sentence(p, c->contrasts[m].explanation);
        left--;
    }
}

/* What each is held back by, as its own report would tell. */
static void put_findings(struct ct_page *p, const struct ct_comparison *c)
{
    for (size_t i = 0; i < c->designs_cnt; i++) {
        const struct ct_result *r = ct_comparison_median(c, i);
        const char letter[] = {(char)('A' + (int)i), ':', 0};
        size_t shown = 0;

        for (size_t k = 0; r && k < r->findings_cnt; k++) {
            const struct ct_finding *f = &r->findings[k];
            if (!f->warning || !f->title || (shown++ && !p->style->verbose))
                continue;
            ct_page_to(p, 2);
            ct_page_put(p, letter);
            ct_page_to(p, 5);
            ct_page_put_wrapped(p, f->title, 5);
        }
    }
}

int ct_compare_text(const struct ct_comparison *c, const struct ct_report_style *style, FILE *out)
{
    static void (*const sections[])(struct ct_page *, const struct ct_comparison *) = {
        put_heading, put_failures, put_sentences, put_findings, ct_compare_table, ct_compare_strips,
    };
    struct ct_page p = {.style = style, .out = out, .width = style->width > 0 ? style->width : 100};

    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        sections[i](&p, c);
        ct_page_gap(&p);
    }
    errno = 0;
    if (fflush(out) && !p.err)
        p.err = errno ? -errno : -EIO;
    return p.err;
}
