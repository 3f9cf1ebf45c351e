/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loops epoll|poll ROUNDS: an event loop over two timers that come back each 5 ms. Once it computes
 * for 120 ms of CPU time before it comes back, and once it sleeps for 150 ms: all its other
 * absences do nothing. In the end it waits for one descriptor alone for 100 ms, as a client does
 * for an answer, which is no loop.
 */
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int timers[2];

static long used_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void compute(long ms)
{
    static volatile unsigned sink;

    for (const long end = used_ms() + ms; used_ms() < end;)
        for (unsigned i = 0; i < 20000; i++)
            sink += i;
}

static void take(int timer)
{
    uint64_t ticks;

    if (read(timer, &ticks, sizeof(ticks)) != (ssize_t)sizeof(ticks))
        abort();
}

/* A name to be found under. */
__attribute__((noinline)) void forget_the_loop(void);
void forget_the_loop(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
    __asm__ volatile(""); /* no tail call */
}

int main(int argc, char **argv)
{
    const struct itimerspec each = {.it_interval = {.tv_nsec = 5000000},
                                    .it_value = {.tv_nsec = 5000000}};
    const long rounds = argc > 2 ? atol(argv[2]) : 20;
    const int by_epoll = argc > 1 && !strcmp(argv[1], "epoll");
    const int epoll = epoll_create1(0);
    struct pollfd fds[2];

    for (int i = 0; i < 2; i++) {
        struct epoll_event e = {.events = EPOLLIN,
                                .data.fd = timers[i] = timerfd_create(CLOCK_MONOTONIC, 0)};
        fds[i] = (struct pollfd){.fd = timers[i], .events = POLLIN};
        if (timerfd_settime(timers[i], 0, &each, NULL) ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, timers[i], &e))
            return 1;
    }
    for (long i = 0; i < rounds; i++) {
        struct epoll_event got;
        if (by_epoll && epoll_wait(epoll, &got, 1, -1) == 1)
            take(got.data.fd);
        if (!by_epoll && poll(fds, 2, -1) > 0)
            take(fds[0].revents ? timers[0] : timers[1]);
        if (i == rounds / 3)
            compute(120);
        if (i == rounds / 2)
            forget_the_loop();
    }
    int pair[2];
    if (pipe(pair))
        return 1;
    struct pollfd one = {.fd = pair[0], .events = POLLIN};
    return poll(&one, 1, 100) != 0;
}
