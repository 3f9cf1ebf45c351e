/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * turns pool|queue|barrier|mutex MS: threads that wait for one another at futexes. All but the last
 * one do so in good order.
 *   pool     four workers that look after work at least each 5 ms; a job of 1 ms comes each 10 ms
 *   queue    two make things in 1 ms, two use them up in 1 ms, in between there is room for two
 *   barrier  three compute for 1, 2 and 3 ms in turns, and wait for each other
 *   mutex    three compute for 1 ms each under one lock
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, less = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int jobs, served;
static long rounds;
static atomic_int over;

static void compute(long us)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do {
        for (volatile int i = 0; i < 1000; i++)
            ;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 < us);
}

static void *serve(void *arg)
{
    while (!over) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 5000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_mutex_lock(&mutex);
        if (!jobs)
            pthread_cond_timedwait(&more, &mutex, &until);
        const int mine = jobs > 0;
        jobs -= mine;
        pthread_mutex_unlock(&mutex);
        if (mine)
            compute(1000);
    }
    return arg;
}

static void *make(void *arg)
{
    for (long i = 0; i < rounds; i++) {
        compute(1000);
        pthread_mutex_lock(&mutex);
        while (jobs == 2)
            pthread_cond_wait(&less, &mutex);
        jobs++;
        pthread_cond_signal(&more);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static void *use(void *arg)
{
    for (;;) {
        pthread_mutex_lock(&mutex);
        while (!jobs && served < 2 * rounds)
            pthread_cond_wait(&more, &mutex);
        if (served == 2 * rounds)
            break;
        jobs--;
        if (++served == 2 * rounds)
            pthread_cond_broadcast(&more);
        pthread_cond_signal(&less);
        pthread_mutex_unlock(&mutex);
        compute(1000);
    }
    pthread_mutex_unlock(&mutex);
    return arg;
}

static void *meet(void *arg)
{
    for (long i = 0; i < rounds / 3; i++) {
        compute(1000 + 1000 * ((i + (long)(size_t)arg) % 3));
        pthread_barrier_wait(&barrier);
    }
    return arg;
}

static void *hold(void *arg)
{
    for (long i = 0; i < rounds / 3; i++) {
        pthread_mutex_lock(&mutex);
        compute(1000);
        pthread_mutex_unlock(&mutex);
        compute(20);
    }
    return arg;
}

int main(int argc, char **argv)
{
    static void *(*const parts[][4])(void *) = {{serve, serve, serve, serve},
                                                {make, use, make, use},
                                                {meet, meet, meet},
                                                {hold, hold, hold}};
    static const char *const names[] = {"pool", "queue", "barrier", "mutex"};
    pthread_t threads[4];
    size_t which = 0, cnt = 0;

    while (argc == 3 && which < 4 && strcmp(argv[1], names[which]))
        which++;
    if (argc != 3 || which == 4)
        return 2;
    rounds = strtol(argv[2], NULL, 10);
    pthread_barrier_init(&barrier, NULL, 3);
    for (; cnt < 4 && parts[which][cnt]; cnt++)
        if (pthread_create(&threads[cnt], NULL, parts[which][cnt], (void *)cnt))
            return 1;
    for (long i = 0; which == 0 && i < rounds / 10; i++) {
        nanosleep(&(const struct timespec){.tv_nsec = 10000000}, NULL);
        pthread_mutex_lock(&mutex);
        jobs++;
        pthread_cond_signal(&more);
        pthread_mutex_unlock(&mutex);
    }
    over = 1;
    for (size_t i = 0; i < cnt; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
