/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timed TIMES HANDED: one condition variable. TIMES waits for it that end by their timeout of 2 ms;
 * then two threads hand it to one another, so that each wait is ended by one which has waited for
 * it itself, HANDED times at least.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long left; /* under mutex; whose turn it is: its last bit */

static void *hand_over(void *arg)
{
    const long mine = (long)(intptr_t)arg;

    pthread_mutex_lock(&mutex);
    while (left > 0) {
        if (left % 2 == mine) {
            left--;
            pthread_cond_signal(&cond);
        } else {
            pthread_cond_wait(&cond, &mutex);
        }
    }
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(int argc, char **argv)
{
    const long times = argc > 2 ? atol(argv[1]) : 10, handed = argc > 2 ? atol(argv[2]) : 100;
    pthread_t threads[2];

    pthread_mutex_lock(&mutex);
    for (long i = 0; i < times; i++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 2000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        while (!pthread_cond_timedwait(&cond, &mutex, &until))
            ;
    }
    left = handed + 3;
    pthread_mutex_unlock(&mutex);
    for (intptr_t i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, hand_over, (void *)i))
            return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
