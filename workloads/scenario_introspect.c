/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process can say of itself: its number, how many threads it has, and their names, as the
 * kernel tells them in /proc/self/task.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "scenarios.h"

/* Not asked once more at the end: a joined thread may stand in /proc for a moment longer. */
enum { THREADS = 3 };

struct company {
    struct wl_run *run;
    pthread_barrier_t all_here, may_go;
};

struct member {
    struct company *company;
    unsigned index;
    pthread_t thread;
};

static void *stand_by(void *arg)
{
    const struct member *self = arg;
    struct wl_thread_record *record;
    char name[16];

    snprintf(name, sizeof(name), "worker-%u", self->index);
    record = wl_thread_begin(self->company->run->truth, name);
    pthread_barrier_wait(&self->company->all_here);
    pthread_barrier_wait(&self->company->may_go);
    wl_thread_end(record);
    return NULL;
}

static void print_name(long tid)
{
    char path[64], name[32] = "?";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", tid);
    file = fopen(path, "re");
    if (file) {
        if (fgets(name, sizeof(name), file))
            name[strcspn(name, "\n")] = '\0';
        fclose(file);
    }
    printf("  %ld %s\n", tid, name);
}

static int is_number(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
    long x = strtol((*a)->d_name, NULL, 10), y = strtol((*b)->d_name, NULL, 10);

    return (x > y) - (x < y);
}

static int print_all(void)
{
    struct dirent **entries;
    int count = scandir("/proc/self/task", &entries, is_number, by_number);

    if (count < 0)
        return wl_error("/proc/self/task: %s", strerror(errno));
    printf("process %d has %d thread%s:\n", getpid(), count, count == 1 ? "" : "s");
    for (int i = 0; i < count; i++) {
        print_name(strtol(entries[i]->d_name, NULL, 10));
        free(entries[i]);
    }
    free(entries);
    return 0;
}

/* A thread that cannot be started leaves the others at the barrier: only exit ends them. */
static void start(struct company *company, struct member *members)
{
    for (unsigned i = 0; i < THREADS; i++) {
        int rc;

        members[i] = (struct member){.company = company, .index = i};
        rc = pthread_create(&members[i].thread, NULL, stand_by, &members[i]);
        if (rc) {
            wl_error("no thread: %s", strerror(rc));
            exit(WL_EXIT_FAILURE);
        }
    }
}

static int play(struct wl_run *run)
{
    struct company company = {.run = run};
    struct member members[THREADS];
    int rc = print_all();

    pthread_barrier_init(&company.all_here, NULL, THREADS + 1);
    pthread_barrier_init(&company.may_go, NULL, THREADS + 1);
    start(&company, members);
    pthread_barrier_wait(&company.all_here);
    rc = rc ? rc : print_all();
    pthread_barrier_wait(&company.may_go);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&company.all_here);
    pthread_barrier_destroy(&company.may_go);
    return rc;
}

const struct wl_scenario wl_scenario_introspect = {
    .name = "introspect",
    .summary = "a process tells its number and the number and names of its threads",
    .workers = THREADS,
    .run = play,
};
