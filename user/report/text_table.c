/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of threads. Columns are rows of a table: to add one, write a getter and a row. Those
 * to the right go first when the screen is narrow. A column has one unit, and its points align.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/text_internal.h"

enum kind { KIND_TIME, KIND_PERCENT, KIND_COUNT, KIND_WORDS };

struct column {
    const char *id; /* as in CSV */
    const char *title;
    const char *unit; /* of KIND_TIME: that of the greatest value, after these words */
    enum kind kind;
    bool verbose;                                   /* shown with -v only */
    double (*value)(const struct ct_text_row *row); /* NAN: none */
    void (*words)(const struct ct_text_row *row, char to[CT_NUMBER_LEN]);
};

/* ---- getters ---- */

static bool counted(const struct ct_text_row *row)
{
    return row->kind != CT_TEXT_PROCESS && ct_totals_lifetime(row->totals);
}

static double mean(const struct ct_text_row *row, uint64_t sum)
{
    return counted(row) ? (double)sum / (double)row->threads_cnt : NAN;
}

static double share(const struct ct_text_row *row, uint64_t ns)
{
    return counted(row) ? 100.0 * (double)ns / (double)ct_totals_lifetime(row->totals) : NAN;
}

static double get_life(const struct ct_text_row *row)
{
    return row->kind == CT_TEXT_PROCESS ? NAN : (double)row->life_ns / (double)row->threads_cnt;
}

static double get_running(const struct ct_text_row *row)
{
    return share(row, row->totals->running_ns);
}

static double get_runnable(const struct ct_text_row *row)
{
    return share(row, ct_totals_runnable(row->totals));
}

static double get_blocked(const struct ct_text_row *row)
{
    return share(row, ct_totals_blocked(row->totals));
}

static double get_voluntary(const struct ct_text_row *row)
{
    return mean(row, row->totals->voluntary);
}

static double get_involuntary(const struct ct_text_row *row)
{
    return mean(row, row->totals->involuntary);
}

static double get_migrations(const struct ct_text_row *row)
{
    return mean(row, row->totals->migrations);
}

static double get_latency(const struct ct_text_row *row)
{
    if (!counted(row) || !row->totals->latency_cnt)
        return NAN;
    return (double)ct_totals_latency_quantile(row->totals, 0.99);
}

static void get_number(const struct ct_text_row *row, char to[CT_NUMBER_LEN])
{
    to[0] = 0;
    if (row->kind == CT_TEXT_THREAD)
        snprintf(to, CT_NUMBER_LEN, "%u", row->thread->tid);
    else if (row->kind != CT_TEXT_PROCESS)
        snprintf(to, CT_NUMBER_LEN, "x %zu", row->threads_cnt);
}

static void get_mostly(const struct ct_text_row *row, char to[CT_NUMBER_LEN])
{
    const char *cause = counted(row) ? ct_text_mostly_for(row->totals) : NULL;

    snprintf(to, CT_NUMBER_LEN, "%s", cause ? cause : "");
}

static const struct column columns[] = {
    {"tid", "tid", "", KIND_WORDS, false, NULL, get_number},
    {"life", "life", "", KIND_TIME, false, get_life, NULL},
    {"running", "running", "%", KIND_PERCENT, false, get_running, NULL},
    {"runnable", "wants CPU", "%", KIND_PERCENT, false, get_runnable, NULL},
    {"blocked", "blocked", "%", KIND_PERCENT, false, get_blocked, NULL},
    {"mostly_for", "mostly for", "", KIND_WORDS, false, NULL, get_mostly},
    {"voluntary", "switches", "vol", KIND_COUNT, false, get_voluntary, NULL},
    {"involuntary", "", "inv", KIND_COUNT, false, get_involuntary, NULL},
    {"latency_p99", "latency", "p99 ", KIND_TIME, false, get_latency, NULL},
    {"migrations", "migrations", "", KIND_COUNT, true, get_migrations, NULL},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))
#define LEFT(c) ((c)->words == get_mostly)

/* ---- layout ---- */

#define NAME_LEAST 12
#define NAME_MOST  44

struct layout {
    const struct ct_unit *unit[COLUMNS];
    int trail[COLUMNS]; /* blanks that end every cell of the column */
    int width[COLUMNS];
    bool shown[COLUMNS];
    int name;
};

static void cell(const struct layout *l, size_t c, const struct ct_text_row *row,
                 char to[CT_NUMBER_LEN])
{
    const struct column *col = &columns[c];
    const double v = col->value && row->kind != CT_TEXT_PROCESS ? col->value(row) : NAN;

    if (col->words)
        col->words(row, to);
    else if (row->kind == CT_TEXT_PROCESS)
        to[0] = 0;
    else if (col->kind == KIND_TIME)
        ct_format_aligned(to, v / l->unit[c]->ns, l->unit[c]->ns > 1 ? 2 : 0);
    else
        ct_format_aligned(to, v, col->kind == KIND_PERCENT ? 1 : 0);
}

