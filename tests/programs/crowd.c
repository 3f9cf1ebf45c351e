/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * crowd at-once N: N threads alive together.   crowd over-time N: N threads, 100 at a time.
 * Prints N + 1, the threads a tracer must report.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_barrier_t together;

static void *meet(void *arg)
{
    pthread_barrier_wait(&together);
    return arg;
}

static void *pass(void *arg)
{
    return arg;
}

int main(int argc, char **argv)
{
    const long n = argc > 2 ? atol(argv[2]) : 100;
    const int at_once = argc > 1 && !strcmp(argv[1], "at-once");
    const long batch = at_once ? n : 100;
    pthread_t *threads = calloc((size_t)batch, sizeof(*threads));
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    pthread_barrier_init(&together, NULL, (unsigned)n + 1);

    for (long done = 0; done < n;) {
        long now = 0;
        for (; now < batch && done < n; now++, done++)
            if (pthread_create(&threads[now], &attr, at_once ? meet : pass, NULL)) {
                fprintf(stderr, "crowd: cannot create thread %ld\n", done);
                return 1;
            }
        if (at_once)
            pthread_barrier_wait(&together);
        while (now-- > 0)
            pthread_join(threads[now], NULL);
    }
    printf("%ld\n", n + 1);
    free(threads);
    return 0;
}
