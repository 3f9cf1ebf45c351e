/* SPDX-License-Identifier: GPL-2.0-only */
/* The sections of the text report: each a file or a function, in the order of the table in text.c.
 */
#ifndef CT_TEXT_INTERNAL_H
#define CT_TEXT_INTERNAL_H

#include "user/report/text_ledger.h"
#include "user/report/text_page.h"
#include "user/report/text_rows.h"

/*
 * A part of a whole account: running, runnable, and each cause of being blocked. What the verdict,
 * the bars and the table's "mostly for" have in common.
 */
struct ct_part {
    const char *words;
    const char *term; /* what the field calls it; NULL: as the words say */
    uint64_t ns;
    enum ct_ink ink;
    bool blocked;
    int depth;  /* 1: a part of the part above */
    bool other; /* blocked for none of the known causes */
};

/* running with its three parts, runnable with its own, the causes, unknown */
#define CT_PARTS_MAX (4 + 1 + CT_RUN_COUNT + CT_CAUSE_COUNT + 1)

/*
 * The non-zero parts of an account: running and runnable first, then the causes, largest first.
 * Returns their number.
 */
size_t ct_parts_of(const struct ct_totals *t, struct ct_part parts[CT_PARTS_MAX]);

/* What a cause is called on its own ("a lock"), and NULL where nothing was waited for. */
const char *ct_text_mostly_for(const struct ct_totals *t);

/* A bar in eighths of a cell, `room` cells for the whole; what is not zero leaves a trace. */
void ct_text_bar(struct ct_page *p, uint64_t ns, uint64_t whole, int room, enum ct_ink ink);

/* How much of what there is has room on the page. */
struct ct_text_plan {
    size_t threads;   /* rows of them, in the table and in the timeline */
    size_t tables;    /* of locks, calls and so on */
    size_t why;       /* rows of each of them */
    size_t findings;  /* told at all */
    size_t explained; /* of those: with what happens, not only with its title */
    size_t stretches; /* of the critical path */
    bool halves;      /* running: how much in its own code, and in system calls */
};
#define CT_STRETCHES_MOST 10

/* How far our accounts are from the kernel's, and what is missing. */
struct ct_trust {
    size_t compared; /* threads that ended: the kernel's figures for others are not final */
    size_t survivors;
    uint64_t cpu_ns, kernel_cpu_ns;
    uint64_t switches_off;       /* summed over the threads */
    size_t threads_switches_off; /* those that are off by more than one */
    size_t threads_not_tiled;    /* whose states do not add up to their lives */
    bool cpu_off;                /* by more than 1 % and 2 ms */
};
struct ct_trust ct_trust_of(const struct ct_result *r);

/* The title of the finding that the verdict leads with; NULL: none. */
const char *ct_text_lead(const struct ct_result *r);

/* The line above lanes: what a column means, from column `left` on for `cells` columns. */
void ct_text_axis(struct ct_page *p, int left, int cells, uint64_t wall_ns);

/* Sections. Each writes whole lines, and none if it has nothing to say. */
void ct_text_heading(struct ct_page *p);
void ct_text_warnings(struct ct_page *p, const struct ct_trust *t);
void ct_text_verdict(struct ct_page *p);
void ct_text_findings(struct ct_page *p, const struct ct_text_plan *plan);
void ct_text_breakdown(struct ct_page *p, const struct ct_text_plan *plan);
void ct_text_parallelism(struct ct_page *p);
void ct_text_path(struct ct_page *p, const struct ct_text_plan *plan);
/* At most so many stretches of the path; part of the section above. */
void ct_text_stretches(struct ct_page *p, size_t most);
void ct_text_threads(struct ct_page *p, const struct ct_text_rows *rows);
void ct_text_timeline(struct ct_page *p, const struct ct_text_rows *rows);
/* 0 or -ENOMEM. */
int ct_text_stacks(struct ct_page *p);
void ct_text_trust(struct ct_page *p, const struct ct_trust *t);

#endif