static void header_unit(const struct layout *l, size_t c, char to[CT_NUMBER_LEN])
{
    const struct column *col = &columns[c];

    snprintf(to, CT_NUMBER_LEN, "%s%s", col->unit, col->kind == KIND_TIME ? l->unit[c]->name : "");
}

static void measure_column(struct layout *l, size_t c, const struct ct_text_rows *rows)
{
    char text[CT_NUMBER_LEN];
    double most = 0;
    int widest = 0;

    for (size_t i = 0; i < rows->cnt && columns[c].kind == KIND_TIME; i++) {
        const double v = columns[c].value(&rows->rows[i]);
        most = v > most ? v : most;
    }
    l->unit[c] = ct_unit_for(most >= 1 ? (uint64_t)most : 1000);
    l->trail[c] = columns[c].words ? 0 : CT_NUMBER_LEN;
    for (size_t i = 0; i < rows->cnt; i++) {
        cell(l, c, &rows->rows[i], text);
        const int len = (int)strlen(text);
        int trail = 0;
        while (trail < len && text[len - 1 - trail] == ' ')
            trail++;
        l->trail[c] = len && trail < l->trail[c] ? trail : l->trail[c];
        widest = len > widest ? len : widest;
    }
    if (l->trail[c] == CT_NUMBER_LEN)
        l->trail[c] = 0;
    l->width[c] = widest - l->trail[c];
    header_unit(l, c, text);
    if ((int)strlen(text) > l->width[c])
        l->width[c] = (int)strlen(text);
    if ((int)strlen(columns[c].title) > l->width[c])
        l->width[c] = (int)strlen(columns[c].title);
}

/* ---- names ---- */

/* The last part of a path. */
static const char *base_name(const char *path, size_t *len)
{
    for (size_t i = *len; i-- > 0;)
        if (path[i] == '/') {
            *len -= i + 1;
            return path + i + 1;
        }
    return path;
}

/*
 * A process is best told by its arguments, unless it has changed its name since: then these are
 * its parent's, or old. Returns false if the thread's name is the better one.
 */
static bool has_argv(const struct ct_text_row *row)
{
    const struct ct_process *pr = row->process;

    if (!pr || !pr->argv || (row->kind != CT_TEXT_PROCESS && !row->alone) ||
        row->kind == CT_TEXT_GROUP)
        return false;
    size_t len = strnlen(pr->argv, pr->argv_len);
    const char *base = base_name(pr->argv, &len);
    if (len > CT_COMM_LEN - 1)
        len = CT_COMM_LEN - 1;
    return len && strlen(pr->comm) == len && !memcmp(base, pr->comm, len);
}

/* To text of at most `size` bytes, the directory of the program left out. Returns its length. */
static size_t join_argv(const struct ct_process *pr, char *to, size_t size)
{
    size_t first = strnlen(pr->argv, pr->argv_len);
    const char *base = base_name(pr->argv, &first);
    size_t len = pr->argv_len - (size_t)(base - pr->argv);

    if (len > size)
        len = size;
    memcpy(to, base, len);
    while (len && !to[len - 1])
        len--;
    for (size_t i = 0; i < len; i++)
        if (!to[i])
            to[i] = ' ';
    return len;
}

#define NAME_BYTES 256 /* more than any name's columns can show */

static size_t name_of(const struct ct_text_row *row, char to[NAME_BYTES])
{
    size_t len;

    if (row->kind == CT_TEXT_REST && !row->alone)
        return (size_t)snprintf(to, NAME_BYTES, "%s", "all others");
    if (has_argv(row))
        return join_argv(row->process, to, NAME_BYTES);
    if (row->kind == CT_TEXT_PROCESS || row->kind == CT_TEXT_REST)
        len = (size_t)snprintf(to, NAME_BYTES, "%s", row->process ? row->process->comm : "?");
    else
        len = (size_t)snprintf(to, NAME_BYTES, "%s", row->comm);
    if (row->kind == CT_TEXT_GROUP && row->processes_cnt > 1 &&
        row->processes_cnt != row->threads_cnt)
        len += (size_t)snprintf(to + len, NAME_BYTES - len, " (%zu processes)", row->processes_cnt);
    return len;
}

