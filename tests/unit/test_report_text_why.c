/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/core/syscalls.c user/report/text_say.c user/report/profile.c
// links: user/report/text_findings.c user/report/text_path.c user/report/text_stretches.c
// links: user/report/text_stacks.c user/report/stack_tree.c
// links: user/core/result.c user/core/strip.c tests/harness/story.c
/* The text report on locks, system calls, preemptors, wakers: pages, and what must not be there. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/harness/story.h"
#include "user/core/syscalls.h"

#define US 1000ULL

#define GIVE(r, field, rows)                                                                       \
    give((void **)&(r)->field, &(r)->field##_cnt, rows, sizeof(rows), sizeof((rows)[0]))

static void give(void **to, size_t *cnt, const void *rows, size_t size, size_t one)
{
    *to = malloc(size);
    assert_non_null(*to);
    memcpy(*to, rows, size);
    *cnt = size / one;
}

static uint32_t nr(const char *name)
{
    const int n = ct_syscall_nr(CT_ABI_NATIVE, name);
    assert_true(n >= 0);
    return (uint32_t)n;
}

/* ---- stories ---- */

/* Two workers and a main thread that joins them: 1000 ms each. */
static struct ct_result *threads_of(const char *second)
{
    static const char *const command[] = {"./gil", NULL};
    struct story s;
    story_begin(&s, 1000 * MS, 2, command);
    story_process(&s, 100, "gil", ARGV("./gil"));
    story_thread(&s, 100, "gil", 0);
    story_runs(&s, 10 * MS);
    story_blocks(&s, CT_CAUSE_LOCK, 990 * MS);
    story_dies(&s);
    for (unsigned w = 0; w < 2; w++) {
        story_thread(&s, 101 + w, w ? second : "worker-0", 0);
        for (int turn = 0; turn < 10; turn++) {
            story_runs(&s, 45 * MS);
            story_waits(&s, CT_RUN_PREEMPTED, 5 * MS);
            story_blocks(&s, CT_CAUSE_LOCK, 50 * MS);
        }
        s.t->totals.irq_ns = 5 * MS;
        story_dies(&s);
    }
    return story_end(&s, 2);
}

static struct ct_result *locks(void)
{
    struct ct_result *r = threads_of("worker-1");
    const struct ct_lock lock[] = {
        {.address = 0x7f0000000990,
         .shared = true,
         .waiters = 1,
         .waits = 1,
         .wait_ns = 990 * MS,
         .max_ns = 990 * MS,
         .waker_id = 3},
        {.address = 0x5581234567f0,
         .waiters = 2,
         .waits = 1012,
         .wait_ns = 520 * MS,
         .max_ns = 5100 * US,
         .waker_id = 2},
        {.address = 0x5581234567f4,
         .waiters = 2,
         .waits = 1010,
         .wait_ns = 430 * MS,
         .max_ns = 5090 * US},
        {.address = 0x558123456800, .waiters = 2, .waits = 7, .wait_ns = 40 * MS, .max_ns = 9 * MS},
        {.rest = true, .waiters = 2, .waits = 70, .wait_ns = 10 * MS, .max_ns = 1 * MS},
    };
    const struct ct_call call[] = {
        {0, nr("futex"), 2100, 3, 1990 * MS, 990 * MS, 1980 * MS, 7 * MS, false},
        {0, nr("exit_group"), 0, 0, 50 * MS, 50 * MS, 0, 0, false},
        {0, nr("openat"), 5, 2, 1 * MS, 700 * US, 0, 0, false},
        {0, CT_CALL_REST, 9, 0, 2 * US, 1 * US, 0, 0, false},
    };
    const struct ct_preemptor preemptor[] = {
        {3, 0, "worker-1", 10, 50 * MS, false},
        {2, 0, "worker-0", 6, 30 * MS, false},
        {0, 77, "kworker/0:1", 3, 10 * MS, false},
        {0, 78, "kworker/1:2", 1, 5 * MS, false},
        {0, 0, "", 20, 4 * MS, true},
        {0, 999, "\033[31mbash", 1, 1 * MS, false},
    };
    const struct ct_waker waker[] = {
        {2, 3, 0, false, "", 400, 12 * MS, 1 * MS},
        {2, 0, 0, true, "", 11, 100 * US, 90 * US},
        {3, 2, 0, false, "", 410, 4100 * US, 500 * US},
        {3, 0, 4000, false, "\033[31mtimer", 300, 300 * US, 2 * US},
        {3, 0, 0, false, "", 5, 0, 0},
    };
    GIVE(r, locks, lock);
    GIVE(r, run_calls, call);
    GIVE(r, calls, call);
    GIVE(r, preemptors, preemptor);
    GIVE(r, wakers, waker);
    return r;
}

