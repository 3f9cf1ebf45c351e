/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What conctrace keeps away from others while it can do more than they: its environment is its own,
 * and what it may do shrinks once the probes are armed. The command is not touched by any of it.
 */
#ifndef CT_PRIVILEGES_H
#define CT_PRIVILEGES_H

#include <stdbool.h>

#include "user/source/launch.h"

/*
 * If we act with more rights than our caller has (under sudo, or by file capabilities): from here
 * on we see few of the variables that he set, and none that a library obeys. To be called before
 * anything reads one.
 */
void ct_environment_guard(void);

/* The whole of it again: for the command, in its process. */
void ct_environment_restore(void);

/*
 * Gives up, for good, what following the run does not need. runner: the user whom the command runs
 * as, NULL with -p. If he is not us, then we also look at files as he, whose names come from his
 * programs. For the calling thread. 0 or -errno.
 */
int ct_privileges_drop(const struct ct_identity *runner);

#endif
