/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/json.c user/report/json_parts.c user/report/json_writer.c user/report/utf8.c user/core/result.c
// links: user/core/model.c user/core/seal.c user/core/timeline.c user/core/span.c user/core/order.c user/core/gaps.c user/core/path.c user/core/path_fold.c user/core/path_seal.c
// links: user/core/strip.c tests/harness/sim.c user/core/tables.c user/core/stacks.c user/report/stack_tree.c user/base/map.c user/core/syscalls.c user/report/json_tables.c
// links: user/report/json_path.c user/report/profile.c
/*
 * The JSON report. The files in tests/golden/ are what reports must be, byte for byte but for the
 * version; tests/bats/report_schema.bats validates them. CT_UPDATE_GOLDEN=1 writes them anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "tests/harness/sim.h"
#include "user/base/version.h"
#include "user/report/report.h"

#define MS 1000000ULL

/* ---- a run made by hand: 10 ms, 2 CPUs, names as hostile as a program can make them ---- */

static struct ct_thread *thread(struct ct_result *r, uint32_t process, uint32_t tid,
                                const char *comm, uint64_t start_ms, uint64_t end_ms)
{
    struct ct_thread *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    t->id = (uint32_t)r->threads_cnt + 1;
    t->tid = tid;
    t->tgid = r->processes[process].tgid;
    t->process = process;
    t->has_totals = true;
    memcpy(t->comm, comm, strnlen(comm, CT_COMM_LEN));
    t->start_ns = start_ms * MS;
    t->end_ns = end_ms * MS;
    r->threads[r->threads_cnt++] = t;
    return t;
}

/* What sealing does with the accounts. */
static void add_up(struct ct_result *r)
{
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        struct ct_process *p = &r->processes[t->process];
        if (!p->threads++ || t->start_ns < p->start_ns)
            p->start_ns = t->start_ns;
        if (t->end_ns > p->end_ns)
            p->end_ns = t->end_ns;
        ct_totals_add(&p->totals, &t->totals);
        ct_totals_add(&r->totals, &t->totals);
    }
    r->peak_threads = (uint32_t)r->threads_cnt;
}

static struct ct_result *frame(size_t threads)
{
    static const char *const command[] = {"./prog", "--name=\"q\\\"", "two\nlines\t\x1b[2J",
                                          "\xff\xc3(\xed\xa0\x80", ""};
    static const char argv[] = "./prog\0\xe2\x82\xac\xe2\x82\0\0</script>";
    struct ct_result *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->host = (struct ct_host){.kernel = "6.1.0-test", .arch = "x86_64", .cpus = 2};
    r->command = calloc(6, sizeof(char *));
    r->threads = calloc(threads, sizeof(struct ct_thread *));
    r->processes = calloc(2, sizeof(*r->processes));
    r->cpus = calloc(2, sizeof(*r->cpus));
    r->parallelism_ns = calloc(4, sizeof(uint64_t));
    assert_true(r->command && r->threads && r->processes && r->cpus && r->parallelism_ns);
    for (size_t i = 0; i < 5; i++)
        r->command[i] = strdup(command[i]);
    r->start_unix_ns = 1795392000123456789; /* more than a double can hold */
    r->wall_ns = 10 * MS;
    r->processes_cnt = 2;
    r->processes[0] = (struct ct_process){.tgid = 100, .ppid = 50, .comm = "prog"};
    r->processes[0].argv = malloc(sizeof(argv)); /* ends in a NUL, as the kernel's does */
    assert_non_null(r->processes[0].argv);
    memcpy(r->processes[0].argv, argv, sizeof(argv));
    r->processes[0].argv_len = sizeof(argv);
    r->processes[1] = (struct ct_process){.tgid = 200, .ppid = 100, .comm = "ch\"\x9bild\n"};
    r->processes[1].argv = strdup("cut");
    r->processes[1].argv_len = 3;
    r->processes[1].argv_cut = true;
    return r;
}

