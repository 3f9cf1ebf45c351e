/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts the command as the invoking user and holds it, before its exec, until it is released.
 */
#ifndef CT_LAUNCH_H
#define CT_LAUNCH_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ct_identity {
    uid_t uid;
    gid_t gid;
    char name[64];  /* login name, empty if unknown (then no supplementary groups) */
    char home[256]; /* empty: leave HOME alone */
    char shell[128];
    int change; /* 0: stay who we are */
};

/*
 * Who the command runs as. user: -u NAME (a login name or a numeric uid), or NULL: the user behind
 * sudo if there is one, else who we are. 0, or -errno with one line in why.
 */
int ct_identity_resolve(struct ct_identity *out, const char *user, char *why, size_t why_size);

/* As the kernel wants it. */
struct ct_kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* What conctrace changes of its own signals, and the command must find as it was. */
struct ct_signals {
    sigset_t mask;
    struct sigaction child;
    struct sigaction pipe;
    struct sigaction file_size;
    struct sigaction cpu;
    struct ct_kernel_action libc[2];
};

/*
 * Blocks the signals of *block, ignores SIGPIPE, SIGXFSZ and SIGXCPU, makes children waitable; *was
 * keeps what was.
 */
void ct_signals_take(struct ct_signals *was, const sigset_t *block);

/* Undoes ct_signals_take. */
void ct_signals_restore(const struct ct_signals *was);

struct ct_child {
    pid_t pid;      /* 0: none, or reaped (whoever reaps it sets 0) */
    int gate_fd;    /* a byte written here releases it; -1 once that is done */
    int error_fd;   /* carries errno if exec failed; end of file if it succeeded */
    int exec_error; /* what it carried */
};

/*
 * Forks a child that waits for release. Returns once it waits (or is about to, in its very next
 * system call), with its identity changed and its signals as *was tells; no descriptor of ours
 * is inherited. streams: what becomes its standard input, output and error (all above 2); NULL:
 * ours. It dies with us as long as it waits. 0 or -errno.
 */
int ct_child_start(struct ct_child *out, char *const argv[], const struct ct_identity *who,
                   const struct ct_signals *was, const int *streams);

/*
 * Lets the child go. Returns 0 once the gate is open; does not wait for the exec.
 */
int ct_child_release(struct ct_child *c);

/*
 * Result of the exec, to be asked once the child has ended or at any time after release: 0 if it
 * succeeded (or has not happened yet), else the errno with which it failed. Never blocks.
 */
int ct_child_exec_error(struct ct_child *c);

/* Closes the descriptors; kills and reaps a child that was never released. */
void ct_child_fini(struct ct_child *c);

#endif
