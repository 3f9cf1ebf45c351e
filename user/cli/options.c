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
#include <unistd.h>

#include "user/base/log.h"
#include "user/base/str.h"

enum option_type {
    OPT_FLAG,  /* sets a bool */
    OPT_TEXT,  /* sets a const char * */
    OPT_COLOR, /* sets an enum ct_color */
    OPT_RING,  /* sets a uint32_t to the size of a ring */
    OPT_PIDS,  /* adds to the processes */
    OPT_TIME,  /* sets a uint64_t to nanoseconds */
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
    {0, "record", "FILE", OPT_LATER, 0, NULL},
};
#define ROWS_CNT (sizeof(rows) / sizeof(rows[0]))

static const char *const colors[] = {
    [CT_COLOR_AUTO] = "auto", [CT_COLOR_ALWAYS] = "always", [CT_COLOR_NEVER] = "never"};

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

static int set_color(enum ct_color *out, const char *value)
{
    for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
        if (!strcmp(value, colors[i])) {
            *out = (enum ct_color)i;
            return 0;
        }
    }
    ct_say("--color is auto, always or never, not '%s'", value);
    return -EINVAL;
}

/* Bytes, or with a suffix K, M or G. The kernel wants a power of two of whole pages. */
static int set_ring(uint32_t *out, const char *value)
{
    static const char suffixes[] = "KMG";
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), most = 1ULL << 30;
    char *end = NULL;
    uint64_t bytes = 0;

    if (*value >= '1' && *value <= '9')
        bytes = strtoull(value, &end, 10); /* out of range is its greatest, and refused below */
    if (end && *end) {
        const char *suffix = strchr(suffixes, *end);
        const int shift = suffix ? 10 * (int)(suffix - suffixes + 1) : 0;
        bytes = suffix && !end[1] && bytes <= most >> shift ? bytes << shift : 0;
    }
    if (bytes < page || bytes > most || bytes & (bytes - 1)) {
        ct_say("--ring-size is a power of two from %uK to 1G, such as 64K or 16M",
               (unsigned)(page >> 10));
        return -EINVAL;
    }
    *out = (uint32_t)bytes;
    return 0;
}

/* Numbers with commas between them; a process named twice is meant once. */
static int add_pids(struct ct_options *o, const char *value)
{
    const char *at = value;

    do {
        char *end = NULL;
        const long pid = *at >= '1' && *at <= '9' ? strtol(at, &end, 10) : 0;
        size_t i = 0;
        if (pid <= 0 || pid > INT32_MAX || (*end && *end != ',')) {
            ct_say("-p wants process numbers with commas between them, not '%s'", value);
            return -EINVAL;
        }
        while (i < o->pids_cnt && o->pids[i] != pid)
            i++;
        if (i == CT_OPTIONS_PIDS_MAX) {
            ct_say("-p takes at most %d processes", CT_OPTIONS_PIDS_MAX);
            return -EINVAL;
        }
        if (i == o->pids_cnt)
            o->pids[o->pids_cnt++] = (pid_t)pid;
        at = *end ? end + 1 : NULL;
    } while (at);
    return 0;
}

static int set_time(uint64_t *out, const char *value)
{
    char *end = NULL;
    const double seconds = strtod(value, &end);

    if (!(seconds > 0 && seconds <= 1e9) || end == value || *end) {
        ct_say("-d wants a number of seconds above 0, not '%s'", value);
        return -EINVAL;
    }
    *out = (uint64_t)(seconds * 1e9);
    return 0;
}

/* shown: the option as the user wrote it. */
static int apply(struct ct_options *o, const struct option_row *row, const char *shown,
                 const char *value)
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
        return set_color((enum ct_color *)field, value ? value : "");
    case OPT_RING:
        return set_ring((uint32_t *)field, value ? value : "");
    case OPT_PIDS:
        return add_pids(o, value ? value : "");
    case OPT_TIME:
        return set_time((uint64_t *)field, value ? value : "");
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
    char *value = name[len] ? word + 2 + len + 1 : NULL;
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
    ++*at;
    return apply(o, row, shown, value);
}

/* -q, -qv, -oFILE, -o FILE. */
static int parse_short(struct ct_options *o, char ***at)
{
    char *word = **at;

    for (char *c = word + 1; *c; c++) {
        const struct option_row *row = find_letter(*c);
        const char shown[] = {'-', *c, '\0'};
        char *value = NULL;

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
        int err = apply(o, row, shown, value);
        if (err)
            return err;
        if (value)
            break;
    }
    ++*at;
    return 0;
}

/* The first word, if no `--` came before it, may be one of our own names. */
static int parse_verb(struct ct_options *o, char **words)
{
    if (!strcmp(words[0], "compare") || !strcmp(words[0], "report")) {
        ct_say("%s is not built yet; a command of that name: conctrace -- %s", words[0], words[0]);
        return -EINVAL;
    }
    if (strcmp(words[0], "doctor"))
        return 0;
    o->verb = CT_VERB_DOCTOR;
    if (!words[1])
        return 0;
    if (!strcmp(words[1], "-h") || !strcmp(words[1], "--help")) {
        o->verb = CT_VERB_HELP;
        return 0;
    }
    ct_say("doctor takes no arguments");
    return -EINVAL;
}

/* -p stands in the place of a command. */
static int check_attaching(const struct ct_options *o)
{
    const char *wrong = NULL;

    if (!o->pids_cnt)
        wrong = "-d goes with -p: how long to stay attached";
    else if (*o->command)
        wrong = "either attach to processes (-p) or run a command, not both";
    else if (o->user)
        wrong = "-u says who runs a command; with -p there is none";
    if (!wrong)
        return 0;
    ct_say("%s", wrong);
    return -EINVAL;
}

int ct_options_parse(struct ct_options *out, char **argv)
{
    struct ct_options o = {.verb = CT_VERB_RUN};
    char **at = argv[0] ? argv + 1 : argv;
    bool dashes = false;

    while (*at && (*at)[0] == '-' && (*at)[1] && !dashes) {
        int err = 0;

        dashes = !strcmp(*at, "--");
        if (dashes)
            at++;
        else
            err = (*at)[1] == '-' ? parse_long(&o, &at) : parse_short(&o, &at);
        if (err)
            return err;
    }
    o.command = at;
    if (o.folded_file && !o.stacks) {
        ct_say("--folded writes what --stacks takes: give both");
        return -EINVAL;
    }
    if (o.help || o.version) {
        o.verb = o.help ? CT_VERB_HELP : CT_VERB_VERSION;
    } else if (o.pids_cnt || o.duration_ns) {
        const int err = check_attaching(&o);
        if (err)
            return err;
    } else if (!*at) {
        ct_say("which command shall be traced? conctrace [OPTIONS] [--] COMMAND [ARG...]; "
               "see conctrace --help");
        return -EINVAL;
    } else if (!dashes) {
        int err = parse_verb(&o, at);
        if (err)
            return err;
    }
    *out = o;
    return 0;
}

int ct_options_help(FILE *out)
{
    fputs("conctrace shows how the kernel runs a concurrent program.\n\n"
          "  conctrace [OPTIONS] [--] COMMAND [ARG...]   trace COMMAND with all its threads and\n"
          "                                              children, then report\n"
          "  conctrace [OPTIONS] -p PID[,PID...]         the same for what runs already, until it "
          "ends\n"
          "                                              or Ctrl-C\n"
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
