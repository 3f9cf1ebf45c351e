/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/harness/story.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- telling stories ---- */

static void *grown(void *array, size_t cnt, size_t *room, size_t size)
{
    if (cnt < *room)
        return array;
    *room = *room ? 2 * *room : 16;
    array = realloc(array, *room * size);
    assert_non_null(array);
    return array;
}

void story_begin(struct story *s, uint64_t wall_ns, unsigned cpus, const char *const *command)
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
    *s = (struct story){.r = r};
}

void story_process(struct story *s, uint32_t tgid, const char *comm, const char *argv, size_t len)
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
void story_thread(struct story *s, uint32_t tid, const char *comm, uint64_t start_ns)
{
    s->r->threads =
        grown(s->r->threads, s->r->threads_cnt, &s->threads_room, sizeof(struct ct_thread *));
    s->t = calloc(1, sizeof(*s->t));
    s->t->strip = calloc(1, sizeof(*s->t->strip));
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

static void story_pass(struct story *s, enum ct_paint paint, uint64_t ns)
{
    ct_strip_add(s->t->strip, &s->pen, paint, s->at, s->at + ns);
    s->at += ns;
}

void story_runs(struct story *s, uint64_t ns)
{
    s->t->totals.running_ns += ns;
    s->t->totals.kernel_ns += ns / 10;
    story_pass(s, CT_PAINT_RUNNING, ns);
}

void story_waits(struct story *s, enum ct_runnable how, uint64_t ns)
{
    struct ct_totals *t = &s->t->totals;
    t->runnable_ns[how] += ns;
    t->involuntary += how == CT_RUN_PREEMPTED;
    if (how == CT_RUN_WOKEN) {
        t->latency_cnt++;
        t->latency_max_ns = ns > t->latency_max_ns ? ns : t->latency_max_ns;
        t->latency_hist[CT_LAT_BUCKETS - 1]++;
    }
    story_pass(s, CT_PAINT_RUNNABLE, ns);
}

void story_blocks(struct story *s, enum ct_cause cause, uint64_t ns)
{
    s->t->totals.blocked_ns[cause] += ns;
    s->t->totals.voluntary++;
    story_pass(s, CT_PAINT_BLOCKED, ns);
}

/* The kernel's figures are ours. */
void story_dies(struct story *s)
{
    struct ct_totals *t = &s->t->totals;
    s->t->end_ns = s->at;
    t->kernel_cpu_ns = t->running_ns - t->irq_ns;
    t->kernel_voluntary = t->voluntary;
    t->kernel_involuntary = t->involuntary;
    ct_strip_add(s->t->strip, &s->pen, CT_PAINT_BLOCKED, s->r->wall_ns, s->r->wall_ns);
    ct_strip_seal(s->t->strip, &s->pen, s->r->wall_ns);
}

/* Sums; every thread has run on the CPU of its number. */
struct ct_result *story_end(struct story *s, unsigned most_at_once)
{
    struct ct_result *r = s->r;
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        struct ct_cpu *c = &r->cpus[t->tid % r->cpus_cnt];
        ct_totals_add(&r->totals, &t->totals);
        c->traced_ns += t->totals.running_ns;
        for (int b = 0; b < CT_STRIP_BINS; b++) {
            const int sum = c->strip.running[b] + t->strip->running[b];
            c->strip.running[b] = (uint8_t)(sum > 255 ? 255 : sum);
        }
    }
    r->peak_threads = (uint32_t)r->threads_cnt;
    r->parallelism_cnt = most_at_once + 1;
    r->parallelism_ns = calloc(r->parallelism_cnt, sizeof(*r->parallelism_ns));
    r->probe_runs = 2 * (r->totals.voluntary + r->totals.involuntary);
    return r;
}

char *story_render(const struct ct_result *r, const struct ct_report_style *style)
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

void story_check_lines(const char *text, const struct ct_report_style *style)
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
    if (!style->verbose && style->width >= 80 && lines > STORY_LINES)
        print_error("%s", text);
    if (!style->verbose && style->width >= 80)
        assert_in_range(lines, 1, STORY_LINES);
}

void story_check_goldens(const struct story_page *pages, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        char path[128];
        struct ct_result *r = pages[i].story();
        char *text = story_render(r, &pages[i].style);
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

void story_check_widths(const struct story_page *pages, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
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
                char *text = story_render(r, &style);
                story_check_lines(text, &style);
                free(text);
            }
        ct_result_free(r);
    }
}
