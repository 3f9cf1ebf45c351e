/* SPDX-License-Identifier: GPL-2.0-only */
/* The top of the page: what ran, what it came to in a sentence or two, where the time went. */
#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/text_internal.h"

/* ---- the first line ---- */

static void put_argument(FILE *f, const char *arg)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%_+=:,./-";
    bool quote = !*arg;

    for (const char *c = arg; *c && !quote; c++) /* other alphabets need no quotes */
        quote = (unsigned char)*c < 0x80 && !strchr(plain, *c);
    if (quote)
        fputc('\'', f);
    for (const char *c = arg; *c; c++) {
        if (quote && *c == '\'')
            fputs("'\\'", f);
        fputc(*c, f);
    }
    if (quote)
        fputc('\'', f);
}

/* The command as one would type it. NULL: no memory. */
static char *command_line(char *const *command)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    for (char *const *c = command; c && *c; c++) {
        if (c != command)
            fputc(' ', f);
        put_argument(f, *c);
    }
    if (fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

static void facts(const struct ct_result *r, char *to, size_t size)
{
    char wall[CT_NUMBER_LEN], end[CT_NUMBER_LEN + 16] = "", signal[CT_NUMBER_LEN];

    ct_format_ns(wall, r->wall_ns);
    if (r->exit.known && r->exit.signal) {
        ct_format_signal(signal, r->exit.signal);
        snprintf(end, sizeof(end), ", killed by %s", signal);
    } else if (r->exit.known) {
        snprintf(end, sizeof(end), ", exit %d", r->exit.code);
    }
    if (r->host.cpus)
        snprintf(to, size, "%s on %u %s%s", wall, r->host.cpus, r->host.cpus == 1 ? "CPU" : "CPUs",
                 end);
    else
        snprintf(to, size, "%s%s", wall, end);
}

void ct_text_heading(struct ct_page *p)
{
    char right[160];
    char *command = command_line(p->r->command);
    const char *text = command ? command : "";
    const int cols = ct_page_columns(p, text, strlen(text));

    facts(p->r, right, sizeof(right));
    const int room = p->width - (int)strlen(right) - 2;
    const bool beside = cols <= room || room >= 24;
    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put_foreign(p, text, strlen(text), beside ? room : p->width, CT_CUT_MIDDLE);
    ct_page_ink(p, CT_INK_PLAIN);
    if (!beside)
        ct_page_newline(p);
    ct_page_put_right(p, p->width, right);
    ct_page_newline(p);
    free(command);
}

/* ---- parts of an account ---- */

static int compare_parts(const void *va, const void *vb)
{
    const struct ct_part *a = va, *b = vb;

    return a->ns < b->ns ? 1 : a->ns > b->ns ? -1 : strcmp(a->words, b->words);
}

size_t ct_parts_of(const struct ct_totals *t, struct ct_part parts[CT_PARTS_MAX])
{
#define X(upper, lower, words) "waiting for " words,
    static const char *const causes[] = {CT_CAUSES(X)};
#undef X
    const uint64_t other = t->blocked_ns[CT_CAUSE_OTHER];
    const bool only_other = other && other == ct_totals_blocked(t);
    size_t n = 0;

    if (t->running_ns)
        parts[n++] = (struct ct_part){"running", NULL, t->running_ns, CT_INK_RUNNING, false, 0};
    if (ct_totals_runnable(t))
        parts[n++] = (struct ct_part){"waiting for a CPU", "runnable", ct_totals_runnable(t),
                                      CT_INK_RUNNABLE,     false,      0};
    const size_t first = n;
    for (int i = 0; i < CT_CAUSE_COUNT; i++) {
        const char *words = i == CT_CAUSE_STOPPED               ? "stopped"
                            : i == CT_CAUSE_OTHER && only_other ? "waiting for something"
                                                                : causes[i];
        if (t->blocked_ns[i])
            parts[n++] = (struct ct_part){words, NULL, t->blocked_ns[i], CT_INK_BLOCKED, true, 0};
    }
    qsort(parts + first, n - first, sizeof(*parts), compare_parts);
    if (n > first)
        parts[first].term = "blocked";
    if (t->unknown_ns)
        parts[n++] = (struct ct_part){"unknown", NULL, t->unknown_ns, CT_INK_BAD, false, 0};
    return n;
}

const char *ct_text_mostly_for(const struct ct_totals *t)
{
#define X(upper, lower, words) words,
    static const char *const causes[] = {CT_CAUSES(X)};
#undef X
    int most = 0;

    for (int i = 1; i < CT_CAUSE_COUNT; i++)
        if (t->blocked_ns[i] > t->blocked_ns[most])
            most = i;
    return t->blocked_ns[most] ? causes[most] : NULL;
}

/* ---- the verdict: from the accounts, and no more than they say ---- */

struct verdict {
    double cpus, average, wanted;
    bool queue; /* clearly more wanted to run than ran */
    char average_text[CT_NUMBER_LEN], wanted_text[CT_NUMBER_LEN];
};

static struct verdict judge(const struct ct_result *r)
{
    const double wall = (double)r->wall_ns, running = (double)r->totals.running_ns;
    struct verdict v = {.cpus = r->host.cpus,
                        .average = running / wall,
                        .wanted = (running + (double)ct_totals_runnable(&r->totals)) / wall};

    v.queue = v.wanted > 1.1 * v.average && v.wanted - v.average > 0.1;
    ct_format_number(v.average_text, v.average, 2);
    ct_format_number(v.wanted_text, v.wanted, 2);
    return v;
}

/* CPUs that others had, on average, told only where it mattered: where threads waited for one. */
static void put_others(struct ct_page *p, const struct verdict *v)
{
    const struct ct_result *r = p->r;
    uint64_t others = 0;
    char text[160], number[CT_NUMBER_LEN];

    for (size_t i = 0; i < r->cpus_cnt; i++)
        others += r->cpus[i].other_ns;
    others -= others < r->observer_cpu_ns ? others : r->observer_cpu_ns;
    const double share = (double)others / (double)r->wall_ns;
    if (share < 0.1 || !v->queue)
        return;
    ct_format_number(number, share, 2);
    snprintf(text, sizeof(text), "Meanwhile %s of the CPUs %s busy with other work.", number,
             share < 1.005 && share >= 0.995 ? "was" : "were");
    ct_page_put_wrapped(p, text, 0);
}

/* How many ran at once. */
static void put_parallelism(struct ct_page *p, const struct verdict *v)
{
    const struct ct_result *r = p->r;
    const bool complete = !r->lost_events && !r->late_events && !r->gaps_cnt;
    const bool full = v->cpus > 0 && v->average >= 0.9 * v->cpus;
    const bool single = complete && r->parallelism_cnt == 2;
    char text[256], rest[96] = ".";

    if (v->queue)
        snprintf(rest, sizeof(rest),
                 full ? ": the CPUs were the limit, %s wanted to run." : ", and %s wanted to run.",
                 v->wanted_text);
    else if (full)
        snprintf(rest, sizeof(rest), ": the CPUs were in full use.");
    snprintf(text, sizeof(text),
             single ? "Never more than one thread ran at a time: %s on average, on %u %s%s"
                    : "On average %s threads ran at a time, on %u %s%s",
             v->average_text, r->host.cpus, r->host.cpus == 1 ? "CPU" : "CPUs", rest);
    ct_page_put_wrapped(p, text, 0);
}

/* The one or two largest parts. */
static void put_largest(struct ct_page *p)
{
    const uint64_t life = ct_totals_lifetime(&p->r->totals);
    struct ct_part parts[CT_PARTS_MAX];
    const size_t n = ct_parts_of(&p->r->totals, parts);
    char text[256], share[CT_NUMBER_LEN];
    const char *who = p->r->threads_cnt == 1 ? "The thread spent" : "The threads spent";
    size_t len;

    if (!n)
        return;
    qsort(parts, n, sizeof(*parts), compare_parts);
    ct_format_percent(share, parts[0].ns, life);
    len = (size_t)snprintf(text, sizeof(text), "%s %s of %s time %s", who, share,
                           p->r->threads_cnt == 1 ? "its" : "their", parts[0].words);
    if (n > 1 && parts[1].ns >= life / 20) {
        ct_format_percent(share, parts[1].ns, life);
        len += (size_t)snprintf(text + len, sizeof(text) - len, ", %s %s", share, parts[1].words);
    }
    snprintf(text + len, sizeof(text) - len, ".");
    ct_page_put_wrapped(p, text, 0);
}

void ct_text_verdict(struct ct_page *p)
{
    const struct ct_result *r = p->r;

    if (!r->threads_cnt || !r->wall_ns || !ct_totals_lifetime(&r->totals)) {
        ct_page_put_wrapped(p, "Nothing to account for: no thread was seen alive.", 0);
        return;
    }
    const struct verdict v = judge(r);
    if (r->threads_cnt > 1)
        put_parallelism(p, &v);
    put_largest(p);
    put_others(p, &v);
}

/* ---- where the time went ---- */

#define CAUSES_MOST 5

/* Parts with their own parts below them, and small causes as one. */
static size_t lines_of(const struct ct_page *p, struct ct_part lines[CT_PARTS_MAX])
{
#define X(upper, lower, words) words,
    static const char *const runnable[] = {CT_RUNNABLE(X)};
#undef X
    const struct ct_totals *t = &p->r->totals;
    struct ct_part parts[CT_PARTS_MAX];
    const size_t parts_cnt = ct_parts_of(t, parts);
    const uint64_t kernel = t->kernel_ns < t->running_ns ? t->kernel_ns : t->running_ns;
    size_t n = 0, causes = 0;

    for (size_t i = 0; i < parts_cnt; i++) {
        causes += parts[i].blocked;
        if (parts[i].blocked && causes > CAUSES_MOST && !p->style->verbose) {
            lines[n - 1].words = "waiting for other things";
            lines[n - 1].ns += parts[i].ns;
            continue;
        }
        lines[n++] = parts[i];
        if (parts[i].ink == CT_INK_RUNNING && p->r->with_syscalls) {
            lines[n++] = (struct ct_part){"in its own code", "user", t->running_ns - kernel,
                                          CT_INK_RUNNING,    false,  1};
            lines[n++] =
                (struct ct_part){"in system calls", "kernel", kernel, CT_INK_RUNNING, false, 1};
        }
        for (int k = 0; k < CT_RUN_COUNT; k++)
            if (parts[i].ink == CT_INK_RUNNABLE && p->style->verbose && t->runnable_ns[k])
                lines[n++] = (struct ct_part){runnable[k],     NULL,  t->runnable_ns[k],
                                              CT_INK_RUNNABLE, false, 1};
    }
    return n;
}

/* A bar in eighths of a cell; what is not zero leaves a trace. */
static void put_bar(struct ct_page *p, const struct ct_part *part, uint64_t whole, int room)
{
    static const char *const eighths[] = {"",
                                          "\xe2\x96\x8f",
                                          "\xe2\x96\x8e",
                                          "\xe2\x96\x8d",
                                          "\xe2\x96\x8c",
                                          "\xe2\x96\x8b",
                                          "\xe2\x96\x8a",
                                          "\xe2\x96\x89",
                                          "\xe2\x96\x88"};
    const double cells = (double)part->ns / (double)whole * room;
    const int steps = p->style->unicode ? 8 : 1;
    int filled = (int)(cells * steps + 0.5);

    ct_page_ink(p, part->ink);
    if (!filled && part->ns && steps == 1)
        ct_page_put(p, ".");
    else if (!filled && part->ns)
        filled = 1;
    for (; filled > 0; filled -= steps) {
        const char *cell = steps == 1 ? "#" : eighths[filled < 8 ? filled : 8];
        ct_page_put_piece(p, cell, strlen(cell), 1);
    }
    ct_page_ink(p, CT_INK_PLAIN);
}

static void put_breakdown_title(struct ct_page *p, uint64_t life)
{
    const struct ct_result *r = p->r;
    char time[CT_NUMBER_LEN], count[CT_NUMBER_LEN], text[256];
    size_t len;

    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put(p, "where the time went");
    ct_page_ink(p, CT_INK_PLAIN);
    ct_format_ns(time, life);
    ct_format_count(count, r->threads_cnt);
    len = (size_t)snprintf(text, sizeof(text), "%s of thread time: %s %s", time, count,
                           r->threads_cnt == 1 ? "thread" : "threads");
    if (r->processes_cnt > 1) {
        ct_format_count(count, r->processes_cnt);
        len += (size_t)snprintf(text + len, sizeof(text) - len, " in %s processes", count);
    }
    if (r->peak_threads > 1 && r->peak_threads < r->threads_cnt) {
        ct_format_count(count, r->peak_threads);
        snprintf(text + len, sizeof(text) - len, ", at most %s at once", count);
    }
    if (p->col + 2 + (int)strlen(text) <= p->width) {
        ct_page_to(p, p->col + 2);
        ct_page_put(p, text);
    }
    ct_page_newline(p);
}

/* The columns of the breakdown. */
struct measure {
    const struct ct_unit *unit;
    uint64_t life;
    int label, time, percent, bar; /* where each ends; 0: no room for it */
};

static int words_columns(const struct ct_part *part)
{
    return 2 + 2 * part->depth + (int)strlen(part->words) +
           (part->term ? 3 + (int)strlen(part->term) : 0);
}

static void put_words(struct ct_page *p, const struct ct_part *part, int label)
{
    const int indent = 2 + 2 * part->depth;

    ct_page_to(p, indent);
    ct_page_put_foreign(p, part->words, strlen(part->words), label - indent, CT_CUT_END);
    if (!part->term || words_columns(part) > label)
        return;
    ct_page_put(p, " (");
    ct_page_put(p, part->term);
    ct_page_put(p, ")");
}

static void put_part(struct ct_page *p, const struct ct_part *part, const struct measure *m)
{
    char number[CT_NUMBER_LEN];

    put_words(p, part, m->label);
    ct_format_aligned(number, (double)part->ns / m->unit->ns, m->unit->ns > 1 ? 2 : 0);
    ct_page_put_right(p, m->time - (int)strlen(m->unit->name) - 1, number);
    ct_page_put_right(p, m->time, m->unit->name);
    if (m->percent) {
        ct_format_aligned(number, 100.0 * (double)part->ns / (double)m->life, 1);
        ct_page_put_right(p, m->percent - 2, number);
        ct_page_put_right(p, m->percent, "%");
    }
    if (m->bar) {
        ct_page_to(p, m->percent + 2);
        put_bar(p, part, m->life, m->bar - m->percent - 2);
    }
    ct_page_newline(p);
}

static struct measure measure(const struct ct_part *lines, size_t n, uint64_t life, int width)
{
    struct measure m = {.life = life};
    uint64_t most = 0;
    size_t digits = 0;

    for (size_t i = 0; i < n; i++) {
        m.label = words_columns(&lines[i]) > m.label ? words_columns(&lines[i]) : m.label;
        most = lines[i].ns > most ? lines[i].ns : most;
    }
    m.unit = ct_unit_for(most);
    for (size_t i = 0; i < n; i++) {
        char number[CT_NUMBER_LEN];
        const size_t len =
            ct_format_aligned(number, (double)lines[i].ns / m.unit->ns, m.unit->ns > 1 ? 2 : 0);
        digits = len > digits ? len : digits;
    }
    const int time = 1 + (int)digits + 1 + (int)strlen(m.unit->name);
    m.label = m.label < width - time ? m.label : width - time;
    m.time = m.label + time;
    m.percent = m.time + 9 <= width ? m.time + 9 : 0;
    if (m.percent && m.percent + 12 <= width)
        m.bar = m.percent + 52 < width ? m.percent + 52 : width;
    return m;
}

void ct_text_breakdown(struct ct_page *p)
{
    const uint64_t life = ct_totals_lifetime(&p->r->totals);
    struct ct_part lines[CT_PARTS_MAX];
    const size_t n = lines_of(p, lines);

    if (!n)
        return;
    const struct measure m = measure(lines, n, life, p->width);
    put_breakdown_title(p, life);
    for (size_t i = 0; i < n; i++)
        put_part(p, &lines[i], &m);
}