/* A path over all its threads, with a folded step and a thread that could not be told apart. */
static void give_path(struct ct_result *r)
{
    static const struct ct_path_step steps[] = {
        {0, 2 * MS, 1, CT_ST_RUNNING, {.running_ns = 2 * MS}},
        {2 * MS, 2 * MS + 1, 3, CT_ST_RUNNABLE + CT_RUN_YIELDED, {.runnable_ns = 1}},
        {2 * MS + 1, 4 * MS, 3, CT_ST_BLOCKED + CT_CAUSE_DISK, {.blocked_ns = 2 * MS - 1}},
        {4 * MS, 5 * MS, 3, CT_PATH_FOLDED, {.running_ns = 600000, .runnable_ns = 400000}},
        {5 * MS, 6 * MS, 2, CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT, {.blocked_ns = MS}},
        {6 * MS, 8 * MS, 1, CT_ST_RUNNING, {.running_ns = 2 * MS}},
        {8 * MS, 10 * MS, 1, CT_ST_BLOCKED + CT_CAUSE_CHILD, {.blocked_ns = 2 * MS}},
    };
    static const struct ct_path_share shares[] = {
        {1, {.running_ns = 4 * MS, .blocked_ns = 2 * MS}},
        {3, {.running_ns = 600000, .runnable_ns = 1, .blocked_ns = 2 * MS - 1}},
        {2, {.runnable_ns = 300000, .blocked_ns = MS}},
        {0, {.runnable_ns = 100000}},
    };
    struct ct_path *p = &r->path;
    p->known = true;
    p->steps = malloc(sizeof(steps));
    p->shares = malloc(sizeof(shares));
    assert_true(p->steps && p->shares);
    memcpy(p->steps, steps, sizeof(steps));
    memcpy(p->shares, shares, sizeof(shares));
    p->steps_cnt = sizeof(steps) / sizeof(steps[0]);
    p->shares_cnt = sizeof(shares) / sizeof(shares[0]);
    p->state_ns[CT_ST_RUNNING] = 4600000;
    p->state_ns[CT_ST_RUNNABLE + CT_RUN_YIELDED] = 1;
    p->state_ns[CT_ST_RUNNABLE + CT_RUN_WOKEN] = 400000;
    p->state_ns[CT_ST_BLOCKED + CT_CAUSE_CHILD] = 2 * MS;
    p->state_ns[CT_ST_BLOCKED + CT_CAUSE_DISK] = 2 * MS - 1;
    p->state_ns[CT_ST_BLOCKED + CT_CAUSE_EVENT_WAIT] = MS;
    p->event_timer_ns = 700000;
    p->event_network_ns = 200000;
    p->unfollowed = 3;
    r->bound = CT_BOUND_MIXED;
}

/* A warning with numbers of each kind, and an info about nobody with nothing to do. */
static void give_findings(struct ct_result *r)
{
    r->findings = calloc(2, sizeof(*r->findings));
    assert_non_null(r->findings);
    r->findings_cnt = 2;
    r->findings[0] = (struct ct_finding){
        .id = CT_FINDING_EVENT_LOOP_BLOCKED,
        .warning = true,
        .tgid = 100,
        .tid = 101,
        .title = strdup("The loop \"\x1b[2J\xff\" was away"),
        .explanation = strdup("It slept."),
        .advice = strdup("Don't."),
        .evidence = {{.key = "away_ns", .number = UINT64_MAX},
                     {.key = "share_ratio", .kind = CT_EVIDENCE_RATIO, .ratio = 0.125},
                     {.key = "call", .kind = CT_EVIDENCE_TEXT, .text = "read\x9b"}},
        .evidence_cnt = 3,
        .weight_ns = 7 * MS,
    };
    r->findings[1] = (struct ct_finding){
        .id = CT_FINDING_GOOD_OVERLAP,
        .title = strdup("Fine"),
        .explanation = strdup("It is."),
        .evidence = {{.key = "waits_cnt", .number = 2}},
        .evidence_cnt = 1,
        .weight_ns = 8 * MS,
    };
}

static void give_lock(struct ct_result *r)
{
    r->locks = calloc(1, sizeof(*r->locks));
    assert_non_null(r->locks);
    r->locks_cnt = 1;
    r->locks[0] = (struct ct_lock){.address = 0x1234,
                                   .waiters = 2,
                                   .waits = 9,
                                   .wait_ns = 40,
                                   .max_ns = 30,
                                   .timed_out = 4,
                                   .handed = 5,
                                   .waker_id = 2};
}

