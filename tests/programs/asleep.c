/* SPDX-License-Identifier: GPL-2.0-only */
/* asleep N SECONDS: N threads that sleep, and the main thread that joins them. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned seconds;

static void *doze(void *arg)
{
    sleep(seconds);
    return arg;
}

int main(int argc, char **argv)
{
    const long cnt = argc > 2 ? strtol(argv[1], NULL, 10) : 1;
    pthread_t last;
    seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    for (long i = 0; i < cnt; i++)
        if (pthread_create(&last, NULL, doze, NULL))
            return 1;
    pthread_join(last, NULL);
    return 0;
}
