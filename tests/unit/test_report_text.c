/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/text.c user/report/text_page.c user/report/text_rows.c
// links: user/report/text_summary.c user/report/text_table.c user/report/text_timeline.c
// links: user/report/text_trust.c user/report/text_breakdown.c user/report/format.c
// links: user/report/text_why.c user/report/text_folds.c user/report/text_ledger.c
// links: user/report/text_names.c user/core/syscalls.c
// links: user/core/result.c user/core/strip.c
/*
 * The text report: stories told as results, and the pages they become (tests/golden/text_*.txt;
 * CT_UPDATE_GOLDEN=1 in the environment writes them anew: read them before you commit them).
 */
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

#include "user/core/strip.h"
#include "user/report/report.h"

#define MS 1000000ULL

/* ---- telling stories ---- */

struct teller {
    struct ct_result *r;
    struct ct_thread *t;
    struct ct_strip_pen pen;
    uint64_t at;
    size_t threads_room, processes_room;
};

static void *grown(void *array, size_t cnt, size_t *room, size_t size)
{
    if (cnt < *room)
        return array;
    *room = *room ? 2 * *room : 16;
    array = realloc(array, *room * size);
    assert_non_null(array);
    return array;
}

static void begin(struct teller *s, uint64_t wall_ns, unsigned cpus, const char *const *command)
{
    struct ct_result *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    size_t n = 0;
    while (command[n])
        n++;
    r->command = calloc(n + 1, sizeof(*r->command));
    for (size_t i = 0; i < n; i++)
        r->command[i] = strdup(command[i]);
    r->wall_ns = wall_ns;
    r->host.cpus = cpus;
    r->cpus = calloc(cpus, sizeof(*r->cpus));
    r->cpus_cnt = cpus;
    for (unsigned i = 0; i < cpus; i++)
        r->cpus[i].cpu = i;
    r->exit.known = true;
    r->with_syscalls = true;
    r->observer_cpu_ns = wall_ns / 250;
    *s = (struct teller){.r = r};
}

#define ARGV(text) (text), sizeof(text)

static void process(struct teller *s, uint32_t tgid, const char *comm, const char *argv, size_t len)
{
    s->r->processes =
        grown(s->r->processes, s->r->processes_cnt, &s->processes_room, sizeof(*s->r->processes));
    struct ct_process *p = &s->r->processes[s->r->processes_cnt++];
    *p = (struct ct_process){.tgid = tgid, .argv_len = (uint32_t)len};
    snprintf(p->comm, sizeof(p->comm), "%s", comm);
    if (!argv)
        return;
    p->argv = malloc(len);
    memcpy(p->argv, argv, len);
}

/* A thread of the latest process; what it does follows. */
static void thread(struct teller *s, uint32_t tid, const char *comm, uint64_t start_ns)
{
    s->r->threads =
        grown(s->r->threads, s->r->threads_cnt, &s->threads_room, sizeof(struct ct_thread *));
    s->t = calloc(1, sizeof(*s->t));
    s->r->threads[s->r->threads_cnt++] = s->t;
    s->t->id = (uint32_t)s->r->threads_cnt;
    s->t->tid = tid;
    s->t->process = (uint32_t)s->r->processes_cnt - 1;
    s->t->tgid = s->r->processes[s->t->process].tgid;
    s->t->has_totals = true;
    snprintf(s->t->comm, sizeof(s->t->comm), "%s", comm);
    s->t->start_ns = s->at = start_ns;
    s->pen = (struct ct_strip_pen){0};
    s->r->processes[s->t->process].threads++;
}

static void pass(struct teller *s, enum ct_paint paint, uint64_t ns)
{
    ct_strip_add(&s->t->strip, &s->pen, paint, s->at, s->at + ns);
    s->at += ns;
}

static void runs(struct teller *s, uint64_t ns)
{
    s->t->totals.running_ns += ns;
    s->t->totals.kernel_ns += ns / 10;
    pass(s, CT_PAINT_RUNNING, ns);
}

