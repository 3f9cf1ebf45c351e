/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/core/syscalls.c user/report/text_stacks.c
// links: user/report/text_findings.c user/report/text_path.c user/report/text_stretches.c
// links: user/report/text_say.c user/report/profile.c
// links: user/report/stack_tree.c user/report/folded.c user/core/stacks.c
// links: user/core/result.c user/core/strip.c tests/harness/story.c
/* Stacks from records to reports: put together, folded, and drawn as a tree. */
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
#include "user/core/stacks.h"
#include "user/report/stack_tree.h"

#define LOCK      (CT_ST_BLOCKED + CT_CAUSE_LOCK)
#define SLEEP     (CT_ST_BLOCKED + CT_CAUSE_SLEEP)
#define PREEMPTED (CT_ST_RUNNABLE + CT_RUN_PREEMPTED)

/* frames: with a NUL behind each, the literal's own included */
#define ADD(s, state, ms, frames) add(s, state, (ms)*MS, frames, sizeof(frames))

static void add(struct ct_stacks *s, int state, uint64_t ns, const char *frames, size_t len)
{
    struct ct_rec_stack *rec = calloc(1, sizeof(*rec) + len);
    assert_non_null(rec);
    rec->head.kind = CT_EV_STACK;
    rec->head.state = (__u8)state;
    rec->cnt = 2;
    rec->ns = ns;
    rec->max_ns = ns;
    rec->text_len = (__u32)len;
    memcpy(rec->text, frames, len);
    assert_int_equal(ct_stacks_add(s, rec, 0), 0);
    free(rec);
}

static struct ct_result *run_with(struct ct_stacks *stacks)
{
    static const char *const command[] = {"./server", NULL};
    struct story s;
    story_begin(&s, 1000 * MS, 2, command);
    story_process(&s, 100, "ser;ver\n", ARGV("./server"));
    story_thread(&s, 100, "ser;ver\n", 0);
    story_runs(&s, 100 * MS);
    story_blocks(&s, CT_CAUSE_LOCK, 900 * MS);
    story_dies(&s);
    struct ct_result *r = story_end(&s, 1);
    r->with_stacks = true;
    ct_stacks_seal(stacks, r);
    return r;
}

static struct ct_result *server(void)
{
    struct ct_stacks s = {0};
    ADD(&s, LOCK, 400, "main\0serve\0answer\0pthread_mutex_lock\0futex_wait_[k]");
    ADD(&s, LOCK, 150, "main\0serve\0answer\0pthread_mutex_lock\0futex_wait_[k]\0other_[k]");
    ADD(&s, LOCK, 100, "main\0serve\0log\0pthread_mutex_lock\0futex_wait_[k]");
    ADD(&s, LOCK, 50, "main\0serve");
    ADD(&s, SLEEP, 2, "main\0serve\0rest");
    ADD(&s, SLEEP, 100, "[stack not taken]");
    ADD(&s, PREEMPTED, 90, "main\0serve\0answer\0\033[31mred\0\xff\xfe");
    ADD(&s, PREEMPTED, 8,
        "main\0a::very<long, name>::of::some::template<that, is, longer, than, the, line, "
        "is, wide, or, nearly, so>::operator()(int, char, double, long long, unsigned)");
    return run_with(&s);
}

static struct ct_result *server_losing(void)
{
    struct ct_result *r = server();
    r->lost_waits = 12345;
    r->lost_waits_ns = 17 * MS;
    r->lost_names = true;
    return r;
}

/* More forks than lines. */
static struct ct_result *forest(void)
{
    struct ct_stacks s = {0};
    for (unsigned i = 0; i < 3000; i++) {
        char frames[128];
        int n = 0;
        for (unsigned k = i, depth = 0; depth < 6; depth++, k /= 3)
            n += snprintf(frames + n, sizeof(frames) - (size_t)n, "f%u", k % 3) + 1;
        add(&s, i % 7 ? LOCK : PREEMPTED, 1 + i * 1000, frames, (size_t)n);
    }
    return run_with(&s);
}

static const struct story_page pages[] = {
    {"stacks", server, {.width = 100}},
    {"stacks_narrow", server, {.width = 40}},
    {"stacks_wide", server, {.width = 160, .unicode = true, .color = true}},
    {"stacks_verbose", server, {.width = 100, .verbose = true}},
    {"stacks_losing", server_losing, {.width = 80}},
    {"stacks_forest", forest, {.width = 100}},
};
#define PAGES_CNT (sizeof(pages) / sizeof(pages[0]))

static void pages_are_as_they_were(void **state)
{
    (void)state;
    story_check_goldens(pages, PAGES_CNT);
}

static void pages_fit_any_width(void **state)
{
    (void)state;
    story_check_widths(pages, PAGES_CNT - 1);
}

