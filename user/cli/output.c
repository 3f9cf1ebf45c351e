/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conctrace often runs as root for somebody else. Whoever could make it write through a link of
 * his choosing would own the machine; so files are opened with the caller's own rights, which also
 * makes him their owner, and the last component is never followed.
 *
 * Rejected: opening as root and changing the owner afterwards (a race), and writing to a temporary
 * file that is renamed (it replaces links, devices and permissions that the caller meant to keep).
 */
#include "user/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/log.h"

#define GROUPS_MAX 1024

struct privileges {
    uid_t uid;
    gid_t gid;
    int groups_cnt;
    gid_t groups[GROUPS_MAX];
};

/* Becomes who, for the file system's eyes. 0 or -errno; then nothing has changed. */
static int privileges_lend(struct privileges *own, const struct ct_identity *who)
{
    gid_t theirs[GROUPS_MAX];
    int cnt = 0;

    own->uid = geteuid();
    own->gid = getegid();
    own->groups_cnt = getgroups(GROUPS_MAX, own->groups);
    if (own->groups_cnt < 0)
        return -errno;
    if (who->name[0]) {
        cnt = GROUPS_MAX;
        if (getgrouplist(who->name, who->gid, theirs, &cnt) < 0)
            return -E2BIG;
    }
    if (setgroups((size_t)cnt, theirs))
        return -errno;
    if (setegid(who->gid) || seteuid(who->uid)) {
        int err = -errno;
        if (setegid(own->gid) || setgroups((size_t)own->groups_cnt, own->groups))
            abort(); /* half changed: not a state to go on from */
        return err;
    }
    return 0;
}

static void privileges_return(const struct privileges *own)
{
    if (seteuid(own->uid) || setegid(own->gid) || setgroups((size_t)own->groups_cnt, own->groups))
        abort(); /* as above */
}

/* The inherited descriptor that path stands for, or -1. */
static int inherited_fd(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

    if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
        return STDOUT_FILENO;
    if (!strcmp(path, "/dev/stderr"))
        return STDERR_FILENO;
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) || path[len] < '0' || path[len] > '9')
            continue;
        char *end;
        unsigned long fd = strtoul(path + len, &end, 10);
        if (!*end && fd <= INT_MAX)
            return (int)fd;
    }
    return -1;
}

/* Descriptor or -errno. *why says what errno's words would not. */
static int open_as_is(const char *path, int how, const char **why)
{
    /* Not truncated before we know what it is; not waiting for a FIFO's reader. */
    int fd = open(path, how | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    if (fd < 0) {
        if (errno == ELOOP)
            *why = "it is a symbolic link; name the file that it leads to";
        else if (errno == ENXIO)
            *why = "it is a FIFO or a socket, not a file";
        return -errno;
    }
    struct stat st;
    int err = fstat(fd, &st) ? -errno : 0;
    if (!err && !S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
        *why = S_ISFIFO(st.st_mode) ? "it is a FIFO, not a file" : "it is not a file";
        err = -EINVAL;
    }
    if (!err && S_ISREG(st.st_mode) && ftruncate(fd, 0))
        err = -errno;
    if (!err && fcntl(fd, F_SETFL, 0))
        err = -errno;
    if (err) {
        close(fd);
        return err;
    }
    return fd;
}

int ct_output_open_file(const char *path, int how, const struct ct_identity *invoker,
                        const char **why)
{
    static struct privileges own; /* large, and there is one process, one thread */

    if (!invoker->change)
        return open_as_is(path, how, why);
    int err = privileges_lend(&own, invoker);
    if (err)
        return err;
    int fd = open_as_is(path, how, why);
    privileges_return(&own);
    return fd;
}

int ct_output_make_folder(const char *path, const struct ct_identity *invoker)
{
    static struct privileges own;
    int err = invoker->change ? privileges_lend(&own, invoker) : 0;

    if (err)
        return err;
    err = mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
    if (invoker->change)
        privileges_return(&own);
    return err;
}

/* Descriptor or -errno, as above. */
static int open_inherited(int from, const char **why)
{
    int fd = fcntl(from, F_DUPFD_CLOEXEC, 3);
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

    if (fd >= 0 && (flags & O_ACCMODE) != O_RDONLY)
        return fd;
    if (fd >= 0)
        close(fd); /* main() marks a stream that was closed by one that cannot be written */
    *why = "it is closed or not open for writing";
    return -EBADF;
}

int ct_output_open(struct ct_output *out, const char *what, ct_report_fn write, const char *path,
                   const struct ct_identity *invoker)
{
    const char *why = NULL;
    int from = path ? inherited_fd(path) : STDERR_FILENO;
    const char *name = from == STDOUT_FILENO   ? "standard output"
                       : from == STDERR_FILENO ? "standard error"
                                               : path;
    const int how = write ? O_WRONLY : O_RDWR;
    int fd = from >= 0 ? open_inherited(from, &why) : ct_output_open_file(path, how, invoker, &why);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (!file) {
        int err = fd < 0 ? fd : -errno;
        ct_say("cannot write the %s to %s: %s", what, name, why ? why : strerror(-err));
        if (fd >= 0)
            close(fd);
        return err;
    }
    *out = (struct ct_output){
        .what = what, .name = name, .opened = from < 0, .write = write, .file = file};
    return 0;
}

int ct_output_temporary(struct ct_output *out, const char *what)
{
    FILE *file = tmpfile(); /* has no name from the start */

    if (!file) {
        const int err = -errno;
        ct_say("cannot make a temporary file for the %s: %s", what, strerror(errno));
        return err;
    }
    *out = (struct ct_output){.what = what, .name = "a temporary file", .file = file};
    return 0;
}

bool ct_output_same(const struct ct_output *a, const struct ct_output *b)
{
    struct stat sa, sb;

    if (!a->file || !b->file || fstat(fileno(a->file), &sa) || fstat(fileno(b->file), &sb))
        return false;
    if (!strcmp(a->name, b->name))
        return !S_ISCHR(sa.st_mode) || isatty(fileno(a->file)); /* /dev/null may be named twice */
    return a->opened && b->opened && S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

int ct_output_write(struct ct_output *o, const struct ct_result *r,
                    const struct ct_report_style *style)
{
    if (!o->file)
        return 0;
    return ct_output_close(o, o->write(r, style, o->file));
}

int ct_output_close(struct ct_output *o, int err)
{
    if (fclose(o->file) && !err) /* a full disk may only show here */
        err = -errno;
    o->file = NULL;
    if (err)
        ct_say("cannot write the %s to %s: %s", o->what, o->name, strerror(-err));
    return err;
}

void ct_output_fini(struct ct_output *o)
{
    if (o->file)
        fclose(o->file);
    o->file = NULL;
}
