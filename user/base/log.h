/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of conctrace itself: one line each on standard error, at once, in a single write, so
 * that a line is never torn by the command's own output.
 */
#ifndef CT_LOG_H
#define CT_LOG_H

/* "conctrace: ", the message, a newline. Control characters in it are shown as '?'. */
__attribute__((format(printf, 1, 2))) void ct_say(const char *format, ...);

#endif
