/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/core/syscalls.c user/report/text_say.c user/report/profile.c
// links: user/report/text_findings.c user/report/text_path.c user/report/text_stretches.c
// links: user/report/text_stacks.c user/report/stack_tree.c
// links: user/core/result.c user/core/strip.c tests/harness/story.c
/* The text report: stories told as results, and the pages they become (tests/harness/story.h). */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <cmocka.h>

#include "tests/harness/story.h"

/* ---- the stories ---- */

/* One lock: four workers, one at a time. */
static struct ct_result *gil(void)
{
    static const char *const command[] = {"./workload", "--mode=threads", "--gil", "--tasks=4",
                                          NULL};
    struct story s;
    story_begin(&s, 1620 * MS, 2, command);
    story_process(&s, 812, "workload", ARGV("./workload\0--mode=threads\0--gil\0--tasks=4"));
    story_thread(&s, 812, "workload", 0);
    story_runs(&s, 2 * MS);
    story_blocks(&s, CT_CAUSE_LOCK, 1617 * MS);
    story_waits(&s, CT_RUN_WOKEN, 31000);
    story_runs(&s, 1 * MS - 31000);
    story_dies(&s);
    for (unsigned w = 0; w < 4; w++) {
        char name[CT_COMM_LEN];
        snprintf(name, sizeof(name), "worker-%u", w);
        story_thread(&s, 814 + 2 * w, name, 2 * MS);
        story_waits(&s, CT_RUN_CREATED, 100000 + 1000 * w);
        for (unsigned turn = 0; turn < 80; turn++) {
            if (turn % 4 != w) {
                story_blocks(&s, CT_CAUSE_LOCK, 20 * MS - 100000);
                story_waits(&s, CT_RUN_WOKEN, 100000);
            } else {
                story_runs(&s, 20 * MS);
            }
        }
        story_waits(&s, CT_RUN_PREEMPTED, 2000);
        story_dies(&s);
    }
    return story_end(&s, 1);
}

/* Ten want to run, two can; a disk, a pipe and more are waited for. */
static struct ct_result *crowd_of(unsigned workers, unsigned odd, unsigned cpus)
{
    static const char *const command[] = {"./crowd", NULL};
    struct story s;
    story_begin(&s, 800 * MS, cpus, command);
    story_process(&s, 100, "crowd", ARGV("./crowd"));
    story_thread(&s, 100, "crowd", 0);
    story_runs(&s, 10 * MS);
    story_blocks(&s, CT_CAUSE_DISK, 2 * MS);
    story_blocks(&s, CT_CAUSE_PIPE, 3 * MS);
    story_blocks(&s, CT_CAUSE_SOCKET, 4 * MS);
    story_blocks(&s, CT_CAUSE_FAULT, 1000);
    story_blocks(&s, CT_CAUSE_SLEEP, 1 * MS);
    story_blocks(&s, CT_CAUSE_STOPPED, 1 * MS);
    story_blocks(&s, CT_CAUSE_OTHER, 1 * MS);
    story_blocks(&s, CT_CAUSE_LOCK, 778 * MS - 1000);
    story_dies(&s);
    for (unsigned w = 0; w < workers; w++) {
        char name[CT_COMM_LEN];
        if (odd && w % odd == 3)
            snprintf(name, sizeof(name), "%c%c-%u:io", 'a' + w / odd % 26, 'a' + w / odd / 26 % 26,
                     w);
        else
            snprintf(name, sizeof(name), "worker-%u", w);
        story_thread(&s, 101 + w, name, 10 * MS + w);
        story_waits(&s, CT_RUN_CREATED, w * 1000);
        for (int turn = 0; turn < 8; turn++) {
            story_runs(&s, 15 * MS);
            story_waits(&s, CT_RUN_PREEMPTED, 60 * MS);
        }
        s.t->totals.migrations = w % 7;
        story_dies(&s);
    }
    return story_end(&s, cpus);
}

static struct ct_result *oversubscribed(void)
{
    struct ct_result *r = crowd_of(10, 0, 2);
    for (int i = 0; i < 2; i++)
        r->cpus[i].other_ns = 150 * MS;
    return r;
}

static struct ct_result *ten_thousand(void)
{
    return crowd_of(10000, 500, 64);
}

