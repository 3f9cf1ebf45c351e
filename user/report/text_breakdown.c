/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the time went: the parts of an account, and a bar for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/core/syscalls.h"
#include "user/report/format.h"
#include "user/report/text_internal.h"

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
        parts[n++] =
            (struct ct_part){.words = "running", .ns = t->running_ns, .ink = CT_INK_RUNNING};
    if (ct_totals_runnable(t))
        parts[n++] = (struct ct_part){.words = "waiting for a CPU",
                                      .term = "runnable",
                                      .ns = ct_totals_runnable(t),
                                      .ink = CT_INK_RUNNABLE};
    const size_t first = n;
    for (int i = 0; i < CT_CAUSE_COUNT; i++) {
        const char *words = i == CT_CAUSE_STOPPED               ? "stopped"
                            : i == CT_CAUSE_OTHER && only_other ? "waiting for something"
                                                                : causes[i];
        if (t->blocked_ns[i])
            parts[n++] = (struct ct_part){.words = words,
                                          .ns = t->blocked_ns[i],
                                          .ink = CT_INK_BLOCKED,
                                          .blocked = true,
                                          .other = i == CT_CAUSE_OTHER};
    }
    qsort(parts + first, n - first, sizeof(*parts), compare_parts);
    if (n > first)
        parts[first].term = "blocked";
    if (t->unknown_ns)
        parts[n++] = (struct ct_part){.words = "unknown", .ns = t->unknown_ns, .ink = CT_INK_BAD};
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
    if (!t->blocked_ns[most])
        return NULL;
    return most == CT_CAUSE_STOPPED ? "(stopped)" : causes[most];
}

/* ---- where the time went ---- */

#define OTHER_LEN (CT_SYSCALL_NAME_LEN + 32)

/* What `other` is: the system call that waited longest for none of the known causes. */
static void name_other(const struct ct_result *r, struct ct_part *parts, size_t cnt,
                       char words[OTHER_LEN])
{
    const struct ct_call *most = NULL;
    char name[CT_SYSCALL_NAME_LEN];
    uint64_t all = 0;

    for (size_t i = 0; i < r->run_calls_cnt; i++) {
        const struct ct_call *c = &r->run_calls[i];
        if (!c->other || c->nr == CT_CALL_REST)
            continue;
        all += c->blocked_ns;
        if (!most || c->blocked_ns > most->blocked_ns)
            most = c;
    }
    if (!most || !all)
        return;
    snprintf(words, OTHER_LEN, "waiting in %s%s", ct_syscall_label(most->nr, name),
             most->blocked_ns < all - all / 10 ? " and others" : "");
    for (size_t i = 0; i < cnt; i++)
        if (parts[i].other)
            parts[i].words = words;
}

#define CAUSES_MOST 4

/* Parts with their own parts below them, and small causes as one. */
static size_t lines_of(const struct ct_page *p, const struct ct_text_plan *plan,
                       struct ct_part lines[CT_PARTS_MAX], char other[OTHER_LEN])
{
#define X(upper, lower, words) words,
    static const char *const runnable[] = {CT_RUNNABLE(X)};
#undef X
    const struct ct_totals *t = &p->r->totals;
    struct ct_part parts[CT_PARTS_MAX];
    const size_t parts_cnt = ct_parts_of(t, parts);
    name_other(p->r, parts, parts_cnt, other);
    const uint64_t kernel = t->kernel_ns < t->running_ns ? t->kernel_ns : t->running_ns;
    const uint64_t irq = t->irq_ns < t->running_ns ? t->irq_ns : t->running_ns;
    const uint64_t life = ct_totals_lifetime(t);
    size_t n = 0, causes = 0;

    for (size_t i = 0; i < parts_cnt; i++) {
        causes += parts[i].blocked;
        const bool tiny = i && parts[i - 1].blocked && parts[i - 1].ns < life / 1000;
        if (parts[i].blocked && (causes > CAUSES_MOST || tiny) && !p->style->verbose) {
            lines[n - 1].words = "waiting for other things";
            lines[n - 1].ns += parts[i].ns;
            continue;
        }
        lines[n++] = parts[i];
        if (parts[i].ink == CT_INK_RUNNING && p->r->with_syscalls && plan->halves) {
            lines[n++] = (struct ct_part){.words = "in its own code",
                                          .term = "user",
                                          .ns = t->running_ns - kernel,
                                          .ink = CT_INK_RUNNING,
                                          .depth = 1};
            lines[n++] = (struct ct_part){.words = "in system calls",
                                          .term = "kernel",
                                          .ns = kernel,
                                          .ink = CT_INK_RUNNING,
                                          .depth = 1};
        }
        if (parts[i].ink == CT_INK_RUNNING && irq &&
            (p->style->verbose || irq >= t->running_ns / 1000))
            lines[n++] = (struct ct_part){.words = p->r->with_syscalls && plan->halves
                                                       ? "of both: interrupts, hypervisor"
                                                       : "of it: interrupts, hypervisor",
                                          .ns = irq,
                                          .ink = CT_INK_RUNNING,
                                          .depth = 1};
        for (int k = 0; k < CT_RUN_COUNT; k++)
            if (parts[i].ink == CT_INK_RUNNABLE && p->style->verbose && t->runnable_ns[k])
                lines[n++] = (struct ct_part){.words = runnable[k],
                                              .ns = t->runnable_ns[k],
                                              .ink = CT_INK_RUNNABLE,
                                              .depth = 1};
    }
    return n;
}

void ct_text_bar(struct ct_page *p, uint64_t ns, uint64_t whole, int room, enum ct_ink ink)
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
    const double cells = (double)ns / (double)whole * room;
    const int steps = p->style->unicode ? 8 : 1;
    int filled = (int)(cells * steps + 0.5);

    ct_page_ink(p, ink);
    if (!filled && ns && steps == 1)
        ct_page_put(p, ".");
    else if (!filled && ns)
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
        ct_text_bar(p, part->ns, m->life, m->bar - m->percent - 2, part->ink);
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
    const int time = 2 + (int)digits + 1 + (int)strlen(m.unit->name);
    m.label = m.label < width - time ? m.label : width - time;
    m.time = m.label + time;
    m.percent = m.time + 9 <= width ? m.time + 9 : 0;
    if (m.percent && m.percent + 12 <= width)
        m.bar = m.percent + 52 < width ? m.percent + 52 : width;
    return m;
}

void ct_text_breakdown(struct ct_page *p, const struct ct_text_plan *plan)
{
    const uint64_t life = ct_totals_lifetime(&p->r->totals);
    struct ct_part lines[CT_PARTS_MAX];
    char other[OTHER_LEN];
    const size_t n = lines_of(p, plan, lines, other);

    if (!n)
        return;
    const struct measure m = measure(lines, n, life, p->width);
    put_breakdown_title(p, life);
    for (size_t i = 0; i < n; i++)
        put_part(p, &lines[i], &m);
}
