/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * messaging GROUPS LOOPS: what hackbench and `perf bench sched messaging` do, so that nothing needs
 * to be installed for it. In each group 20 processes send LOOPS messages of 100 bytes to each of 20
 * others, through socket pairs: some 40 switches a millisecond.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIDE = 20, SIZE = 100 };

static void transfer(int fd, int sending, long cnt)
{
    char message[SIZE] = {0};
    for (long left = cnt * SIZE; left > 0;) {
        const size_t most = left < SIZE ? (size_t)left : SIZE;
        const ssize_t n = sending ? write(fd, message, most) : read(fd, message, most);
        if (n <= 0)
            _exit(1);
        left -= n;
    }
}

int main(int argc, char **argv)
{
    const int groups = argc > 1 ? atoi(argv[1]) : 4;
    const long loops = argc > 2 ? atol(argv[2]) : 100;
    int start[2], bad = 0, status;
    if (pipe(start))
        return 1;
    for (int g = 0; g < groups; g++) {
        int pairs[SIDE][2];
        for (int i = 0; i < SIDE; i++)
            if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]))
                return 1;
        for (int i = 0; i < 2 * SIDE; i++) {
            if (fork())
                continue;
            char go;
            close(start[1]);
            if (read(start[0], &go, 1)) /* until the other end is closed */
                _exit(1);
            if (i < SIDE)
                transfer(pairs[i][0], 0, loops * SIDE);
            for (long k = 0; i >= SIDE && k < loops; k++)
                for (int to = 0; to < SIDE; to++)
                    transfer(pairs[to][1], 1, 1);
            _exit(0);
        }
        for (int i = 0; i < SIDE; i++)
            close(pairs[i][0]), close(pairs[i][1]);
    }
    close(start[1]);
    while (wait(&status) > 0)
        bad |= status;
    printf("%d\n", groups * 2 * SIDE + 1);
    return bad ? 1 : 0;
}