/* A build: make, a multi-threaded linker, and very many compilers. */
static struct ct_result *family_of(unsigned children)
{
    static const char *const command[] = {"make", "-j8", "all", NULL};
    struct story s;
    story_begin(&s, 2000 * MS, 4, command);
    story_process(&s, 7, "make", ARGV("/usr/bin/make\0-j8\0all"));
    story_thread(&s, 7, "make", 0);
    story_runs(&s, 300 * MS);
    story_blocks(&s, CT_CAUSE_CHILD, 1700 * MS);
    story_dies(&s);
    story_process(&s, 5000, "ld.lld", ARGV("ld.lld\0-o\0program"));
    for (unsigned i = 0; i < 3; i++) {
        story_thread(&s, 5000 + i, "ld.lld", (1500 + i) * MS);
        story_runs(&s, 400 * MS);
        story_blocks(&s, CT_CAUSE_LOCK, i * 10 * MS);
        story_dies(&s);
    }
    for (unsigned i = 0; i < children; i++) {
        story_process(&s, 10000 + i, i % 2 ? "cc1" : "as",
                      ARGV("/usr/lib/gcc/cc1\0-quiet\0hello.c"));
        story_thread(&s, 10000 + i, i % 2 ? "cc1" : "as", i % 1400 * MS);
        story_runs(&s, i % 2 ? 6 * MS : 1 * MS);
        story_blocks(&s, CT_CAUSE_PIPE, 500000);
        story_dies(&s);
    }
    return story_end(&s, 4);
}

static struct ct_result *family(void)
{
    return family_of(4);
}

static struct ct_result *fifty_thousand(void)
{
    return family_of(50000);
}

static struct ct_result *hostile(void)
{
    static const char *const command[] = {
        "./evil",   "\033]0;owned\007",    "it's \"quoted\"",
        "",         "\342\200\256gpj.exe", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
        "\xff\xfe", "line\nbreak",         NULL};
    struct story s;
    story_begin(&s, 40 * MS, 2, command);
    story_process(&s, 1, "evil", ARGV("/tmp/\033[2J/evil\0\033[31m\0\xe2\x80\x8f\0\n\n"));
    story_thread(&s, 1, "evil", 0);
    story_runs(&s, 40 * MS);
    story_dies(&s);
    story_process(&s, 2, "\033[31mred", ARGV("x"));
    static const char *const names[] = {"\033[31mred",
                                        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e-1",
                                        "caf\xc3\xa9",
                                        "e\xcc\x81\xcc\x81\xcc\x81",
                                        "\342\200\256evil",
                                        "\xff\xfe\xfd",
                                        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6",
                                        "  blanks  "};
    for (unsigned i = 0; i < 8; i++) {
        story_thread(&s, 2 + i, names[i], i * MS);
        story_runs(&s, 1 * MS);
        story_blocks(&s, CT_CAUSE_SOCKET, 20 * MS);
        story_dies(&s);
    }
    return story_end(&s, 2);
}

static struct ct_result *losses(void)
{
    struct ct_result *r = gil();
    r->lost_events = 12345;
    r->lost_threads = 2;
    r->late_events = 1;
    r->gaps_cnt = 2;
    r->gaps = calloc(2, sizeof(*r->gaps));
    r->gaps[0] = (struct ct_gap){400 * MS, 500 * MS};
    r->gaps[1] = (struct ct_gap){1619 * MS, 1620 * MS};
    r->threads[1]->has_totals = false;
    memset(&r->threads[1]->totals, 0, sizeof(r->threads[1]->totals));
    r->threads[2]->totals.unknown_ns = 5 * MS;
    r->threads[2]->totals.running_ns -= 5 * MS;
    r->totals.unknown_ns = 5 * MS;
    return r;
}

static struct ct_result *wrong(void)
{
    struct ct_result *r = gil();
    r->threads[1]->totals.kernel_cpu_ns += 30 * MS;
    r->threads[2]->totals.kernel_voluntary += 2;
    r->threads[3]->end_ns++;
    r->stream_difference_ns = 12000;
    return r;
}

static struct ct_result *killed(void)
{
    static const char *const command[] = {"./crash", NULL};
    struct story s;
    story_begin(&s, 3 * MS, 1, command);
    story_process(&s, 5, "crash", ARGV("./crash"));
    story_thread(&s, 5, "crash", 0);
    story_runs(&s, 2 * MS);
    story_blocks(&s, CT_CAUSE_OTHER, 1 * MS);
    story_dies(&s);
    s.r->exit = (struct ct_exit){.known = true, .code = -1, .signal = SIGSEGV};
    return story_end(&s, 1);
}

static struct ct_result *survivors(void)
{
    struct ct_result *r = gil();
    for (size_t i = 1; i < 3; i++) {
        r->threads[i]->alive = true;
        r->threads[i]->totals.kernel_cpu_ns = 0; /* stale: must not count */
        r->threads[i]->totals.kernel_voluntary = 0;
    }
    r->threads[3]->totals.kernel_cpu_ns += 80000; /* of 804 ms that ended */
    r->threads[3]->totals.kernel_involuntary++;
    return r;
}

