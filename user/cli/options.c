/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rejected: getopt_long. It takes abbreviations (a script that uses one breaks when an option is
 * added), prints its own messages, and knows neither help nor destinations.
 */
#include "user/cli/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/log.h"
#include "user/base/str.h"
#include "user/cli/option_checks.h"
#include "user/cli/option_values.h"

enum option_type {
    OPT_FLAG,  /* sets a bool */
    OPT_TEXT,  /* sets a const char * */
    OPT_COLOR, /* sets an enum ct_color */
    OPT_RING,  /* sets a uint32_t to the size of a ring */
    OPT_PIDS,  /* adds to the processes */
    OPT_TIME,  /* sets a uint64_t to nanoseconds */
    OPT_COUNT, /* sets a uint32_t, above 0 */
    OPT_LIST,  /* adds a name and its values: takes two words */
    OPT_LATER, /* a name that is spoken for */
};

struct option_row {
    char letter;
    const char *name;
    const char *value; /* what the value is called; NULL: takes none */
    enum option_type type;
    size_t field;
    const char *help;
};

#define FIELD(name) offsetof(struct ct_options, name)

static const struct option_row rows[] = {
    {'o', NULL, "FILE", OPT_TEXT, FIELD(text_file),
     "write the text report to FILE, not to standard error"},
    {0, "json", "FILE", OPT_TEXT, FIELD(json_file),
     "also write the report as JSON; - is standard output"},
    {0, "record", "FILE", OPT_TEXT, FIELD(record_file), "keep a recording, for conctrace report"},
    {0, "stacks", NULL, OPT_FLAG, FIELD(stacks),
     "take user and kernel stacks where threads block or lose the CPU"},
    {0, "folded", "FILE", OPT_TEXT, FIELD(folded_file),
     "with --stacks: also write them folded, for flame graphs"},
    {0, "no-syscalls", NULL, OPT_FLAG, FIELD(no_syscalls),
     "cheapest: no split into user and kernel time, no system calls, no wakers"},
    {'u', "user", "NAME", OPT_TEXT, FIELD(user),
     "run COMMAND as NAME (default: who called sudo; root keeps root)"},
    {'p', NULL, "PID[,PID...]", OPT_PIDS, FIELD(pids),
     "attach to processes that run already, with all they start"},
    {'d', NULL, "SECONDS", OPT_TIME, FIELD(duration_ns), "with -p: end after so long"},
    {'n', "runs", "RUNS", OPT_COUNT, FIELD(runs), "compare: run each command line so often (3)"},
    {'L', NULL, "VAR A,B,C", OPT_LIST, FIELD(lists),
     "compare: put A, B, C in the place of {VAR}, one after the other"},
    {0, "output-dir", "DIR", OPT_TEXT, FIELD(output_dir),
     "compare: keep what the runs write, as DIR/LABEL-RUN.txt"},
    {0, "ring-size", "SIZE", OPT_RING, FIELD(ring_bytes),
     "room for events not yet read: a power of two, as in 64K (default: 16M)"},
    {0, "color", "WHEN", OPT_COLOR, FIELD(color), "auto, always or never (NO_COLOR is honoured)"},
    {'q', NULL, NULL, OPT_FLAG, FIELD(quiet), "no report on standard error, no status line"},
    {'v', NULL, NULL, OPT_FLAG, FIELD(verbose), "all threads, all details"},
    {'V', "version", NULL, OPT_FLAG, FIELD(version), "print the version"},
    {'h', "help", NULL, OPT_FLAG, FIELD(help), "print this help"},
    {0, "csv", "FILE", OPT_LATER, 0, NULL},
    {0, "html", "FILE", OPT_LATER, 0, NULL},
    {0, "perfetto", "FILE", OPT_LATER, 0, NULL},
};
#define ROWS_CNT (sizeof(rows) / sizeof(rows[0]))

