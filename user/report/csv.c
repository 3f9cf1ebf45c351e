/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A row a thread, for spreadsheets and data frames. docs/csv.md says what the columns are: new ones
 * go to the end. The form is RFC 4180's. What is not known is an empty cell.
 *
 * One function tells the cells of a row; the head is the same row with the names in their place, so
 * that the two cannot differ.
 *
 * A spreadsheet takes a cell that begins with = + - @ for a formula, and names are the traced
 * program's: such a beginning gets an apostrophe. So does one behind what some spreadsheet takes
 * for the end of a cell, as not all of them split at commas.
 */
#include "user/report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "user/report/utf8.h"

struct row {
    FILE *out;
    bool head;  /* names, not values */
    bool begun; /* has a cell */
};

static void separate(struct row *row)
{
    if (row->begun)
        fputc(',', row->out);
    row->begun = true;
}

static void number(struct row *row, const char *name, bool known, uint64_t value)
{
    separate(row);
    if (row->head)
        fputs(name, row->out);
    else if (known)
        fprintf(row->out, "%" PRIu64, value);
}

/* Whether it could begin a formula where a cell begins. */
static bool begins_formula(char c)
{
    return strchr("=+-@\t\r\n", c);
}

static bool ends_cell(char c)
{
    return strchr(",;\"\t\r\n", c);
}

/* What stands for the well-formed sequence at s; NULL: itself. Controls do things to terminals. */
static const char *instead_of(const unsigned char *s)
{
    const unsigned c = s[0] == 0xc2 && s[1] < 0xa0 ? s[1] : s[0]; /* c2 80 .. c2 9f: C1 */

    if (c == '"')
        return "\"\"";
    if (strchr("\t\r\n", (int)c))
        return NULL;
    return c < 0x20 || c == 0x7f || c != s[0] || ct_utf8_turns_text(s) ? CT_UTF8_INSTEAD : NULL;
}

/* The bytes of a fixed array of any content, up to a NUL if it has one. */
static void text(struct row *row, const char *name, const char *bytes, size_t size)
{
    const unsigned char *s = (const unsigned char *)bytes;
    const size_t len = strnlen(bytes, size);
    size_t at = 0;

    separate(row);
    if (row->head) {
        fputs(name, row->out);
        return;
    }
    fputc('"', row->out);
    while (at < len) {
        bool whole;
        const size_t span = ct_utf8_span(s + at, len - at, &whole);
        const char *instead = whole ? instead_of(s + at) : CT_UTF8_INSTEAD;
        if (begins_formula(bytes[at]) && (!at || ends_cell(bytes[at - 1])))
            fputc('\'', row->out);
        if (instead)
            fputs(instead, row->out);
        else
            fwrite(s + at, 1, span, row->out);
        at += span;
    }
    fputc('"', row->out);
}

static void identity(struct row *row, const struct ct_result *r, const struct ct_thread *t)
{
    const bool known = t->process < r->processes_cnt;
    const char *process = known ? r->processes[t->process].comm : "";

    number(row, "pid", true, ct_result_tgid(r, t));
    number(row, "ppid", known, known ? r->processes[t->process].ppid : 0);
    text(row, "process", process, CT_COMM_LEN);
    number(row, "tid", true, t->tid);
    text(row, "comm", t->comm, sizeof(t->comm));
    number(row, "alive", true, t->alive);
    number(row, "start_ns", true, t->start_ns);
    number(row, "end_ns", true, t->end_ns);
}

static void times(struct row *row, const struct ct_totals *t, uint64_t uncovered_ns,
                  const struct ct_result *r)
{
    const bool split = r->with_syscalls;
    const uint64_t user_ns = t->running_ns > t->kernel_ns ? t->running_ns - t->kernel_ns : 0;

    number(row, "lifetime_ns", true, ct_totals_lifetime(t) + uncovered_ns);
    number(row, "running_ns", true, t->running_ns);
    number(row, "user_ns", split, user_ns);
    number(row, "kernel_ns", split, t->kernel_ns);
    number(row, "irq_ns", !ct_choice_of_time(&r->choice), t->irq_ns);
    number(row, "runnable_ns", true, ct_totals_runnable(t));
#define X(upper, lower, words)                                                                     \
    number(row, "runnable_" #lower "_ns", true, t->runnable_ns[CT_RUN_##upper]);
    CT_RUNNABLE(X)
#undef X
    number(row, "blocked_ns", true, ct_totals_blocked(t));
#define X(upper, lower, words)                                                                     \
    number(row, "blocked_" #lower "_ns", true, t->blocked_ns[CT_CAUSE_##upper]);
    CT_CAUSES(X)
#undef X
    number(row, "unknown_ns", true, t->unknown_ns + uncovered_ns);
    number(row, "switches_voluntary", true, t->voluntary);
    number(row, "switches_involuntary", true, t->involuntary);
    number(row, "migrations", true, t->migrations);
    number(row, "wakeups", true, t->wakeups);
}

static void latency(struct row *row, const struct ct_totals *t)
{
    const bool any = t->latency_cnt > 0;

    number(row, "sched_latency_count", true, t->latency_cnt);
    number(row, "sched_latency_mean_ns", any, any ? t->latency_sum_ns / t->latency_cnt : 0);
    number(row, "sched_latency_p50_ns", any, ct_totals_latency_quantile(t, 0.50));
    number(row, "sched_latency_p95_ns", any, ct_totals_latency_quantile(t, 0.95));
    number(row, "sched_latency_p99_ns", any, ct_totals_latency_quantile(t, 0.99));
    number(row, "sched_latency_max_ns", any, t->latency_max_ns);
}

static void kernels_own(struct row *row, const struct ct_result *r, const struct ct_thread *t)
{
    const bool known = ct_thread_comparable(r, t);

    number(row, "kernel_cpu_ns", known, t->totals.kernel_cpu_ns);
    number(row, "kernel_voluntary", known, t->totals.kernel_voluntary);
    number(row, "kernel_involuntary", known, t->totals.kernel_involuntary);
    number(row, "kernel_run_delay_ns", known, t->totals.kernel_run_delay_ns);
}

static void write_row(FILE *out, bool head, const struct ct_result *r, const struct ct_thread *t)
{
    struct row row = {.out = out, .head = head};

    identity(&row, r, t);
    times(&row, &t->totals, ct_thread_uncovered_ns(t), r);
    latency(&row, &t->totals);
    kernels_own(&row, r, t);
    fputs("\r\n", out);
}

int ct_report_csv(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    static const struct ct_thread nobody;

    (void)style; /* the same for a screen and a file */
    errno = 0;
    write_row(out, true, r, &nobody);
    for (size_t i = 0; i < r->threads_cnt; i++)
        write_row(out, false, r, r->threads[i]);
    return fflush(out) || ferror(out) ? (errno ? -errno : -EIO) : 0;
}
