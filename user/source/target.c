/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN 64

static FILE *open_proc(pid_t pid, const char *name)
{
    char path[PATH_LEN];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    return fopen(path, "re");
}

/* The process that thread tid belongs to. -1: there is none. */
static pid_t process_of(pid_t tid)
{
    char line[256];
    int tgid = -1;
    FILE *f = open_proc(tid, "status");

    if (!f)
        return -1;
    while (tgid < 0 && fgets(line, sizeof(line), f))
        if (sscanf(line, "Tgid: %d", &tgid) == 1)
            break;
    fclose(f);
    return tgid;
}

int ct_target_check(pid_t pid, char *why, size_t why_size)
{
    char path[PATH_LEN];
    struct stat st;
    const pid_t process = process_of(pid);

    if (process < 0) {
        snprintf(why, why_size, "there is no process %d", (int)pid);
        return -ESRCH;
    }
    if (process != pid) {
        snprintf(why, why_size, "%d is a thread of process %d: attach to that", (int)pid,
                 (int)process);
        return -EINVAL;
    }
    if (pid == getpid()) {
        snprintf(why, why_size, "%d is conctrace itself", (int)pid);
        return -EINVAL;
    }
    snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    if (geteuid() && (stat(path, &st) || st.st_uid != geteuid())) {
        snprintf(why, why_size, "process %d is another user's: run with sudo", (int)pid);
        return -EPERM;
    }
    return 0;
}

int ct_target_program(pid_t pid, struct ct_rec_exec *out)
{
    FILE *f = open_proc(pid, "cmdline");
    if (!f)
        return -errno;
    out->argv_len = (__u32)fread(out->argv, 1, sizeof(out->argv), f);
    out->argv_cut = fgetc(f) != EOF;
    fclose(f);

    f = open_proc(pid, "comm");
    if (!f)
        return -errno;
    char comm[CT_COMM_LEN + 1] = "";
    const size_t len = fread(comm, 1, sizeof(comm) - 1, f);
    fclose(f);
    memset(out->comm, 0, sizeof(out->comm));
    memcpy(out->comm, comm, len && comm[len - 1] == '\n' ? len - 1 : len);
    out->tid = out->tgid = (__u32)pid;
    return 0;
}
