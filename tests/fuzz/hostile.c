/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings of about 1 MB that no kernel would give, made to be as much work as can be: steps that
 * come in the wrong order, gaps in each other's way, processes and stacks without end. Each must be
 * reported within 20 s of CPU time and 512 MiB, sanitizers included: a few times what they take,
 * and a small part of what they take where something is quadratic. hostile [NAME...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz/chain.h"
#include "user/source/recording.h"

#define BASE    1000000000000ULL
#define SECONDS 20
#define MIB     512

static void put(struct ct_recorder *r, const struct ct_rec_head *rec)
{
    while (!ct_recorder_error(r)) { /* a live run would not wait for the writer */
        ct_recorder_record(rec, r);
        break;
    }
}

static void put_new(struct ct_recorder *r, uint64_t ns, uint32_t id, uint32_t tgid, uint32_t parent)
{
    struct ct_rec_new n = {.head = {.time_ns = ns,
                                    .kind = CT_EV_NEW,
                                    .state = CT_ST_RUNNABLE + CT_RUN_CREATED,
                                    .id = id},
                           .parent_id = parent,
                           .tid = id,
                           .tgid = tgid};
    snprintf(n.comm, sizeof(n.comm), "t-%u", id);
    put(r, &n.head);
}

static void put_switch(struct ct_recorder *r, uint64_t ns, uint16_t cpu, uint32_t prev,
                       uint32_t next, uint64_t lag, uint32_t waker)
{
    const struct ct_rec_switch s = {.head = {.time_ns = ns,
                                             .kind = CT_EV_SWITCH,
                                             .state = CT_ST_BLOCKED,
                                             .cpu = cpu,
                                             .id = prev},
                                    .next_id = next,
                                    .wake_lag_ns = lag,
                                    .waker_id = waker,
                                    .wake = waker ? CT_WAKE_TASK : CT_WAKE_UNKNOWN};
    put(r, &s.head);
}

/* Each step before the last one, and none is ever old enough to be let go. */
static void backwards(struct ct_recorder *r)
{
    put_new(r, BASE, 1, 1, 0);
    put_new(r, BASE, 2, 2, 1);
    for (uint64_t i = 0; i < 400000; i++)
        put_switch(r, BASE + 190000000 - i, i & 1, 1, 2, 0, 0);
}

static void zigzag(struct ct_recorder *r)
{
    put_new(r, BASE, 1, 1, 0);
    for (uint64_t i = 0; i < 400000; i++)
        put_switch(r, BASE + (i & 1 ? 190000000 - i : i), 0, 1, 1, 100000000, 1);
}

static void lives_backwards(struct ct_recorder *r)
{
    for (uint32_t i = 1; i < 60000; i++)
        put_new(r, BASE + 100000000 - i, i, i, i - 1);
}

static void gaps(struct ct_recorder *r)
{
    put_new(r, BASE, 1, 1, 0);
    for (uint64_t i = 0; i < 30000; i++) {
        const struct ct_rec_lost l = {
            .head = {.time_ns = BASE + 3000000 * (30000 - i), .kind = CT_EV_LOST},
            .to_ns = BASE + 3000000 * (30000 - i) + 1000,
            .cnt = 1};
        put(r, &l.head);
    }
    for (uint64_t i = 0; i < 200000; i++)
        put_switch(r, BASE + 400000 * i, 0, 1, 1, 1000, 1);
}

static void stacks_of_nobody(struct ct_recorder *r)
{
    struct ct_rec_stack *s = calloc(1, sizeof(*s) + 8);

    for (uint32_t i = 1; s && i < 30000; i++)
        put_new(r, BASE + i, i, i, i - 1);
    for (uint32_t i = 0; s && i < 30000; i++) {
        s->head = (struct ct_rec_head){
            .time_ns = BASE, .kind = CT_EV_STACK, .state = CT_ST_BLOCKED + (uint8_t)(i % 5)};
        s->tgid = 1000000 + i;
        s->text_len = 4;
        memcpy(s->text, "abc", 4);
        s->ns = i;
        put(r, &s->head);
    }
    free(s);
}

/* Threads whose process is never found, each of which is looked for again and again. */
static void orphans(struct ct_recorder *r)
{
    static struct ct_rec_totals t;

    for (uint32_t i = 1; i < 15000; i++) {
        put_new(r, BASE + i, i, 1000000 + i, 0);
        t.life.head = (struct ct_rec_head){
            .time_ns = BASE + 2 * i, .kind = CT_EV_TOTALS, .state = CT_ST_DEAD, .id = 20000 + i};
        t.life.tgid = 2000000 + i;
        t.totals.start_ns = BASE;
        t.totals.end_ns = BASE + 2 * i;
        put(r, &t.life.head);
    }
}

static void rows_of_all(struct ct_recorder *r)
{
    struct ct_rec_rows *rows = calloc(1, sizeof(*rows) + 256 * sizeof(struct ct_row));
    struct ct_row *row = (struct ct_row *)(rows + 1);

    put_new(r, BASE, 1, 1, 0);
    for (uint32_t i = 0; rows && i < 1000; i++) {
        rows->head = (struct ct_rec_head){.time_ns = BASE + i, .kind = CT_EV_ROWS, .id = 1};
        rows->table = i % CT_TABLE_COUNT;
        rows->cnt = 256;
        for (uint32_t k = 0; k < 256; k++)
            row[k] = (struct ct_row){.key = 1000 * i + k, .cnt = 1, .sum_ns = k};
        put(r, &rows->head);
    }
    free(rows);
}

/* Every thread wakes the next one, at a time long gone. */
static void wakes_long_ago(struct ct_recorder *r)
{
    for (uint32_t i = 1; i < 20000; i++)
        put_new(r, BASE + i, i, i, i - 1);
    for (uint32_t i = 0; i < 300000; i++)
        put_switch(r, BASE + 1000000 + 600 * i, (uint16_t)(i % 4000), i % 19999 + 1,
                   (i * 7919) % 19999 + 1, 600 * (i % 200), (i * 31) % 19999 + 1);
}

static const struct {
    const char *name;
    void (*make)(struct ct_recorder *r);
} cases[] = {
    {"backwards", backwards},
    {"zigzag", zigzag},
    {"lives-backwards", lives_backwards},
    {"gaps", gaps},
    {"stacks-of-nobody", stacks_of_nobody},
    {"orphans", orphans},
    {"rows-of-all", rows_of_all},
    {"wakes-long-ago", wakes_long_ago},
};

/* In a process of its own: memory and time are this case's. */
static int try_case(size_t i)
{
    static char *const command[] = {(char *)"hostile", NULL};
    const struct ct_model_info info = {.host = {.kernel = "none", .arch = "none", .cpus = 4},
                                       .command = command,
                                       .with_syscalls = true,
                                       .with_stacks = true};
    const struct ct_run_end end = {.start_ns = BASE, .end_ns = BASE + 190000000};
    const int fd = memfd_create("hostile", MFD_CLOEXEC);
    struct ct_recorder *r = NULL;

    if (fd < 0 || ct_recorder_start(&r, fd, &info))
        return 2;
    cases[i].make(r);
    if (ct_recorder_finish(r, &end))
        return 2;
    const size_t len = (size_t)lseek(fd, 0, SEEK_END);
    uint8_t *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return 2;
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    alarm(20 * SECONDS);
    const int result = ct_fuzz_chain(bytes, len);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    const double took = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    const int bad = result || took > SECONDS || u.ru_maxrss / 1024 > MIB;
    printf("%s %zu - %s: %zu bytes, %.2f s, %ld MiB%s\n", bad ? "not ok" : "ok", i + 1,
           cases[i].name, len, took, u.ru_maxrss / 1024, result ? ", no report" : "");
    munmap(bytes, len);
    close(fd);
    return bad;
}

int main(int argc, char **argv)
{
    const size_t cnt = sizeof(cases) / sizeof(cases[0]);
    int bad = 0;

    printf("1..%zu\n", cnt);
    for (size_t i = 0; i < cnt; i++) {
        int status = 0;
        if (argc > 1 && strcmp(argv[1], cases[i].name))
            continue;
        fflush(stdout);
        const pid_t pid = fork();
        if (!pid) {
            status = try_case(i);
            fflush(stdout);
            _exit(status);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
            if (WIFSIGNALED(status))
                printf("not ok %zu - %s: signal %d\n", i + 1, cases[i].name, WTERMSIG(status));
            bad = 1;
        }
    }
    return bad;
}
