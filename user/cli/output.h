/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a report goes: opened before the run (a mistake shows at once, not after an hour), written
 * after it.
 */
#ifndef CT_OUTPUT_H
#define CT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "user/report/report.h"
#include "user/source/launch.h"

struct ct_output {
    const char *what; /* "text report", for messages; NULL: not wanted */
    const char *name; /* of the destination, for messages */
    bool opened;      /* by us, by its path */
    ct_report_fn write;
    FILE *file;
};

/*
 * Opens path ("-": standard output; NULL: standard error) as the user `invoker`. Standard streams
 * and descriptors we inherited (/dev/stdout, /dev/fd/N) are taken as they are; of everything else
 * only regular files and character devices, never through a symbolic link, never a FIFO. What is
 * not written by a report (write: NULL) can be read again. 0, or -errno after one line on standard
 * error; *out is then untouched.
 */
int ct_output_open(struct ct_output *out, const char *what, ct_report_fn write, const char *path,
                   const struct ct_identity *invoker);

/* The same with a file that nobody else can see, and that is gone when it is closed. */
int ct_output_temporary(struct ct_output *out, const char *what);

/* Whether both are wanted and would write over one another. */
bool ct_output_same(const struct ct_output *a, const struct ct_output *b);

/* Writes r there, if wanted, and closes. 0, or -errno after one line on standard error. */
int ct_output_write(struct ct_output *o, const struct ct_result *r,
                    const struct ct_report_style *style);

/* Ends the writing of a report, which went as err tells (0 or -errno). The same. */
int ct_output_close(struct ct_output *o, int err);

/*
 * A file as ct_output_open takes it, `how` O_WRONLY or O_RDWR. A descriptor, or -errno; *why then
 * says what errno's words would not, if anything.
 */
int ct_output_open_file(const char *path, int how, const struct ct_identity *invoker,
                        const char **why);

/* A folder, if it is not there; with the rights of invoker. 0 or -errno. */
int ct_output_make_folder(const char *path, const struct ct_identity *invoker);

/* Closes what was never written. */
void ct_output_fini(struct ct_output *o);

#endif
