/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/text_page.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "user/report/format.h"

static void emit(struct ct_page *p, const char *bytes, size_t len)
{
    if (p->err || !len)
        return;
    if (p->blank_owed) {
        p->blank_owed = false;
        p->lines++;
        emit(p, "\n", 1);
    }
    p->begun = true;
    errno = 0;
    if (!p->mute && fwrite(bytes, 1, len, p->out) != len)
        p->err = errno ? -errno : -EIO;
}

static void emit_ink(struct ct_page *p, enum ct_ink ink)
{
    static const char *const codes[] = {
        [CT_INK_PLAIN] = "\033[0m",     [CT_INK_STRONG] = "\033[1m",
        [CT_INK_FAINT] = "\033[2m",     [CT_INK_RUNNING] = "\033[32m",
        [CT_INK_RUNNABLE] = "\033[33m", [CT_INK_BLOCKED] = "\033[34m",
        [CT_INK_BAD] = "\033[1;31m",
    };
    if (!p->style->color || p->wet == ink)
        return;
    if (p->wet != CT_INK_PLAIN)
        emit(p, codes[CT_INK_PLAIN], strlen(codes[CT_INK_PLAIN]));
    if (ink != CT_INK_PLAIN)
        emit(p, codes[ink], strlen(codes[ink]));
    p->wet = ink;
}

void ct_page_newline(struct ct_page *p)
{
    emit_ink(p, CT_INK_PLAIN);
    emit(p, "\n", 1);
    p->col = p->drawn = 0;
    p->lines++;
}

void ct_page_gap(struct ct_page *p)
{
    p->blank_owed = p->begun;
}

void ct_page_ink(struct ct_page *p, enum ct_ink ink)
{
    p->ink = ink;
}

void ct_page_to(struct ct_page *p, int col)
{
    if (col > p->col)
        p->col = col;
}

void ct_page_put_piece(struct ct_page *p, const char *bytes, size_t len, int cols)
{
    if (!len)
        return;
    if (len == 1 && *bytes == ' ') { /* owed, like all blanks: the line may end here */
        p->col++;
        return;
    }
    for (; p->drawn < p->col; p->drawn++)
        emit(p, " ", 1);
    emit_ink(p, p->ink);
    emit(p, bytes, len);
    p->col += cols;
    p->drawn = p->col;
}

void ct_page_put(struct ct_page *p, const char *text)
{
    while (*text) {
        const size_t blanks = strspn(text, " ");
        p->col += (int)blanks;
        text += blanks;
        const size_t word = strcspn(text, " ");
        ct_page_put_piece(p, text, word, (int)word);
        text += word;
    }
}

void ct_page_put_right(struct ct_page *p, int right, const char *text)
{
    ct_page_to(p, right - (int)strlen(text));
    ct_page_put(p, text);
}

int ct_page_columns(const struct ct_page *p, const char *text, size_t len)
{
    const char *end = text + len;
    struct ct_glyph g;
    size_t cols = 0;

    while (text < end) {
        text = ct_glyph_next(text, end, p->style->unicode, &g);
        cols += g.cols;
    }
    return cols > INT_MAX ? INT_MAX : (int)cols;
}

/* Writes the glyphs that lie wholly in the columns [from, to) of the text. */
static void put_columns(struct ct_page *p, const char *text, size_t len, int from, int to)
{
    const char *end = text + len;
    struct ct_glyph g;
    int at = 0;

    while (text < end && at < to) {
        text = ct_glyph_next(text, end, p->style->unicode, &g);
        if (at >= from && at + g.cols <= to)
            ct_page_put_piece(p, g.bytes, g.len, g.cols);
        at += g.cols;
    }
}

void ct_page_put_foreign(struct ct_page *p, const char *text, size_t len, int cols, enum ct_cut cut)
{
    const int natural = ct_page_columns(p, text, len);
    const char *dots = p->style->unicode ? "\xe2\x80\xa6" : cols < 6 ? "." : "..";
    const int dots_cols = p->style->unicode ? 1 : (int)strlen(dots);

    if (natural <= cols) {
        put_columns(p, text, len, 0, natural);
        return;
    }
    const int tail = cut == CT_CUT_MIDDLE ? (cols - dots_cols) / 3 : 0;
    put_columns(p, text, len, 0, cols - dots_cols - tail);
    ct_page_put_piece(p, dots, strlen(dots), dots_cols);
    put_columns(p, text, len, natural - tail, natural);
}

/* Whether a word is a unit, and belongs to the number before it. */
static bool is_unit(const char *word)
{
    static const char *const units[] = {"%", "s", "ms", "us", "ns"};
    const size_t len = strcspn(word, " ,.;:)");

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (len == strlen(units[i]) && !strncmp(word, units[i], len))
            return true;
    return false;
}

static size_t word_len(const char *text)
{
    size_t len = strcspn(text, " ");
    const bool number = len && strspn(text + len - 1, "0123456789");

    if (number && text[len] && is_unit(text + len + 1))
        len += 1 + strcspn(text + len + 1, " ");
    return len;
}

static void put_broken(struct ct_page *p, const char *text, size_t len, int indent)
{
    const char *end = text + len;
    struct ct_glyph g;

    while (text < end) {
        text = ct_glyph_next(text, end, p->style->unicode, &g);
        if (p->col + g.cols > p->width) {
            ct_page_newline(p);
            ct_page_to(p, indent);
        }
        ct_page_put_piece(p, g.bytes, g.len, g.cols);
    }
}

void ct_page_flow(struct ct_page *p, const char *text, int indent)
{
    while (*(text += strspn(text, " "))) {
        const size_t len = word_len(text);
        const int cols = ct_page_columns(p, text, len);
        const int blank = p->col && p->drawn == p->col;
        if (p->col + blank + cols > p->width && p->col > indent) {
            ct_page_newline(p);
            ct_page_to(p, indent);
        } else {
            p->col += blank;
        }
        put_broken(p, text, len, indent);
        text += len;
    }
}

void ct_page_put_wrapped(struct ct_page *p, const char *text, int indent)
{
    ct_page_flow(p, text, indent);
    ct_page_newline(p);
}