static int name_columns(const struct ct_page *p, const struct ct_text_row *row)
{
    char name[NAME_BYTES];
    const size_t len = name_of(row, name);
    const int cols = ct_page_columns(p, name, len) + (row->indented ? 2 : 0);

    return row->kind == CT_TEXT_PROCESS ? 0 : cols < NAME_MOST ? cols : NAME_MOST;
}

static void lay_out(struct layout *l, const struct ct_page *p, const struct ct_text_rows *rows)
{
    int wanted = NAME_LEAST, left = p->width - NAME_LEAST;

    for (size_t i = 0; i < rows->cnt; i++) {
        const int cols = name_columns(p, &rows->rows[i]);
        wanted = cols > wanted ? cols : wanted;
    }
    bool room = true;
    for (size_t c = 0; c < COLUMNS; c++) {
        if (columns[c].verbose && !p->style->verbose)
            continue;
        measure_column(l, c, rows);
        room = room && l->width[c] + 2 <= left;
        l->shown[c] = room;
        left -= room ? l->width[c] + 2 : 0;
    }
    l->name = wanted < NAME_LEAST + left ? wanted : NAME_LEAST + left;
}

/* ---- drawing ---- */

static void put_cell(struct ct_page *p, const struct layout *l, size_t c, int at, char *text)
{
    size_t len = strlen(text);

    if (len >= (size_t)l->trail[c])
        text[len - (size_t)l->trail[c]] = 0;
    if (LEFT(&columns[c]))
        ct_page_to(p, at);
    if (LEFT(&columns[c]))
        ct_page_put(p, text);
    else
        ct_page_put_right(p, at + l->width[c], text);
}

static void put_header(struct ct_page *p, const struct layout *l, bool processes)
{
    int at = l->name;
    char unit[CT_NUMBER_LEN];

    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put(p, processes ? "process" : "thread");
    for (size_t c = 0; c < COLUMNS; at += l->shown[c] ? l->width[c] + 2 : 0, c++) {
        if (l->shown[c] && LEFT(&columns[c]))
            ct_page_to(p, at + 2);
        if (l->shown[c] && LEFT(&columns[c]))
            ct_page_put(p, columns[c].title);
        else if (l->shown[c])
            ct_page_put_right(p, at + 2 + l->width[c], columns[c].title);
    }
    ct_page_newline(p);
    ct_page_ink(p, CT_INK_FAINT);
    at = l->name;
    for (size_t c = 0; c < COLUMNS; at += l->shown[c] ? l->width[c] + 2 : 0, c++) {
        if (!l->shown[c])
            continue;
        header_unit(l, c, unit);
        ct_page_put_right(p, at + 2 + l->width[c], unit);
    }
    ct_page_ink(p, CT_INK_PLAIN);
    ct_page_newline(p);
}

static void put_process(struct ct_page *p, const struct ct_text_row *row)
{
    char name[NAME_BYTES], facts[96] = "";
    const size_t len = name_of(row, name);

    if (row->process)
        snprintf(facts, sizeof(facts), "  pid %u, %zu threads", row->process->tgid,
                 row->threads_cnt);
    ct_page_put_foreign(p, name, len, p->width - (int)strlen(facts), CT_CUT_MIDDLE);
    ct_page_put(p, facts);
    ct_page_newline(p);
}

static void put_row(struct ct_page *p, const struct layout *l, const struct ct_text_row *row)
{
    char name[NAME_BYTES], text[CT_NUMBER_LEN];
    const int indent = row->indented ? 2 : 0;
    int at = l->name + 2;

    if (row->kind == CT_TEXT_PROCESS) {
        put_process(p, row);
        return;
    }
    ct_page_to(p, indent);
    const size_t len = name_of(row, name);
    ct_page_put_foreign(p, name, len, l->name - indent, CT_CUT_MIDDLE);
    for (size_t c = 0; c < COLUMNS; c++) {
        if (!l->shown[c])
            continue;
        cell(l, c, row, text);
        put_cell(p, l, c, at, text);
        at += l->width[c] + 2;
    }
    ct_page_newline(p);
}

void ct_text_threads(struct ct_page *p, const struct ct_text_rows *rows)
{
    struct layout l = {0};

    if (!rows->cnt)
        return;
    lay_out(&l, p, rows);
    put_header(p, &l, p->r->processes_cnt > 1);
    for (size_t i = 0; i < rows->cnt; i++)
        put_row(p, &l, &rows->rows[i]);
    if (rows->folded) {
        ct_page_ink(p, CT_INK_FAINT);
        ct_page_put_wrapped(p,
                            "(x N: N threads in one row, life and switches are their averages; "
                            "-v shows each)",
                            2);
        ct_page_ink(p, CT_INK_PLAIN);
    }
}
