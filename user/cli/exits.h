/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit statuses that are conctrace's own; all others are the command's. */
#ifndef CT_EXITS_H
#define CT_EXITS_H

enum {
    CT_EXIT_USAGE = 2,
    CT_EXIT_FAILED = 125,       /* conctrace itself failed */
    CT_EXIT_NOT_RUNNABLE = 126, /* the command was found but cannot be executed */
    CT_EXIT_NOT_FOUND = 127,
};

#endif
