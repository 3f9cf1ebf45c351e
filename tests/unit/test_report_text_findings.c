/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/core/syscalls.c user/report/text_say.c user/report/profile.c
// links: user/report/text_findings.c user/report/text_path.c user/report/text_stretches.c
// links: user/report/text_stacks.c user/report/stack_tree.c
// links: user/core/result.c user/core/strip.c tests/harness/story.c
/* What the text report says of findings, of the critical path and of how many ran at once. */
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

#define LOCK  (CT_ST_BLOCKED + CT_CAUSE_LOCK)
#define PIPE  (CT_ST_BLOCKED + CT_CAUSE_PIPE)
#define DISK  (CT_ST_BLOCKED + CT_CAUSE_DISK)
#define SLEEP (CT_ST_BLOCKED + CT_CAUSE_SLEEP)
#define WOKEN (CT_ST_RUNNABLE + CT_RUN_WOKEN)

/* ---- the stories ---- */

/* Main and four workers that take turns of 20 ms. */
static void begin_turns(struct story *s)
{
    static const char *const command[] = {"./workload", "--mode=threads", "--gil", "--tasks=4",
                                          NULL};
    story_begin(s, 1620 * MS, 2, command);
    story_process(s, 812, "workload", ARGV("./workload\0--mode=threads\0--gil\0--tasks=4"));
    story_thread(s, 812, "workload", 0);
    story_runs(s, 2 * MS);
    story_blocks(s, CT_CAUSE_LOCK, 1617 * MS);
    story_runs(s, 1 * MS);
    story_dies(s);
    for (unsigned w = 0; w < 4; w++) {
        char name[CT_COMM_LEN];
        snprintf(name, sizeof(name), "worker-%u", w);
        story_thread(s, 814 + w, name, 2 * MS);
        story_waits(s, CT_RUN_CREATED, 100000);
        for (unsigned turn = 0; turn < 80; turn++) {
            if (turn % 4 != w)
                story_blocks(s, CT_CAUSE_LOCK, 20 * MS);
            else
                story_runs(s, 20 * MS);
        }
        story_dies(s);
    }
}

static struct ct_result *end_turns(struct story *s)
{
    struct ct_result *r = story_end(s, 1);
    r->parallelism_ns[0] = 17 * MS;
    r->parallelism_ns[1] = 1603 * MS;
    return r;
}

static void path_of_turns(struct story *s)
{
    story_path(s, 812, CT_ST_RUNNING, 2 * MS);
    for (unsigned turn = 0; turn < 80; turn++) {
        story_path(s, 814 + turn % 4, WOKEN, 200000);
        story_path(s, 814 + turn % 4, CT_ST_RUNNING, 19 * MS + turn * 10000);
    }
    story_path_rest(s, 812, CT_ST_RUNNING);
    s->r->bound = CT_BOUND_CPU;
}

static void find_serialized(struct story *s)
{
    story_finding(
        s, CT_FINDING_SERIALIZED_THREADS,
        "Only one of 4 threads ran at a time: they take turns with one lock.",
        "Each thread must hold the lock while it computes, so the others wait, whatever the "
        "number of CPUs (interpreter lock). They waited 240 times, 97.8 % of the time in "
        "which one of them ran.",
        "Use processes in place of threads for work that computes, or do the work where the "
        "lock is released.");
    story_about(s, 812, 0);
    story_evidence(s, "lock", CT_EVIDENCE_TEXT, 0, "interpreter_lock+0x8");
    story_evidence(s, "threads_cnt", CT_EVIDENCE_NUMBER, 4, NULL);
    story_evidence(s, "lock_wait_ns", CT_EVIDENCE_NUMBER, 4850 * MS, NULL);
    story_evidence(s, "handed_of_waits_ratio", CT_EVIDENCE_RATIO, 0.991, NULL);
}

static struct ct_result *turns(void)
{
    struct story s;
    begin_turns(&s);
    path_of_turns(&s);
    find_serialized(&s);
    return end_turns(&s);
}

