/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CT_WAITS_H
#define CT_WAITS_H

#include <linux/types.h>

#include "bpf/shared.h"
#include "user/core/syscalls.h"

/*
 * Fills the probes' table of what blocking in each system call of an architecture means
 * (enum ct_wait_class, or an enum ct_cause). What is not told there is CT_CAUSE_OTHER.
 */
void ct_waits_fill(__u8 table[CT_SYSCALLS_MAX], enum ct_abi abi);

#endif
