/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The status line shares the terminal with a command that knows nothing of it. So it stands on the
 * line below the cursor, at its right end, and the cursor returns to where the command left it:
 * what the command prints next goes where it would have gone. Should that run over the status line,
 * then only blank space at the right edge is lost.
 *
 * Rejected: "\r...\033[K" on the cursor's own line, as progress bars do: it erases a prompt that
 * the command has just printed.
 */
#include "user/cli/screen.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define STATUS_AFTER_NS 2000000000ULL
#define STATUS_EVERY_NS 1000000000ULL

/* Down one line (scrolling if need be) and up again, remember the place, go down. */
#define BELOW "\033D\033M\0337\033[B"
/* Blank that line; back to the place. */
#define BLANK "\033[2K"
#define BACK  "\0338"

static bool dumb(void)
{
    const char *term = getenv("TERM");

    return !term || !*term || !strcmp(term, "dumb");
}

/* 0: unknown. */
static int columns(int fd, bool terminal)
{
    struct winsize size;
    const char *text = getenv("COLUMNS");

    if (terminal && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col > 0)
        return size.ws_col;
    long n = text ? strtol(text, NULL, 10) : 0;
    if (n > 0 && n < 10000)
        return (int)n;
    return terminal ? 80 : 0;
}

struct ct_report_style ct_screen_style(int fd, enum ct_color color, bool verbose)
{
    bool terminal = isatty(fd);
    const char *no_color = getenv("NO_COLOR");
    bool may = terminal && !dumb() && !(no_color && *no_color);
    int width = columns(fd, terminal);

    return (struct ct_report_style){
        .color = color == CT_COLOR_ALWAYS || (color == CT_COLOR_AUTO && may),
        .unicode = terminal && !strcmp(nl_langinfo(CODESET), "UTF-8"),
        .width = width > 0 && width < 40 ? 40 : width,
        .verbose = verbose,
    };
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* One write, so that the command's own output cannot come between. */
static void put(const char *text, size_t len)
{
    if (write(STDERR_FILENO, text, len) < 0)
        return; /* a status line is not worth an error */
}

void ct_status_start(struct ct_status *s, bool wanted)
{
    *s = (struct ct_status){.on = wanted && isatty(STDERR_FILENO) && !dumb()};
    if (!s->on)
        return;
    s->start_ns = now_ns();
    s->next_ns = s->start_ns + STATUS_AFTER_NS;
}

/* Whether it is time to show something. */
static bool due(struct ct_status *s, uint64_t *now)
{
    if (!s->on || (*now = now_ns()) < s->next_ns)
        return false;
    s->next_ns = *now + STATUS_EVERY_NS;
    return tcgetpgrp(STDERR_FILENO) == getpgrp(); /* in the background the terminal is another's */
}

static void show(struct ct_status *s, const char *text, int len)
{
    char line[160];
    const int n =
        snprintf(line, sizeof(line), BELOW BLANK "\033[999C\033[%dD%s" BACK, len - 1, text);

    put(line, (size_t)n);
    s->shown = true;
}

void ct_status_tick(struct ct_status *s, const struct ct_live *live)
{
    char text[80];
    uint64_t now;

    if (!due(s, &now))
        return;
    const int len = snprintf(text, sizeof(text), " conctrace: %.0f s, threads: %u, switches: %llu",
                             (double)(now - s->start_ns) / 1e9, live->threads,
                             (unsigned long long)live->switches);
    show(s, text, len);
}

void ct_status_share(struct ct_status *s, uint64_t done, uint64_t all)
{
    char text[80];
    uint64_t now;
    int len;

    if (!due(s, &now))
        return;
    if (all)
        len = snprintf(text, sizeof(text), " conctrace: %.0f %% read",
                       100 * (double)done / (double)(all > done ? all : done));
    else
        len = snprintf(text, sizeof(text), " conctrace: %.0f MB read", (double)done / 1e6);
    show(s, text, len);
}

void ct_status_end(struct ct_status *s)
{
    static const char erase[] = BELOW BLANK BACK;

    if (s->shown)
        put(erase, sizeof(erase) - 1);
    s->shown = false;
}

/* ---- many runs ---- */

#define LABEL_MOST 40 /* bytes */

void ct_progress_start(struct ct_progress *p, bool wanted)
{
    *p = (struct ct_progress){.on = wanted && isatty(STDERR_FILENO) && !dumb()};
}

void ct_progress_show(struct ct_progress *p, size_t run, size_t of, const char *label)
{
    char name[LABEL_MOST + 1], line[160];
    size_t len = 0;

    if (!p->on || tcgetpgrp(STDERR_FILENO) != getpgrp())
        return;
    for (; len < LABEL_MOST && label[len]; len++)
        name[len] = label[len] >= ' ' && label[len] < 0x7f ? label[len] : '?';
    name[len] = '\0';
    const int n = snprintf(line, sizeof(line), "\r\033[2Krun %zu of %zu: %s", run, of, name);
    put(line, (size_t)n);
}

void ct_progress_end(struct ct_progress *p)
{
    static const char erase[] = "\r\033[2K";

    if (p->on)
        put(erase, sizeof(erase) - 1);
    p->on = false;
}
