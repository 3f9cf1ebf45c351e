/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs told as stories, thread by thread, that become results; and what holds of every page that
 * the text report makes of one.
 *
 * Pages are kept as tests/golden/text_*.txt. CT_UPDATE_GOLDEN=1 in the environment writes them
 * anew: read them before you commit them.
 */
#ifndef CT_STORY_H
#define CT_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "user/core/strip.h"
#include "user/report/report.h"

#define MS 1000000ULL

#define STORY_LINES 56 /* about a screen */

struct story {
    struct ct_result *r;
    struct ct_thread *t;
    struct ct_strip_pen pen;
    uint64_t at;
    size_t threads_room, processes_room, steps_room, shares_room, findings_room;
};

#define ARGV(text) (text), sizeof(text)

void story_begin(struct story *s, uint64_t wall_ns, unsigned cpus, const char *const *command);
void story_process(struct story *s, uint32_t tgid, const char *comm, const char *argv, size_t len);
/* A thread of the latest process; what it does follows. */
void story_thread(struct story *s, uint32_t tid, const char *comm, uint64_t start_ns);
void story_runs(struct story *s, uint64_t ns);
void story_waits(struct story *s, enum ct_runnable how, uint64_t ns);
void story_blocks(struct story *s, enum ct_cause cause, uint64_t ns);
/* The kernel's figures are ours. */
void story_dies(struct story *s);

/* The critical path goes on: thread tid, in that state (CT_PATH_FOLDED: a quarter of it each). */
void story_path(struct story *s, uint32_t tid, uint8_t state, uint64_t ns);
/* The same up to the end of the run. */
void story_path_rest(struct story *s, uint32_t tid, uint8_t state);
/* A finding; they are told in the order of the report. advice NULL: an info. The texts are copied.
 */
void story_finding(struct story *s, enum ct_finding_id id, const char *title,
                   const char *explanation, const char *advice);
/* It is about this process, or thread; 0: about none. */
void story_about(struct story *s, uint32_t tgid, uint32_t tid);
void story_evidence(struct story *s, const char *key, enum ct_evidence_kind kind, double number,
                    const char *text);

/* Sums; every thread has run on the CPU of its number. The caller frees the result. */
struct ct_result *story_end(struct story *s, unsigned most_at_once);

struct story_page {
    const char *name;
    struct ct_result *(*story)(void);
    struct ct_report_style style;
};

/* The caller frees it. */
char *story_render(const struct ct_result *r, const struct ct_report_style *style);
/* No line too wide, no bytes that have no place there, no more than about a screen. */
void story_check_lines(const char *text, const struct ct_report_style *style);
/* The text is as it was in tests/golden/NAME.txt. */
void story_check_golden(const char *text, const char *name);
/* Pages are as they were. */
void story_check_goldens(const struct story_page *pages, size_t cnt);
/* Every width, in every style. */
void story_check_widths(const struct story_page *pages, size_t cnt);

#endif
