/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the kernel keeps a CPU's preemption count. */
#ifndef CT_PERCPU_H
#define CT_PERCPU_H

#include <stddef.h>
#include <stdint.h>

/*
 * How far the preemption count lies behind a CPU's run queue, in bytes: both are per-CPU variables,
 * whose places the kernel's type information tells. 0: it does not.
 */
int64_t ct_preempt_count_at(void);

/* The same, of the type information in btf. */
int64_t ct_preempt_count_in(const void *btf, size_t size);

#endif
