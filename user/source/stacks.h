/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the probes' tables of addresses to records with names: STACK for each place where threads
 * waited, LOCK for each futex whose name is known. At the end of the run, when all mappings are in.
 */
#ifndef CT_STACKS_H
#define CT_STACKS_H

#include "user/core/model.h"

#include "bpf/shared.h"
#include "user/source/symbolizer.h"

/*
 * The frames of a user stack, innermost first: those that frame pointers lead to, and before them
 * the callers of what has no frame pointers. Returns their number.
 */
#define CT_FRAMES_MAX (CT_STACK_DEPTH + CT_STACK_NEAR)
size_t ct_stacks_unwind(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns,
                        const struct ct_frames *f, uint64_t out[CT_FRAMES_MAX]);

/* Hands over a STACK record for each weight. The maps' descriptors are the probes'. 0 or -errno. */
int ct_stacks_emit(struct ct_symbolizer *z, int weights_fd, int frames_fd, ct_record_fn sink,
                   void *ctx);

/* Futexes that threads waited for, to be named. */
struct ct_futexes {
    struct ct_futex {
        uint64_t time_ns;
        uint64_t key; /* as in the threads' tables */
        uint64_t address;
        uint32_t id; /* thread */
        uint32_t tgid;
    } * all;
    size_t cnt, room;
    struct ct_map known; /* (tgid, key) */
    uint32_t last_id, last_tgid;
};

/* Notes the futexes in the threads' tables: any record may be given. */
void ct_futexes_record(struct ct_futexes *f, const struct ct_rec_head *rec);
/* Hands over a LOCK record for each that has a name. */
void ct_futexes_emit(const struct ct_futexes *f, struct ct_symbolizer *z, ct_record_fn sink,
                     void *ctx);
void ct_futexes_fini(struct ct_futexes *f);

#endif
