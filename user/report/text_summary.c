/* SPDX-License-Identifier: GPL-2.0-only */
/* The top of the page: what ran, and what it came to in a sentence or two. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/profile.h"
#include "user/report/text_internal.h"
#include "user/report/text_say.h"

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
    } else if (r->cut) {
        snprintf(end, sizeof(end), ", recording cut short");
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

    if (!command)
        p->err = -ENOMEM;
    facts(p->r, right, sizeof(right));
    const int room = p->width - (int)strlen(right) - 2;
    const bool beside = cols <= room || room >= 24;
    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put_foreign(p, text, strlen(text), beside ? room : p->width, CT_CUT_MIDDLE);
    ct_page_ink(p, CT_INK_PLAIN);
    if (!beside)
        ct_page_newline(p);
    ct_page_to(p, p->width - (int)strlen(right));
    ct_page_put_foreign(p, right, strlen(right), p->width, CT_CUT_END);
    ct_page_newline(p);
    free(command);
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
static void say_others(struct ct_sentence *s, const struct ct_result *r, const struct verdict *v)
{
    uint64_t others = 0;
    char number[CT_NUMBER_LEN];

    for (size_t i = 0; i < r->cpus_cnt; i++)
        others += r->cpus[i].other_ns;
    others -= others < r->observer_cpu_ns ? others : r->observer_cpu_ns;
    const double share = (double)others / (double)r->wall_ns;
    if (share < 0.1 || !v->queue)
        return;
    ct_format_number(number, share, 2);
    ct_tell(s, "Meanwhile other work took %s CPUs on average.", number);
}

static bool finds(const struct ct_result *r, enum ct_finding_id id)
{
    for (size_t i = 0; i < r->findings_cnt; i++)
        if (r->findings[i].warning && r->findings[i].id == id)
            return true;
    return false;
}

/* What part of the time in which any thread ran it ran alone. */
static double alone(const struct ct_result *r)
{
    const uint64_t busy = ct_busy_ns(r);

    return busy ? (double)ct_serial_ns(r) / (double)busy : 0;
}

/* How many ran at once. */
static void say_parallelism(struct ct_sentence *s, const struct ct_result *r,
                            const struct verdict *v)
{
    const bool complete = !r->lost_events && !r->late_events && !r->gaps_cnt;
    const bool full = v->cpus > 0 && v->average >= 0.9 * v->cpus;
    const char *begin =
        complete && r->parallelism_cnt == 2 ? "Never more than one thread ran at a time:"
        : complete && alone(r) >= 0.95      ? "Hardly ever more than one thread ran at a time:"
                                            : NULL;

    if (r->threads_cnt < 2)
        return;
    ct_tell(s, "%s %s %s, on %u %s", begin ? begin : "On average", v->average_text,
            begin ? "on average" : "threads ran at a time", r->host.cpus,
            r->host.cpus == 1 ? "CPU" : "CPUs");
    if (v->queue)
        ct_tell(s,
                full ? ": the CPUs were the limit, %s wanted to run." : ", and %s wanted to run.",
                v->wanted_text);
    else
        ct_tell(s, "%s", full ? ": the CPUs were in full use." : ".");
}

/* The one or two largest parts. */
static void say_largest(struct ct_sentence *s, const struct ct_result *r)
{
    const uint64_t life = ct_totals_lifetime(&r->totals);
    struct ct_part parts[CT_PARTS_MAX];
    const size_t n = ct_parts_of(&r->totals, parts);
    const struct ct_part *first = parts, *second = NULL;
    char share[CT_NUMBER_LEN];

    if (!n)
        return;
    for (size_t i = 0; i < n; i++)
        if (parts[i].ns > first->ns)
            first = &parts[i];
    for (size_t i = 0; i < n; i++)
        if (&parts[i] != first && (!second || parts[i].ns > second->ns))
            second = &parts[i];
    ct_format_percent(share, first->ns, life);
    ct_tell(s,
            r->threads_cnt == 1 ? "The thread spent %s of its time %s"
                                : "The threads spent %s of their time %s",
            share, first->words);
    if (second && second->ns >= life / 20) {
        ct_format_percent(share, second->ns, life);
        ct_tell(s, ", %s %s", share, second->words);
    }
    ct_tell(s, ".");
}

/* The weightiest finding and a fact or two; or what the accounts say, a line each. */
void ct_text_verdict(struct ct_page *p)
{
    const struct ct_result *r = p->r;
    const char *lead = ct_text_lead(r);
    struct ct_sentence facts[3] = {0};

    if (!r->threads_cnt || !r->wall_ns || !ct_totals_lifetime(&r->totals)) {
        ct_page_put_wrapped(p, "Nothing to account for: no thread was seen alive.", 0);
        return;
    }
    const struct verdict v = judge(r);
    say_parallelism(&facts[0], r, &v);
    if (!lead) /* what it says weighs more, and the bars follow anyway */
        say_largest(&facts[1], r);
    if (!finds(r, CT_FINDING_OUTSIDE_INTERFERENCE)) /* else it is told there */
        say_others(&facts[2], r, &v);
    if (lead) {
        ct_page_ink(p, CT_INK_STRONG);
        ct_page_put_wrapped(p, lead, 0);
        ct_page_ink(p, CT_INK_PLAIN);
    }
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        ct_page_flow(p, facts[i].text, 0);
        if (p->col && !lead)
            ct_page_newline(p);
    }
    if (p->col)
        ct_page_newline(p);
}
