/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/format.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* ---- numbers ---- */

const struct ct_unit *ct_unit_for(uint64_t max_ns)
{
    static const struct ct_unit units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    const size_t last = sizeof(units) / sizeof(units[0]) - 1;
    size_t i = 0;

    if (!max_ns)
        return &units[last];
    /* 999.5 us would be rounded to "1000 us" */
    while (i < last && (double)max_ns >= 999.5 * units[i].ns)
        i++;
    return &units[i];
}

size_t ct_format_number(char to[CT_NUMBER_LEN], double v, int decimals)
{
    static const double least[] = {1, 0.1, 0.01};
    int n;

    if (!isfinite(v)) {
        n = snprintf(to, CT_NUMBER_LEN, "-");
    } else if (v <= 0) {
        n = snprintf(to, CT_NUMBER_LEN, "0");
    } else if (v < least[decimals] / 2) {
        n = snprintf(to, CT_NUMBER_LEN, "<%.*f", decimals, least[decimals]);
    } else {
        const int wanted = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
        n = snprintf(to, CT_NUMBER_LEN, "%.*f", wanted < decimals ? wanted : decimals,
                     v < 1e20 ? v : 1e20);
    }
    return (size_t)n;
}

static size_t append(char to[CT_NUMBER_LEN], size_t len, const char *text)
{
    return len + (size_t)snprintf(to + len, CT_NUMBER_LEN - len, "%s", text);
}

size_t ct_format_aligned(char to[CT_NUMBER_LEN], double v, int decimals)
{
    size_t len = ct_format_number(to, v, decimals);
    const char *point = strchr(to, '.');
    size_t behind = point ? len - (size_t)(point - to) : 0;

    for (; decimals && behind < (size_t)decimals + 1; behind++)
        to[len++] = ' ';
    to[len] = 0;
    return len;
}

size_t ct_format_ns(char to[CT_NUMBER_LEN], uint64_t ns)
{
    const struct ct_unit *unit = ct_unit_for(ns);
    /* there are no parts of a nanosecond */
    size_t len = ct_format_number(to, (double)ns / unit->ns, unit->ns > 1 ? 2 : 0);

    len = append(to, len, " ");
    return append(to, len, unit->name);
}

size_t ct_format_percent(char to[CT_NUMBER_LEN], uint64_t part, uint64_t whole)
{
    size_t len = ct_format_number(to, whole ? 100.0 * (double)part / (double)whole : 0, 1);

    return append(to, len, " %");
}

size_t ct_format_count(char to[CT_NUMBER_LEN], uint64_t n)
{
    char digits[24];
    const int cnt = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
    size_t len = 0;

    for (int i = 0; i < cnt; i++) {
        if (i && (cnt - i) % 3 == 0)
            to[len++] = ',';
        to[len++] = digits[i];
    }
    to[len] = 0;
    return len;
}

size_t ct_format_signal(char to[CT_NUMBER_LEN], int signal)
{
    /* sigabbrev_np would do, but neither older glibc nor musl has it */
#define NAME(s) [s] = #s
    static const char *const names[] = {
        NAME(SIGHUP),  NAME(SIGINT),    NAME(SIGQUIT), NAME(SIGILL),  NAME(SIGTRAP), NAME(SIGABRT),
        NAME(SIGBUS),  NAME(SIGFPE),    NAME(SIGKILL), NAME(SIGUSR1), NAME(SIGSEGV), NAME(SIGUSR2),
        NAME(SIGPIPE), NAME(SIGALRM),   NAME(SIGTERM), NAME(SIGXCPU), NAME(SIGXFSZ), NAME(SIGSYS),
        NAME(SIGPROF), NAME(SIGVTALRM), NAME(SIGIO),   NAME(SIGPWR),
    };
#undef NAME
    const char *name = NULL;

    if (signal > 0 && (size_t)signal < sizeof(names) / sizeof(names[0]))
        name = names[signal];
    if (name)
        return append(to, 0, name);
    return (size_t)snprintf(to, CT_NUMBER_LEN, "signal %d", signal);
}