static void waits(struct teller *s, enum ct_runnable how, uint64_t ns)
{
    struct ct_totals *t = &s->t->totals;
    t->runnable_ns[how] += ns;
    t->involuntary += how == CT_RUN_PREEMPTED;
    if (how == CT_RUN_WOKEN) {
        t->latency_cnt++;
        t->latency_max_ns = ns > t->latency_max_ns ? ns : t->latency_max_ns;
        t->latency_hist[CT_LAT_BUCKETS - 1]++;
    }
    pass(s, CT_PAINT_RUNNABLE, ns);
}

static void blocks(struct teller *s, enum ct_cause cause, uint64_t ns)
{
    s->t->totals.blocked_ns[cause] += ns;
    s->t->totals.voluntary++;
    pass(s, CT_PAINT_BLOCKED, ns);
}

/* The kernel's figures are ours. */
static void dies(struct teller *s)
{
    struct ct_totals *t = &s->t->totals;
    s->t->end_ns = s->at;
    t->kernel_cpu_ns = t->running_ns;
    t->kernel_voluntary = t->voluntary;
    t->kernel_involuntary = t->involuntary;
    ct_strip_add(&s->t->strip, &s->pen, CT_PAINT_BLOCKED, s->r->wall_ns, s->r->wall_ns);
    ct_strip_seal(&s->t->strip, &s->pen, s->r->wall_ns);
}

/* Sums; every thread has run on the CPU of its number. */
static struct ct_result *end(struct teller *s, unsigned most_at_once)
{
    struct ct_result *r = s->r;
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        struct ct_cpu *c = &r->cpus[t->tid % r->cpus_cnt];
        ct_totals_add(&r->totals, &t->totals);
        c->traced_ns += t->totals.running_ns;
        for (int b = 0; b < CT_STRIP_BINS; b++) {
            const int sum = c->strip.running[b] + t->strip.running[b];
            c->strip.running[b] = (uint8_t)(sum > 255 ? 255 : sum);
        }
    }
    r->peak_threads = (uint32_t)r->threads_cnt;
    r->parallelism_cnt = most_at_once + 1;
    r->parallelism_ns = calloc(r->parallelism_cnt, sizeof(*r->parallelism_ns));
    r->probe_runs = 2 * (r->totals.voluntary + r->totals.involuntary);
    return r;
}

/* ---- the stories ---- */

/* One lock: four workers, one at a time. */
static struct ct_result *gil(void)
{
    static const char *const command[] = {"./workload", "--mode=threads", "--gil", "--tasks=4",
                                          NULL};
    struct teller s;
    begin(&s, 1620 * MS, 2, command);
    process(&s, 812, "workload", ARGV("./workload\0--mode=threads\0--gil\0--tasks=4"));
    thread(&s, 812, "workload", 0);
    runs(&s, 2 * MS);
    blocks(&s, CT_CAUSE_LOCK, 1617 * MS);
    waits(&s, CT_RUN_WOKEN, 31000);
    runs(&s, 1 * MS - 31000);
    dies(&s);
    for (unsigned w = 0; w < 4; w++) {
        char name[CT_COMM_LEN];
        snprintf(name, sizeof(name), "worker-%u", w);
        thread(&s, 814 + 2 * w, name, 2 * MS);
        waits(&s, CT_RUN_CREATED, 100000 + 1000 * w);
        for (unsigned turn = 0; turn < 80; turn++) {
            if (turn % 4 != w) {
                blocks(&s, CT_CAUSE_LOCK, 20 * MS - 100000);
                waits(&s, CT_RUN_WOKEN, 100000);
            } else {
                runs(&s, 20 * MS);
            }
        }
        waits(&s, CT_RUN_PREEMPTED, 2000);
        dies(&s);
    }
    return end(&s, 1);
}

