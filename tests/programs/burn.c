/* SPDX-License-Identifier: GPL-2.0-only */
/* burn N: N threads that compute until they are killed, at most a minute. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *compute(void *arg)
{
    for (volatile unsigned long i = 0;; i++)
        ;
    return arg;
}

int main(int argc, char **argv)
{
    const long cnt = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    alarm(60);
    for (long i = 1; i < cnt; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, compute, NULL))
            return 1;
    }
    compute(NULL);
    return 0;
}