/* cat | tr | wc: 900 ms in all. */
static struct ct_result *pipeline(void)
{
    static const char *const command[] = {"sh", "-c", "cat file | tr a b", NULL};
    static const char *const names[] = {"sh", "cat", "tr"};
    struct story s;
    story_begin(&s, 300 * MS, 2, command);
    for (unsigned i = 0; i < 3; i++) {
        story_process(&s, 10 + i, names[i], NULL, 0);
        story_thread(&s, 10 + i, names[i], 0);
        story_runs(&s, (i ? 200 : 5) * MS);
        story_blocks(&s, i ? CT_CAUSE_PIPE : CT_CAUSE_CHILD, (i ? 100 : 295) * MS);
        story_dies(&s);
    }
    const struct ct_call run[] = {
        {0, nr("read"), 8000, 0, 150 * MS, 3 * MS, 80 * MS, 5 * MS, false},
        {0, nr("write"), 7000, 0, 60 * MS, 2 * MS, 20 * MS, 1 * MS, false},
        {0, nr("wait4"), 3, 1, 295 * MS, 295 * MS, 295 * MS, 0, false},
    };
    const struct ct_call each[] = {
        {0, nr("wait4"), 3, 1, 295 * MS, 295 * MS, 295 * MS, 0, false},
        {2, nr("read"), 4000, 0, 100 * MS, 3 * MS, 80 * MS, 5 * MS, false},
        {1, nr("read"), 4000, 0, 50 * MS, 1 * MS, 0, 0, false},
        {1, nr("write"), 4000, 0, 40 * MS, 2 * MS, 20 * MS, 1 * MS, false},
        {2, nr("write"), 3000, 0, 20 * MS, 1 * MS, 0, 0, false},
    };
    const struct ct_lock lock[] = {{.process = 2,
                                    .address = 0x1000,
                                    .shared = true,
                                    .waiters = 1,
                                    .waits = 2,
                                    .wait_ns = 1 * MS,
                                    .max_ns = 1 * MS}};
    const struct ct_waker waker[] = {
        {1, 0, 0, true, "", 3, 30 * US, 20 * US},
        {2, 3, 0, false, "", 100, 4 * MS, 100 * US},
        {3, 2, 0, false, "", 7000, 70 * MS, 2 * MS},
    };
    GIVE(s.r, run_calls, run);
    GIVE(s.r, calls, each);
    GIVE(s.r, locks, lock);
    GIVE(s.r, wakers, waker);
    return story_end(&s, 2);
}

/* Without system-call probes only the waits' calls are known. */
static struct ct_result *unprobed(uint64_t other_ns)
{
    struct ct_result *r = threads_of("worker-1");
    const struct ct_call call[] = {{.nr = nr("futex"), .blocked_ns = 900 * MS},
                                   {.nr = nr("mmap"), .blocked_ns = 90 * MS},
                                   {.nr = nr("mremap"), .blocked_ns = 1 * MS}};
    r->totals.blocked_ns[CT_CAUSE_OTHER] = other_ns;
    r->totals.blocked_ns[CT_CAUSE_LOCK] -= other_ns;
    r->with_syscalls = false;
    GIVE(r, run_calls, call);
    return r;
}

static struct ct_result *other(void)
{
    return unprobed(90 * MS);
}