/* All that there is to say: more warnings than there is room for, good news, hostile names. */
static struct ct_result *much(void)
{
    struct story s;
    begin_turns(&s);
    path_of_turns(&s);
    find_serialized(&s);
    story_finding(&s, CT_FINDING_EVENT_LOOP_BLOCKED,
                  "The loop in \x1b[31m\xff\xfe\u202eevil stood still 3 times, for up to 1.20 s.",
                  "It waited for 1.10 s in a call that blocks "
                  "(averyverylongnamewithoutanyblankinitthatdoesnotfitintoanarrowlineofthescreen), "
                  "3.30 s in all absences this long.",
                  "Use the loop's own way to wait.");
    story_about(&s, 812, 815);
    story_evidence(&s, "worst_in", CT_EVIDENCE_TEXT, 0, "clock\nnanosleep");
    story_evidence(&s, "worst_ns", CT_EVIDENCE_NUMBER, 1200 * MS, NULL);
    story_finding(&s, CT_FINDING_IMBALANCE, "One thread worked on while the others had ended.",
                  "worker-3 ran for 0.8 s after all others.", "Make its part smaller.");
    story_evidence(&s, "late_ns", CT_EVIDENCE_NUMBER, 800 * MS, NULL);
    story_evidence(&s, "late_cnt", CT_EVIDENCE_NUMBER, 1, NULL);
    story_evidence(&s, "late_ratio", CT_EVIDENCE_RATIO, 0.494, NULL);
    story_finding(&s, CT_FINDING_BUSY_WAIT, "The fourth.", "It has no room.", "Try -v.");
    story_evidence(&s, "calls_cnt", CT_EVIDENCE_NUMBER, 1234567, NULL);
    story_finding(&s, CT_FINDING_GOOD_OVERLAP, "The good news.", "All is well.", NULL);
    story_evidence(&s, "at_once_ratio", CT_EVIDENCE_RATIO, 1.5, NULL);
    struct ct_result *r = end_turns(&s);
    for (int i = 0; i < 2; i++)
        r->cpus[i].other_ns = 400 * MS;
    return r;
}

/* A chain of processes: one works, then the next one; and one that has nothing to do with it. */
static struct ct_result *chain(void)
{
    static const char *const command[] = {"sh", "-c", "a | b | c", NULL};
    static const char *const names[] = {"a", "b", "c"};
    struct story s;
    story_begin(&s, 1000 * MS, 4, command);
    story_process(&s, 1, "sh", ARGV("sh\0-c\0a | b | c"));
    story_thread(&s, 1, "sh", 0);
    story_runs(&s, 10 * MS);
    story_blocks(&s, CT_CAUSE_CHILD, 980 * MS);
    story_runs(&s, 10 * MS);
    story_dies(&s);
    for (uint32_t i = 0; i < 3; i++) {
        story_process(&s, 10 + i, names[i], NULL, 0);
        story_thread(&s, 10 + i, names[i], 10 * MS);
        story_blocks(&s, CT_CAUSE_PIPE, i * 300 * MS);
        story_runs(&s, (i + 1) * 100 * MS);
        story_blocks(&s, CT_CAUSE_DISK, 980 * MS - i * 300 * MS - (i + 1) * 100 * MS);
        story_dies(&s);
    }
    story_path(&s, 1, CT_ST_RUNNING, 10 * MS);
    story_path(&s, 10, CT_ST_RUNNING, 100 * MS);
    story_path(&s, 10, DISK, 200 * MS);
    story_path(&s, 11, WOKEN, 100 * MS);
    story_path(&s, 11, CT_ST_RUNNING, 200 * MS);
    story_path(&s, 12, CT_PATH_FOLDED, 200 * MS);
    story_path(&s, 12, CT_ST_RUNNING, 180 * MS);
    story_path_rest(&s, 1, CT_ST_RUNNING);
    s.r->bound = CT_BOUND_MIXED;
    story_finding(&s, CT_FINDING_GOOD_OVERLAP, "Waits overlap well: 2.7 at once on average.",
                  "One after another they would have taken 2.67 s; they took 0.98 s.", NULL);
    story_evidence(&s, "waits_ns", CT_EVIDENCE_NUMBER, 2670 * MS, NULL);
    struct ct_result *r = story_end(&s, 3);
    r->parallelism_ns[0] = 300 * MS;
    r->parallelism_ns[1] = 590 * MS;
    r->parallelism_ns[2] = 109 * MS;
    r->parallelism_ns[3] = 1 * MS;
    return r;
}

