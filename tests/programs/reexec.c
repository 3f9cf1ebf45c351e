/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reexec main|thread N: becomes itself N times over by exec, from its first thread or from a second
 * one, and then exits with 17.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *again(void *arg)
{
    char **argv = arg;
    char left[16];
    snprintf(left, sizeof(left), "%d", atoi(argv[2]) - 1);
    char *const next[] = {argv[0], argv[1], left, NULL};
    execv(argv[0], next);
    _exit(1);
}

int main(int argc, char **argv)
{
    pthread_t t;
    if (argc < 3)
        return 1;
    if (!atoi(argv[2]))
        return 17;
    if (strcmp(argv[1], "thread"))
        again(argv);
    if (pthread_create(&t, NULL, again, argv))
        return 1;
    pthread_join(t, NULL);
    return 1;
}
