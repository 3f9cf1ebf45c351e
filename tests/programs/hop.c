/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two processes pass a byte to and fro through pipes, N times: with two CPUs they hop between idle
 * ones, where clocks read in a tracepoint fall short. Prints what the kernel's own accounts say of
 * both: cpu_us voluntary involuntary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void play(int in, int out, long rounds, int serve)
{
    char ball = 0;
    for (long i = 0; i < rounds; i++) {
        if (serve && write(out, &ball, 1) != 1)
            exit(1);
        if (read(in, &ball, 1) != 1)
            exit(1);
        if (!serve && write(out, &ball, 1) != 1)
            exit(1);
    }
}

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? atol(argv[1]) : 20000;
    int there[2], back[2];
    if (pipe(there) || pipe(back))
        return 1;
    if (!fork()) {
        play(there[0], back[1], rounds, 0);
        _exit(0);
    }
    play(back[0], there[1], rounds, 1);
    wait(NULL);

    struct rusage me, child;
    getrusage(RUSAGE_SELF, &me);
    getrusage(RUSAGE_CHILDREN, &child);
    const long us =
        (me.ru_utime.tv_sec + me.ru_stime.tv_sec + child.ru_utime.tv_sec + child.ru_stime.tv_sec) *
            1000000L +
        me.ru_utime.tv_usec + me.ru_stime.tv_usec + child.ru_utime.tv_usec + child.ru_stime.tv_usec;
    printf("%ld %ld %ld\n", us, me.ru_nvcsw + child.ru_nvcsw, me.ru_nivcsw + child.ru_nivcsw);
    return 0;
}