/* Main waits for its child, which is killed; a worker outlives the tracing. */
static struct ct_result *story(void)
{
    struct ct_result *r = frame(3);
    struct ct_thread *t = thread(r, 0, 100, "prog", 0, 10);
    t->totals.running_ns = 4 * MS;
    t->totals.kernel_ns = 1 * MS;
    t->totals.irq_ns = 1000;
    t->totals.blocked_ns[CT_CAUSE_CHILD] = 6 * MS;
    t->totals.voluntary = 3;
    t->totals.kernel_cpu_ns = 4 * MS - 2000;
    t->totals.kernel_voluntary = 5; /* differs: the sum must be negative */
    t->totals.kernel_run_delay_ns = 17;
    t = thread(r, 0, 101, "sixteen bytes!!\xe2\x82", 1, 10);
    t->alive = true;
    t->totals.running_ns = 3 * MS;
    for (int i = 0; i < CT_RUN_COUNT; i++)
        t->totals.runnable_ns[i] = MS / 2 + (uint64_t)i;
    for (int i = 0; i < CT_CAUSE_COUNT; i++)
        t->totals.blocked_ns[i] = 100 + (uint64_t)i;
    t->totals.blocked_ns[CT_CAUSE_LOCK] =
        9 * MS - (ct_totals_lifetime(&t->totals) - t->totals.blocked_ns[CT_CAUSE_LOCK]);
    t->totals.voluntary = 40;
    t->totals.involuntary = 2;
    t->totals.migrations = 1;
    t->totals.wakeups = 41;
    t->totals.kernel_voluntary = 9999; /* stale, as a survivor's is */
    t->totals.latency_cnt = 100;       /* p50, p95 and p99 in a bucket each */
    t->totals.latency_sum_ns = 90 * 100 + 6 * 130 + 4 * 1000;
    t->totals.latency_max_ns = 1000;
    t->totals.latency_hist[0] = 90;
    t->totals.latency_hist[1] = 6;
    t->totals.latency_hist[12] = 4;
    t = thread(r, 1, 200, "ch\"\x9bild\n", 2, 5);
    t->totals.running_ns = 1 * MS;
    t->totals.runnable_ns[CT_RUN_YIELDED] = 1;
    t->totals.blocked_ns[CT_CAUSE_DISK] = 2 * MS - 1;
    t->totals.involuntary = 4;
    t->totals.kernel_cpu_ns = 1 * MS;
    t->totals.kernel_involuntary = 3;
    add_up(r);
    r->exit = r->processes[0].exit = (struct ct_exit){.known = true, .code = 3};
    r->processes[1].exit = (struct ct_exit){.known = true, .code = -1, .signal = 9};
    r->with_syscalls = true;
    r->parallelism_cnt = 4; /* as many as there might have been; the last never were */
    r->parallelism_ns[0] = 3 * MS;
    r->parallelism_ns[1] = 6 * MS;
    r->parallelism_ns[2] = 1 * MS;
    r->cpus_cnt = 2;
    r->cpus[0] = (struct ct_cpu){.traced_ns = 5 * MS, .other_ns = 1 * MS, .idle_ns = 4 * MS};
    r->cpus[1] = (struct ct_cpu){.cpu = 3, .traced_ns = 3 * MS, .idle_ns = 7 * MS};
    r->observer_cpu_ns = 12345;
    r->probe_runs = 678;
    give_path(r);
    give_findings(r);
    give_lock(r);
    return r;
}