static struct ct_result *no_syscalls(void)
{
    struct ct_result *r = gil();
    r->parallelism_cnt = 3;
    r->parallelism_ns = realloc(r->parallelism_ns, 3 * sizeof(*r->parallelism_ns));
    r->parallelism_ns[0] = 20 * MS;
    r->parallelism_ns[1] = 1580 * MS; /* alone for 99 % of it */
    r->parallelism_ns[2] = 20 * MS;
    r->with_syscalls = false;
    r->totals.kernel_ns = 0;
    return r;
}

static struct ct_result *empty(void)
{
    static const char *const command[] = {"true", NULL};
    struct story s;
    story_begin(&s, 0, 2, command);
    s.r->exit.known = false;
    return story_end(&s, 0);
}

/* ---- pages ---- */

static const struct story_page pages[] = {
    {"plain", gil, {.width = 0}},
    {"narrow", gil, {.width = 40}},
    {"wide", gil, {.width = 160, .unicode = true, .color = true}},
    {"verbose", oversubscribed, {.width = 120, .verbose = true}},
    {"oversubscribed", oversubscribed, {.width = 100, .unicode = true}},
    {"crowd", ten_thousand, {.width = 100}},
    {"family", family, {.width = 100}},
    {"family_folded", fifty_thousand, {.width = 80}},
    {"hostile", hostile, {.width = 100}},
    {"hostile_unicode", hostile, {.width = 100, .unicode = true}},
    {"losses", losses, {.width = 100}},
    {"wrong", wrong, {.width = 100}},
    {"killed", killed, {.width = 80}},
    {"survivors", survivors, {.width = 80}},
    {"no_syscalls", no_syscalls, {.width = 80}},
    {"empty", empty, {.width = 80}},
};

static void pages_are_as_they_were(void **state)
{
    (void)state;
    story_check_goldens(pages, sizeof(pages) / sizeof(pages[0]));
}

static void no_line_is_wider_than_the_screen(void **state)
{
    (void)state;
    story_check_widths(pages, sizeof(pages) / sizeof(pages[0]));
}

static void crowds_are_fast(void **state)
{
    (void)state;
    const struct ct_report_style style = {.width = 100};
    for (int i = 0; i < 2; i++) {
        struct ct_result *r = i ? fifty_thousand() : ten_thousand();
        const clock_t from = clock();
        free(story_render(r, &style));
        /* sorting takes some 30 ms; comparing each with each would take minutes */
        assert_true(clock() - from < 3 * CLOCKS_PER_SEC);
        ct_result_free(r);
    }
}

static void failing_writes_are_told(void **state)
{
    (void)state;
    const struct ct_report_style style = {.width = 100};
    struct ct_result *r = gil();
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(ct_report_text(r, &style, full), -ENOSPC);
    fclose(full);
    full = fopen("/dev/full", "w");
    setvbuf(full, NULL, _IONBF, 0); /* fails at once, not at the end */
    assert_int_equal(ct_report_text(r, &style, full), -ENOSPC);
    fclose(full);
    ct_result_free(r);
}

/* Damaged numbers must not become damaged memory. */
static void odd_results_are_survived(void **state)
{
    (void)state;
    struct ct_result *r = gil();
    for (size_t i = 0; i < r->threads_cnt; i++) {
        r->threads[i]->process = 77;
        r->threads[i]->end_ns = 0;
        memset(&r->threads[i]->totals, 0xff, sizeof(r->threads[i]->totals));
        memset(r->threads[i]->strip, 0xff, sizeof(*r->threads[i]->strip));
        memset(r->threads[i]->comm, 0xff, CT_COMM_LEN);
    }
    memset(&r->totals, 0xff, sizeof(r->totals));
    r->wall_ns = UINT64_MAX;
    r->lost_events = r->observer_cpu_ns = r->probe_runs = UINT64_MAX;
    r->exit = (struct ct_exit){.known = true, .signal = -5};
    for (int width = 40; width < 200; width += 7) {
        const struct ct_report_style style = {.width = width, .verbose = width % 2};
        char *text = story_render(r, &style);
        story_check_lines(text, &style);
        free(text);
    }
    r->wall_ns = 1;
    const struct ct_report_style style = {.width = 100};
    free(story_render(r, &style));
    ct_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_as_they_were),
        cmocka_unit_test(no_line_is_wider_than_the_screen),
        cmocka_unit_test(crowds_are_fast),
        cmocka_unit_test(failing_writes_are_told),
        cmocka_unit_test(odd_results_are_survived),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
