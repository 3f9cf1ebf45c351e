/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Launching the command. Floor 3': knows processes and users, nothing of probes or reports.
 *
 * The child does all that could fail or take time (identity, environment, signals) before it waits
 * at the gate, so that what follows its release is the exec and nothing else: the trace begins with
 * the command and not with us. Two pipes, both close-on-exec: the gate (we write one byte; end of
 * file means we are gone, whatever killed us, and the child goes too) and the error pipe (first a 0
 * for "I wait", later the errno of a failed exec; end of file means the exec succeeded).
 *
 * Rejected: PR_SET_PDEATHSIG (the gate's end of file does it, and a change of identity does not
 * undo it); PTRACE_TRACEME to hold it (a debugger could then not attach, and a stop is an event in
 * the trace); posix_spawn (no place to wait between the fork and the exec).
 */
#include "user/source/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "user/source/privileges.h"

/* ---- who ---- */

/* A decimal uid or gid that is not the reserved -1. */
static bool parse_id(const char *text, uint32_t *out)
{
    char *end;

    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || *end || n >= UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

static void identity_fill(struct ct_identity *who, const struct passwd *pw)
{
    snprintf(who->name, sizeof(who->name), "%s", pw->pw_name);
    snprintf(who->home, sizeof(who->home), "%s", pw->pw_dir);
    snprintf(who->shell, sizeof(who->shell), "%s", pw->pw_shell);
}

/* The user behind sudo. Believed only if we are root in every respect: then root set it. */
static int identity_from_sudo(struct ct_identity *who, char *why, size_t why_size)
{
    const char *uid_text = getenv("SUDO_UID");
    const char *gid_text = getenv("SUDO_GID");
    const char *name = getenv("SUDO_USER");
    uint32_t uid, gid;

    if (!uid_text || getuid() != 0 || geteuid() != 0)
        return 0;
    if (!parse_id(uid_text, &uid) || (gid_text && !parse_id(gid_text, &gid))) {
        /* Running as root because we could not read who called would be the wrong way to fail. */
        snprintf(why, why_size, "SUDO_UID or SUDO_GID is no number; say with -u who shall run");
        return -EINVAL;
    }
    if (uid == 0)
        return 0;
    struct passwd *pw = name ? getpwnam(name) : NULL;
    if (!pw || pw->pw_uid != uid)
        pw = getpwuid(uid);
    if (!pw && !gid_text) {
        snprintf(why, why_size, "user %s is unknown here and SUDO_GID is not set", uid_text);
        return -ENOENT;
    }
    who->uid = uid;
    who->change = 1;
    if (pw) {
        identity_fill(who, pw);
        who->gid = pw->pw_gid;
    }
    if (gid_text)
        who->gid = gid;
    return 0;
}

static int identity_from_name(struct ct_identity *who, const char *user, char *why, size_t why_size)
{
    struct passwd *pw = getpwnam(user);
    uint32_t uid;

    if (!pw && parse_id(user, &uid))
        pw = getpwuid(uid);
    if (!pw) {
        snprintf(why, why_size, "no user '%s' on this machine", user);
        return -ENOENT;
    }
    if (pw->pw_uid == geteuid() && pw->pw_uid == getuid())
        return 0;
    if (geteuid() != 0) {
        snprintf(why, why_size, "running the command as '%s' needs root", user);
        return -EPERM;
    }
    who->uid = pw->pw_uid;
    who->gid = pw->pw_gid;
    who->change = 1;
    identity_fill(who, pw);
    return 0;
}

int ct_identity_resolve(struct ct_identity *out, const char *user, char *why, size_t why_size)
{
    struct ct_identity who = {.uid = geteuid(), .gid = getegid()};

    int err = user ? identity_from_name(&who, user, why, why_size)
                   : identity_from_sudo(&who, why, why_size);
    if (!err)
        *out = who;
    return err;
}

/* ---- signals ---- */

/*
 * The two signals that libc keeps for itself: it blocks or handles them for nobody, so they would
 * kill us, whoever sends them. (Their handlers, if it sets some, take no one else's.)
 */
static void libc_signals(const struct ct_kernel_action *set, struct ct_kernel_action *was)
{
    for (int i = 0; i < 2; i++)
        syscall(SYS_rt_sigaction, 32 + i, &set[i], was ? &was[i] : NULL, sizeof(set->mask));
}

void ct_signals_take(struct ct_signals *was, const sigset_t *block)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction wait_for = {.sa_handler = SIG_DFL};

    sigaction(SIGPIPE, &ignore, &was->pipe);
    sigaction(SIGXFSZ, &ignore, &was->file_size); /* a limit on files is an error like any */
    sigaction(SIGXCPU, &ignore, &was->cpu);       /* that on CPU time is meant for the command */
    sigaction(SIGCHLD, &wait_for, &was->child);   /* ignored by our parent, it would reap for us */
    const struct ct_kernel_action unheard[2] = {{.handler = SIG_IGN}, {.handler = SIG_IGN}};
    libc_signals(unheard, was->libc);
    sigprocmask(SIG_BLOCK, block, &was->mask);
}

void ct_signals_restore(const struct ct_signals *was)
{
    sigaction(SIGPIPE, &was->pipe, NULL);
    sigaction(SIGXFSZ, &was->file_size, NULL);
    sigaction(SIGXCPU, &was->cpu, NULL);
    sigaction(SIGCHLD, &was->child, NULL);
    libc_signals(was->libc, NULL);
    sigprocmask(SIG_SETMASK, &was->mask, NULL);
}

