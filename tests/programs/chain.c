/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chain pipe|lock|fork MS: three links, of which each computes for MS ms of CPU time and then wakes
 * the next, which has waited for that alone: by a pipe, by a condition variable, or by being
 * forked. Beside them a bystander computes for MS ms and wakes nobody. The first thread waits for
 * them all. Prints "link TID" three times in their order, and "bystander TID".
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINKS 3

static long ms;
static int by_pipe;
static int pipes[LINKS + 1][2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_over[LINKS + 1];
static int turn; /* under mutex */

static void compute(void)
{
    static _Thread_local volatile unsigned sink;
    struct timespec t;

    do {
        for (unsigned i = 0; i < 20000; i++)
            sink += i;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    } while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}

static void await(int link)
{
    char c;

    if (by_pipe) {
        if (read(pipes[link][0], &c, 1) != 1)
            abort();
        return;
    }
    pthread_mutex_lock(&mutex);
    while (turn != link)
        pthread_cond_wait(&turn_over[link], &mutex);
    pthread_mutex_unlock(&mutex);
}

static void pass_on(int link)
{
    if (by_pipe) {
        if (write(pipes[link + 1][1], "", 1) != 1)
            abort();
        return;
    }
    pthread_mutex_lock(&mutex);
    turn = link + 1;
    pthread_mutex_unlock(&mutex);
    pthread_cond_signal(&turn_over[link + 1]);
}

static void *link_main(void *arg)
{
    const int link = (int)(intptr_t)arg;

    await(link);
    compute();
    pass_on(link);
    return (void *)syscall(SYS_gettid);
}

static void *bystander_main(void *arg)
{
    (void)arg;
    compute();
    return (void *)syscall(SYS_gettid);
}

static void tell(const char *what, long tid)
{
    printf("%s %ld\n", what, tid);
    fflush(stdout);
}

/* Each link is forked by the one before, when that has done its work. */
static int forked(int link)
{
    int status = 0;

    compute();
    tell("link", getpid());
    if (link + 1 == LINKS)
        return 0;
    const pid_t pid = fork();
    if (pid == 0)
        exit(forked(link + 1));
    return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

int main(int argc, char **argv)
{
    pthread_t threads[LINKS], bystander;
    void *tid;

    if (argc < 3)
        return 2;
    ms = atol(argv[2]);
    by_pipe = !strcmp(argv[1], "pipe");
    pthread_create(&bystander, NULL, bystander_main, NULL);
    if (!strcmp(argv[1], "fork")) {
        const pid_t pid = fork();
        if (pid == 0)
            _exit(forked(0));
        waitpid(pid, NULL, 0);
    } else {
        turn = -1;
        for (int i = 0; i <= LINKS; i++)
            if (pipe(pipes[i]) || pthread_cond_init(&turn_over[i], NULL))
                return 1;
        for (intptr_t i = 0; i < LINKS; i++)
            pthread_create(&threads[i], NULL, link_main, (void *)i);
        pass_on(-1);
        for (int i = 0; i < LINKS; i++) {
            pthread_join(threads[i], &tid);
            tell("link", (long)tid);
        }
    }
    pthread_join(bystander, &tid);
    tell("bystander", (long)tid);
    return 0;
}
