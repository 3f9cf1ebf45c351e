/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the table of threads shows: one row for each thread as long as they fit on a screen; else
 * rows of threads that are alike (worker-1, worker-2: "worker-*"), largest first, and one row for
 * the rest. Sorting only: 100,000 threads take a moment.
 */
#ifndef CT_TEXT_ROWS_H
#define CT_TEXT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/core/result.h"

enum ct_text_row_kind {
    CT_TEXT_PROCESS, /* a heading: its threads follow */
    CT_TEXT_THREAD,
    CT_TEXT_GROUP, /* several that are alike */
    CT_TEXT_REST,  /* all that found no room */
};

struct ct_text_row {
    enum ct_text_row_kind kind;
    bool indented;                    /* belongs to the heading above */
    bool alone;                       /* the only thread of its process: stands for it */
    const struct ct_thread *thread;   /* the one, or one of them */
    const struct ct_process *process; /* its process; NULL if it has none */
    char comm[CT_COMM_LEN + 2];       /* the thread's name, or what their names have in common */
    size_t threads_cnt;
    size_t processes_cnt;
    uint64_t life_ns;               /* sum of their lifetimes */
    const struct ct_totals *totals; /* sum of their accounts; not for a heading */
    struct ct_totals *sum;          /* where it is kept, unless it is the thread's own */
};

struct ct_text_rows {
    struct ct_text_row *rows;
    size_t cnt;
    bool folded; /* some rows stand for several threads */
    bool no_memory;
};

/* At most `most` rows (0: no limit, nothing is folded). 0 or -ENOMEM. */
int ct_text_rows_init(struct ct_text_rows *out, const struct ct_result *r, size_t most);
void ct_text_rows_fini(struct ct_text_rows *rows);

#endif
