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
#define X(upper, lower, words) [CT_CAUSE_##upper] = "waiting for " words,
    static const char *const causes[] = {CT_CAUSES(X)};
#undef X
    size_t n = 0;

    if (t->running_ns)
        parts[n++] = (struct ct_part){"running", t->running_ns, CT_INK_RUNNING, false, 0};
    if (ct_totals_runnable(t))
        parts[n++] = (struct ct_part){"waiting for a CPU (runnable)", ct_totals_runnable(t),
                                      CT_INK_RUNNABLE, false, 0};
    const size_t first = n;
    for (int i = 0; i < CT_CAUSE_COUNT; i++)
        if (t->blocked_ns[i])
            parts[n++] = (struct ct_part){i == CT_CAUSE_STOPPED ? "stopped" : causes[i],
                                          t->blocked_ns[i], CT_INK_BLOCKED, true, 0};
    qsort(parts + first, n - first, sizeof(*parts), compare_parts);
    if (t->unknown_ns)
        parts[n++] = (struct ct_part){"unknown", t->unknown_ns, CT_INK_BAD, false, 0};
    return n;
}

const char *ct_text_mostly_for(const struct ct_totals *t)
{
#define X(upper, lower, words) [CT_CAUSE_##upper] = words,
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
    char average_text[CT_NUMBER_LEN], wanted_text[CT_NUMBER_LEN];
};

static struct verdict judge(const struct ct_result *r)
{
    const double wall = (double)r->wall_ns, running = (double)r->totals.running_ns;
    struct verdict v = {.cpus = r->host.cpus,
                        .average = running / wall,
                        .wanted = (running + (double)ct_totals_runnable(&r->totals)) / wall};

    ct_format_number(v.average_text, v.average, 2);
    ct_format_number(v.wanted_text, v.wanted, 2);
    return v;
}

/* How many ran at once. */
static void put_parallelism(struct ct_page *p, const struct verdict *v)
{
    const struct ct_result *r = p->r;
    const bool queue = v->wanted > 1.1 * v->average && v->wanted - v->average > 0.1;
    const bool complete = !r->lost_events && !r->late_events && !r->gaps_cnt;
    char text[256], host[48];

    snprintf(host, sizeof(host), "%u %s", r->host.cpus, r->host.cpus == 1 ? "CPU" : "CPUs");
    if (v->cpus > 0 && v->average >= 0.9 * v->cpus)
        snprintf(text, sizeof(text),
                 queue
                     ? "On average %s threads were running, on %s: the CPUs were the limit, as %s "
                       "threads wanted to run."
                     : "On average %s threads were running, on %s: the CPUs were in full use.",
                 v->average_text, host, v->wanted_text);
    else if (complete && r->parallelism_cnt == 2 && r->threads_cnt > 1)
        snprintf(text, sizeof(text),
                 queue
                     ? "Never more than one thread ran at a time: %s on average, on %s, though %s "
                       "wanted to."
                     : "Never more than one thread ran at a time: %s on average, on %s.",
                 v->average_text, host, v->wanted_text);
    else
        snprintf(text, sizeof(text),
                 queue ? "On average %s threads were running, on %s, and %s wanted to."
                       : "On average %s threads were running, on %s.",
                 v->average_text, host, v->wanted_text);
    ct_page_put_wrapped(p, text, 0);
}

/* Who else had the CPUs: told where it mattered, that is, where threads waited for one. */
static void put_others(struct ct_page *p, const struct verdict *v)
{
    const struct ct_result *r = p->r;
    uint64_t others = 0;
    char text[160], number[CT_NUMBER_LEN];

    for (size_t i = 0; i < r->cpus_cnt; i++)
        others += r->cpus[i].other_ns;
    others -= others < r->observer_cpu_ns ? others : r->observer_cpu_ns;
    const double share = (double)others / (double)r->wall_ns;
    if (share < 0.1 || v->wanted - v->average < 0.1)
        return;
    ct_format_number(number, share, 2);
    snprintf(text, sizeof(text), "Other programs took %s CPUs meanwhile.", number);
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
            lines[n++] = (struct ct_part){"in its own code (user)", t->running_ns - t->kernel_ns,
                                          CT_INK_RUNNING, false, 1};
            lines[n++] = (struct ct_part){"in system calls (kernel)", t->kernel_ns, CT_INK_RUNNING,
                                          false, 1};
        }
        for (int k = 0; k < CT_RUN_COUNT; k++)
            if (parts[i].ink == CT_INK_RUNNABLE && p->style->verbose && t->runnable_ns[k])
                lines[n++] =
                    (struct ct_part){runnable[k], t->runnable_ns[k], CT_INK_RUNNABLE, false, 1};
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
    len = (size_t)snprintf(text, sizeof(text), "%s of %s %s", time, count,
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

static void put_part(struct ct_page *p, const struct ct_part *part, const struct ct_unit *unit,
                     uint64_t life, int label)
{
    char number[CT_NUMBER_LEN], percent[CT_NUMBER_LEN], words[96];
    const int indent = 2 + 2 * part->depth;

    snprintf(words, sizeof(words), "%.*s", label - indent, part->words);
    ct_page_to(p, indent);
    ct_page_put(p, words);
    ct_format_aligned(number, (double)part->ns / unit->ns, unit->ns > 1 ? 2 : 0);
    ct_page_to(p, label);
    ct_page_put_right(p, label + 8, number);
    ct_page_to(p, label + 8 + 1);
    ct_page_put(p, unit->name);
    if (p->width >= label + 20) {
        ct_format_aligned(percent, life ? 100.0 * (double)part->ns / (double)life : 0, 1);
        ct_page_put_right(p, label + 18, percent);
        ct_page_to(p, label + 18 + 1);
        ct_page_put(p, "%");
    }
    const int room = p->width - (label + 22);
    if (room >= 8) {
        ct_page_to(p, label + 22);
        put_bar(p, part, life, room < 50 ? room : 50);
    }
    ct_page_newline(p);
}

void ct_text_breakdown(struct ct_page *p)
{
    const uint64_t life = ct_totals_lifetime(&p->r->totals);
    struct ct_part lines[CT_PARTS_MAX];
    const size_t n = lines_of(p, lines);
    uint64_t most = 0;
    int label = 0;

    if (!n)
        return;
    for (size_t i = 0; i < n; i++) {
        const int cols = 2 + 2 * lines[i].depth + (int)strlen(lines[i].words);
        label = cols > label ? cols : label;
        most = lines[i].ns > most ? lines[i].ns : most;
    }
    label = label < p->width - 12 ? label : p->width - 12;
    put_breakdown_title(p, life);
    for (size_t i = 0; i < n; i++)
        put_part(p, &lines[i], ct_unit_for(most), life, label);
}
