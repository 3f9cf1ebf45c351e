/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the capture needs to give names to addresses: it follows what is mapped while the run
 * lasts, and tells the names when it is over.
 */
#ifndef CT_NAMING_H
#define CT_NAMING_H

#include <stdbool.h>
#include <sys/types.h>

#include "user/core/model.h"

struct ct_naming;

/* NULL: no memory. */
struct ct_naming *ct_naming_new(void);
void ct_naming_free(struct ct_naming *n);

/* Around each drain of the records, in this order; record for each of them. */
void ct_naming_mark(struct ct_naming *n);
void ct_naming_record(struct ct_naming *n, const struct ct_rec_head *rec);
void ct_naming_take(struct ct_naming *n);

/* A process to be traced: its owner's perf maps are believed. */
void ct_naming_trust(struct ct_naming *n, pid_t pid);
/* One that runs already, whose NEW record has been seen. */
void ct_naming_attach(struct ct_naming *n, pid_t pid, uint64_t time_ns);

/* Whether mappings were missed. */
bool ct_naming_lost(const struct ct_naming *n);

/*
 * Hands over the names: STACK records, if the descriptors of the probes' maps are given (else -1),
 * and LOCK records. 0 or -errno.
 */
int ct_naming_emit(struct ct_naming *n, int weights_fd, int frames_fd, ct_record_fn sink,
                   void *ctx);

#endif