/* All that there could be, and from hostile hands. */
static struct ct_result *crowd_of(unsigned threads)
{
    static const char *const command[] = {"./crowd", NULL};
    static const char *const names[] = {"\033[2J", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e-",
                                        "\xff\xfe", "worker-", "io:"};
    struct story s;
    story_begin(&s, 100 * MS, 2, command);
    for (unsigned i = 0; i < threads; i++) {
        char name[CT_COMM_LEN + 1];
        snprintf(name, sizeof(name), "%s%c%u", names[i % 5], 'a' + i % 26, i);
        if (i % 10 == 0)
            story_process(&s, 1000 + i, name, NULL, 0);
        story_thread(&s, 1000 + i, name, 0);
        story_runs(&s, 10 * MS);
        story_waits(&s, CT_RUN_PREEMPTED, 50 * MS);
        story_blocks(&s, (enum ct_cause)(i % CT_CAUSE_COUNT), 40 * MS);
        s.t->totals.irq_ns = 1 * MS;
        story_dies(&s);
    }
    struct ct_result *r = s.r;
    r->locks = calloc(threads, sizeof(*r->locks));
    r->preemptors = calloc(threads, sizeof(*r->preemptors));
    r->calls = calloc(threads, sizeof(*r->calls));
    r->run_calls = calloc(300, sizeof(*r->run_calls));
    r->wakers = calloc((size_t)threads * 16, sizeof(*r->wakers));
    for (unsigned i = 0; i < threads; i++) {
        r->locks[i] = (struct ct_lock){.process = i % 100,
                                       .address = 0x7fff00000000 + 4 * i,
                                       .shared = i % 3 == 0,
                                       .waiters = i,
                                       .waits = i * 10,
                                       .wait_ns = (threads - i) * MS,
                                       .max_ns = 1 * MS,
                                       .waker_id = i};
        r->preemptors[i] = (struct ct_preemptor){
            .id = i % 2 ? i : 0, .tid = i % 2 ? 0 : i, .count = i, .ns = (threads - i) * MS};
        snprintf(r->preemptors[i].comm, CT_COMM_LEN, "\033]0;%u-%c", i, 'a' + i % 26);
        r->calls[i] =
            (struct ct_call){i % 100, 9000 + i % 300, 5, 2, (threads - i) * MS, MS, MS, MS, false};
        for (unsigned k = 0; k < 16; k++)
            r->wakers[r->wakers_cnt++] = (struct ct_waker){
                .id = i, .waker_id = (i * 7 + k) % threads, .count = 9, .delay_ns = i * US};
    }
    for (unsigned i = 0; i < 300; i++)
        r->run_calls[i] = (struct ct_call){0, 9299 - i, 50, 2, (300 - i) * MS, MS, MS, MS, false};
    r->locks_cnt = r->preemptors_cnt = r->calls_cnt = threads;
    r->run_calls_cnt = 300;
    return story_end(&s, 2);
}

static struct ct_result *crowd(void)
{
    return crowd_of(60);
}

static struct ct_result *ten_thousand(void)
{
    return crowd_of(10000);
}

