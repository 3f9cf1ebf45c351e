/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rejected: getopt_long. It takes abbreviations (a script that uses one breaks when an option is
 * added), prints its own messages, and knows neither help nor destinations.
 */
#include "user/cli/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/log.h"
#include "user/base/str.h"
#include "user/cli/option_checks.h"
#include "user/cli/option_rows.h"
#include "user/cli/option_values.h"

static const struct ct_option_row *find_letter(char letter)
{
    for (size_t i = 0; i < ct_option_rows_cnt; i++)
        if (ct_option_rows[i].letter == letter)
            return &ct_option_rows[i];
    return NULL;
}

static const struct ct_option_row *find_name(const char *name, size_t len)
{
    for (size_t i = 0; i < ct_option_rows_cnt; i++)
        if (ct_option_rows[i].name && strlen(ct_option_rows[i].name) == len &&
            !memcmp(ct_option_rows[i].name, name, len))
            return &ct_option_rows[i];
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
    for (size_t i = 0; i < ct_option_rows_cnt; i++) {
        if (!ct_option_rows[i].name)
            continue;
        unsigned d = ct_str_distance(asked, ct_option_rows[i].name);
        if (len >= 3 && !strncmp(ct_option_rows[i].name, asked, len))
            d = 0; /* the beginning of a name is nearer than any typo */
        if (d < best_distance && d < strlen(ct_option_rows[i].name)) {
            best_distance = d;
            best = ct_option_rows[i].name;
        }
    }
    if (best)
        ct_say("no option --%s; did you mean --%s?", asked, best);
    else
        ct_say("no option --%s; see conctrace --help", asked);
    return -EINVAL;
}

/* shown: the option as the user wrote it; second: the word behind its value. */
static int apply(struct ct_options *o, const struct ct_option_row *row, const char *shown,
                 const char *value, const char *second)
{
    char *field = (char *)o + row->field;

    switch (row->type) {
    case CT_OPT_FLAG:
        *(bool *)field = true;
        return 0;
    case CT_OPT_TEXT:
    case CT_OPT_FILE:
    case CT_OPT_DIR:
    case CT_OPT_USER:
        if (!value || !*value) {
            ct_say("%s needs a %s, not an empty word", shown, row->value);
            return -EINVAL;
        }
        *(const char **)field = value;
        return 0;
    case CT_OPT_COLOR:
        return ct_option_color((enum ct_color *)field, value ? value : "");
    case CT_OPT_RING:
        return ct_option_ring((uint32_t *)field, value ? value : "");
    case CT_OPT_PIDS:
        return ct_option_pids(o, value ? value : "");
    case CT_OPT_TIME:
        return ct_option_time((uint64_t *)field, value ? value : "");
    case CT_OPT_COUNT:
        return ct_option_count((uint32_t *)field, shown, value ? value : "");
    case CT_OPT_LIST:
        return ct_option_list(o, value ? value : "", second);
    case CT_OPT_MOMENT:
        return ct_option_moment((uint64_t *)field, shown, value ? value : "");
    case CT_OPT_PID_LIST:
        return ct_option_numbers(o->choice.pids, &o->choice.pids_cnt, shown, value ? value : "");
    case CT_OPT_TID_LIST:
        return ct_option_numbers(o->choice.tids, &o->choice.tids_cnt, shown, value ? value : "");
    }
    return -EINVAL;
}

/* --name, --name=value, --name value. Moves *at past what it took. */
static int parse_long(struct ct_options *o, char ***at)
{
    char *word = **at;
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    char *value = name[len] ? word + 2 + len + 1 : NULL, *second = NULL;
    const struct ct_option_row *row = find_name(name, len);
    char shown[32];

    if (!row)
        return unknown_name(name, len);
    snprintf(shown, sizeof(shown), "--%s", row->name);
    if (value && !row->value) {
        ct_say("%s takes no value", shown);
        return -EINVAL;
    }
    if (row->value && !value) {
        value = *++*at;
        if (!value) {
            ct_say("%s needs a %s", shown, row->value);
            return -EINVAL;
        }
    }
    if (row->type == CT_OPT_LIST)
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
        const struct ct_option_row *row = find_letter(*c);
        const char shown[] = {'-', *c, '\0'};
        char *value = NULL, *second = NULL;

        if (!row) {
            ct_say("no option %s; see conctrace --help", shown);
            return -EINVAL;
        }
        if (row->value) {
            value = c[1] ? c + 1 : *++*at;
            if (!value) {
                ct_say("%s needs a %s", shown, row->value);
                return -EINVAL;
            }
        }
        if (row->type == CT_OPT_LIST)
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
