/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a destination can show, and the status line of a run that takes long.
 */
#ifndef CT_SCREEN_H
#define CT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/cli/options.h"
#include "user/core/model.h"
#include "user/report/report.h"

/* How to write to fd: colours, block characters, width. */
struct ct_report_style ct_screen_style(int fd, enum ct_color color, bool verbose);

struct ct_status {
    bool on;
    bool shown;
    uint64_t start_ns; /* CLOCK_MONOTONIC */
    uint64_t next_ns;
};

/* Begins counting. It will only ever show on a terminal that obeys cursor sequences. */
void ct_status_start(struct ct_status *s, bool wanted);
/* Shows or refreshes the line if it is time. */
void ct_status_tick(struct ct_status *s, const struct ct_live *live);
/* The same of a file that is read: how much of it (0: not known) is done. */
void ct_status_share(struct ct_status *s, uint64_t done, uint64_t all);
/* Removes it. */
void ct_status_end(struct ct_status *s);

/* The line that tells which of many runs is on. The terminal is ours: the runs write elsewhere. */
struct ct_progress {
    bool on;
};

void ct_progress_start(struct ct_progress *p, bool wanted);
void ct_progress_show(struct ct_progress *p, size_t run, size_t of, const char *label);
void ct_progress_end(struct ct_progress *p);

#endif
