/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Order matters. The command is forked before the probes are loaded, so that it inherits nothing of
 * theirs, and waits until they are armed. Signals are held back from before the fork on and arrive
 * through a descriptor: from there on nothing but SIGKILL ends us without a result. Once the probes
 * are armed, we give up what we are allowed beyond following them.
 *
 * What the terminal sends (Ctrl-C, Ctrl-\, hang-up) reaches the command by itself, as we share its
 * process group; the kernel marks such signals, and only others are passed on. Ctrl-Z stops us
 * both, and a command that is stopped has not ended.
 */
#include "user/cli/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/analysis/findings.h"
#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/cli/keep.h"
#include "user/cli/screen.h"
#include "user/core/model.h"
#include "user/source/capture.h"
#include "user/source/launch.h"
#include "user/source/machine.h"
#include "user/source/privileges.h"
#include "user/source/target.h"

struct session {
    const struct ct_options *o;
    const struct ct_session_plan *plan;
    const struct ct_session_signals *signals;
    char *names[3]; /* of what is traced, with -p, in the place of a command */
    char pids[CT_OPTIONS_PIDS_MAX * 12];
    struct ct_identity runner;
    struct ct_child child;
    struct ct_capture *capture;
    struct ct_model *model;
    struct ct_keep keep;
    struct ct_status status;
    struct ct_machine machine; /* at the release */
    uint64_t cpu_ns;           /* ours, at the release */
    bool ended;
    bool given_up;        /* before the release */
    uint64_t floor_bytes; /* most memory of the held child, which is a copy of us */
    struct ct_session_end end;
};

/* Those that we leave as they are: they stop and continue us, or do nothing. */
static const int left_alone[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH, SIGURG};

int ct_session_signals_open(struct ct_session_signals *s)
{
    sigset_t held;

    /* also SIGSEGV and its kin, which anybody may send: our own faults are deadly all the same */
    sigfillset(&held);
    for (size_t i = 0; i < sizeof(left_alone) / sizeof(left_alone[0]); i++)
        sigdelset(&held, left_alone[i]);
    ct_signals_take(&s->was, &held);
    s->fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->fd >= 0)
        return 0;
    ct_say("cannot wait for signals: %s", strerror(errno));
    return CT_EXIT_FAILED;
}

