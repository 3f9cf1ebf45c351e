/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stacks lock|sleep|spin|early|jit MS: waits for that long in functions whose names are known.
 * spin wants two processes, of which the test allows one CPU; early ends at once, its child does
 * the work; jit waits in code without a file, of which /tmp/perf-PID.map tells.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct timespec length;
static pthread_mutex_t the_lock = PTHREAD_MUTEX_INITIALIZER;

/* What stands behind the call keeps it from being a jump. */
#define STAY() __asm__ volatile("")

__attribute__((noinline, noclone)) static void sleeps_here(void)
{
    nanosleep(&length, NULL);
    STAY();
}

__attribute__((noinline, noclone)) static void sleeps_inside(void)
{
    sleeps_here();
    STAY();
}

__attribute__((noinline, noclone)) static void *locks_here(void *arg)
{
    pthread_mutex_lock(&the_lock);
    pthread_mutex_unlock(&the_lock);
    return arg;
}

static double seconds(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((noinline, noclone)) static void spins_here(void)
{
    const double until =
        seconds(CLOCK_MONOTONIC) + (double)length.tv_sec + (double)length.tv_nsec / 1e9;
    volatile unsigned sink = 0;

    while (seconds(CLOCK_MONOTONIC) < until)
        for (unsigned i = 0; i < 100000; i++)
            sink += i;
}

static void lock(void)
{
    pthread_t other;

    pthread_mutex_lock(&the_lock);
    pthread_create(&other, NULL, locks_here, NULL);
    nanosleep(&length, NULL);
    pthread_mutex_unlock(&the_lock);
    pthread_join(other, NULL);
}

static void spin(void)
{
    const pid_t child = fork();

    spins_here();
    if (!child)
        _exit(0);
    waitpid(child, NULL, 0);
}

#if defined(__x86_64__)
/* push rbp; mov rbp,rsp; call *rdi; pop rbp; ret */
static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};
#else
/* stp x29,x30,[sp,-16]!; mov x29,sp; blr x0; ldp x29,x30,[sp],16; ret */
static const unsigned code[] = {0xa9bf7bfd, 0x910003fd, 0xd63f0000, 0xa8c17bfd, 0xd65f03c0};
#endif

static void jit(void)
{
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char path[64];

    if (page == MAP_FAILED)
        exit(1);
    memcpy(page, code, sizeof(code));
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    __builtin___clear_cache(page, page + sizeof(code));
    snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
    FILE *f = fopen(path, "w");
    if (!f)
        exit(1);
    fprintf(f, "not a line of it\n%lx %zx compiled here;x\n", (unsigned long)page, sizeof(code));
    fclose(f);
    puts(path);
    void (*calls)(void (*)(void));
    memcpy(&calls, &page, sizeof(calls));
    calls(sleeps_here);
    STAY();
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const long ms = argc > 2 ? atol(argv[2]) : 100;

    length = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (!strcmp(what, "lock"))
        lock();
    else if (!strcmp(what, "sleep"))
        sleeps_inside();
    else if (!strcmp(what, "spin"))
        spin();
    else if (!strcmp(what, "jit"))
        jit();
    else if (!strcmp(what, "early") && !fork())
        sleeps_inside();
    return 0;
}
