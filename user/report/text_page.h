/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page that the text report is written on: knows the column it is in, pads, cuts, wraps and
 * colours. No line of it is wider than the screen's `width` as long as callers stay within it;
 * trailing blanks are never written.
 */
#ifndef CT_TEXT_PAGE_H
#define CT_TEXT_PAGE_H

#include <stddef.h>
#include <stdio.h>

#include "user/report/report.h"

enum ct_ink {
    CT_INK_PLAIN,
    CT_INK_STRONG,
    CT_INK_FAINT,
    CT_INK_RUNNING,
    CT_INK_RUNNABLE,
    CT_INK_BLOCKED,
    CT_INK_BAD,
};

struct ct_page {
    const struct ct_result *r;
    const struct ct_report_style *style;
    FILE *out;
    int width;
    int col;   /* where the next character goes */
    int drawn; /* blanks up to col are still owed */
    int lines; /* written so far */
    enum ct_ink ink, wet;
    bool mute;       /* only the lines are counted */
    bool begun;      /* something was written */
    bool blank_owed; /* an empty line, before what comes next (if anything does) */
    int err;         /* the first failure; after it nothing more is written */
};

void ct_page_newline(struct ct_page *p);
/* An empty line before what comes next. */
void ct_page_gap(struct ct_page *p);
/* What follows is written in this colour. */
void ct_page_ink(struct ct_page *p, enum ct_ink ink);
/* Moves to a column, unless it is passed already. */
void ct_page_to(struct ct_page *p, int col);

/* Our own words: ASCII, and as wide as long. */
void ct_page_put(struct ct_page *p, const char *text);
/* The same, ending before column `right`. */
void ct_page_put_right(struct ct_page *p, int right, const char *text);
/* A piece of `cols` columns, as it is (ours, too). */
void ct_page_put_piece(struct ct_page *p, const char *bytes, size_t len, int cols);

/* Foreign text: escaped. */
enum ct_cut { CT_CUT_END, CT_CUT_MIDDLE };
int ct_page_columns(const struct ct_page *p, const char *text, size_t len);
void ct_page_put_foreign(struct ct_page *p, const char *text, size_t len, int cols,
                         enum ct_cut cut);

/*
 * Words that flow on from where the page is, foreign ones escaped; lines are broken at blanks (not
 * between a number and its unit), and begin indented. Words longer than a line are broken, too.
 */
void ct_page_flow(struct ct_page *p, const char *text, int indent);
/* The same from the beginning of a line, and ends the line. */
void ct_page_put_wrapped(struct ct_page *p, const char *text, int indent);

#endif