static void a_tree_is_short_and_all_of_it_with_v(void **state)
{
    (void)state;
    struct ct_result *r = forest();
    for (int verbose = 0; verbose < 2; verbose++) {
        const struct ct_report_style style = {.width = 100, .verbose = verbose};
        char *page = story_render(r, &style);
        char *at = strstr(page, "where it waited");
        assert_non_null(at);
        size_t lines = 0;
        for (; *at && strncmp(at, "\n\n", 2) != 0; at++)
            lines += *at == '\n';
        if (verbose)
            assert_true(lines > 500);
        else
            assert_in_range(lines, 3, 21);
        free(page);
    }
    ct_result_free(r);
}

static void alike_stacks_are_one(void **state)
{
    (void)state;
    struct ct_stacks s = {0};
    ADD(&s, LOCK, 10, "main\0wait");
    ADD(&s, SLEEP, 20, "main\0wait");
    ADD(&s, LOCK, 30, "main\0wait");
    ADD(&s, LOCK, 5, "main\0wait\0more");
    ADD(&s, LOCK, 5, "main");
    struct ct_result *r = run_with(&s);
    assert_int_equal(r->stacks_cnt, 4);
    assert_int_equal(r->stacks[0].ns, 40 * MS);
    assert_int_equal(r->stacks[0].count, 4);
    assert_int_equal(r->stacks[0].max_ns, 30 * MS);
    assert_int_equal(r->stacks[1].state, SLEEP);
    assert_int_equal(r->stacks[2].ns, 5 * MS);
    ct_result_free(r);
}

static void damaged_records_are_left_out(void **state)
{
    (void)state;
    struct ct_stacks s = {0};
    struct ct_rec_stack rec = {.head = {.kind = CT_EV_STACK, .state = CT_ST_COUNT}, .cnt = 1};
    assert_int_equal(ct_stacks_add(&s, &rec, 0), 0); /* no such state */
    rec.head.state = LOCK;
    assert_int_equal(ct_stacks_add(&s, &rec, 0), 0); /* no frames */
    add(&s, LOCK, 1, "main", 4);                     /* without its end */
    assert_int_equal(s.cnt, 0);
    ct_stacks_fini(&s);
}

static void branches_share_what_is_common(void **state)
{
    (void)state;
    struct ct_result *r = server();
    struct ct_stack_tree t;
    struct ct_branch b[4];
    assert_int_equal(ct_stack_tree_init(&t, r, LOCK, false), 0);
    assert_int_equal(t.ns, 700 * MS);
    assert_int_equal(ct_stack_tree_branches(&t, 0, t.cnt, 0, 1, b, 4), 1);
    assert_string_equal(b[0].name, "main");
    assert_int_equal(b[0].length, 2); /* one stack ends after serve */
    assert_int_equal(b[0].ns, 700 * MS);
    const struct ct_branch root = b[0];
    assert_int_equal(ct_stack_tree_branches(&t, root.from, root.to, 2, 1, b, 4), 2);
    assert_string_equal(b[0].name, "answer");
    assert_int_equal(b[0].length, 2); /* the kernel's are left out */
    assert_int_equal(b[0].ns, 550 * MS);
    assert_int_equal(b[1].ns, 100 * MS);
    assert_int_equal(ct_stack_tree_branches(&t, root.from, root.to, 2, 200 * MS, b, 4), 1);
    assert_int_equal(ct_stack_tree_branches(&t, root.from, root.to, 2, 1, b, 1), 1);
    assert_int_equal(b[0].ns, 550 * MS); /* the heaviest stays */
    ct_stack_tree_fini(&t);
    ct_result_free(r);
}

static void folded_lines_are_lines(void **state)
{
    (void)state;
    struct ct_stacks s = {0};
    ADD(&s, LOCK, 2, "main\0a;b\nc d");
    ADD(&s, PREEMPTED, 1, "\033]0;title\a\0\xff");
    struct ct_result *r = run_with(&s);
    const struct ct_report_style style = {.width = 100};
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(ct_report_folded(r, &style, f), 0);
    fclose(f);
    assert_string_equal(text, "ser:ver\\n;lock;main;a:b\\nc d 2000000\n"
                              "ser:ver\\n;preempted;\\x1b]0:title\\x07;\\xff 1000000\n");
    free(text);
    f = fopen("/dev/full", "w");
    assert_non_null(f);
    assert_true(ct_report_folded(r, &style, f) < 0);
    fclose(f);
    ct_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_as_they_were),
        cmocka_unit_test(pages_fit_any_width),
        cmocka_unit_test(a_tree_is_short_and_all_of_it_with_v),
        cmocka_unit_test(alike_stacks_are_one),
        cmocka_unit_test(damaged_records_are_left_out),
        cmocka_unit_test(branches_share_what_is_common),
        cmocka_unit_test(folded_lines_are_lines),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