/* ---- in the child ---- */

/*
 * The environment stays the caller's, but for what sudo made root's: the variables that say who one
 * is. PATH stays sudo's: what it was before is lost.
 */
static int take_environment(const struct ct_identity *who)
{
    static const char *const of_sudo[] = {"SUDO_USER", "SUDO_UID", "SUDO_GID", "SUDO_COMMAND",
                                          "SUDO_HOME", "SUDO_TTY", "MAIL"};
    int err = 0;

    for (size_t i = 0; i < sizeof(of_sudo) / sizeof(of_sudo[0]); i++)
        err |= unsetenv(of_sudo[i]);
    if (who->home[0])
        err |= setenv("HOME", who->home, 1);
    if (who->shell[0])
        err |= setenv("SHELL", who->shell, 1);
    if (who->name[0])
        err |= setenv("USER", who->name, 1) | setenv("LOGNAME", who->name, 1);
    return err ? -errno : 0;
}

static int take_identity(const struct ct_identity *who)
{
    if (!who->change)
        return 0;
    if (who->name[0] ? initgroups(who->name, who->gid) : setgroups(0, NULL))
        return -errno;
    if (setresgid(who->gid, who->gid, who->gid) || setresuid(who->uid, who->uid, who->uid))
        return -errno;
    if (who->uid != 0) {
        /* The kernel has done this already, unless securebits were set to keep capabilities. */
        struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[2] = {{0}};

        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        if (syscall(SYS_capset, &head, none))
            return -errno;
    }
    return take_environment(who);
}

static void tell(int fd, int err)
{
    ssize_t n;

    do
        n = write(fd, &err, sizeof(err));
    while (n < 0 && errno == EINTR);
}

/*
 * Where execvp would find name: looked for before the gate opens, so that the trace holds the one
 * execve that succeeds and not the search for it. name itself if it has a slash, or was not found
 * (the exec then tells why); else buf.
 */
static const char *find_program(const char *name, char *buf, size_t size)
{
    const char *at = getenv("PATH");
    struct stat st;

    if (strchr(name, '/') || !*name || !at)
        return name;
    for (; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        const int len = (int)strcspn(at, ":");
        const int n = snprintf(buf, size, "%.*s%s%s", len, at, len ? "/" : "", name);
        if (n > 0 && (size_t)n < size && !stat(buf, &st) && S_ISREG(st.st_mode) &&
            !faccessat(AT_FDCWD, buf, X_OK, AT_EACCESS))
            return buf;
    }
    return name;
}

static int take_streams(const int *streams)
{
    for (int fd = 0; streams && fd <= STDERR_FILENO; fd++)
        if (dup2(streams[fd], fd) < 0)
            return -errno;
    return 0;
}

_Noreturn static void child_main(int gate_fd, int error_fd, char *const argv[],
                                 const struct ct_identity *who, const struct ct_signals *was,
                                 const int *streams)
{
    char byte, path[PATH_MAX];
    ssize_t n;

    ct_environment_restore();
    int err = take_identity(who);
    if (!err)
        err = take_streams(streams);
    if (err) {
        tell(error_fd, -err);
        _exit(125);
    }
    const char *program = find_program(argv[0], path, sizeof(path));
    tell(error_fd, 0);
    ct_signals_restore(was); /* after tell, which must not die of SIGPIPE */
    do
        n = read(gate_fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n != 1)
        _exit(125); /* conctrace is gone */
    if (program == path)
        execv(program, argv);
    execvp(argv[0], argv); /* tells why it cannot be; or runs a script without a #! line */
    tell(error_fd, errno);
    _exit(125);
}

/* ---- in conctrace ---- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The child's next word: 0 or the errno it names; -EPIPE if it went without one. */
static int hear(int fd)
{
    int word;
    ssize_t n;

    do
        n = read(fd, &word, sizeof(word));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return n == (ssize_t)sizeof(word) ? -word : -EPIPE;
}

int ct_child_start(struct ct_child *out, char *const argv[], const struct ct_identity *who,
                   const struct ct_signals *was, const int *streams)
{
    int gate[2], error[2];

    if (pipe2(gate, O_CLOEXEC))
        return -errno;
    if (pipe2(error, O_CLOEXEC)) {
        int err = -errno;
        close(gate[0]), close(gate[1]);
        return err;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]), close(error[0]);
        child_main(gate[0], error[1], argv, who, was, streams);
    }
    int err = pid < 0 ? -errno : 0;
    close(gate[0]), close(error[1]);
    struct ct_child c = {.pid = pid, .gate_fd = gate[1], .error_fd = error[0]};
    if (!err)
        err = hear(c.error_fd);
    if (!err && fcntl(c.error_fd, F_SETFL, O_NONBLOCK))
        err = -errno;
    if (err) {
        ct_child_fini(&c);
        return err;
    }
    *out = c;
    return 0;
}

int ct_child_release(struct ct_child *c)
{
    ssize_t n;

    do
        n = write(c->gate_fd, "", 1);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    close_fd(&c->gate_fd);
    return 0;
}

int ct_child_exec_error(struct ct_child *c)
{
    if (!c->exec_error && c->error_fd >= 0) {
        int word = hear(c->error_fd);
        if (word != -EAGAIN && word != -EPIPE)
            c->exec_error = -word;
    }
    return c->exec_error;
}

void ct_child_fini(struct ct_child *c)
{
    if (c->pid > 0 && c->gate_fd >= 0) {
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        c->pid = 0;
    }
    close_fd(&c->gate_fd);
    close_fd(&c->error_fd);
}