static const struct story_page pages[] = {
    {"why_locks", locks, {.width = 100}},
    {"why_locks_narrow", locks, {.width = 40}},
    {"why_locks_verbose", locks, {.width = 120, .verbose = true}},
    {"why_pipeline", pipeline, {.width = 100}},
    {"why_pipeline_verbose", pipeline, {.width = 80, .verbose = true}},
    {"why_other", other, {.width = 100}},
    {"why_crowd", crowd, {.width = 120, .unicode = true}},
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

/* ---- what must and must not be there ---- */

static void expect(struct ct_result *r, bool verbose, const char *text, bool there)
{
    const struct ct_report_style style = {.width = 100, .verbose = verbose};
    char *page = story_render(r, &style);
    if ((strstr(page, text) != NULL) != there)
        print_error("\"%s\" %s:\n%s", text, there ? "is missing" : "should not be there", page);
    assert_int_equal(strstr(page, text) != NULL, there);
    free(page);
}

/* The run has 3000 ms of thread time: 60 ms are two percent. */
static void small_matters_stay_out(void **state)
{
    (void)state;
    static const char *const titles[] = {"waited for locks", "system calls  ", "lost the CPU to",
                                         "woken, until", "hypervisor"};
    for (int large = 0; large < 2; large++) {
        struct ct_result *r = locks();
        r->locks_cnt = r->run_calls_cnt = 1;
        r->locks[0].wait_ns = r->run_calls[0].total_ns = 60 * MS - 1 + (unsigned)large;
        r->totals.runnable_ns[CT_RUN_PREEMPTED] = 60 * MS - 1 + (unsigned)large;
        r->totals.runnable_ns[CT_RUN_WOKEN] = 40 * MS + 1 - (unsigned)large;
        r->totals.irq_ns = r->totals.running_ns / 1000 - 1 + (unsigned)large;
        r->wakers_cnt = 2; /* busy is a run with 1000 in its second */
        r->wakers[0].count = 900;
        r->wakers[1].count = 99 + (unsigned)large;
        for (size_t i = 0; i < 5; i++)
            expect(r, false, titles[i], large);
        for (size_t i = 0; i < 5; i++)
            expect(r, true, titles[i], true);
        ct_result_free(r);
    }
}

static void interrupts_that_wake_are_no_news(void **state)
{
    (void)state;
    struct ct_result *r = locks();
    r->wakers[1].count = 100000;
    expect(r, false, "woken, until", false);
    expect(r, true, "worker-0 by an interrupt", true);
    ct_result_free(r);
}

/* 810 times a worker by a worker: most of the wakeups, or not. */
static void many_wakers_are_no_news(void **state)
{
    (void)state;
    struct ct_result *r = locks();
    r->wakers[3].count = 780;
    expect(r, false, "woken, until", true);
    r->wakers[1].count += 20;
    expect(r, false, "woken, until", false);
    ct_result_free(r);
}

static void alike_are_one_row(void **state)
{
    (void)state;
    struct ct_result *r = locks();
    expect(r, false, "kworker/*:* x 2", true);
    expect(r, false, "threads of this run", true);
    expect(r, true, "worker-* x 2", true);
    expect(r, true, "worker-* by worker-*", true);
    ct_result_free(r);
    r = locks();
    r->preemptors[3].ns = 0; /* out of one name one keeps its number */
    r->preemptors[3].comm[0] = 'x';
    expect(r, false, "kworker/0:1 77", true);
    ct_result_free(r);
}

static void unnamed_waits_name_their_calls(void **state)
{
    (void)state;
    struct ct_result *r = unprobed(90 * MS);
    expect(r, false, "blocked in", true);
    expect(r, false, "mmap", true);
    expect(r, false, "mremap", false);
    expect(r, false, "of it: interrupts", true);
    ct_result_free(r);
    r = unprobed(1 * MS);
    expect(r, false, "blocked in", false);
    ct_result_free(r);
}

static void a_stranger_to_the_headers_has_a_number(void **state)
{
    (void)state;
    struct ct_result *r = locks();
    r->run_calls[0].nr = 9999;
    expect(r, false, "syscall 9999", true);
    ct_result_free(r);
}

static void crowds_are_fast(void **state)
{
    (void)state;
    struct ct_result *r = ten_thousand();
    for (int verbose = 0; verbose < 2; verbose++) {
        const struct ct_report_style style = {.width = 100, .verbose = verbose};
        const clock_t from = clock();
        char *page = story_render(r, &style);
        assert_true(clock() - from < 5 * CLOCKS_PER_SEC);
        story_check_lines(page, &style);
        free(page);
    }
    ct_result_free(r);
}

/* Damaged numbers must not become damaged memory. */
static void odd_results_are_survived(void **state)
{
    (void)state;
    struct ct_result *r = locks();
    const size_t n = r->locks_cnt;
    memset(r->locks, 0xff, n * sizeof(*r->locks));
    for (size_t i = 0; i < n; i++) {
        r->locks[i].shared = r->locks[i].rest = i % 2;
        r->locks[i].symbol = NULL;
    }
    memset(r->run_calls, 0xff, r->run_calls_cnt * sizeof(*r->run_calls));
    memset(r->calls, 0xff, r->calls_cnt * sizeof(*r->calls));
    for (size_t i = 0; i < r->run_calls_cnt; i++)
        r->run_calls[i].other = true; /* any other byte is no bool */
    for (size_t i = 0; i < r->calls_cnt; i++)
        r->calls[i].other = true;
    for (size_t i = 0; i < r->preemptors_cnt; i++) {
        r->preemptors[i].id = r->preemptors[i].tid = UINT32_MAX;
        r->preemptors[i].count = r->preemptors[i].ns = UINT64_MAX;
        memset(r->preemptors[i].comm, 0xff, CT_COMM_LEN);
    }
    for (size_t i = 0; i < r->wakers_cnt; i++) {
        r->wakers[i].id = r->wakers[i].waker_id = UINT32_MAX;
        r->wakers[i].count = i % 2 ? 0 : UINT64_MAX;
        r->wakers[i].delay_ns = r->wakers[i].max_ns = UINT64_MAX;
    }
    r->totals.irq_ns = UINT64_MAX;
    for (int width = 40; width < 200; width++) {
        const struct ct_report_style style = {.width = width, .verbose = width % 2};
        char *page = story_render(r, &style);
        story_check_lines(page, &style);
        free(page);
    }
    ct_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_as_they_were),
        cmocka_unit_test(no_line_is_wider_than_the_screen),
        cmocka_unit_test(small_matters_stay_out),
        cmocka_unit_test(interrupts_that_wake_are_no_news),
        cmocka_unit_test(many_wakers_are_no_news),
        cmocka_unit_test(alike_are_one_row),
        cmocka_unit_test(unnamed_waits_name_their_calls),
        cmocka_unit_test(a_stranger_to_the_headers_has_a_number),
        cmocka_unit_test(crowds_are_fast),
        cmocka_unit_test(odd_results_are_survived),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
