/* SPDX-License-Identifier: GPL-2.0-only */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diag.h"

enum { ARGS_MAX = 10, ARG_LEN = 40 };

struct spawn {
    char text[3][ARG_LEN];
    char *argv[ARGS_MAX];
    char self[4096];
    int life[2], answer[2]; /* pipes: the server's standard input and output */
};

static char *copy(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(wl_alloc(bytes, 1), text, bytes);
}

static void fill_argv(struct spawn *spawn, const struct wl_options *options)
{
    size_t n = 0;

    snprintf(spawn->text[0], ARG_LEN, "--delay-ms=%" PRIu64, options->delay_ms);
    snprintf(spawn->text[1], ARG_LEN, "--status=%" PRIu64, options->status);
    snprintf(spawn->text[2], ARG_LEN, "--speed=%.6f", options->speed);
    spawn->argv[n++] = "workload-serve";
    spawn->argv[n++] = "serve";
    spawn->argv[n++] = "--until-eof";
    for (int i = 0; i < 3; i++)
        spawn->argv[n++] = spawn->text[i];
    if (options->tls) {
        spawn->argv[n++] = "--tls";
        spawn->argv[n++] = "--cert=-";
    }
    spawn->argv[n] = NULL;
}

/* The path itself rather than the link to it, which stands for valgrind while that runs us; the
 * link still works when the file has been replaced meanwhile. */
static void find_self(struct spawn *spawn)
{
    ssize_t len = readlink("/proc/self/exe", spawn->self, sizeof(spawn->self) - 1);

    spawn->self[len > 0 ? len : 0] = '\0';
    if (access(spawn->self, X_OK))
        snprintf(spawn->self, sizeof(spawn->self), "/proc/self/exe");
}

static int open_pipes(struct spawn *spawn)
{
    if (pipe2(spawn->life, O_CLOEXEC))
        return -1;
    if (pipe2(spawn->answer, O_CLOEXEC) == 0)
        return 0;
    close(spawn->life[0]);
    close(spawn->life[1]);
    return -1;
}

/* A session of its own: the terminal's Ctrl-C is for the run, which takes the server with it. */
static _Noreturn void child(const struct spawn *spawn)
{
    static const char failed[] = "workload: its server cannot be started\n";

    setsid();
    if (dup2(spawn->life[0], STDIN_FILENO) >= 0 && dup2(spawn->answer[1], STDOUT_FILENO) >= 0)
        execv(spawn->self, spawn->argv);
    if (write(STDERR_FILENO, failed, sizeof(failed) - 1) < 0)
        _exit(2);
    _exit(1);
}

/* Nothing but system calls until exec: glibc does not know of this fork. */
static pid_t clone_untraced(void)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
}

/* One line with the address; with TLS the certificate, as many lines as it has. */
static int read_answer(struct wl_target *target, const struct wl_options *options, FILE *answer)
{
    char line[256], cert[8192] = "";
    size_t len = 0;

    if (!fgets(line, sizeof(line), answer))
        return -1;
    line[strcspn(line, "\n")] = '\0';
    target->url = copy(line);
    if (!options->tls)
        return 0;
    while (!strstr(line, "END CERTIFICATE")) {
        if (!fgets(line, sizeof(line), answer) || len + strlen(line) >= sizeof(cert))
            return -1;
        len += (size_t)snprintf(cert + len, sizeof(cert) - len, "%s", line);
    }
    target->cert = copy(cert);
    return 0;
}

static int start_server(struct wl_target *target, const struct wl_options *options)
{
    struct spawn spawn = {0};
    FILE *answer;
    int rc;

    fill_argv(&spawn, options);
    find_self(&spawn);
    if (open_pipes(&spawn))
        return wl_error("no pipe for the server: %s", strerror(errno));
    target->server_pid = clone_untraced();
    if (target->server_pid == 0)
        child(&spawn);
    close(spawn.life[0]);
    close(spawn.answer[1]);
    target->lifeline = spawn.life[1];
    answer = fdopen(spawn.answer[0], "r");
    if (target->server_pid < 0 || !answer) {
        target->server_pid = 0;
        return wl_error("the server cannot be started: %s", strerror(errno));
    }
    rc = read_answer(target, options, answer);
    fclose(answer);
    return rc ? wl_error("the built-in server did not start") : 0;
}

int wl_target_open(struct wl_target *target, const struct wl_options *options)
{
    const char *url = options->url ? options->url : getenv("WORKLOAD_URL");
    const char *cert = getenv("WORKLOAD_CERT");

    *target = (struct wl_target){.lifeline = -1};
    if (!url || !*url)
        return start_server(target, options);
    target->url = copy(url);
    if (!options->url && cert)
        target->cert = copy(cert);
    return 0;
}

void wl_target_close(struct wl_target *target)
{
    if (target->lifeline >= 0)
        close(target->lifeline);
    if (target->server_pid > 0) {
        kill(target->server_pid, SIGTERM);
        while (waitpid(target->server_pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    free(target->url);
    free(target->cert);
}
