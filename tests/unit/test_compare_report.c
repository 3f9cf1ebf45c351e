/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/core/syscalls.c user/report/text_say.c user/report/profile.c
// links: user/report/text_findings.c user/report/text_path.c user/report/text_stretches.c
// links: user/report/text_stacks.c user/report/stack_tree.c
// links: user/core/result.c user/core/strip.c tests/harness/story.c
// links: user/report/compare_text.c user/report/compare_table.c user/report/compare_strips.c
// links: user/core/comparison.c user/analysis/contrast.c user/analysis/contrast_words.c
// links: user/analysis/contrast_verdict.c user/report/compare_json.c user/report/json.c
// links: user/report/json_parts.c user/report/json_path.c user/report/json_tables.c
// links: user/report/json_writer.c user/report/utf8.c
/* Comparisons as text and as JSON: stories told as designs, and the pages they become. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/harness/story.h"
#include "user/analysis/contrast.h"
#include "user/report/compare.h"

/* ---- runs ---- */

/* One thread that does all, then sleeps a little. */
static struct ct_result *serial(unsigned permille)
{
    static const char *const command[] = {"./work", "serial", NULL};
    const uint64_t unit = MS * permille / 1000;
    struct story s;

    story_begin(&s, 1620 * unit, 2, command);
    story_process(&s, 100, "work", ARGV("./work"));
    story_thread(&s, 100, "work", 0);
    story_runs(&s, 1600 * unit);
    story_blocks(&s, CT_CAUSE_SLEEP, 20 * unit);
    story_dies(&s);
    story_path(&s, 100, CT_ST_RUNNING, 1600 * unit);
    story_path(&s, 100, CT_ST_BLOCKED + CT_CAUSE_SLEEP, 20 * unit);
    return story_end(&s, 1);
}

/* Two threads in turns, as one lock wants it. */
static struct ct_result *one_lock(unsigned permille)
{
    static const char *const command[] = {"./work", "threads", NULL};
    const uint64_t unit = MS * permille / 1000;
    struct story s;

    story_begin(&s, 1650 * unit, 2, command);
    story_process(&s, 200, "work", ARGV("./work"));
    story_thread(&s, 200, "work", 0);
    story_blocks(&s, CT_CAUSE_LOCK, 1650 * unit);
    story_dies(&s);
    for (unsigned w = 0; w < 2; w++) {
        story_thread(&s, 201 + w, "worker", 0);
        for (unsigned turn = 0; turn < 330; turn++) {
            if (turn % 2 == w)
                story_runs(&s, 5 * unit);
            else
                story_blocks(&s, CT_CAUSE_LOCK, 5 * unit);
        }
        story_dies(&s);
    }
    for (unsigned turn = 0; turn < 330; turn++)
        story_path(&s, 201 + turn % 2, CT_ST_RUNNING, 5 * unit);
    story_finding(&s, CT_FINDING_SERIALIZED_THREADS, "One lock lets one thread run at a time.", "x",
                  "y");
    s.r->locks = calloc(2, sizeof(*s.r->locks));
    s.r->locks_cnt = 2;
    s.r->locks[0] =
        (struct ct_lock){.address = 0x5000, .waiters = 2, .waits = 330, .wait_ns = 1650 * unit};
    s.r->locks[1] =
        (struct ct_lock){.address = 0x9000, .waiters = 1, .waits = 1, .wait_ns = 1650 * unit};
    return story_end(&s, 1);
}

/* Two processes at once. */
static struct ct_result *processes(unsigned permille)
{
    static const char *const command[] = {"./work", "processes", NULL};
    const uint64_t unit = MS * permille / 1000;
    struct story s;

    story_begin(&s, 830 * unit, 2, command);
    story_process(&s, 300, "work", ARGV("./work"));
    story_thread(&s, 300, "work", 0);
    story_blocks(&s, CT_CAUSE_CHILD, 830 * unit);
    story_dies(&s);
    for (unsigned w = 0; w < 2; w++) {
        story_process(&s, 301 + w, "work", ARGV("./work"));
        story_thread(&s, 301 + w, "work", 0);
        story_waits(&s, CT_RUN_CREATED, 20 * unit);
        story_runs(&s, 810 * unit);
        story_dies(&s);
    }
    story_path(&s, 301, CT_ST_RUNNABLE + CT_RUN_CREATED, 20 * unit);
    story_path(&s, 301, CT_ST_RUNNING, 810 * unit);
    return story_end(&s, 2);
}