/* Ten want to run, two can; a disk, a pipe and more are waited for. */
static struct ct_result *crowd_of(unsigned workers, unsigned odd, unsigned cpus)
{
    static const char *const command[] = {"./crowd", NULL};
    struct teller s;
    begin(&s, 800 * MS, cpus, command);
    process(&s, 100, "crowd", ARGV("./crowd"));
    thread(&s, 100, "crowd", 0);
    runs(&s, 10 * MS);
    blocks(&s, CT_CAUSE_DISK, 2 * MS);
    blocks(&s, CT_CAUSE_PIPE, 3 * MS);
    blocks(&s, CT_CAUSE_SOCKET, 4 * MS);
    blocks(&s, CT_CAUSE_FAULT, 1000);
    blocks(&s, CT_CAUSE_SLEEP, 1 * MS);
    blocks(&s, CT_CAUSE_STOPPED, 1 * MS);
    blocks(&s, CT_CAUSE_OTHER, 1 * MS);
    blocks(&s, CT_CAUSE_LOCK, 778 * MS - 1000);
    dies(&s);
    for (unsigned w = 0; w < workers; w++) {
        char name[CT_COMM_LEN];
        if (odd && w % odd == 3)
            snprintf(name, sizeof(name), "%c%c-%u:io", 'a' + w / odd % 26, 'a' + w / odd / 26 % 26,
                     w);
        else
            snprintf(name, sizeof(name), "worker-%u", w);
        thread(&s, 101 + w, name, 10 * MS + w);
        waits(&s, CT_RUN_CREATED, w * 1000);
        for (int turn = 0; turn < 8; turn++) {
            runs(&s, 15 * MS);
            waits(&s, CT_RUN_PREEMPTED, 60 * MS);
        }
        s.t->totals.migrations = w % 7;
        dies(&s);
    }
    return end(&s, cpus);
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
    struct teller s;
    begin(&s, 2000 * MS, 4, command);
    process(&s, 7, "make", ARGV("/usr/bin/make\0-j8\0all"));
    thread(&s, 7, "make", 0);
    runs(&s, 300 * MS);
    blocks(&s, CT_CAUSE_CHILD, 1700 * MS);
    dies(&s);
    process(&s, 5000, "ld.lld", ARGV("ld.lld\0-o\0program"));
    for (unsigned i = 0; i < 3; i++) {
        thread(&s, 5000 + i, "ld.lld", (1500 + i) * MS);
        runs(&s, 400 * MS);
        blocks(&s, CT_CAUSE_LOCK, i * 10 * MS);
        dies(&s);
    }
    for (unsigned i = 0; i < children; i++) {
        process(&s, 10000 + i, i % 2 ? "cc1" : "as", ARGV("/usr/lib/gcc/cc1\0-quiet\0hello.c"));
        thread(&s, 10000 + i, i % 2 ? "cc1" : "as", i % 1400 * MS);
        runs(&s, i % 2 ? 6 * MS : 1 * MS);
        blocks(&s, CT_CAUSE_PIPE, 500000);
        dies(&s);
    }
    return end(&s, 4);
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
    struct teller s;
    begin(&s, 40 * MS, 2, command);
    process(&s, 1, "evil", ARGV("/tmp/\033[2J/evil\0\033[31m\0\xe2\x80\x8f\0\n\n"));
    thread(&s, 1, "evil", 0);
    runs(&s, 40 * MS);
    dies(&s);
    process(&s, 2, "\033[31mred", ARGV("x"));
    static const char *const names[] = {"\033[31mred",
                                        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e-1",
                                        "caf\xc3\xa9",
                                        "e\xcc\x81\xcc\x81\xcc\x81",
                                        "\342\200\256evil",
                                        "\xff\xfe\xfd",
                                        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6",
                                        "  blanks  "};
    for (unsigned i = 0; i < 8; i++) {
        thread(&s, 2 + i, names[i], i * MS);
        runs(&s, 1 * MS);
        blocks(&s, CT_CAUSE_SOCKET, 20 * MS);
        dies(&s);
    }
    return end(&s, 2);
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
    struct teller s;
    begin(&s, 3 * MS, 1, command);
    process(&s, 5, "crash", ARGV("./crash"));
    thread(&s, 5, "crash", 0);
    runs(&s, 2 * MS);
    blocks(&s, CT_CAUSE_OTHER, 1 * MS);
    dies(&s);
    s.r->exit = (struct ct_exit){.known = true, .code = -1, .signal = SIGSEGV};
    return end(&s, 1);
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
    struct teller s;
    begin(&s, 0, 2, command);
    s.r->exit.known = false;
    return end(&s, 0);
}

/* ---- pages ---- */

