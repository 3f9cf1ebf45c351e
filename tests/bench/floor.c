/* SPDX-License-Identifier: GPL-2.0-only */
/* floor sched|syscalls COMMAND...: attaches the empty probes, then runs the command under them. */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor.skel.h"

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: floor sched|all COMMAND [ARG...]\n");
        return 2;
    }
    struct floor_bpf *skel = floor_bpf__open();
    if (!skel)
        return 125;
    const int all = !strcmp(argv[1], "all");
    bpf_program__set_autoload(skel->progs.floor_sys_enter, all);
    bpf_program__set_autoload(skel->progs.floor_sys_exit, all);
    if (floor_bpf__load(skel) || floor_bpf__attach(skel))
        return 125;
    const pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    floor_bpf__destroy(skel);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
