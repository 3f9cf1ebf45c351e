/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file and not a pipe: a pipe would want somebody to read it while the run is measured, and its
 * being full would be a wait of the run's own.
 */
#include "user/cli/run_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/cli/output.h"

#define END_BYTES  4096
#define LABEL_MOST 100

/* Of a label what is safe in a file's name. */
static void file_name(char *to, size_t size, const char *folder, const char *label, size_t run)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%_+=,.-";
    char safe[LABEL_MOST + 1];
    size_t len = 0;

    for (; len < LABEL_MOST && label[len]; len++) {
        const bool ok = strchr(plain, label[len]) && !(len == 0 && label[0] == '.');
        safe[len] = ok ? label[len] : '_';
    }
    safe[len] = '\0';
    snprintf(to, size, "%s/%s-%zu.txt", folder, safe, run);
}

static int open_named(const char *folder, const char *label, size_t run,
                      const struct ct_identity *invoker)
{
    const char *why = NULL;
    char path[PATH_MAX];

    file_name(path, sizeof(path), folder, label, run);
    const int fd = ct_output_open_file(path, O_RDWR, invoker, &why);
    if (fd < 0)
        ct_say("cannot write the output of a run to %s: %s", path, why ? why : strerror(-fd));
    return fd;
}

static int open_unnamed(void)
{
    const int fd = memfd_create("output", MFD_CLOEXEC);
    const int err = -errno;

    if (fd >= 0)
        return fd;
    ct_say("cannot keep the output of a run: %s", strerror(-err));
    return err;
}

int ct_run_output_open(struct ct_run_output *out, const char *folder, const char *label, size_t run,
                       const struct ct_identity *invoker)
{
    const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (in < 0) {
        const int err = -errno;
        ct_say("cannot open /dev/null: %s", strerror(-err));
        return err;
    }
    const int fd = folder ? open_named(folder, label, run, invoker) : open_unnamed();
    if (fd < 0) {
        close(in);
        return fd;
    }
    *out = (struct ct_run_output){{in, fd, fd}};
    return 0;
}

char *ct_run_output_end(const struct ct_run_output *out)
{
    const int fd = out->streams[1];
    struct stat st;

    if (fstat(fd, &st) || st.st_size <= 0)
        return NULL;
    const off_t from = st.st_size > END_BYTES ? st.st_size - END_BYTES : 0;
    char *text = malloc(END_BYTES + 1);
    const ssize_t n = text ? pread(fd, text, END_BYTES, from) : 0;
    if (n <= 0) {
        free(text);
        return NULL;
    }
    size_t len = 0;
    for (ssize_t i = 0; i < n; i++)
        if (text[i])
            text[len++] = text[i];
    text[len] = '\0';
    return text;
}

void ct_run_output_close(struct ct_run_output *out)
{
    close(out->streams[0]);
    close(out->streams[1]);
}