/* An event loop of 300 ms that was away twice, once too long. */
static struct ct_result *loop(bool in_a_call)
{
    struct ct_result *r = frame(1);
    struct ct_thread *t = thread(r, 0, 100, "loop", 100, 300);
    free(r->processes[1].argv);
    r->processes_cnt = 1;
    r->wall_ns = 300 * MS;
    r->with_syscalls = true;
    t->totals.start_ns = 5000000001; /* the scheduler's clock; told from the run's start on */
    t->totals.running_ns = 20 * MS;
    t->totals.runnable_ns[CT_RUN_WOKEN] = 2 * MS;
    t->totals.blocked_ns[CT_CAUSE_SLEEP] = 58 * MS;
    t->totals.blocked_ns[CT_CAUSE_EVENT_WAIT] = 120 * MS;
    t->totals.loop = (struct ct_loop){
        .returns = 2,
        .away_ns = 80 * MS,
        .long_cnt = 1,
        .long_ns = 70 * MS,
        .long_running_ns = 11 * MS,
        .long_blocked_ns = 58 * MS,
        .max_ns = 70 * MS,
        .max_at_ns = 5000000001 + 90 * MS,
        .max_running_ns = 11 * MS,
        .max_blocked_ns = 58 * MS,
        .max_call_ns = in_a_call ? 60 * MS : 0,
        .max_call_nr = in_a_call ? 0 : -1,
    };
    add_up(r);
    r->parallelism_cnt = 2;
    r->parallelism_ns[0] = 280 * MS;
    r->parallelism_ns[1] = 20 * MS;
    r->cpus_cnt = 1;
    r->cpus[0] = (struct ct_cpu){.traced_ns = 20 * MS, .idle_ns = 280 * MS};
    return r;
}

/* The same with records lost: two threads without an account, gaps, no exit, no system calls. */
static struct ct_result *damaged(void)
{
    struct ct_result *r = frame(3);
    struct ct_thread *t = thread(r, 0, 100, "prog", 0, 10);
    t->alive = true;
    t->totals.running_ns = 9 * MS;
    t->totals.unknown_ns = 1 * MS;
    thread(r, 0, 101, "", 1, 4)->has_totals = false;
    thread(r, 1, 200, "gone", 2, 9)->has_totals = false;
    add_up(r);
    memset(r->host.arch, 'a', sizeof(r->host.arch)); /* no NUL */
    r->exit = (struct ct_exit){.known = false, .code = 7, .signal = 9};
    r->processes[0].exit = (struct ct_exit){.known = false, .code = 7};
    r->lost_events = 70;
    r->lost_threads = 2;
    r->late_events = 3;
    r->gaps = calloc(2, sizeof(*r->gaps));
    assert_non_null(r->gaps);
    r->gaps_cnt = 2;
    r->gaps[0] = (struct ct_gap){3 * MS, 4 * MS};
    r->gaps[1] = (struct ct_gap){6 * MS, 10 * MS};
    r->stream_difference_ns = 5 * MS;
    r->parallelism_cnt = 2;
    r->parallelism_ns[1] = 5 * MS;
    return r;
}

/* ---- reports as text ---- */

static char *report(struct ct_result *r)
{
    static const struct ct_report_style style = {.width = 80};
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    assert_int_equal(ct_report_json(r, &style, f), 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(strlen(text), len);
    ct_result_free(r);
    return text;
}

/* The line of the only thread, process or CPU that has it. */
static char *line_with(const char *text, const char *what)
{
    const char *at = strstr(text, what);
    assert_non_null(at);
    assert_null(strstr(at + 1, what));
    const char *from = at, *to = at + strcspn(at, "\n");
    while (from > text && from[-1] != '\n')
        from--;
    return strndup(from, (size_t)(to - from));
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("%s\nis not in\n%s", part, text);
}

/* ---- goldens ---- */

static void scrub_version(char *text)
{
    static const char key[] = "\"version\": \"" CT_VERSION "\"";
    char *at = strstr(text, key);
    assert_non_null(at);
    memset(at + strlen("\"version\": \""), 'x', strlen(CT_VERSION));
    /* the length too is the version's own */
    char *end = at + strlen(key) - 1;
    memmove(at + strlen("\"version\": \"x"), end, strlen(end) + 1);
}

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    if (!f)
        fail_msg("cannot read %s: %s (CT_UPDATE_GOLDEN=1 writes it)", path, strerror(errno));
    if (getdelim(&text, &room, 0, f) < 0)
        fail_msg("%s is empty", path);
    fclose(f);
    return text;
}

