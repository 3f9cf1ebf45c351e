/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line. Floor 4. Each option is one row that owns its names, its help, its type and its
 * destination; parser, help and suggestions all read the same table.
 */
#ifndef CT_OPTIONS_H
#define CT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "user/core/choice.h"

enum ct_color { CT_COLOR_AUTO, CT_COLOR_ALWAYS, CT_COLOR_NEVER };

enum ct_verb {
    CT_VERB_RUN,
    CT_VERB_COMPARE,
    CT_VERB_REPORT,
    CT_VERB_DOCTOR,
    CT_VERB_HELP,
    CT_VERB_VERSION
};

#define CT_OPTIONS_PIDS_MAX 64

#define CT_OPTIONS_LISTS_MAX 8

/* -L NAME A,B,C */
struct ct_option_list {
    const char *name;
    const char *values;
};

struct ct_options {
    enum ct_verb verb;
    pid_t pids[CT_OPTIONS_PIDS_MAX]; /* to attach to; then there is no command */
    size_t pids_cnt;
    uint64_t duration_ns; /* 0: until they end */
    char **command;       /* the command's words, NULL-terminated; points into argv */
    const char *text_file;
    const char *json_file;
    const char *csv_file;
    const char *folded_file;
    const char *html_file;
    const char *perfetto_file;
    const char *record_file;
    const char *input_file;  /* the recording that is reported on */
    struct ct_choice choice; /* which part of it */
    const char *user;
    enum ct_color color;
    uint32_t ring_bytes; /* 0: default */
    uint32_t runs;       /* of each command line that is compared; 0: default */
    struct ct_option_list lists[CT_OPTIONS_LISTS_MAX];
    size_t lists_cnt;
    const char *output_dir; /* for what compared commands write; NULL: not kept */
    bool no_syscalls;
    bool stacks;
    bool quiet;
    bool verbose;
    bool help;
    bool version;
};

/*
 * Reads the command line. 0, or -EINVAL after one line on standard error (then exit with
 * CT_EXIT_USAGE).
 */
int ct_options_parse(struct ct_options *out, char **argv);

/* The help that --help prints. 0 or -errno of the write. */
int ct_options_help(FILE *out);

#endif
