/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way to have a child: fork, double fork, vfork, a daemonized child, a thread, a thread that
 * execs. Prints how many threads of life a tracer must have seen, and waits for all of them, so
 * that none outlives the run.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *arg)
{
    return arg;
}

static void *exec_me(void *arg)
{
    char *const *argv = arg;
    execv(argv[0], argv);
    return NULL;
}

/* A process whose second thread execs: the leader dies, the number stays. */
static void exec_from_thread(char *self)
{
    char *argv[] = {self, "exec-d", NULL};
    pthread_t t;
    if (pthread_create(&t, NULL, exec_me, argv))
        _exit(1);
    pause();
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "exec-d"))
        return 42;
    /* the daemonized grandchildren come to us, so that we can wait for them */
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    pthread_t t;
    if (pthread_create(&t, NULL, nothing, NULL))
        return 1;
    pthread_join(t, NULL);

    if (!fork())
        _exit(7);
    if (!fork()) { /* double fork, with a session of its own: a daemon */
        setsid();
        if (!fork()) {
            usleep(20000);
            _exit(8);
        }
        _exit(9);
    }
    if (!vfork())
        _exit(10);
    if (!fork())
        exec_from_thread(argv[0]);

    int status, sum = 0;
    while (wait(&status) > 0)
        sum += WEXITSTATUS(status);
    /* main, thread, 7, 9, 8, 10, the exec'er and its second thread */
    printf("threads 8 processes 6 exits %d\n", sum);
    return 0;
}