static void same_as_golden(struct ct_result *r, const char *path)
{
    char *text = report(r);
    scrub_version(text);
    if (getenv("CT_UPDATE_GOLDEN")) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
        print_message("# wrote %s\n", path);
    }
    char *golden = read_all(path);
    size_t same = 0, line = 1;
    for (; golden[same] && golden[same] == text[same]; same++)
        line += golden[same] == '\n';
    if (golden[same] != text[same])
        fail_msg("%s, line %zu: at\n%.60s\nthe report has\n%.60s", path, line, golden + same,
                 text + same);
    free(golden);
    free(text);
}

static void the_story_is_its_golden(void **state)
{
    (void)state;
    same_as_golden(story(), "tests/golden/report_story.json");
}

static void a_damaged_run_is_its_golden(void **state)
{
    (void)state;
    same_as_golden(damaged(), "tests/golden/report_damaged.json");
}

static void a_loop_is_its_golden(void **state)
{
    (void)state;
    same_as_golden(loop(true), "tests/golden/report_loop.json");
}

static void a_simulated_run_is_its_golden(void **state)
{
    (void)state;
    struct sim s;
    sim_make(&s, 3, 120, 2);
    same_as_golden(sim_run(&s, NULL), "tests/golden/report_sim.json");
    sim_free(&s);
}

static void an_empty_result_is_its_golden(void **state)
{
    (void)state;
    same_as_golden(calloc(1, sizeof(struct ct_result)), "tests/golden/report_empty.json");
}

/* ---- what goldens would show, but not say ---- */

static void hostile_names_stay_text(void **state)
{
    (void)state;
    char *text = report(story());
    for (const char *c = text; *c; c++)
        assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
    has(text, "[\"./prog\", \"--name=\\\"q\\\\\\\"\", \"two\\nlines\\t\\u001b[2J\", "
              "\"\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\", \"\"]");
    has(text, "\"argv\": [\"./prog\", \"\xe2\x82\xac\xef\xbf\xbd\", \"\", \"</script>\"]");
    has(text, "\"argv\": [\"cut\"], \"argv_cut\": true");
    has(text, "\"comm\": \"sixteen bytes!!\xef\xbf\xbd\"");
    has(text, "\"start_unix_ns\": 1795392000123456789,");
    free(text);
}

static void a_survivor_is_not_held_against_the_kernel(void **state)
{
    (void)state;
    char *text = report(story());
    char *survivor = line_with(text, "\"tid\": 101, \"pid\"");
    has(survivor, "\"alive\": true");
    has(survivor, "\"kernel\": null");
    has(text, "\"cpu_ratio\": 1.00020008");
    has(text, "\"voluntary_difference\": -2, \"involuntary_difference\": 1,");
    free(survivor);
    free(text);
}

static void exits_are_a_code_or_a_signal_or_unknown(void **state)
{
    (void)state;
    char *text = report(story());
    has(text, "\n  \"exit\": {\"code\": 3, \"signal\": null},\n");
    char *killed = line_with(text, "\"pid\": 200, \"ppid\"");
    has(killed, "\"exit\": {\"code\": null, \"signal\": 9}");
    free(killed);
    free(text);
    text = report(damaged());
    has(text, "\n  \"exit\": {\"code\": null, \"signal\": null},\n");
    free(text);
}

static void a_lost_account_is_a_life_unknown(void **state)
{
    (void)state;
    char *text = report(damaged());
    char *lost = line_with(text, "\"tid\": 200,");
    has(lost, "\"lifetime_ns\": 7000000, \"running_ns\": 0,");
    has(lost, "\"unknown_ns\": 7000000,");
    has(lost, "\"kernel\": null");
    has(lost, "{\"count\": 0, \"mean\": null, \"p50\": null, \"p95\": null, \"p99\": null, "
              "\"max\": null}");
    free(lost);
    lost = line_with(text, "\"pid\": 100, \"ppid\"");
    has(lost, "\"lifetime_ns\": 13000000, \"running_ns\": 9000000,");
    has(lost, "\"unknown_ns\": 4000000,");
    has(text, "\n    \"lifetime_ns\": 20000000,\n"); /* the summary */
    has(text, "\n    \"unknown_ns\": 11000000,\n");
    free(lost);
    free(text);
}

