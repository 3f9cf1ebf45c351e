/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hostile MODE [N]: a program that means no good to whoever watches it. Each mode prints what it
 * did, for a report to be held against; 0 if it could do it all.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = {
    "\033]0;owned\007",
    "\033[2J\033[31m",
    "two\nlines\r\n",
    "\xff\xfe\x80\xc3(",
    "<script>x</sc",
    "=cmd|' /C x'!A",
    "@SUM(1)",
    "a,\"b\";c",
    "\xe2\x80\xae"
    "evil",
    "\xc2\x9b"
    "31m",
    "\"}],\"x\":[{\"",
    "%s%n%s%n",
    "",
    " ",
    "\x7f\x08\x08\x08",
    "'; --",
};
#define NAMES ((long)(sizeof(names) / sizeof(names[0])))

static void *lives_as(void *name)
{
    prctl(PR_SET_NAME, name);
    return NULL;
}

static int name_threads(long n)
{
    (void)n;
    for (long i = 0; i < NAMES; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, lives_as, (void *)names[i]) || pthread_join(t, NULL))
            return 1;
    }
    printf("%ld\n", NAMES + 1);
    return 0;
}

static int rename_often(long n)
{
    for (long i = 0; i < n; i++)
        if (prctl(PR_SET_NAME, names[i % NAMES]))
            return 1;
    printf("%ld\n", n);
    return prctl(PR_SET_NAME, "in the end");
}

/* Children that end at once, 20 at a time: how many ended as they should. */
static int fork_many(long n)
{
    long good = 0;

    for (long i = 0, alive = 0; i < n || alive; i++) {
        int status;
        if (i < n) {
            const pid_t pid = fork();
            if (!pid)
                _exit(7);
            alive += pid > 0;
        }
        for (; alive && (alive >= 20 || i >= n); alive--)
            good += wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 7;
    }
    printf("%ld\n", good);
    return good != n;
}

/* Children whose parent goes at once: init's. They hold a pipe open, which says when all ended. */
static int reparent(long n)
{
    int held[2];
    char c;

    if (pipe(held))
        return 1;
    for (long i = 0; i < n; i++) {
        const pid_t pid = fork();
        if (!pid) {
            const pid_t parent = getpid();
            if (!fork())
                while (getppid() == parent)
                    sched_yield();
            _exit(0);
        }
        if (pid < 0 || waitpid(pid, NULL, 0) != pid)
            return 1;
    }
    close(held[1]);
    printf("%ld\n", 2 * n + 1);
    return read(held[0], &c, 1) != 0;
}

/* The tracer's own process, if we may. Prints how many signals went out. */
static int signal_tracer(long n)
{
    const pid_t tracer = getppid();
    int sent = 0;

    (void)n;
    for (int s = 1; s < NSIG; s++)
        if (s != SIGCHLD)
            signal(s, SIG_IGN);
    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP && s != SIGTSTP && s != SIGTTIN && s != SIGTTOU)
            sent += !kill(tracer, s);
    printf("%d\n", sent);
    usleep(300000); /* some of them come back to us */
    return 0;
}

static int kill_tracer(long n)
{
    (void)n;
    printf("%d %d\n", kill(getppid(), SIGKILL) ? errno : 0, kill(getppid(), SIGSTOP) ? errno : 0);
    fflush(stdout);
    return 0;
}

/* All that shares its process group: itself, its tracer. */
static int kill_group(long n)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (long i = 0; i < n; i++)
        if (kill(0, i % 2 ? SIGTERM : SIGHUP))
            return 1;
    printf("%ld\n", n);
    return 0;
}

/* None of these is its tracer's. */
static int limit_itself(long n)
{
    const struct rlimit none = {0, 0}, few = {4, 4}, memory = {64UL << 20, 64UL << 20};

    (void)n;
    if (setrlimit(RLIMIT_NPROC, &few) || setrlimit(RLIMIT_NOFILE, &few) ||
        setrlimit(RLIMIT_AS, &memory) || setrlimit(RLIMIT_MEMLOCK, &none) ||
        setrlimit(RLIMIT_CORE, &none) || setrlimit(RLIMIT_FSIZE, &none) ||
        setrlimit(RLIMIT_SIGPENDING, &none) || setrlimit(RLIMIT_MSGQUEUE, &none))
        return 1;
    return 0;
}

/* As conctrace's user may: its tracer's. */
static int limit_tracer(long n)
{
    const struct rlimit none = {0, 0}, few = {3, 3};

    (void)n;
    return prlimit(getppid(), RLIMIT_NOFILE, &few, NULL) ||
           prlimit(getppid(), RLIMIT_MEMLOCK, &none, NULL) ||
           prlimit(getppid(), RLIMIT_CORE, &none, NULL) ||
           prlimit(getppid(), RLIMIT_NPROC, &none, NULL) ||
           prlimit(getppid(), RLIMIT_SIGPENDING, &none, NULL);
}

/* ---- all CPUs, before everybody else ---- */

static long spin_ms;

static void *spin(void *arg)
{
    const struct sched_param first = {.sched_priority = 99};
    struct timespec t;
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((int)(long)arg, &one);
    if (pthread_setaffinity_np(pthread_self(), sizeof(one), &one) ||
        pthread_setschedparam(pthread_self(), SCHED_FIFO, &first))
        return (void *)1;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < spin_ms);
    return NULL;
}

/* Each CPU for n ms of CPU time. Prints how many threads, and the CPU time of all in ms. */
static int take_all_cpus(long n)
{
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t *threads = calloc((size_t)cpus, sizeof(*threads));
    void *failed = NULL;
    int bad = !threads;

    spin_ms = n;
    for (long i = 0; !bad && i < cpus; i++)
        bad = pthread_create(&threads[i], NULL, spin, (void *)i);
    for (long i = 0; !bad && i < cpus; i++)
        bad = pthread_join(threads[i], &failed) || failed;
    free(threads);
    printf("%ld %ld\n", cpus, cpus * n);
    return bad;
}

/* n MiB, to wherever standard error leads. */
static int flood(long n)
{
    static char line[1024];

    memset(line, 'x', sizeof(line));
    memcpy(line, "\033[?1049h\033c\033[2J", 14);
    line[sizeof(line) - 1] = '\n';
    for (long i = 0; i < n * 1024; i++)
        if (write(STDERR_FILENO, line, sizeof(line)) < 0)
            return 1;
    return 0;
}

static const struct {
    const char *name;
    int (*run)(long n);
} modes[] = {
    {"names", name_threads},   {"rename", rename_often},  {"fork", fork_many},
    {"reparent", reparent},    {"signal", signal_tracer}, {"kill", kill_tracer},
    {"killgroup", kill_group}, {"limits", limit_itself},  {"tracerlimits", limit_tracer},
    {"fifo", take_all_cpus},   {"flood", flood},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
        if (!strcmp(argv[1], modes[i].name))
            return modes[i].run(argc > 2 ? atol(argv[2]) : 1);
    fprintf(stderr, "usage: hostile MODE [N]\n");
    return 2;
}
