/* SPDX-License-Identifier: GPL-2.0-only */
/* brood N: N processes one after the other, 20 at a time, that exit with 0, 1, 2 ... */
#define _GNU_SOURCE
#include <sys/wait.h>

#include "tests/programs/kin.h"

int main(int argc, char **argv)
{
    const int n = argc > 1 ? atoi(argv[1]) : 100;
    const pid_t me = getpid();
    kin_start();
    kin_process((struct kin_process){.pid = me, .ppid = getppid(), .comm = "brood"});
    for (int i = 0, alive = 0; i < n || alive; i++) {
        if (i < n) {
            const pid_t pid = fork();
            if (!pid)
                _exit(i & 0xff);
            kin_process(
                (struct kin_process){.pid = pid, .ppid = me, .code = i & 0xff, .comm = "brood"});
            alive++;
        }
        for (; alive && (alive >= 20 || i >= n); alive--)
            wait(NULL);
    }
    kin_print();
    return 0;
}
