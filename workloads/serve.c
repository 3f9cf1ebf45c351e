/* SPDX-License-Identifier: GPL-2.0-only */
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag.h"
#include "loop.h"
#include "server.h"

enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, EXIT_SIGNAL = 128 };

struct serve {
    const struct wl_options *options;
    struct wl_loop *loop;
    struct wl_server *server;
    pid_t command;
    int signalfd;
    sigset_t mask; /* as it was, for the command */
    bool over;
    int status;
};

static void on_input(void *arg, int fd, uint32_t events)
{
    struct serve *serve = arg;
    char dropped[256];

    (void)events;
    if (read(fd, dropped, sizeof(dropped)) <= 0)
        serve->over = true;
}

static void on_child(void *arg, int fd, uint32_t events)
{
    struct serve *serve = arg;
    struct signalfd_siginfo info;
    int status = 0;

    (void)events;
    if (read(fd, &info, sizeof(info)) < 0 || waitpid(serve->command, &status, WNOHANG) <= 0)
        return;
    serve->status = WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    serve->over = true;
}

/* The terminal's Ctrl-C is the command's to answer; we end when it has. */
static void signals_for_command(void (*action)(int))
{
    signal(SIGINT, action);
    signal(SIGQUIT, action);
}

static _Noreturn void run_command(const struct serve *serve, pid_t parent)
{
    char **argv = serve->options->command;
    const char *cert = wl_server_cert(serve->server);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(WL_EXIT_FAILURE);
    signals_for_command(SIG_DFL);
    sigprocmask(SIG_SETMASK, &serve->mask, NULL);
    setenv("WORKLOAD_URL", wl_server_url(serve->server), 1);
    if (cert)
        setenv("WORKLOAD_CERT", cert, 1);
    else
        unsetenv("WORKLOAD_CERT");
    execvp(argv[0], argv);
    wl_error("%s: %s", argv[0], strerror(errno));
    _exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

static int start_command(struct serve *serve)
{
    pid_t parent = getpid();
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &serve->mask);
    serve->signalfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (serve->signalfd < 0 ||
        wl_loop_watch(serve->loop, serve->signalfd, EPOLLIN, on_child, serve))
        return wl_error("the command's end cannot be watched: %s", strerror(errno));
    signals_for_command(SIG_IGN);
    fflush(NULL);
    serve->command = fork();
    if (serve->command == 0)
        run_command(serve, parent);
    if (serve->command < 0)
        return wl_error("no process for the command: %s", strerror(errno));
    return 0;
}

static int write_cert(const struct serve *serve)
{
    const char *path = serve->options->cert;
    const char *cert = wl_server_cert(serve->server);
    FILE *out;
    int rc;

    if (!path)
        return 0;
    if (strcmp(path, "-") == 0)
        return fputs(cert, stdout) < 0 ? -1 : 0;
    out = fopen(path, "we");
    if (!out)
        return wl_error("%s: %s", path, strerror(errno));
    rc = fputs(cert, out) < 0 ? -1 : 0;
    if (fclose(out) || rc)
        return wl_error("%s: %s", path, strerror(errno));
    return 0;
}

/* The address is printed only when nobody else is told it: a command's output stays clean. */
static int announce(struct serve *serve)
{
    if (!serve->options->command)
        puts(wl_server_url(serve->server));
    if (write_cert(serve))
        return -1;
    if (fflush(stdout))
        return wl_error("standard output cannot be written");
    if (serve->options->command)
        return start_command(serve);
    if (serve->options->until_eof &&
        wl_loop_watch(serve->loop, STDIN_FILENO, EPOLLIN, on_input, serve))
        return wl_error("standard input cannot be watched: %s", strerror(errno));
    return 0;
}

static int serve_all(struct serve *serve)
{
    serve->server = wl_server_new(serve->loop, serve->options);
    if (!serve->server || announce(serve))
        return WL_EXIT_FAILURE;
    while (!serve->over)
        wl_loop_turn(serve->loop, true);
    return serve->status;
}

int wl_serve_main(const struct wl_options *options)
{
    struct serve serve = {.options = options, .signalfd = -1};
    int status;

    prctl(PR_SET_NAME, "workload-serve");
    signal(SIGPIPE, SIG_IGN);
    serve.loop = wl_loop_new();
    if (!serve.loop)
        return WL_EXIT_FAILURE;
    status = serve_all(&serve);
    wl_server_free(serve.server);
    wl_loop_free(serve.loop);
    if (serve.signalfd >= 0)
        close(serve.signalfd);
    return status;
}