/* Were it filled up, no check of ours could see that the accounts are wrong. */
static void an_account_that_falls_short_is_not_mended(void **state)
{
    (void)state;
    struct ct_result *r = story();
    r->threads[0]->totals.running_ns -= 5;
    char *text = report(r);
    char *wrong = line_with(text, "\"tid\": 100, \"pid\"");
    has(wrong, "\"lifetime_ns\": 9999995, \"running_ns\": 3999995,");
    has(wrong, "\"unknown_ns\": 0,");
    free(wrong);
    free(text);
}

static void without_system_calls_the_split_is_null(void **state)
{
    (void)state;
    struct ct_result *r = story();
    r->with_syscalls = false;
    char *text = report(r);
    size_t splits = 0;
    for (const char *at = text; (at = strstr(at, "\"user_ns\": ")); at++, splits++)
        assert_int_equal(strncmp(at, "\"user_ns\": null,", 16), 0);
    assert_int_equal(splits, 1 + 2 + 3);
    free(text);
    text = report(story());
    assert_null(strstr(text, "\"user_ns\": null"));
    has(text, "\n    \"user_ns\": 7000000,\n    \"kernel_ns\": 1000000,\n");
    free(text);
}

static void what_is_not_known_of_a_loop_is_null(void **state)
{
    (void)state;
    char *text = report(loop(false));
    has(text, "\"call\": null, \"call_ns\": 0}");
    free(text);
    struct ct_result *r = loop(true);
    r->threads[0]->totals.loop.long_cnt = 0;
    text = report(r);
    has(text, "\"worst\": null}");
    free(text);
    r = loop(true);
    r->threads[0]->totals.loop.returns = 0;
    text = report(r);
    has(text, "\"loop\": null}");
    free(text);
    r = loop(true);
    r->with_syscalls = false;
    text = report(r);
    has(text, "\"loop\": null}");
    free(text);
}

static void without_wakeups_there_is_no_path(void **state)
{
    (void)state;
    struct ct_result *r = story();
    r->path.known = false;
    char *text = report(r);
    has(text, "\"critical_path\": null,\n  \"critical_path_summary\": null,\n  \"bound\": null,\n");
    has(text, "\"critical_path\": null}}");
    free(text);
    r = story();
    r->bound = CT_BOUND_COUNT;
    text = report(r);
    has(text, "\"bound\": null,\n");
    free(text);
}

/* With nothing but waits for a CPU on it, no number of CPUs bounds the speed-up. */
static void a_path_of_waits_bounds_nothing(void **state)
{
    (void)state;
    struct ct_result *r = story();
    r->path.state_ns[CT_ST_RUNNABLE] = r->wall_ns;
    char *text = report(r);
    has(text, "\"critical_path\": null}}");
    free(text);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    static const int buffering[] = {_IOFBF, _IOLBF, _IONBF};
    for (size_t i = 0; i < 3; i++) {
        FILE *f = fopen("/dev/full", "w");
        struct ct_result *r = story();
        assert_non_null(f);
        setvbuf(f, NULL, buffering[i], 1 << 20);
        assert_int_equal(ct_report_json(r, &(struct ct_report_style){0}, f), -ENOSPC);
        fclose(f);
        ct_result_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_story_is_its_golden),
        cmocka_unit_test(a_damaged_run_is_its_golden),
        cmocka_unit_test(a_loop_is_its_golden),
        cmocka_unit_test(a_simulated_run_is_its_golden),
        cmocka_unit_test(an_empty_result_is_its_golden),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(a_survivor_is_not_held_against_the_kernel),
        cmocka_unit_test(exits_are_a_code_or_a_signal_or_unknown),
        cmocka_unit_test(a_lost_account_is_a_life_unknown),
        cmocka_unit_test(an_account_that_falls_short_is_not_mended),
        cmocka_unit_test(without_system_calls_the_split_is_null),
        cmocka_unit_test(what_is_not_known_of_a_loop_is_null),
        cmocka_unit_test(without_wakeups_there_is_no_path),
        cmocka_unit_test(a_path_of_waits_bounds_nothing),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
