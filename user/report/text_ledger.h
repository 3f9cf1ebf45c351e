/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small tables that share one grid: the few locks, system calls and so on that explain the waits.
 * They are collected first, so that their columns align and the rest of the page knows how much
 * room is left; then drawn. A narrow screen loses the columns to the right.
 */
#ifndef CT_TEXT_LEDGER_H
#define CT_TEXT_LEDGER_H

#include <math.h>

#include "user/report/text_page.h"

enum ct_ledger_kind { CT_LEDGER_NONE, CT_LEDGER_TIME, CT_LEDGER_COUNT, CT_LEDGER_PERCENT };

#define CT_LEDGER_COLUMNS 5
#define CT_LEDGER_TEXT    96 /* more than a name has columns */

struct ct_ledger_head {
    const char *title;
    struct {
        const char *title; /* NULL: the column is empty */
        enum ct_ledger_kind kind;
    } column[CT_LEDGER_COLUMNS];
    const char *remark; /* over the words at the end of a row; NULL: none has any */
};

/* Texts are raw bytes of the traced program, escaped when they are drawn. */
struct ct_ledger_row {
    char name[CT_LEDGER_TEXT];
    double value[CT_LEDGER_COLUMNS]; /* times in ns; NAN: not known */
    char remark[CT_LEDGER_TEXT];
};

struct ct_ledger_section {
    struct ct_ledger_head head;
    const char *note;
    size_t from, cnt; /* rows */
};

struct ct_ledger {
    struct ct_ledger_section *sections;
    size_t sections_cnt, sections_room;
    struct ct_ledger_row *rows;
    size_t rows_cnt, rows_room;
    bool no_memory;
};

void ct_ledger_begin(struct ct_ledger *l, const struct ct_ledger_head *head);
/* A row of the latest section, empty: no name, NAN. Valid until the next; NULL: no memory. */
struct ct_ledger_row *ct_ledger_row(struct ct_ledger *l);
/* Our own words below the latest section. The text must outlive the ledger. */
void ct_ledger_note(struct ct_ledger *l, const char *note);

/* Lines that it will take on a screen that is wide enough. */
size_t ct_ledger_lines(const struct ct_ledger *l);
void ct_ledger_put(struct ct_page *p, const struct ct_ledger *l);
void ct_ledger_fini(struct ct_ledger *l);

#endif
