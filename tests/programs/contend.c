/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * contend THREADS ROUNDS: one mutex, taken ROUNDS times by each of THREADS threads, which hold it
 * for a quarter of a millisecond. Prints the mutex's address and what waiting for it took in ns,
 * over all threads, as they measured it.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_ullong waited_ns;
static long rounds;

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static void *contend(void *arg)
{
    for (long i = 0; i < rounds; i++) {
        const uint64_t before = now_ns();
        pthread_mutex_lock(&mutex);
        atomic_fetch_add(&waited_ns, now_ns() - before);
        const struct timespec hold = {.tv_nsec = 250000};
        nanosleep(&hold, NULL);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

int main(int argc, char **argv)
{
    const long cnt = argc > 2 ? strtol(argv[1], NULL, 10) : 2;
    pthread_t threads[64];
    rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 100;
    if (cnt < 1 || cnt > 64)
        return 2;
    for (long i = 0; i < cnt; i++)
        if (pthread_create(&threads[i], NULL, contend, NULL))
            return 1;
    for (long i = 0; i < cnt; i++)
        pthread_join(threads[i], NULL);
    printf("%p %llu\n", (void *)&mutex, (unsigned long long)waited_ns);
    return 0;
}
