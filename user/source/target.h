/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc tells of a process that runs already. */
#ifndef CT_TARGET_H
#define CT_TARGET_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include "bpf/shared.h"

/*
 * Whether pid is a process that we may attach to. 0, or -errno with one line (what is wrong, and
 * the mend) in why[why_size].
 */
int ct_target_check(pid_t pid, char *why, size_t why_size);

/* Its program and arguments, as if it had just exec'ed; the head is not filled. 0 or -errno. */
int ct_target_program(pid_t pid, struct ct_rec_exec *out);

#endif
