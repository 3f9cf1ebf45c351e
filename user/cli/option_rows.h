/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of options (options.c). Floor 4. The parser, --help, the manual page and the completion
 * of shells all read it; the latter two when they are built, so it needs nothing but itself.
 */
#ifndef CT_OPTION_ROWS_H
#define CT_OPTION_ROWS_H

#include <stddef.h>

enum ct_option_type {
    CT_OPT_FLAG,     /* sets a bool */
    CT_OPT_TEXT,     /* sets a const char *, as do the next three */
    CT_OPT_FILE,     /* to shells: a file's name */
    CT_OPT_DIR,      /* a directory's */
    CT_OPT_USER,     /* a user's */
    CT_OPT_COLOR,    /* sets an enum ct_color */
    CT_OPT_RING,     /* sets a uint32_t to the size of a ring */
    CT_OPT_PIDS,     /* adds to the processes */
    CT_OPT_TIME,     /* sets a uint64_t to nanoseconds */
    CT_OPT_COUNT,    /* sets a uint32_t, above 0 */
    CT_OPT_LIST,     /* adds a name and its values: takes two words */
    CT_OPT_MOMENT,   /* sets a uint64_t to nanoseconds since the run's start */
    CT_OPT_PID_LIST, /* adds to the processes of a struct ct_choice */
    CT_OPT_TID_LIST, /* to its threads */
};

/* What an option is good for; the checks (option_checks.c) refuse the rest. */
enum ct_option_for { CT_FOR_RUN = 1, CT_FOR_COMPARE = 2, CT_FOR_REPORT = 4, CT_FOR_ALL = 7 };

struct ct_option_row {
    char letter;
    const char *name;
    const char *value; /* what the value is called; NULL: takes none */
    enum ct_option_type type;
    size_t field;
    const char *help;
    unsigned verbs; /* enum ct_option_for */
};

extern const struct ct_option_row ct_option_rows[];
extern const size_t ct_option_rows_cnt;

#endif