void ct_session_signals_close(struct ct_session_signals *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

struct ct_exit ct_session_exit(int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return (struct ct_exit){.known = true, .code = -1, .signal = WTERMSIG(wait_status)};
    return (struct ct_exit){.known = true, .code = WEXITSTATUS(wait_status)};
}

static uint64_t own_cpu_ns(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000ULL +
           (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000ULL;
}

/* ---- before the run ---- */

/* With -p there is nothing to start, but there must be something to attach to. */
static int check_targets(struct session *s)
{
    char why[256];
    size_t len = 0;

    for (size_t i = 0; i < s->o->pids_cnt; i++) {
        if (ct_target_check(s->o->pids[i], why, sizeof(why))) {
            ct_say("%s", why);
            return CT_EXIT_FAILED;
        }
        len += (size_t)snprintf(s->pids + len, sizeof(s->pids) - len, "%s%d", i ? "," : "",
                                (int)s->o->pids[i]);
    }
    s->names[0] = (char *)"-p";
    s->names[1] = s->pids;
    return 0;
}

static int start_child(struct session *s)
{
    char why[256];

    if (s->o->pids_cnt)
        return check_targets(s);
    if (ct_identity_resolve(&s->runner, s->o->user, why, sizeof(why))) {
        ct_say("%s", why);
        return CT_EXIT_FAILED;
    }
    int err =
        ct_child_start(&s->child, s->plan->command, &s->runner, &s->signals->was, s->plan->streams);
    if (err) {
        ct_say("cannot start the command%s%s: %s", s->runner.change ? " as " : "",
               s->runner.change ? s->runner.name : "", strerror(-err));
        return CT_EXIT_FAILED;
    }
    return 0;
}

static int start_model(struct session *s)
{
    struct ct_model_info info = {.command = s->o->pids_cnt ? s->names : s->plan->command,
                                 .with_syscalls = !s->o->no_syscalls,
                                 .with_stacks = s->o->stacks,
                                 .attached = s->o->pids_cnt};
    struct utsname name;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    uname(&name);
    snprintf(info.host.kernel, sizeof(info.host.kernel), "%s", name.release);
    snprintf(info.host.arch, sizeof(info.host.arch), "%.31s", name.machine);
    info.host.cpus = cpus > 0 ? (uint32_t)cpus : 1;
    s->model = ct_model_new(&info);
    if (!s->model) {
        ct_say("%s", strerror(ENOMEM));
        return CT_EXIT_FAILED;
    }
    return ct_keep_start(&s->keep, s->plan->record, &info);
}

/* A ct_record_fn: model and recording get the same. */
static void take(const struct ct_rec_head *rec, void *ctx)
{
    struct session *s = ctx;

    ct_model_record(rec, s->model);
    ct_keep_record(&s->keep, rec);
}

/*
 * What the kernel will count as the command's although it is ours: a process keeps its greatest
 * size over exec, and before it this one is a copy of us. A command that stays below has no figure.
 */
static uint64_t size_of(pid_t pid)
{
    unsigned long long kib = 0;
    char line[128];

    snprintf(line, sizeof(line), "/proc/%d/status", (int)pid);
    FILE *f = fopen(line, "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "VmHWM: %llu", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib * 1024;
}

static void reap(struct session *s)
{
    struct rusage u;

    if (!s->ended && wait4(s->child.pid, &s->end.wait_status, WNOHANG, &u) == s->child.pid) {
        s->ended = true;
        s->child.pid = 0;
        s->end.peak_bytes = (uint64_t)u.ru_maxrss * 1024;
        if (s->end.peak_bytes <= s->floor_bytes)
            s->end.peak_bytes = 0;
    }
}

static int attach(struct session *s)
{
    ct_machine_read(&s->machine, s->o->pids[0]);
    s->cpu_ns = own_cpu_ns();
    const int err = ct_capture_attach(s->capture, s->o->pids, s->o->pids_cnt, take, s);
    if (!err)
        return 0;
    ct_say(err == -ESRCH ? "process %s has ended before it could be traced"
                         : "cannot attach to process %s",
           s->pids);
    return CT_EXIT_FAILED;
}

/*
 * A signal that was sent to us. One of many runs is killed by the second: a shell may have lost the
 * first, and who asks twice means it.
 */
static void take_signal(struct session *s, const struct signalfd_siginfo *info)
{
    const bool again = s->plan->one_of_many && s->end.signal;

    s->end.signal = (int)info->ssi_signo;
    if (s->o->pids_cnt)
        s->ended = true; /* the processes stay untouched */
    else if (!s->ended && again)
        kill(s->child.pid, SIGKILL);
    else if (!s->ended && info->ssi_code != SI_KERNEL)
        kill(s->child.pid, (int)info->ssi_signo);
}

static void take_signals(struct session *s)
{
    struct signalfd_siginfo info;

    while (read(s->signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            reap(s);
        else
            take_signal(s, &info);
    }
}

/* One of many runs needs them again for the next. */
static int drop_privileges(const struct session *s)
{
    const int err =
        s->plan->one_of_many ? 0 : ct_privileges_drop(s->o->pids_cnt ? NULL : &s->runner);

    if (!err)
        return 0;
    ct_say("cannot give up privileges: %s", strerror(-err));
    return CT_EXIT_FAILED;
}

static int start_capture(struct session *s)
{
    struct ct_capture_options wanted = {.attach = s->o->pids_cnt,
                                        .syscalls = !s->o->no_syscalls,
                                        .stacks = s->o->stacks,
                                        .ring_bytes = s->o->ring_bytes};
    char why[512];

    if (ct_capture_open(&s->capture, &wanted, why, sizeof(why))) {
        ct_say("%s", why);
        return CT_EXIT_FAILED;
    }
    if (s->o->pids_cnt) {
        const int status = attach(s);
        return status ? status : drop_privileges(s);
    }
    ct_machine_read(&s->machine, s->child.pid);
    int err = ct_capture_adopt(s->capture, s->child.pid);
    if (s->plan->one_of_many) {
        s->floor_bytes = size_of(s->child.pid);
        take_signals(s);
        s->given_up = s->end.signal;
    }
    if (s->given_up)
        return 0;
    if (drop_privileges(s))
        return CT_EXIT_FAILED;
    if (!err) {
        s->cpu_ns = own_cpu_ns();
        err = ct_child_release(&s->child);
    }
    reap(s); /* a signal may have killed it while it waited: no failure of ours */
    if (err && !s->ended) {
        ct_say("cannot begin to trace the command: %s", strerror(-err));
        return CT_EXIT_FAILED;
    }
    return 0;
}

/* ---- the run ---- */

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* For poll: until -d says so; -1: for ever. */
static int time_left_ms(const struct session *s, uint64_t start_ns)
{
    const uint64_t gone = now_ns() - start_ns;

    if (!s->o->duration_ns)
        return -1;
    if (gone >= s->o->duration_ns)
        return 0;
    const uint64_t ms = (s->o->duration_ns - gone + 999999) / 1000000;
    return ms < 60000 ? (int)ms : 60000;
}

/* With -p: time is up, or there is nobody left. */
static bool over(const struct session *s, uint64_t start_ns)
{
    return s->o->pids_cnt && (ct_capture_over(s->capture) ||
                              (s->o->duration_ns && now_ns() - start_ns >= s->o->duration_ns));
}

static int follow(struct session *s)
{
    const uint64_t start_ns = now_ns();
    struct pollfd wait_for[] = {{.fd = ct_capture_fd(s->capture), .events = POLLIN},
                                {.fd = s->signals->fd, .events = POLLIN}};

    if (s->given_up)
        return 0;
    ct_status_start(&s->status, s->plan->status_line);
    while (!s->ended) {
        if (poll(wait_for, 2, time_left_ms(s, start_ns)) < 0 && errno != EINTR) {
            ct_say("cannot follow the command: %s", strerror(errno));
            return CT_EXIT_FAILED;
        }
        if (wait_for[1].revents)
            take_signals(s);
        if (wait_for[0].revents) {
            ct_capture_drain(s->capture, take, s);
            struct ct_live live = ct_model_live(s->model);
            ct_status_tick(&s->status, &live);
            ct_keep_tick(&s->keep);
        }
        s->ended = s->ended || over(s, start_ns);
    }
    ct_status_end(&s->status);
    return 0;
}

/* ---- after the run ---- */

/* The command did not run: there is nothing to seal. */
static bool never_ran(struct session *s)
{
    if (!s->o->pids_cnt)
        s->end.exec_error = ct_child_exec_error(&s->child);
    return s->given_up || s->end.exec_error;
}

static int seal(struct session *s)
{
    struct ct_run_end end = {0};
    struct ct_result *result = NULL;

    if (never_ran(s))
        return 0;
    int err = ct_capture_finish(s->capture, take, s, &end);
    if (err) {
        ct_say("cannot take the probes' accounts: %s", strerror(-err));
        return CT_EXIT_FAILED;
    }
    if (!s->o->pids_cnt) /* else there is no end to tell of */
        end.exit = ct_session_exit(s->end.wait_status);
    ct_machine_since(&s->machine, &end.stolen_ns, &end.throttled_ns);
    end.observer_cpu_ns = own_cpu_ns() - s->cpu_ns;
    ct_keep_end(&s->keep, &end);
    err = ct_model_seal(s->model, &end, &result);
    s->model = NULL;
    if (!err)
        err = ct_findings_run(result);
    if (err) {
        ct_say("cannot finish the report: %s", strerror(-err));
        ct_result_free(result);
        return CT_EXIT_FAILED;
    }
    s->end.result = result;
    return 0;
}

int ct_session_run(struct ct_session_end *out, const struct ct_session_plan *plan,
                   const struct ct_session_signals *signals)
{
    int (*const steps[])(struct session *) = {start_child, start_model, start_capture, follow,
                                              seal};
    struct session s = {.o = plan->options,
                        .plan = plan,
                        .signals = signals,
                        .child = {.gate_fd = -1, .error_fd = -1}};
    int status = 0;

    for (size_t i = 0; !status && i < sizeof(steps) / sizeof(steps[0]); i++)
        status = steps[i](&s);
    ct_status_end(&s.status);
    ct_keep_end(&s.keep, NULL);
    s.end.record_failed = s.keep.failed;
    ct_model_free(s.model);
    ct_capture_free(s.capture);
    ct_child_fini(&s.child);
    if (!status)
        *out = s.end;
    return status;
}
