/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/option_rows.h"

#include <stddef.h>

#include "user/cli/options.h"

#define FIELD(name) offsetof(struct ct_options, name)

const struct ct_option_row ct_option_rows[] = {
    {'o', NULL, "FILE", CT_OPT_FILE, FIELD(text_file),
     "write the text report to FILE, not to standard error", CT_FOR_ALL},
    {0, "json", "FILE", CT_OPT_FILE, FIELD(json_file),
     "also write the report as JSON; - is standard output", CT_FOR_ALL},
    {0, "csv", "FILE", CT_OPT_FILE, FIELD(csv_file), "also write a table, a row for each thread",
     CT_FOR_RUN | CT_FOR_REPORT},
    {0, "html", "FILE", CT_OPT_FILE, FIELD(html_file),
     "also write a page to look at: findings, and a timeline of every thread", CT_FOR_ALL},
    {0, "perfetto", "FILE", CT_OPT_FILE, FIELD(perfetto_file),
     "also write a trace for ui.perfetto.dev", CT_FOR_RUN | CT_FOR_REPORT},
    {0, "record", "FILE", CT_OPT_FILE, FIELD(record_file), "keep a recording, for conctrace report",
     CT_FOR_RUN},
    {0, "stacks", NULL, CT_OPT_FLAG, FIELD(stacks),
     "take user and kernel stacks where threads block or lose the CPU", CT_FOR_RUN},
    {0, "folded", "FILE", CT_OPT_FILE, FIELD(folded_file),
     "with --stacks: also write them folded, for flame graphs", CT_FOR_RUN | CT_FOR_REPORT},
    {0, "from", "TIME", CT_OPT_MOMENT, FIELD(choice.from_ns),
     "report: only from then on, as 1.5, 3s, 1500ms or 20us of the run", CT_FOR_REPORT},
    {0, "to", "TIME", CT_OPT_MOMENT, FIELD(choice.to_ns), "report: only up to then", CT_FOR_REPORT},
    {0, "pid", "PID[,PID...]", CT_OPT_PID_LIST, FIELD(choice), "report: only these processes",
     CT_FOR_REPORT},
    {0, "tid", "TID[,TID...]", CT_OPT_TID_LIST, FIELD(choice), "report: only these threads",
     CT_FOR_REPORT},
    {0, "comm", "NAME", CT_OPT_TEXT, FIELD(choice.comm),
     "report: only threads with this name, or of such a process (a pattern)", CT_FOR_REPORT},
    {0, "no-syscalls", NULL, CT_OPT_FLAG, FIELD(no_syscalls),
     "cheapest: no split into user and kernel time, no system calls, no wakers",
     CT_FOR_RUN | CT_FOR_COMPARE},
    {'u', "user", "NAME", CT_OPT_USER, FIELD(user),
     "run COMMAND as NAME (default: who called sudo; root keeps root)",
     CT_FOR_RUN | CT_FOR_COMPARE},
    {'p', NULL, "PID[,PID...]", CT_OPT_PIDS, FIELD(pids),
     "attach to processes that run already, with all they start", CT_FOR_RUN},
    {'d', NULL, "SECONDS", CT_OPT_TIME, FIELD(duration_ns), "with -p: end after so long",
     CT_FOR_RUN},
    {'n', "runs", "RUNS", CT_OPT_COUNT, FIELD(runs), "compare: run each command line so often (3)",
     CT_FOR_COMPARE},
    {'L', NULL, "VAR A,B,C", CT_OPT_LIST, FIELD(lists),
     "compare: put A, B, C in the place of {VAR}, one after the other", CT_FOR_COMPARE},
    {0, "output-dir", "DIR", CT_OPT_DIR, FIELD(output_dir),
     "compare: keep what the runs write, as DIR/LABEL-RUN.txt", CT_FOR_COMPARE},
    {0, "ring-size", "SIZE", CT_OPT_RING, FIELD(ring_bytes),
     "room for events not yet read: a power of two, as in 64K (default: 16M)",
     CT_FOR_RUN | CT_FOR_COMPARE},
    {0, "color", "WHEN", CT_OPT_COLOR, FIELD(color), "auto, always or never (NO_COLOR is honoured)",
     CT_FOR_ALL},
    {'q', NULL, NULL, CT_OPT_FLAG, FIELD(quiet), "no report on standard error, no status line",
     CT_FOR_ALL},
    {'v', NULL, NULL, CT_OPT_FLAG, FIELD(verbose), "all threads, all details", CT_FOR_ALL},
    {'V', "version", NULL, CT_OPT_FLAG, FIELD(version), "print the version", CT_FOR_ALL},
    {'h', "help", NULL, CT_OPT_FLAG, FIELD(help), "print this help", CT_FOR_ALL},
};
const size_t ct_option_rows_cnt = sizeof(ct_option_rows) / sizeof(ct_option_rows[0]);
