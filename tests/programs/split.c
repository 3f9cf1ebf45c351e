/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * split user|kernel|naps|yields MS: uses that much CPU time, in its own code, in system calls, in
 * its own code between naps of 2 ms, or with a child on the same CPU in yielding it to one another.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long used_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    static char page[1 << 20];
    struct iovec often[16]; /* the way into a call is long on some virtual machines: few calls */
    static volatile unsigned sink;
    const int in_kernel = argc > 1 && !strcmp(argv[1], "kernel");
    const int naps = argc > 1 && !strcmp(argv[1], "naps");
    const int yields = argc > 1 && !strcmp(argv[1], "yields");
    const long ms = argc > 2 ? atol(argv[2]) : 100;
    const int zero = open("/dev/zero", O_RDONLY);

    if (yields) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        if (sched_setaffinity(0, sizeof(one), &one) || fork() < 0)
            return 1;
    }
    memset(page, 1, sizeof(page)); /* no faults later: their time is the program's own */
    for (int i = 0; i < 16; i++)
        often[i] = (struct iovec){.iov_base = page, .iov_len = sizeof(page)};
    while (used_ms() < ms) {
        if (in_kernel && readv(zero, often, 16) != (ssize_t)(16 * sizeof(page)))
            return 1;
        for (unsigned i = 0; !in_kernel && i < (yields ? 10000 : 1000000); i++)
            sink += i;
        if (naps)
            usleep(2000);
        if (yields)
            sched_yield();
    }
    while (yields && wait(NULL) > 0)
        ;
    return 0;
}
