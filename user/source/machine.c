/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/machine.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* proc(5): the eighth figure of the line "cpu", in clock ticks. */
static uint64_t read_stolen(void)
{
    const long ticks = sysconf(_SC_CLK_TCK);
    uint64_t steal = 0;
    FILE *f = fopen("/proc/stat", "re");

    if (!f)
        return CT_UNKNOWN_NS;
    const int n = fscanf(f, "cpu %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &steal);
    fclose(f);
    return n == 1 && ticks > 0 ? steal * (1000000000ULL / (uint64_t)ticks) : CT_UNKNOWN_NS;
}

/*
 * The two versions of control groups, either of which may hold the CPU controller: where a
 * process's group stands in /proc/PID/cgroup, where the groups are mounted, what cpu.stat calls it.
 * cgroups(7).
 */
static const struct version {
    const char *type;       /* of the file system */
    const char *controller; /* among its options; NULL: any */
    const char *figure;
    uint64_t unit_ns;
} versions[] = {
    {"cgroup2", NULL, "throttled_usec", 1000},
    {"cgroup", "cpu", "throttled_time", 1},
};
#define VERSIONS_CNT (sizeof(versions) / sizeof(versions[0]))

/* Whether word is one of those in list, which commas separate. */
static bool listed(const char *list, const char *word)
{
    const size_t len = strlen(word);

    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (!strncmp(at, word, len) && (!at[len] || at[len] == ','))
            return true;
    return false;
}

/* "ID:CONTROLLERS:/PATH"; the unified hierarchy has no controllers there. */
static void read_group(const struct version *v, pid_t pid, char *group, size_t size)
{
    char path[64], line[4096];

    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *name = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!name)
            continue;
        *name++ = '\0';
        controllers++;
        if (v->controller ? listed(controllers, v->controller) : !*controllers)
            snprintf(group, size, "%s", strcmp(name, "/") ? name : "");
    }
    if (f)
        fclose(f);
}

/* proc(5), mountinfo: "... MOUNTPOINT ... - TYPE SOURCE OPTIONS" */
static bool read_mount(const struct version *v, char *point, size_t size)
{
    char line[4096], at[1024], type[64], options[1024];
    bool found = false;
    FILE *f = fopen("/proc/self/mountinfo", "re");

    while (f && !found && fgets(line, sizeof(line), f)) {
        const char *rest = strstr(line, " - ");
        if (!rest || sscanf(line, "%*s %*s %*s %*s %1023s", at) != 1 ||
            sscanf(rest, " - %63s %*s %1023s", type, options) != 2)
            continue;
        found = !strcmp(type, v->type) && (!v->controller || listed(options, v->controller));
    }
    if (f)
        fclose(f);
    if (found)
        snprintf(point, size, "%s", at);
    return found;
}

static uint64_t read_throttled(const struct version *v, const char *directory)
{
    char path[CT_GROUP_LEN + 16], line[128], name[64];
    uint64_t value = CT_UNKNOWN_NS, read;

    snprintf(path, sizeof(path), "%s/cpu.stat", directory);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "%63s %" SCNu64, name, &read) == 2 && !strcmp(name, v->figure))
            value = read * v->unit_ns;
    if (f)
        fclose(f);
    return value;
}

/* The group, the one above it, and so on up to where they are mounted. */
static void read_groups(struct ct_machine *m)
{
    char directory[CT_GROUP_LEN];
    const size_t top = m->mount_len;

    memcpy(directory, m->directory, sizeof(directory));
    for (int i = 0; i < CT_GROUPS_MAX; i++) {
        const bool within = directory[0] && strlen(directory) >= top;
        m->throttled_ns[i] =
            within ? read_throttled(&versions[m->version], directory) : CT_UNKNOWN_NS;
        char *slash = strrchr(directory, '/');
        if (slash)
            *slash = '\0';
    }
}

/* The version that tells anything. */
static void find_group(struct ct_machine *m, pid_t pid)
{
    char point[1024], group[2048] = "";

    for (m->version = 0; m->version < VERSIONS_CNT; m->version++) {
        const struct version *v = &versions[m->version];
        if (!read_mount(v, point, sizeof(point)))
            continue;
        read_group(v, pid, group, sizeof(group));
        m->mount_len = strlen(point);
        snprintf(m->directory, sizeof(m->directory), "%s%s", point, group);
        read_groups(m);
        for (int i = 0; i < CT_GROUPS_MAX; i++)
            if (m->throttled_ns[i] != CT_UNKNOWN_NS)
                return;
    }
    m->version = 0;
    m->directory[0] = '\0';
    read_groups(m);
}

void ct_machine_read(struct ct_machine *m, pid_t pid)
{
    m->stolen_ns = read_stolen();
    find_group(m, pid);
}

void ct_machine_since(const struct ct_machine *then, uint64_t *stolen_ns, uint64_t *throttled_ns)
{
    struct ct_machine now = *then;

    now.stolen_ns = read_stolen();
    read_groups(&now);
    *stolen_ns = *throttled_ns = CT_UNKNOWN_NS;
    if (now.stolen_ns != CT_UNKNOWN_NS && then->stolen_ns <= now.stolen_ns)
        *stolen_ns = now.stolen_ns - then->stolen_ns;
    /* a group stands still while any above it does: the greatest is nearest to the truth */
    for (int i = 0; i < CT_GROUPS_MAX; i++) {
        const uint64_t a = then->throttled_ns[i], b = now.throttled_ns[i];
        if (a == CT_UNKNOWN_NS || b == CT_UNKNOWN_NS || b < a)
            continue;
        if (*throttled_ns == CT_UNKNOWN_NS || b - a > *throttled_ns)
            *throttled_ns = b - a;
    }
}
