/* SPDX-License-Identifier: GPL-2.0-only */
#include "options.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "diag.h"
#include "names.h"

enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_COUNT, OPTION_FACTOR, OPTION_DURATION };

enum option_scope { RUN = 1, SERVE = 2 };

struct option_row {
    const char *name;
    char letter;
    const char *value; /* how help calls it; NULL for a flag */
    enum option_type type;
    unsigned scope;
    size_t where;
    uint64_t least, most; /* OPTION_COUNT; OPTION_DURATION: least is the unit of a bare number */
    const char *help;
};

#define AT(member) offsetof(struct wl_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {"mode", 0, "MODE", OPTION_TEXT, RUN, AT(mode), 0, 0, "how the tasks run (default serial)"},
    {"task", 0, "TASK", OPTION_TEXT, RUN, AT(task), 0, 0, "what each task does (default cpu)"},
    {"tasks", 0, "N", OPTION_COUNT, RUN, AT(tasks), 1, 1000000, "how many tasks (default 10)"},
    {"workers", 0, "N", OPTION_COUNT, RUN, AT(workers), 1, 100000,
     "threads or processes that share the tasks (default: one a task; pool: one a CPU)"},
    {"amount", 0, "N", OPTION_COUNT, RUN, AT(amount), 0, 1000000000000,
     "evaluations in each cpu task (default 1000000)"},
    {"scenario", 0, "NAME", OPTION_TEXT, RUN, AT(scenario), 0, 0, "play a scenario instead"},
    {"speed", 0, "X", OPTION_FACTOR, RUN | SERVE, AT(speed), 0, 0, "divide every delay by X (default 1)"},
    {"gil", 0, NULL, OPTION_FLAG, RUN, AT(gil), 0, 0,
     "threads take turns under one interpreter lock"},
    {"switch-interval", 0, "TIME", OPTION_DURATION, RUN, AT(switch_interval_ns), WL_NS_PER_MS, 0,
     "how long a thread waits before it asks for that lock (default 5ms)"},
    {"blocking-client", 0, NULL, OPTION_FLAG, RUN, AT(blocking_client), 0, 0,
     "net in the event loop with a client that blocks the loop: the classic fault"},
    {"url", 0, "URL", OPTION_TEXT, RUN, AT(url), 0, 0,
     "what net fetches (default $WORKLOAD_URL, else a server started for the run)"},
    {"cacert", 0, "FILE", OPTION_TEXT, RUN, AT(cacert), 0, 0,
     "the certificate (PEM) that an https URL must show"},
    {"timeout", 0, "TIME", OPTION_DURATION, RUN, AT(timeout_ns), WL_NS_PER_S, 0,
     "give a fetch up after TIME (default 30s)"},
    {"truth", 0, "FILE", OPTION_TEXT, RUN, AT(truth), 0, 0,
     "write what tasks, threads and processes measured, as JSON; - is stdout"},
    {"quiet", 'q', NULL, OPTION_FLAG, RUN, AT(quiet), 0, 0, "print no summary"},
    {"port", 0, "N", OPTION_COUNT, SERVE, AT(port), 0, 65535,
     "port on 127.0.0.1 (default 0: any free one)"},
    {"delay-ms", 0, "N", OPTION_COUNT, RUN | SERVE, AT(delay_ms), 0, 86400000,
     "the server answers after N milliseconds (default 100)"},
    {"tls", 0, NULL, OPTION_FLAG, RUN | SERVE, AT(tls), 0, 0,
     "the server speaks HTTPS, with a certificate made at its start"},
    {"status", 0, "CODE", OPTION_COUNT, RUN | SERVE, AT(status), 200, 599,
     "the server answers with this status (default 200)"},
    {"cert", 0, "FILE", OPTION_TEXT, SERVE, AT(cert), 0, 0,
     "also write the certificate (PEM) to FILE; - is stdout"},
    {"until-eof", 0, NULL, OPTION_FLAG, SERVE, AT(until_eof), 0, 0,
     "stop when standard input ends"},
    {"list", 0, NULL, OPTION_FLAG, RUN, AT(list), 0, 0, "list modes, tasks and scenarios"},
    {"help", 'h', NULL, OPTION_FLAG, RUN | SERVE, AT(help), 0, 0, "print this help"},
    {"version", 'V', NULL, OPTION_FLAG, RUN | SERVE, AT(version), 0, 0, "print the version"},
};
/* clang-format on */

#define ROWS_CNT (sizeof(rows) / sizeof(rows[0]))

static const char *row_name_at(size_t index)
{
    return index < ROWS_CNT ? rows[index].name : NULL;
}

static int parse_count(const struct option_row *row, const char *text, uint64_t *out)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value < row->least || value > row->most)
        return wl_error("--%s: '%s' is not a whole number from %llu to %llu", row->name, text,
                        (unsigned long long)row->least, (unsigned long long)row->most);
    *out = value;
    return 0;
}

/* A positive decimal number; the rest of the text is left to the caller. */
static bool parse_positive(const char *text, double *value, char **end)
{
    *value = strtod(text, end);
    return ((text[0] >= '0' && text[0] <= '9') || text[0] == '.') && isfinite(*value) &&
           *value >= 1e-6 && *value <= 1e6;
}

static int parse_factor(const struct option_row *row, const char *text, double *out)
{
    char *end;
    double value;

    if (!parse_positive(text, &value, &end) || *end)
        return wl_error("--%s: '%s' is not a positive number", row->name, text);
    *out = value;
    return 0;
}

