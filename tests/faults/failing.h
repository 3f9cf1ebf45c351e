/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocations that fail on purpose: the program is linked with --wrap for each of them. */
#ifndef CT_FAILING_H
#define CT_FAILING_H

#include <stdbool.h>
#include <stddef.h>

/* Counts from here on; the nth allocation fails, and with forever all after it. 0: none. */
void ct_failing_from(size_t nth, bool forever);

/* From now on the nth tells on standard error where it is. */
void ct_failing_show(bool on);

/* Ends it. How many allocations there have been since ct_failing_from. */
size_t ct_failing_end(void);

#endif