static const struct option_row *find_letter(char letter)
{
    for (size_t i = 0; i < ROWS_CNT; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

static const struct option_row *find_name(const char *name, size_t len)
{
    for (size_t i = 0; i < ROWS_CNT; i++)
        if (rows[i].name && strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len))
            return &rows[i];
    return NULL;
}

/* "no option --jsn; did you mean --json?" */
static int unknown_name(const char *name, size_t len)
{
    char asked[48];
    const char *best = NULL;
    unsigned best_distance = 3; /* farther is no help */

    if (len >= sizeof(asked)) {
        ct_say("no option --%.*s...; see conctrace --help", (int)sizeof(asked) - 1, name);
        return -EINVAL;
    }
    memcpy(asked, name, len);
    asked[len] = '\0';
    for (size_t i = 0; i < ROWS_CNT; i++) {
        if (!rows[i].name)
            continue;
        unsigned d = ct_str_distance(asked, rows[i].name);
        if (len >= 3 && !strncmp(rows[i].name, asked, len))
            d = 0; /* the beginning of a name is nearer than any typo */
        if (d < best_distance && d < strlen(rows[i].name)) {
            best_distance = d;
            best = rows[i].name;
        }
    }
    if (best)
        ct_say("no option --%s; did you mean --%s?", asked, best);
    else
        ct_say("no option --%s; see conctrace --help", asked);
    return -EINVAL;
}

/* shown: the option as the user wrote it; second: the word behind its value. */
static int apply(struct ct_options *o, const struct option_row *row, const char *shown,
                 const char *value, const char *second)
{
    char *field = (char *)o + row->field;

    switch (row->type) {
    case OPT_FLAG:
        *(bool *)field = true;
        return 0;
    case OPT_TEXT:
        if (!value || !*value) {
            ct_say("%s needs a %s, not an empty word", shown, row->value);
            return -EINVAL;
        }
        *(const char **)field = value;
        return 0;
    case OPT_COLOR:
        return ct_option_color((enum ct_color *)field, value ? value : "");
    case OPT_RING:
        return ct_option_ring((uint32_t *)field, value ? value : "");
    case OPT_PIDS:
        return ct_option_pids(o, value ? value : "");
    case OPT_TIME:
        return ct_option_time((uint64_t *)field, value ? value : "");
    case OPT_COUNT:
        return ct_option_count((uint32_t *)field, shown, value ? value : "");
    case OPT_LIST:
        return ct_option_list(o, value ? value : "", second);
    case OPT_LATER:
        break;
    }
    ct_say("%s is not built yet", shown);
    return -EINVAL;
}

/* --name, --name=value, --name value. Moves *at past what it took. */
static int parse_long(struct ct_options *o, char ***at)
{
    char *word = **at;
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    char *value = name[len] ? word + 2 + len + 1 : NULL, *second = NULL;
    const struct option_row *row = find_name(name, len);
    char shown[32];

    if (!row)
        return unknown_name(name, len);
    snprintf(shown, sizeof(shown), "--%s", row->name);
    if (value && !row->value) {
        ct_say("%s takes no value", shown);
        return -EINVAL;
    }
    if (row->type != OPT_LATER && row->value && !value) {
        value = *++*at;
        if (!value) {
            ct_say("%s needs a %s", shown, row->value);
            return -EINVAL;
        }
    }
    if (row->type == OPT_LIST)
        second = *++*at;
    const int err = apply(o, row, shown, value, second);
    if (!err)
        ++*at;
    return err;
}

/* -q, -qv, -oFILE, -o FILE. */
static int parse_short(struct ct_options *o, char ***at)
{
    char *word = **at;

    for (char *c = word + 1; *c; c++) {
        const struct option_row *row = find_letter(*c);
        const char shown[] = {'-', *c, '\0'};
        char *value = NULL, *second = NULL;

        if (!row) {
            ct_say("no option %s; see conctrace --help", shown);
            return -EINVAL;
        }
        if (row->type != OPT_LATER && row->value) {
            value = c[1] ? c + 1 : *++*at;
            if (!value) {
                ct_say("%s needs a %s", shown, row->value);
                return -EINVAL;
            }
        }
        if (row->type == OPT_LIST)
            second = *++*at;
        const int err = apply(o, row, shown, value, second);
        if (err)
            return err;
        if (value)
            break;
    }
    ++*at;
    return 0;
}

/* Options up to the first word that is none; *dashes: a `--` ended them. */
static int parse_row_of_options(struct ct_options *o, char ***at, bool *dashes)
{
    *dashes = false;
    while (**at && (**at)[0] == '-' && (**at)[1] && !*dashes) {
        int err = 0;

        *dashes = !strcmp(**at, "--");
        if (*dashes)
            ++*at;
        else
            err = (**at)[1] == '-' ? parse_long(o, at) : parse_short(o, at);
        if (err)
            return err;
    }
    return 0;
}

static int parse_doctor(struct ct_options *o, char **words)
{
    o->verb = CT_VERB_DOCTOR;
    if (!words[0])
        return 0;
    if (!strcmp(words[0], "-h") || !strcmp(words[0], "--help")) {
        o->verb = CT_VERB_HELP;
        return 0;
    }
    ct_say("doctor takes no arguments");
    return -EINVAL;
}

static int parse_report(struct ct_options *o, char **words)
{
    bool dashes;
    const int err = parse_row_of_options(o, &words, &dashes);

    if (err)
        return err;
    o->verb = CT_VERB_REPORT;
    o->command = words;
    return o->help || o->version ? 0 : ct_options_check_report(o);
}

/* All that stands behind the options are command lines. */
static int parse_compare(struct ct_options *o, char **words)
{
    bool dashes;
    const int err = parse_row_of_options(o, &words, &dashes);

    if (err)
        return err;
    o->verb = CT_VERB_COMPARE;
    o->command = words;
    return o->help || o->version ? 0 : ct_options_check_compare(o);
}

/* The first word, if no `--` came before it, may be one of our own names. */
static int parse_verb(struct ct_options *o, char **words)
{
    static const struct {
        const char *name;
        int (*parse)(struct ct_options *o, char **words);
    } verbs[] = {{"compare", parse_compare}, {"report", parse_report}, {"doctor", parse_doctor}};

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (!strcmp(words[0], verbs[i].name))
            return verbs[i].parse(o, words + 1);
    return 0;
}

int ct_options_parse(struct ct_options *out, char **argv)
{
    struct ct_options o = {.verb = CT_VERB_RUN};
    char **at = argv[0] ? argv + 1 : argv;
    bool dashes;

    int err = parse_row_of_options(&o, &at, &dashes);
    if (!err && *at && !dashes && !o.help && !o.version)
        err = parse_verb(&o, at);
    if (err)
        return err;
    if (o.verb == CT_VERB_RUN)
        o.command = at;
    if (o.help || o.version)
        o.verb = o.help ? CT_VERB_HELP : CT_VERB_VERSION;
    else if (o.verb == CT_VERB_RUN)
        err = ct_options_check_run(&o);
    if (!err)
        *out = o;
    return err;
}

int ct_options_help(FILE *out)
{
    fputs("conctrace shows how the kernel runs a concurrent program.\n\n"
          "  conctrace [OPTIONS] [--] COMMAND [ARG...]   trace COMMAND with all its threads and\n"
          "                                              children, then report\n"
          "  conctrace [OPTIONS] -p PID[,PID...]         the same for what runs already, until it "
          "ends\n"
          "                                              or Ctrl-C\n"
          "  conctrace compare [OPTIONS] 'COMMAND LINE'...\n"
          "                                              run each several times, tell how they "
          "differ\n"
          "  conctrace compare [OPTIONS] FILE FILE...    the same for recordings\n"
          "  conctrace report [OPTIONS] FILE             report from a recording, anywhere and by "
          "anybody\n"
          "  conctrace doctor                            what works here, and the mend for the "
          "rest\n\n"
          "Options, up to the first word of COMMAND:\n",
          out);
    for (size_t i = 0; i < ROWS_CNT; i++) {
        const struct option_row *r = &rows[i];
        char left[64];

        if (r->type == OPT_LATER)
            continue;
        snprintf(left, sizeof(left), "%c%c%s%s%s%s%s", r->letter ? '-' : ' ',
                 r->letter ? r->letter : ' ',
                 r->letter && r->name ? ", "
                 : r->name            ? "  "
                                      : "",
                 r->name ? "--" : "", r->name ? r->name : "", r->value ? " " : "",
                 r->value ? r->value : "");
        fprintf(out, "  %-22s %s\n", left, r->help);
    }
    fputs(
        "\nExit status: that of COMMAND (if a signal killed it, conctrace dies of the same one);\n"
        "125 conctrace failed, 126 COMMAND cannot be executed, 127 it was not found, 2 bad "
        "usage.\n",
        out);
    return fflush(out) || ferror(out) ? -errno : 0;
}
