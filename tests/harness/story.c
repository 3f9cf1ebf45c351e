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

/* ---- what it came to ---- */

static uint32_t id_of(const struct ct_result *r, uint32_t tid)
{
    for (size_t i = 0; i < r->threads_cnt; i++)
        if (r->threads[i]->tid == tid)
            return r->threads[i]->id;
    return 0;
}

static void add_sums(struct ct_path_sums *to, const struct ct_path_sums *s)
{
    to->running_ns += s->running_ns;
    to->runnable_ns += s->runnable_ns;
    to->blocked_ns += s->blocked_ns;
    to->unknown_ns += s->unknown_ns;
}

static void add_share(struct story *s, const struct ct_path_step *step)
{
    struct ct_path *p = &s->r->path;
    size_t i = 0;

    while (i < p->shares_cnt && p->shares[i].id != step->id)
        i++;
    if (i == p->shares_cnt) {
        p->shares = grown(p->shares, p->shares_cnt, &s->shares_room, sizeof(*p->shares));
        p->shares[p->shares_cnt++] = (struct ct_path_share){.id = step->id};
    }
    add_sums(&p->shares[i].sums, &step->sums);
}

void story_path(struct story *s, uint32_t tid, uint8_t state, uint64_t ns)
{
    struct ct_path *p = &s->r->path;
    struct ct_path_step step = {.start_ns = p->steps_cnt ? p->steps[p->steps_cnt - 1].end_ns : 0,
                                .id = id_of(s->r, tid),
                                .state = state};

    step.end_ns = step.start_ns + ns;
    if (state == CT_PATH_FOLDED) {
        step.sums = (struct ct_path_sums){ns / 4, ns / 4, ns / 4, ns - ns / 4 * 3};
        p->state_ns[CT_ST_RUNNING] += step.sums.running_ns;
        p->state_ns[CT_ST_RUNNABLE + CT_RUN_WOKEN] += step.sums.runnable_ns;
        p->state_ns[CT_ST_BLOCKED + CT_CAUSE_PIPE] += step.sums.blocked_ns;
        p->state_ns[CT_ST_UNKNOWN] += step.sums.unknown_ns;
    } else {
        *(state >= CT_ST_BLOCKED    ? &step.sums.blocked_ns
          : state >= CT_ST_RUNNABLE ? &step.sums.runnable_ns
          : state == CT_ST_RUNNING  ? &step.sums.running_ns
                                    : &step.sums.unknown_ns) = ns;
        p->state_ns[state] += ns;
    }
    p->known = true;
    p->steps = grown(p->steps, p->steps_cnt, &s->steps_room, sizeof(*p->steps));
    p->steps[p->steps_cnt++] = step;
    add_share(s, &step);
}

void story_path_rest(struct story *s, uint32_t tid, uint8_t state)
{
    const struct ct_path *p = &s->r->path;
    const uint64_t at = p->steps_cnt ? p->steps[p->steps_cnt - 1].end_ns : 0;

    assert_true(at < s->r->wall_ns);
    story_path(s, tid, state, s->r->wall_ns - at);
}

void story_finding(struct story *s, enum ct_finding_id id, const char *title,
                   const char *explanation, const char *advice)
{
    struct ct_result *r = s->r;

    r->findings = grown(r->findings, r->findings_cnt, &s->findings_room, sizeof(*r->findings));
    r->findings[r->findings_cnt++] = (struct ct_finding){
        .id = id,
        .warning = advice != NULL,
        .title = strdup(title),
        .explanation = strdup(explanation),
        .advice = advice ? strdup(advice) : NULL,
    };
}

void story_about(struct story *s, uint32_t tgid, uint32_t tid)
{
    struct ct_finding *f = &s->r->findings[s->r->findings_cnt - 1];

    f->tgid = tgid;
    f->tid = tid;
}

void story_evidence(struct story *s, const char *key, enum ct_evidence_kind kind, double number,
                    const char *text)
{
    struct ct_finding *f = &s->r->findings[s->r->findings_cnt - 1];
    struct ct_evidence *e = &f->evidence[f->evidence_cnt++];

    assert_true(f->evidence_cnt <= CT_EVIDENCE_MAX);
    *e =
        (struct ct_evidence){.key = key, .kind = kind, .number = (uint64_t)number, .ratio = number};
    if (text)
        snprintf(e->text, sizeof(e->text), "%s", text);
}

static int compare_shares(const void *va, const void *vb)
{
    const struct ct_path_sums *a = &((const struct ct_path_share *)va)->sums;
    const struct ct_path_sums *b = &((const struct ct_path_share *)vb)->sums;
    const uint64_t x = a->running_ns + a->runnable_ns + a->blocked_ns + a->unknown_ns;
    const uint64_t y = b->running_ns + b->runnable_ns + b->blocked_ns + b->unknown_ns;

    return x < y ? 1 : -(x > y);
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
    if (r->path.known) {
        assert_int_equal(r->path.steps[r->path.steps_cnt - 1].end_ns, r->wall_ns);
        qsort(r->path.shares, r->path.shares_cnt, sizeof(*r->path.shares), compare_shares);
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

void story_check_golden(const char *text, const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "tests/golden/%s.txt", name);
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
}

void story_check_goldens(const struct story_page *pages, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        char name[120];
        struct ct_result *r = pages[i].story();
        char *text = story_render(r, &pages[i].style);
        snprintf(name, sizeof(name), "text_%s", pages[i].name);
        story_check_golden(text, name);
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
