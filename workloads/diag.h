/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages and memory. A message is one line on standard error, "workload: ...", written with one
 * write so that lines of several processes don't mix. Helpers report and return; only main turns a
 * failure into an exit status. The exception is memory: wl_alloc ends the program, because a demo
 * that cannot get a few bytes has nothing better to do.
 */
#ifndef WL_DIAG_H
#define WL_DIAG_H

#include <stddef.h>

#define WL_EXIT_FAILURE 1
#define WL_EXIT_USAGE   2

/* Returns -1, so that "return wl_error(...)" reads as it acts. */
int wl_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory for count members of size bytes; never NULL. */
void *wl_alloc(size_t count, size_t size);

#endif
