/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * family [first-leaves | crash]: every way to have a child, every way to end. All of them are in
 * the table it prints, which is all that a tracer must report, no more and no less. It waits for
 * all, so that none outlives the run.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/programs/kin.h"

extern char **environ;

static char *self;
static pid_t me;

static void *note_thread(void *arg)
{
    kin_thread(gettid(), getpid());
    return arg;
}

static void thread(void *(*run)(void *), void *arg)
{
    pthread_t t;
    if (pthread_create(&t, NULL, run, arg))
        abort();
    pthread_join(t, NULL);
}

static void end_of(int code)
{
    _exit(code);
}

/* ---- children ---- */

static void plain(void)
{
    if (!fork()) {
        kin_child(me, "plain", 7, 0);
        end_of(7);
    }
}

static void *fork_here(void *arg)
{
    note_thread(NULL);
    if (!fork()) { /* of a thread: the process is the parent all the same */
        kin_child(me, "of-thread", 5, 0);
        end_of(5);
    }
    return arg;
}

static void of_thread(void)
{
    thread(fork_here, NULL);
}

/* A double fork with a session of its own; by the time it ends, its parent is long gone. */
static void daemonized(void)
{
    if (!fork()) {
        kin_child(me, "leaver", 9, 0);
        const pid_t leaver = getpid();
        setsid();
        if (!fork()) {
            kin_child(leaver, "daemon", 8, 0);
            thread(note_thread, NULL);
            while (getppid() == leaver)
                usleep(1000);
            end_of(8);
        }
        end_of(9);
    }
}

static void vforked(void)
{
    if (!vfork()) {
        kin_process(
            (struct kin_process){.pid = getpid(), .ppid = me, .code = 10, .comm = "family"});
        _exit(10);
    }
}

static void vforked_exec(void)
{
    char *argv[] = {self, "exit", "41", NULL};
    if (!vfork()) {
        kin_process((struct kin_process){
            .pid = getpid(), .ppid = me, .code = 41, .comm = "family", .arg = "41"});
        execv(self, argv);
        _exit(1);
    }
}

static void spawned(void)
{
    char *argv[] = {self, "exit", "43", NULL};
    struct kin_process p = {.ppid = me, .code = 43, .comm = "family", .arg = "43"};
    if (posix_spawn(&p.pid, self, NULL, NULL, argv, environ))
        abort();
    kin_process(p);
}

/* A child's child that is its sibling. */
static void sibling(void)
{
    if (!fork()) {
        kin_child(me, "brother", 20, 0);
        if (!syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, NULL, NULL, 0)) {
            kin_child(me, "sibling", 21, 0);
            end_of(21);
        }
        end_of(20);
    }
}

/* ---- exec from a thread that is not the first ---- */

static atomic_bool waits;

/*
 * The kernel gives it the first thread's number, which dies with that of the one that took its
 * place; or still with its own, if it was quick.
 */
static void *exec_here(void *arg)
{
    char *argv[] = {self, "exit", "42", NULL};
    kin_thread(getpid(), getpid());
    kin_number(gettid(), getpid(), true);
    execv(self, argv);
    return arg;
}

static void *wait_here(void *arg)
{
    note_thread(NULL);
    waits = true;
    for (;;)
        pause();
    return arg;
}

static void exec_of_thread(void)
{
    if (!fork()) {
        pthread_t t;
        kin_process((struct kin_process){
            .pid = getpid(), .ppid = me, .code = 42, .comm = "family", .arg = "42"});
        if (pthread_create(&t, NULL, wait_here, NULL))
            abort();
        while (!waits)
            usleep(1000);
        if (pthread_create(&t, NULL, exec_here, NULL))
            abort();
        for (;;)
            pause();
    }
}

/* ---- ends ---- */

static void killed(int sig, const char *name)
{
    if (!fork()) {
        kin_child(me, name, -1, sig);
        kill(getpid(), sig);
        for (;;)
            pause();
    }
}

static void *exit_here(void *arg)
{
    note_thread(NULL);
    end_of(30);
    return arg;
}

/* exit() by a thread that is not the first. */
static void thread_exits(void)
{
    if (!fork()) {
        kin_child(me, "thread-exits", 30, 0);
        thread(exit_here, NULL);
    }
}

static void *outlive(void *arg)
{
    pthread_t *first = arg;
    note_thread(NULL);
    pthread_join(*first, NULL);
    end_of(31);
    return arg;
}

/* The first thread ends, another goes on, and its exit is the process's. */
static void first_leaves(void)
{
    if (!fork()) {
        static pthread_t first;
        pthread_t t;
        kin_child(me, "first-leaves", 31, 0);
        first = pthread_self();
        if (pthread_create(&t, NULL, outlive, &first))
            abort();
        pthread_exit(NULL);
    }
}

static void *crash_here(void *arg)
{
    note_thread(NULL);
    signal(SIGSEGV, SIG_DFL);
    *(volatile int *)arg = 1;
    return arg;
}

static void thread_crashes(void)
{
    if (!fork()) {
        kin_child(me, "thread-crashes", -1, SIGSEGV);
        thread(crash_here, NULL);
    }
}

static void everybody(void)
{
    thread(note_thread, NULL);
    plain();
    of_thread();
    daemonized();
    vforked();
    vforked_exec();
    spawned();
    sibling();
    exec_of_thread();
    killed(SIGTERM, "terminated");
    killed(SIGKILL, "killed");
    thread_exits();
    thread_crashes();
}

int main(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "exit"))
        return atoi(argv[2]);
    self = argv[0];
    me = getpid();
    kin_start();
    kin_process((struct kin_process){.pid = me, .ppid = getppid(), .comm = "family"});
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* the daemons come to us, so that we can wait for them */

    if (argc > 1 && !strcmp(argv[1], "first-leaves")) {
        first_leaves();
    } else if (argc > 1 && !strcmp(argv[1], "crash")) {
        thread(crash_here, NULL);
    } else {
        everybody();
    }
    while (wait(NULL) > 0)
        ;
    kin_print();
    return 0;
}
