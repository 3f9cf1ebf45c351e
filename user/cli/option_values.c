/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/option_values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"

static const char *const colors[] = {
    [CT_COLOR_AUTO] = "auto", [CT_COLOR_ALWAYS] = "always", [CT_COLOR_NEVER] = "never"};

int ct_option_color(enum ct_color *out, const char *value)
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
int ct_option_ring(uint32_t *out, const char *value)
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
int ct_option_pids(struct ct_options *o, const char *value)
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

int ct_option_time(uint64_t *out, const char *value)
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

int ct_option_moment(uint64_t *out, const char *shown, const char *value)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
    char *end = NULL;
    const double number = *value >= '0' && *value <= '9' ? strtod(value, &end) : -1;

    for (size_t i = 0; end && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].name) || !(number * units[i].ns <= 1e18))
            continue;
        *out = (uint64_t)(number * units[i].ns + 0.5);
        return 0;
    }
    ct_say("%s wants a time since the run's start, such as 1.5, 3s, 1500ms or 20us, not '%s'",
           shown, value);
    return -EINVAL;
}

int ct_option_numbers(uint32_t *all, size_t *cnt, const char *shown, const char *value)
{
    const char *at = value;

    do {
        char *end = NULL;
        const long n = *at >= '1' && *at <= '9' ? strtol(at, &end, 10) : 0;
        if (n <= 0 || n > INT32_MAX || (*end && *end != ',')) {
            ct_say("%s wants numbers with commas between them, not '%s'", shown, value);
            return -EINVAL;
        }
        if (*cnt == CT_CHOICE_MAX) {
            ct_say("%s takes at most %d numbers", shown, CT_CHOICE_MAX);
            return -EINVAL;
        }
        all[(*cnt)++] = (uint32_t)n;
        at = *end ? end + 1 : NULL;
    } while (at);
    return 0;
}

int ct_option_count(uint32_t *out, const char *shown, const char *value)
{
    char *end = NULL;
    const long n = *value >= '1' && *value <= '9' ? strtol(value, &end, 10) : 0;

    if (n < 1 || n > 10000 || *end) {
        ct_say("%s wants a number from 1 to 10000, not '%s'", shown, value);
        return -EINVAL;
    }
    *out = (uint32_t)n;
    return 0;
}

int ct_option_list(struct ct_options *o, const char *name, const char *values)
{
    const char *wrong = NULL;

    if (!*name || strpbrk(name, "{} ,"))
        wrong = "-L wants a name and its values: -L VAR A,B,C";
    else if (!values || !*values)
        wrong = "-L wants values behind the name: -L VAR A,B,C";
    else if (o->lists_cnt == CT_OPTIONS_LISTS_MAX)
        wrong = "there are too many -L";
    for (size_t i = 0; i < o->lists_cnt && !wrong; i++)
        if (!strcmp(o->lists[i].name, name))
            wrong = "two -L have the same name";
    if (wrong) {
        ct_say("%s", wrong);
        return -EINVAL;
    }
    o->lists[o->lists_cnt++] = (struct ct_option_list){name, values};
    return 0;
}