/* Twelve threads on two CPUs. */
static struct ct_result *crowd(unsigned permille)
{
    static const char *const command[] = {"./work", "crowd", NULL};
    const uint64_t unit = MS * permille / 1000;
    struct story s;

    story_begin(&s, 900 * unit, 2, command);
    story_process(&s, 400, "work", ARGV("./work"));
    for (unsigned w = 0; w < 12; w++) {
        story_thread(&s, 400 + w, "worker", 0);
        story_waits(&s, CT_RUN_PREEMPTED, w / 2 * 150 * unit);
        story_runs(&s, 150 * unit);
        story_waits(&s, CT_RUN_PREEMPTED, (5 - w / 2) * 150 * unit);
        story_dies(&s);
    }
    story_path(&s, 400, CT_ST_RUNNING, 150 * unit);
    story_path_rest(&s, 400, CT_ST_RUNNABLE + CT_RUN_PREEMPTED);
    s.r->totals.voluntary = 12;
    return story_end(&s, 2);
}

/* ---- comparisons ---- */

static struct ct_design *add(struct ct_comparison *c, const char *label, const char *command)
{
    c->designs = realloc(c->designs, (c->designs_cnt + 1) * sizeof(*c->designs));
    assert_non_null(c->designs);
    struct ct_design *d = &c->designs[c->designs_cnt++];
    *d = (struct ct_design){.label = strdup(label), .command = strdup(command)};
    return d;
}

static void add_runs(struct ct_comparison *c, const char *label, struct ct_result *(*run)(unsigned),
                     size_t cnt)
{
    static const unsigned permille[] = {1000, 990, 1020};
    char command[80];

    snprintf(command, sizeof(command), "./work --mode=%s --tasks=2", label);
    struct ct_design *d = add(c, label, command);
    d->samples = calloc(cnt, sizeof(*d->samples));
    for (; d->samples_cnt < cnt; d->samples_cnt++)
        d->samples[d->samples_cnt] =
            (struct ct_sample){run(permille[d->samples_cnt % 3]), (c->designs_cnt + 20) << 18};
}

static void failed(struct ct_comparison *c, size_t cnt, const char *how, const char *words)
{
    struct ct_design *d = &c->designs[c->designs_cnt - 1];

    d->failed_cnt = cnt;
    d->failure = strdup(how);
    d->last_words = strdup(words);
}

static void two(struct ct_comparison *c)
{
    add_runs(c, "serial", serial, 3);
    add_runs(c, "processes", processes, 3);
}

static void four(struct ct_comparison *c)
{
    two(c);
    add_runs(c, "threads", one_lock, 3);
    add_runs(c, "crowd", crowd, 3);
}

static void five(struct ct_comparison *c)
{
    four(c);
    add(c, "broken", "./broken --with=more and more and more and more and more and more words");
    failed(c, 3, "exit status 3", "one\ntwo\nthree\nfour\nfive: the last\n");
}

static void once(struct ct_comparison *c)
{
    c->runs_wanted = 1;
    add_runs(c, "serial", serial, 1);
    add_runs(c, "processes", processes, 1);
}

static void alone(struct ct_comparison *c)
{
    add_runs(c, "serial", serial, 3);
}

static void cut_short(struct ct_comparison *c)
{
    c->interrupted = true;
    add_runs(c, "serial", serial, 1);
    add(c, "never", "./never");
}

static void nobody(struct ct_comparison *c)
{
    add(c, "broken", "./broken");
    failed(c, 3, "it cannot be run (No such file or directory)", "");
}

static void some_failed(struct ct_comparison *c)
{
    add_runs(c, "serial", serial, 2);
    failed(c, 1, "killed by SIGSEGV", "");
    add_runs(c, "processes", processes, 3);
}

static void hostile(struct ct_comparison *c)
{
    two(c);
    free(c->designs[0].label);
    c->designs[0].label = strdup("\033[31mred\xff\r\n\xe2\x80\xae");
    free(c->designs[1].command);
    c->designs[1].command = strdup("sh -c '\033]0;x\007\x9b' \xc3\xa9t\xc3\xa9");
    failed(c, 1, "exit status 1", "\033[2J\xff\n\r|\t\xe2\x80\xae\n");
}