/* Three hundred workers, on the path one after the other; twenty at once. */
static struct ct_result *relay(void)
{
    static const char *const command[] = {"./relay", NULL};
    struct story s;
    story_begin(&s, 4000 * MS, 64, command);
    story_process(&s, 100, "relay", ARGV("./relay"));
    for (uint32_t i = 0; i < 300; i++) {
        char name[CT_COMM_LEN];
        snprintf(name, sizeof(name), i ? "worker-%u" : "relay", i);
        story_thread(&s, 100 + i, name, 0);
        story_runs(&s, 900 * MS);
        story_blocks(&s, CT_CAUSE_LOCK, 3100 * MS);
        story_dies(&s);
    }
    for (uint32_t i = 0; i < 299; i++)
        story_path(&s, 100 + i, i % 3 ? CT_ST_RUNNING : SLEEP, (i == 7 ? 20 : 10) * MS + i * 1000);
    story_path_rest(&s, 100, CT_ST_RUNNING);
    s.r->bound = CT_BOUND_SLEEP;
    struct ct_result *r = story_end(&s, 20);
    for (unsigned k = 0; k <= 20; k++)
        r->parallelism_ns[k] = k == 3 ? 0 : 4000 * MS / 20;
    return r;
}

static void give_tables(struct ct_result *r)
{
    r->locks_cnt = r->run_calls_cnt = r->preemptors_cnt = 9;
    r->locks = calloc(9, sizeof(*r->locks));
    r->run_calls = calloc(9, sizeof(*r->run_calls));
    r->preemptors = calloc(9, sizeof(*r->preemptors));
    for (uint32_t i = 0; i < 9; i++) {
        r->locks[i] = (struct ct_lock){
            .address = 0x1000 + i * 4ULL, .waiters = 3, .waits = 90 - i, .wait_ns = (900 - i) * MS};
        r->run_calls[i] =
            (struct ct_call){.nr = i, .calls = 90 - i, .total_ns = (900 - i) * MS, .max_ns = MS};
        r->preemptors[i] = (struct ct_preemptor){.tid = 70 + i, .count = 9, .ns = (900 - i) * MS};
        snprintf(r->preemptors[i].comm, sizeof(r->preemptors[i].comm), "%c", 'a' + (int)i);
    }
}

/* A page that is full before anything is found: many causes, threads, tables. */
static struct ct_result *full(void)
{
    static const char *const command[] = {"./full", NULL};
    struct story s;
    story_begin(&s, 1000 * MS, 4, command);
    for (uint32_t i = 0; i < 20; i++) {
        char name[2] = {(char)('a' + (int)i), 0};
        story_process(&s, 100 + i, name, NULL, 0);
        story_thread(&s, 100 + i, name, 0);
        story_runs(&s, 100 * MS);
        s.t->totals.irq_ns = MS;
        story_waits(&s, CT_RUN_PREEMPTED, 350 * MS);
        for (int c = 0; c < CT_CAUSE_COUNT; c++)
            story_blocks(&s, (enum ct_cause)c, 50 * MS);
        story_dies(&s);
        story_path(&s, 100 + i, i % 2 ? PIPE : CT_ST_RUNNING, 50 * MS);
    }
    s.r->bound = CT_BOUND_CPU;
    find_serialized(&s);
    for (int i = 0; i < 4; i++) {
        story_finding(
            &s, CT_FINDING_IMBALANCE + i, "A title of some length, as all of them are.",
            "An explanation that takes two lines of the page, as most of them do: it says "
            "what happens here, and names in brackets what the field calls it (jargon).",
            "An advice that takes two lines of the page, as most of them do: it says what to "
            "do, first, and what else could be done if that cannot be done here.");
        story_evidence(&s, "waits_cnt", CT_EVIDENCE_NUMBER, 3, NULL);
    }
    struct ct_result *r = story_end(&s, 4);
    r->parallelism_ns[2] = 1000 * MS;
    for (int i = 0; i < 4; i++)
        r->cpus[i].other_ns = 300 * MS;
    give_tables(r);
    r->threads[0]->alive = true;
    r->lost_rows = 1;
    return r;
}

/* The only thread: its path is its account. */
static struct ct_result *alone(void)
{
    static const char *const command[] = {"true", NULL};
    struct story s;
    story_begin(&s, 10 * MS, 2, command);
    story_process(&s, 5, "true", ARGV("true"));
    story_thread(&s, 5, "true", 0);
    story_runs(&s, 4 * MS);
    story_blocks(&s, CT_CAUSE_DISK, 6 * MS);
    story_dies(&s);
    story_path(&s, 5, CT_ST_RUNNING, 4 * MS);
    story_path_rest(&s, 5, DISK);
    s.r->bound = CT_BOUND_DISK;
    struct ct_result *r = story_end(&s, 1);
    r->parallelism_ns[0] = 6 * MS;
    r->parallelism_ns[1] = 4 * MS;
    return r;
}