static int parse_duration(const struct option_row *row, const char *text, uint64_t *out)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"us", WL_NS_PER_US}, {"ms", WL_NS_PER_MS}, {"s", WL_NS_PER_S}};
    char *end;
    double value;
    uint64_t unit = 0;

    if (parse_positive(text, &value, &end)) {
        unit = *end ? 0 : row->least;
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
            if (strcmp(end, units[i].name) == 0)
                unit = units[i].ns;
    }
    if (!unit)
        return wl_error("--%s: '%s' is not a time such as 5ms or 0.5s", row->name, text);
    *out = (uint64_t)(value * (double)unit);
    return 0;
}

static int store(struct wl_options *options, const struct option_row *row, const char *text)
{
    void *where = (char *)options + row->where;

    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)where = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)where = text;
        return 0;
    case OPTION_COUNT:
        return parse_count(row, text, where);
    case OPTION_FACTOR:
        return parse_factor(row, text, where);
    case OPTION_DURATION:
        return parse_duration(row, text, where);
    }
    return -1;
}

static const struct option_row *find_row(const char *word, size_t len)
{
    for (size_t i = 0; i < ROWS_CNT; i++) {
        bool is_long = word[1] == '-' && len > 2 && strlen(rows[i].name) == len - 2 &&
                       strncmp(rows[i].name, word + 2, len - 2) == 0;
        bool is_short = len == 2 && rows[i].letter && rows[i].letter == word[1];

        if (is_long || is_short)
            return &rows[i];
    }
    return NULL;
}

static int unknown_option(const char *word, size_t len)
{
    char name[64];

    snprintf(name, sizeof(name), "%.*s", (int)len, word);
    return wl_error("there is no option %s; did you mean --%s? (--help lists all)", name,
                    wl_name_nearest(name + strspn(name, "-"), row_name_at));
}

/* Consumes one option and, if it stands apart, its value; returns how many words, or -1. */
static int parse_word(struct wl_options *options, char **words, int left)
{
    const char *word = words[0];
    size_t len = strcspn(word, "=");
    const struct option_row *row = find_row(word, len);
    const char *text = word[len] == '=' ? word + len + 1 : NULL;
    int used = 1;

    if (!row)
        return unknown_option(word, len);
    if (!(row->scope & (options->serve ? SERVE : RUN)))
        return wl_error("--%s %s", row->name,
                        options->serve ? "does not belong to serve" : "belongs to workload serve");
    if (!row->value && text)
        return wl_error("--%s takes no value", row->name);
    if (row->value && !text) {
        if (left < 2)
            return wl_error("--%s needs a value: %s", row->name, row->value);
        text = words[1];
        used = 2;
    }
    return store(options, row, text ? text : "") ? -1 : used;
}

static void set_defaults(struct wl_options *options)
{
    *options = (struct wl_options){
        .tasks = 10,
        .amount = 1000000,
        .speed = 1,
        .switch_interval_ns = 5 * WL_NS_PER_MS,
        .timeout_ns = 30 * WL_NS_PER_S,
        .delay_ms = 100,
        .status = 200,
    };
}

static int check(const struct wl_options *options)
{
    if (options->scenario && (options->mode || options->task))
        return wl_error("--scenario stands alone: it has its own modes and tasks");
    if (options->cert && !options->tls)
        return wl_error("--cert needs --tls");
    return 0;
}

int wl_options_parse(struct wl_options *options, int argc, char **argv)
{
    int i = 1;

    set_defaults(options);
    if (argc > 1 && strcmp(argv[1], "serve") == 0) {
        options->serve = true;
        i = 2;
    }
    while (i < argc) {
        int used;

        if (strcmp(argv[i], "--") == 0 && options->serve && i + 1 < argc) {
            options->command = argv + i + 1;
            break;
        }
        if (argv[i][0] != '-' || argv[i][1] == '\0')
            return wl_error("'%s' is not an option (--help lists them)", argv[i]);
        used = parse_word(options, argv + i, argc - i);
        if (used < 0)
            return -1;
        i += used;
    }
    return check(options);
}

uint64_t wl_scaled_ns(const struct wl_options *options, double seconds)
{
    return (uint64_t)(seconds / options->speed * (double)WL_NS_PER_S);
}

void wl_options_help(bool serve)
{
    if (serve)
        puts("Usage: workload serve [OPTIONS] [-- COMMAND [ARG...]]\n\n"
             "An HTTP server on 127.0.0.1 that answers late. With COMMAND it runs for as long as\n"
             "COMMAND does, and COMMAND finds its address in WORKLOAD_URL.\n");
    else
        puts("Usage: workload [--mode=MODE] [--task=TASK] [OPTIONS]\n"
             "       workload --scenario=NAME [--speed=X]\n"
             "       workload serve [OPTIONS] [-- COMMAND [ARG...]]\n"
             "       workload --list\n\n"
             "Runs the same tasks one after another, in threads, in processes or on an event\n"
             "loop, to be watched by a tracer.\n");
    for (size_t i = 0; i < ROWS_CNT; i++) {
        char left[40];

        if (!(rows[i].scope & (serve ? SERVE : RUN)))
            continue;
        snprintf(left, sizeof(left), "%s--%s%s%s", rows[i].letter ? "-x, " : "", rows[i].name,
                 rows[i].value ? "=" : "", rows[i].value ? rows[i].value : "");
        if (rows[i].letter)
            left[1] = rows[i].letter;
        printf("  %-24s %s\n", left, rows[i].help);
    }
}
