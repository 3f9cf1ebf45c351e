/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reap FILE COMMAND [ARG...]: runs the command and writes what wait4(2) says of it, and of the
 * children it waited for itself, to FILE as JSON. Its own end follows the command's.
 *
 * Traced together with the command, it is the kernel's word on the command's whole life, from its
 * fork on, which the command could not give of itself.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t ns_of(struct timeval t)
{
    return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 125;
    FILE *out = fopen(argv[1], "we");
    if (!out)
        return 125;

    const int64_t start = now_ns();
    const pid_t pid = fork();
    if (!pid) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    int status;
    struct rusage u;
    if (pid < 0 || wait4(pid, &status, 0, &u) != pid)
        return 125;
    fprintf(
        out,
        "{\"reaper\": %d, \"pid\": %d, \"wall_ns\": %lld, \"user_ns\": %lld, \"system_ns\": %lld, "
        "\"voluntary\": %ld, \"involuntary\": %ld, \"code\": %d, \"signal\": %d}\n",
        getpid(), pid, (long long)(now_ns() - start), (long long)ns_of(u.ru_utime),
        (long long)ns_of(u.ru_stime), u.ru_nvcsw, u.ru_nivcsw,
        WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