static const struct story_page pages[] = {
    {"findings", turns, {.width = 100}},
    {"findings_narrow", turns, {.width = 40}},
    {"findings_much", much, {.width = 100}},
    {"findings_much_verbose", much, {.width = 80, .verbose = true}},
    {"path_chain", chain, {.width = 100}},
    {"path_chain_wide", chain, {.width = 140, .unicode = true, .color = true}},
    {"path_relay", relay, {.width = 100}},
    {"findings_full", full, {.width = 100}},
    {"path_alone", alone, {.width = 80}},
    {"path_alone_verbose", alone, {.width = 80, .verbose = true}},
};
#define PAGES (sizeof(pages) / sizeof(pages[0]))

static void pages_are_as_they_were(void **state)
{
    (void)state;
    story_check_goldens(pages, PAGES);
}

static void no_line_is_wider_than_the_screen(void **state)
{
    (void)state;
    story_check_widths(pages, PAGES);
}

/* ---- what goldens would show, but not say ---- */

static char *page_of(struct ct_result *r, bool verbose)
{
    const struct ct_report_style style = {.width = 100, .verbose = verbose};
    char *text = story_render(r, &style);
    ct_result_free(r);
    return text;
}

/* Wherever the lines are broken. */
static bool has(const char *text, const char *words)
{
    char *flat = calloc(1, strlen(text) + 1);
    size_t len = 0;

    for (const char *c = text; *c; c++) {
        const char as = *c == '\n' ? ' ' : *c;
        if (as != ' ' || (len && flat[len - 1] != ' '))
            flat[len++] = as;
    }
    const bool found = strstr(flat, words) != NULL;
    free(flat);
    return found;
}

/* The weightiest warning leads, and stands there once; good news never does. */
static void the_verdict_leads_with_a_warning(void **state)
{
    (void)state;
    static const char title[] = "Only one of 4 threads ran at a time: they take turns";
    char *text = page_of(turns(), false);
    const char *at = strstr(text, title);
    assert_non_null(at);
    assert_ptr_equal(at, strstr(text, "\n\n") + 2);
    assert_null(strstr(at + 1, title));
    free(text);
    text = page_of(chain(), false);
    assert_true(strstr(text, "Waits overlap well") > strstr(text, "\nfindings\n"));
    free(text);
}

static void good_news_and_the_fourth_warning_need_verbose(void **state)
{
    (void)state;
    char *text = page_of(much(), false);
    assert_true(has(text, "imbalance: One thread worked on"));
    assert_false(has(text, "The fourth."));
    assert_false(has(text, "The good news."));
    assert_true(has(text, "of 5; -v shows all"));
    free(text);
    text = page_of(much(), true);
    assert_true(has(text, "busy-wait: The fourth. It has no room."));
    assert_true(has(text, "good-overlap: The good news. All is well."));
    assert_true(has(text, "Evidence: calls 1,234,567"));
    assert_true(has(text, "Evidence: at once 1.50"));
    assert_false(has(text, "-v shows all"));
    free(text);
}

static void findings_say_whose_they_are(void **state)
{
    (void)state;
    char *text = page_of(much(), true);
    assert_true(has(text, "event-loop-blocked (worker-1 815):"));
    assert_true(has(text, "serialized-threads:")); /* the only process */
    free(text);
    struct ct_result *r = chain();
    r->findings[0].tgid = 11;
    text = page_of(r, false);
    assert_true(has(text, "good-overlap (b 11):"));
    free(text);
}

/* 64 hostile bytes would be four lines of escapes. */
static void a_long_text_among_the_evidence_is_cut(void **state)
{
    (void)state;
    struct ct_result *r = turns();
    memset(r->findings[0].evidence[0].text, 0xff, sizeof(r->findings[0].evidence[0].text));
    char *text = page_of(r, false);
    assert_true(has(text, "\\xff\\xff.., threads 4, lock wait 4.85 s"));
    free(text);
}

static void evidence_that_is_called_alike_has_its_unit(void **state)
{
    (void)state;
    char *text = page_of(much(), false);
    assert_true(has(text, "Evidence: late 800 ms, late count 1, late ratio 0.49"));
    free(text);
}

/* "At most" holds for the number as it is printed. */
static void the_most_that_cpus_could_give_is_rounded_up(void **state)
{
    (void)state;
    struct ct_result *r = chain();
    char *text = page_of(r, false);
    /* 100 ms of it is waiting for a CPU, and a quarter of what is folded */
    assert_true(has(text, "More free CPUs: at most 1.18 times as fast."));
    free(text);
    r = chain();
    r->path.known = false;
    text = page_of(r, false);
    assert_false(has(text, "More free CPUs"));
    assert_false(has(text, "critical path"));
    free(text);
}

