/* SPDX-License-Identifier: GPL-2.0-only */
/* Likeness of threads' names: worker-1 and worker-2 are both "worker-*". */
#ifndef CT_TEXT_NAMES_H
#define CT_TEXT_NAMES_H

#include <linux/types.h>

#include "bpf/event.h"

#define CT_NAME_PATTERN_LEN (CT_COMM_LEN + 2)

/* Orders names; 0 if they differ in their digits only. */
int ct_name_compare(const char *a, const char *b);

/* "worker-12" becomes "worker-*". comm: at most CT_COMM_LEN bytes. */
void ct_name_pattern(char to[CT_NAME_PATTERN_LEN], const char *comm);

#endif
