/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * share ROUNDS: two processes contend for one mutex in shared memory, which each has mapped at an
 * address of its own. Prints both addresses.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void contend(pthread_mutex_t *mutex, long rounds)
{
    for (long i = 0; i < rounds; i++) {
        const struct timespec hold = {.tv_nsec = 300000};
        pthread_mutex_lock(mutex);
        nanosleep(&hold, NULL);
        pthread_mutex_unlock(mutex);
    }
}

static pthread_mutex_t *map(int fd)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        exit(1);
    return at;
}

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
    const int fd = memfd_create("share", MFD_CLOEXEC);
    pthread_mutexattr_t attr;

    if (fd < 0 || ftruncate(fd, 4096))
        return 1;
    pthread_mutex_t *one = map(fd), *other = map(fd);
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(one, &attr);
    printf("%p %p\n", (void *)one, (void *)other);
    fflush(stdout);
    const pid_t child = fork();
    contend(child ? one : other, rounds);
    if (child)
        waitpid(child, NULL, 0);
    return 0;
}