/* Lengths of one stretch each, by their number in time; the ten that must be told. */
static void the_ten_heaviest_stretches_are_told_in_order(void **state)
{
    (void)state;
    static const char *const command[] = {"x", NULL};
    static const unsigned ms[] = {5,  31, 7, 40, 32, 1, 33, 2, 34, 35, 3, 36, 30, 37, 4,
                                  38, 6,  9, 8,  10, 9, 8,  7, 6,  5,  4, 3,  2,  1,  39};
    struct story s;
    uint64_t at = 0, wall = 0;
    for (size_t i = 0; i < 30; i++)
        wall += ms[i];
    story_begin(&s, wall * MS, 2, command);
    story_process(&s, 1, "x", ARGV("x"));
    for (uint32_t i = 0; i < 30; i++) {
        story_thread(&s, 100 + i, "t", 0);
        story_runs(&s, wall * MS);
        story_dies(&s);
    }
    for (uint32_t i = 0; i < 30; i++)
        story_path(&s, 100 + i, CT_ST_RUNNING, ms[i] * MS);
    struct ct_result *r = story_end(&s, 1);
    const struct ct_report_style style = {.width = 60, .verbose = true}; /* one a line */
    char *text = story_render(r, &style);
    const char *line = strstr(text, "heaviest of its 30 stretches");
    assert_non_null(line);
    assert_memory_equal(line - 7, "The 10 ", 7);
    line = strstr(strstr(line, "waiting for"), "\n");
    for (size_t i = 0; i < 30; at += ms[i], i++) {
        unsigned tid;
        double from, length;
        if (ms[i] <= 30)
            continue;
        assert_int_equal(sscanf(line, "%lf %lf t %u: running", &from, &length, &tid), 3);
        assert_int_equal(tid, 100 + i);
        assert_true(from > (double)at * 0.99 - 1 && from < (double)at * 1.01 + 1);
        assert_true(length > ms[i] - 0.1 && length < ms[i] + 0.1);
        line = strchr(line + 1, '\n');
    }
    assert_true(line[1] == '\n'); /* and no more */
    free(text);
    ct_result_free(r);
}

/* What the path says of a thread that came and went is one stretch, whatever it did in it. */
static void neighbours_of_one_thread_are_one_stretch(void **state)
{
    (void)state;
    char *text = page_of(chain(), false);
    assert_true(has(text, "Its stretches:"));
    assert_true(has(text, "a 10: the disk 66.7 %"));
    assert_true(has(text, "b 11: running 66.7 %"));
    assert_true(has(text, "c 12: running 60.5 %")); /* 180 ms and a quarter of 200, of 380 */
    free(text);
}

static void damaged_paths_are_survived(void **state)
{
    (void)state;
    struct ct_result *r = much();
    for (size_t i = 0; i < r->path.steps_cnt; i++)
        memset(&r->path.steps[i], i % 2 ? 0xff : 0x80, sizeof(r->path.steps[i]));
    memset(r->path.shares, 0xff, r->path.shares_cnt * sizeof(*r->path.shares));
    memset(r->path.state_ns, 0xff, sizeof(r->path.state_ns));
    memset(r->parallelism_ns, 0xff, r->parallelism_cnt * sizeof(*r->parallelism_ns));
    for (size_t i = 0; i < r->findings_cnt; i++) {
        memset(r->findings[i].evidence[0].text, 0xff, sizeof(r->findings[i].evidence[0].text));
        r->findings[i].evidence[0].kind = CT_EVIDENCE_TEXT;
        r->findings[i].tid = r->findings[i].tgid = UINT32_MAX;
    }
    for (int width = 40; width < 200; width += 7) {
        const struct ct_report_style style = {.width = width, .verbose = width % 2};
        char *text = story_render(r, &style);
        story_check_lines(text, &style);
        free(text);
    }
    ct_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_as_they_were),
        cmocka_unit_test(no_line_is_wider_than_the_screen),
        cmocka_unit_test(the_verdict_leads_with_a_warning),
        cmocka_unit_test(good_news_and_the_fourth_warning_need_verbose),
        cmocka_unit_test(findings_say_whose_they_are),
        cmocka_unit_test(a_long_text_among_the_evidence_is_cut),
        cmocka_unit_test(evidence_that_is_called_alike_has_its_unit),
        cmocka_unit_test(the_most_that_cpus_could_give_is_rounded_up),
        cmocka_unit_test(the_ten_heaviest_stretches_are_told_in_order),
        cmocka_unit_test(neighbours_of_one_thread_are_one_stretch),
        cmocka_unit_test(damaged_paths_are_survived),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
