/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * survivor DIRECTORY: leaves a daemon of two threads behind, which computes, naps and takes system
 * calls until DIRECTORY/stop is there, and then writes 0 to DIRECTORY/end. The command itself
 * ends once the daemon has written its number to DIRECTORY/pid.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_bool up;

static void work(int quiet)
{
    static volatile unsigned sink;
    while (access("stop", F_OK)) {
        for (unsigned i = 0; i < 100000; i++)
            sink += i;
        usleep(quiet ? 20000 : 1000);
    }
}

static void *second(void *arg)
{
    prctl(PR_SET_NAME, "second");
    up = true;
    work(1);
    return arg;
}

static int say(const char *name, int value)
{
    FILE *f = fopen("new", "we");
    if (!f)
        return 1;
    fprintf(f, "%d\n", value);
    return fclose(f) || rename("new", name);
}

int main(int argc, char **argv)
{
    int ready[2];
    char byte;
    if (argc < 2 || chdir(argv[1]) || pipe2(ready, O_CLOEXEC))
        return 1;
    if (!fork()) {
        setsid();
        if (fork())
            _exit(0);
        pthread_t t;
        prctl(PR_SET_NAME, "survivor");
        for (int fd = 0; fd < 3; fd++)
            close(fd);
        if (pthread_create(&t, NULL, second, NULL) || say("pid", getpid()))
            _exit(1);
        while (!up)
            usleep(1000);
        close(ready[0]);
        close(ready[1]);
        work(0);
        pthread_join(t, NULL);
        _exit(say("end", 0));
    }
    close(ready[1]);
    return (int)read(ready[0], &byte, 1); /* 0: the other end is closed */
}
