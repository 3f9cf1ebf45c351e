/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loads that `make bench` measures: each prints the nanoseconds one unit of it took, measured
 * by itself, so that starting and reporting are outside.
 *   load switch N    two threads on one CPU pass a futex: ns per context switch, with its wakeup
 *   load syscall N   getppid in a loop: ns per call
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_int turn;
static long rounds;

static double now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void *player(void *arg)
{
    const int me = arg != NULL;
    for (long i = 0; i < rounds; i++) {
        while (atomic_load(&turn) != me)
            syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
        atomic_store(&turn, !me);
        syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    return NULL;
}

static double switch_load(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof(one), &one);
    pthread_t other;
    const double start = now_ns();
    if (pthread_create(&other, NULL, player, &turn))
        exit(1);
    player(NULL);
    pthread_join(other, NULL);
    return (now_ns() - start) / (2.0 * (double)rounds);
}

static double syscall_load(void)
{
    const double start = now_ns();
    for (long i = 0; i < rounds; i++)
        syscall(SYS_getppid);
    return (now_ns() - start) / (double)rounds;
}

int main(int argc, char **argv)
{
    if (argc != 3 || (rounds = atol(argv[2])) <= 0) {
        fprintf(stderr, "usage: load switch|syscall N\n");
        return 2;
    }
    const double ns = strcmp(argv[1], "switch") ? syscall_load() : switch_load();
    printf("%.1f\n", ns);
    return 0;
}
