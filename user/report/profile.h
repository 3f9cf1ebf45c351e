/* SPDX-License-Identifier: GPL-2.0-only */
/* Figures that the JSON and the text report both draw from a result. Defined in docs/metrics.md. */
#ifndef CT_PROFILE_H
#define CT_PROFILE_H

#include "user/core/result.h"

/* Time with exactly one traced thread on a CPU, and with at least one. */
uint64_t ct_serial_ns(const struct ct_result *r);
uint64_t ct_busy_ns(const struct ct_result *r);

/* The critical path without its waits for a CPU: no number of CPUs makes it shorter. 0: not known.
 */
uint64_t ct_path_least_ns(const struct ct_result *r);
/* Waits for a CPU on the critical path. */
uint64_t ct_path_runnable_ns(const struct ct_result *r);

/* When the longest absence from its event loop began, from the start of the run on. */
uint64_t ct_loop_worst_ns(const struct ct_thread *t);

#endif