static const struct page {
    const char *name;
    struct ct_result *(*story)(void);
    struct ct_report_style style;
} pages[] = {
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
#define PAGES (sizeof(pages) / sizeof(pages[0]))

static char *render(const struct ct_result *r, const struct ct_report_style *style)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    assert_int_equal(ct_report_text(r, style, f), 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(strlen(text), size); /* no zero byte comes through */
    return text;
}

static char *slurp(const char *path)
{
    char *text = calloc(1, 1 << 20);
    FILE *f = fopen(path, "r");
    if (f) {
        assert_true(fread(text, 1, (1 << 20) - 1, f) < (1 << 20) - 1);
        fclose(f);
    }
    return text;
}

static void pages_are_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES; i++) {
        char path[128];
        struct ct_result *r = pages[i].story();
        char *text = render(r, &pages[i].style);
        snprintf(path, sizeof(path), "tests/golden/text_%s.txt", pages[i].name);
        if (getenv("CT_UPDATE_GOLDEN")) {
            FILE *f = fopen(path, "w");
            assert_non_null(f);
            fputs(text, f);
            assert_int_equal(fclose(f), 0);
        }
        char *golden = slurp(path);
        if (strcmp(text, golden))
            print_error("%s differs; it is now:\n%s\n", path, text);
        assert_string_equal(text, golden);
        free(golden);
        free(text);
        ct_result_free(r);
    }
}

/* Columns of a line, escape sequences left out. */
static int columns(const char *line, size_t len, bool color)
{
    int cols = 0;
    for (size_t i = 0; i < len;) {
        wchar_t c;
        if (color && line[i] == '\033') {
            while (line[i] != 'm')
                i++;
            i++;
            continue;
        }
        mbstate_t st = {0};
        const size_t n = mbrtowc(&c, line + i, len - i, &st);
        assert_true(n > 0 && n <= len - i); /* valid UTF-8, too */
        assert_true(wcwidth(c) >= 0);
        cols += wcwidth(c);
        i += n;
    }
    return cols;
}

static void check_lines(const char *text, const struct ct_report_style *style)
{
    size_t lines = 0;

    for (const char *line = text; *line; lines++) {
        const char *newline = strchr(line, '\n');
        assert_non_null(newline);
        const size_t len = (size_t)(newline - line);
        const int cols = columns(line, len, style->color);
        if (cols > style->width)
            print_error("%d columns for %d: %.*s\n", cols, style->width, (int)len, line);
        assert_true(cols <= style->width);
        assert_true(!len || line[len - 1] != ' ');
        for (size_t i = 0; i < len && !style->unicode && !style->color; i++)
            assert_in_range(line[i], ' ', '~');
        line = newline + 1;
    }
    if (!style->verbose && style->width >= 80 && lines > 46)
        print_error("%s", text);
    if (!style->verbose && style->width >= 80)
        assert_in_range(lines, 1, 46);
}

static void no_line_is_wider_than_the_screen(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES; i++) {
        struct ct_result *r = pages[i].story();
        const int step = r->threads_cnt > 1000 ? 53 : 1;
        for (int width = 40; width <= 200; width += step)
            for (int mode = 0; mode < 3; mode++) {
                const struct ct_report_style style = {
                    .width = width,
                    .unicode = mode > 0,
                    .color = mode > 1,
                    .verbose = width % 2 && r->threads_cnt < 1000,
                };
                char *text = render(r, &style);
                check_lines(text, &style);
                free(text);
            }
        ct_result_free(r);
    }
}

static void crowds_are_fast(void **state)
{
    (void)state;
    const struct ct_report_style style = {.width = 100};
    for (int i = 0; i < 2; i++) {
        struct ct_result *r = i ? fifty_thousand() : ten_thousand();
        const clock_t from = clock();
        free(render(r, &style));
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
        memset(&r->threads[i]->strip, 0xff, sizeof(r->threads[i]->strip));
        memset(r->threads[i]->comm, 0xff, CT_COMM_LEN);
    }
    memset(&r->totals, 0xff, sizeof(r->totals));
    r->wall_ns = UINT64_MAX;
    r->lost_events = r->observer_cpu_ns = r->probe_runs = UINT64_MAX;
    r->exit = (struct ct_exit){.known = true, .signal = -5};
    for (int width = 40; width < 200; width += 7) {
        const struct ct_report_style style = {.width = width, .verbose = width % 2};
        char *text = render(r, &style);
        check_lines(text, &style);
        free(text);
    }
    r->wall_ns = 1;
    const struct ct_report_style style = {.width = 100};
    free(render(r, &style));
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