/* ---- strings ---- */

/* One strictly valid character of UTF-8: its length, or 0. */
static size_t decode(const char *at, const char *end, uint32_t *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)at;
    const size_t len = s[0] < 0x80   ? 1
                       : s[0] < 0xc0 ? 0
                       : s[0] < 0xe0 ? 2
                       : s[0] < 0xf0 ? 3
                       : s[0] < 0xf8 ? 4
                                     : 0;
    if (!len || (size_t)(end - at) < len)
        return 0;
    uint32_t c = len == 1 ? s[0] : s[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *out = c;
    return len;
}

/*
 * Characters that change what stands beside them, or that look like nothing: a table of numbers
 * with such a name in it can say something else than what it holds.
 */
static bool troublesome(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0xa0, 0xa0},        {0xad, 0xad},       /* blank, soft hyphen */
        {0x34f, 0x34f},                          /* invisible joiner */
        {0x590, 0x8ff},                          /* written from the right: reorder the line */
        {0x115f, 0x1160},    {0x17b4, 0x17b5},   /* fillers */
        {0x180b, 0x180f},                        /* selectors, separators */
        {0x2000, 0x200f},    {0x2028, 0x202f},   /* blanks, zero width, direction */
        {0x205f, 0x206f},                        /* likewise */
        {0x2800, 0x2800},    {0x3000, 0x3000},   /* blanks */
        {0x3164, 0x3164},    {0xe000, 0xf8ff},   /* filler; private: anything */
        {0xfb1d, 0xfdff},                        /* from the right */
        {0xfe00, 0xfe0f},                        /* selectors: change the width */
        {0xfe70, 0xfeff},    {0xffa0, 0xffa0},   /* from the right; filler */
        {0xfff0, 0xffff},                        /* specials */
        {0x10800, 0x10fff},  {0x1e800, 0x1efff}, /* from the right */
        {0x1f1e6, 0x1f1ff},  {0x1f3fb, 0x1f3ff}, /* flags, skins: join their neighbour */
        {0xe0000, 0x10ffff},                     /* tags, private */
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* Columns of a character that may be shown as it is, or -1. */
static int columns(uint32_t c)
{
    return troublesome(c) ? -1 : wcwidth((wchar_t)c);
}

static void escaped(struct ct_glyph *g, const char *format, uint32_t c)
{
    /* the caller's formats fit: at most \u{10ffff} */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    g->len = (uint8_t)snprintf(g->bytes, sizeof(g->bytes), format, c);
#pragma GCC diagnostic pop
    g->cols = g->len;
}

/* A byte as it is, or escaped. */
static void put_byte(unsigned char c, struct ct_glyph *g)
{
    if (c == '\n' || c == '\t' || c == '\r') {
        memcpy(g->bytes, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r", 2);
        g->len = g->cols = 2;
    } else if (c >= ' ' && c < 0x7f) {
        g->bytes[0] = (char)c;
        g->len = g->cols = 1;
    } else {
        escaped(g, "\\x%02x", c);
    }
}

const char *ct_glyph_next(const char *at, const char *end, bool unicode, struct ct_glyph *g)
{
    uint32_t c;
    const size_t len = decode(at, end, &c);
    const int cols = len && unicode ? columns(c) : -1;

    if (!len || c < 0x80) {
        put_byte((unsigned char)*at, g);
        at++;
    } else if (cols < 1) { /* a mark with nothing to stand on is escaped too */
        escaped(g, "\\u{%x}", c);
        at += len;
    } else {
        memcpy(g->bytes, at, len);
        g->len = (uint8_t)len;
        g->cols = (uint8_t)cols;
        at += len;
    }
    /* two marks are spelling; more of them would climb into other lines */
    for (int marks = 0; marks < 2 && cols > 0 && at < end; marks++) {
        const size_t more = decode(at, end, &c);
        if (more < 2 || columns(c) != 0)
            break;
        memcpy(g->bytes + g->len, at, more);
        g->len = (uint8_t)(g->len + more);
        at += more;
    }
    return at;
}
