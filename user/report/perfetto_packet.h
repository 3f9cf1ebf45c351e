/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packets of a Perfetto trace that the report needs. Names and numbers are those of Perfetto's
 * protocol; times are nanoseconds of its clock (since boot).
 */
#ifndef CT_PERFETTO_PACKET_H
#define CT_PERFETTO_PACKET_H

#include <stdint.h>

#include "user/core/result.h"
#include "user/report/protobuf.h"

/* Perfetto's words for what a thread does (GenericKernelTaskState). */
enum ct_perfetto_state {
    CT_PERFETTO_UNKNOWN = 0, /* not told yet; never written */
    CT_PERFETTO_RUNNABLE = 2,
    CT_PERFETTO_RUNNING = 3,
    CT_PERFETTO_SLEEPING = 4, /* interruptible */
    CT_PERFETTO_WAITING = 5,  /* not interruptible */
    CT_PERFETTO_STOPPED = 6,
    CT_PERFETTO_DEAD = 7,
};

struct ct_perfetto_task {
    uint32_t tid;
    uint32_t tgid;
    const char *comm; /* any bytes but NUL */
};

/* Clocks, the host, and the words that later packets name by number (cause + 1). */
void ct_perfetto_preamble(struct ct_proto *p, const struct ct_result *r);

/*
 * Births, causes and wakings are events of the kernel's own kind, which Perfetto sorts apart from
 * packets. Of one time either may be taken first; but behind another event of their kind that is
 * one nanosecond older, they are taken before packets.
 */

/* A thread is born. */
void ct_perfetto_birth(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                       uint32_t parent_tid);
void ct_perfetto_process(struct ct_proto *p, uint64_t time_ns, const struct ct_process *process);
void ct_perfetto_thread(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t);

/* cpu: where it runs, or ran last. */
void ct_perfetto_task_state(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                            uint16_t cpu, enum ct_perfetto_state state);
/* The wait that the thread is in at this time: enum ct_cause; CT_CAUSE_COUNT: not known. */
void ct_perfetto_cause(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                       unsigned cause);
/* waker_tid 0: an interrupt, or nobody we know. */
void ct_perfetto_waking(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                        uint32_t waker_tid);

/* Tracks. parent_uuid 0: none. */
void ct_perfetto_track(struct ct_proto *p, uint64_t time_ns, uint64_t uuid, uint64_t parent_uuid,
                       const char *name);
void ct_perfetto_thread_track(struct ct_proto *p, uint64_t time_ns, uint64_t uuid,
                              const struct ct_perfetto_task *t);
void ct_perfetto_counter_track(struct ct_proto *p, uint64_t time_ns, uint64_t uuid,
                               const char *name);

void ct_perfetto_slice(struct ct_proto *p, uint64_t uuid, uint64_t from_ns, uint64_t to_ns,
                       const char *name);
void ct_perfetto_count(struct ct_proto *p, uint64_t uuid, uint64_t time_ns, double value);
void ct_perfetto_finding(struct ct_proto *p, uint64_t uuid, uint64_t time_ns,
                         const struct ct_finding *f, const char *id);

#endif