static void many(struct ct_comparison *c)
{
    for (unsigned i = 0; i < CT_DESIGNS_MAX; i++) {
        char label[16];
        snprintf(label, sizeof(label), "n=%u", i);
        add_runs(c, label, i % 2 ? serial : processes, 1);
    }
}

static const struct page {
    const char *name;
    void (*tell)(struct ct_comparison *);
    struct ct_report_style style;
} pages[] = {
    {"compare_two", two, {.width = 100}},
    {"compare_two_narrow", two, {.width = 60}},
    {"compare_two_unicode", two, {.width = 80, .unicode = true}},
    {"compare_four", four, {.width = 100}},
    {"compare_five", five, {.width = 80}},
    {"compare_five_verbose", five, {.width = 120, .verbose = true}},
    {"compare_once", once, {.width = 80}},
    {"compare_alone", alone, {.width = 80}},
    {"compare_cut_short", cut_short, {.width = 80}},
    {"compare_nobody", nobody, {.width = 80}},
    {"compare_some_failed", some_failed, {.width = 80}},
    {"compare_hostile", hostile, {.width = 80}},
    {"compare_many", many, {.width = 100, .verbose = true}},
};
#define PAGES_CNT (sizeof(pages) / sizeof(pages[0]))

static void tell(struct ct_comparison *c, const struct page *page)
{
    *c = (struct ct_comparison){.runs_wanted = 3};
    page->tell(c);
    assert_int_equal(ct_contrast_run(c), 0);
}

static char *render(const struct ct_comparison *c, const struct ct_report_style *style,
                    ct_compare_fn write)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    assert_int_equal(write(c, style, f), 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static void pages_are_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES_CNT; i++) {
        struct ct_comparison c;
        tell(&c, &pages[i]);
        char *text = render(&c, &pages[i].style, ct_compare_text);
        story_check_golden(text, pages[i].name);
        free(text);
        ct_comparison_fini(&c);
    }
}

static void every_width_in_every_style(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES_CNT; i++) {
        struct ct_comparison c;
        tell(&c, &pages[i]);
        for (int width = 40; width <= 200; width += c.designs_cnt > 5 ? 29 : 1)
            for (int mode = 0; mode < 3; mode++) {
                const struct ct_report_style style = {.width = width,
                                                      .unicode = mode > 0,
                                                      .color = mode > 1,
                                                      .verbose = width % 2 || c.designs_cnt > 5};
                char *text = render(&c, &style, ct_compare_text);
                story_check_lines(text, &style);
                free(text);
            }
        ct_comparison_fini(&c);
    }
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("%s\nis not in\n%s", part, text);
}

static void json_tells_who_failed(void **state)
{
    struct ct_comparison c;
    char *text;

    (void)state;
    tell(&c, &(struct page){.tell = five});
    text = render(&c, NULL, ct_compare_json);
    has(text, "\"schema\": \"conctrace.compare/1\"");
    has(text, "\"failed\": 3");
    has(text, "\"wall_ns\": {\"median\": null, \"min\": null, \"max\": null}");
    has(text, "\"report\": null");
    has(text, "\"best\": \"processes\"");
    has(text, "\"values\": [1620000000, 830000000, 1650000000, 900000000, null]");
    free(text);
    ct_comparison_fini(&c);
}

static void json_is_json_whatever_the_labels_are(void **state)
{
    struct ct_comparison c;
    char *text;

    (void)state;
    tell(&c, &(struct page){.tell = hostile});
    text = render(&c, NULL, ct_compare_json);
    has(text, "\\u001b[31mred\xef\xbf\xbd\\r\\n");
    for (const char *at = text; *at; at++)
        assert_true(*at == '\n' || (unsigned char)*at >= ' ');
    free(text);
    ct_comparison_fini(&c);
}

static void a_full_disk_is_told(void **state)
{
    const struct ct_report_style style = {.width = 80};
    struct ct_comparison c;

    (void)state;
    tell(&c, &(struct page){.tell = two});
    for (int i = 0; i < 2; i++) {
        FILE *f = fopen("/dev/full", "w");
        assert_non_null(f);
        assert_int_equal((i ? ct_compare_json : ct_compare_text)(&c, &style, f), -ENOSPC);
        (void)fclose(f);
    }
    ct_comparison_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_as_they_were),
        cmocka_unit_test(every_width_in_every_style),
        cmocka_unit_test(json_tells_who_failed),
        cmocka_unit_test(json_is_json_whatever_the_labels_are),
        cmocka_unit_test(a_full_disk_is_told),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
