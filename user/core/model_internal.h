/* SPDX-License-Identifier: GPL-2.0-only */
/* What the model's three files share: model.c (intake), timeline.c (drawing), seal.c (result). */
#ifndef CT_MODEL_INTERNAL_H
#define CT_MODEL_INTERNAL_H

#include "user/base/map.h"
#include "user/core/gaps.h"
#include "user/core/model.h"
#include "user/core/order.h"
#include "user/core/path.h"
#include "user/core/stacks.h"
#include "user/core/strip.h"
#include "user/core/tables.h"

#define CT_NO_PROCESS UINT32_MAX

/* A thread as the model follows it. `out` is what the result will own. */
struct ct_track {
    struct ct_thread *out;
    uint64_t since_ns; /* records' clock; when `state` began */
    uint8_t state;     /* as drawn from the stream */
    bool alive;
    uint16_t cpu;
    uint16_t call;    /* as in struct ct_rec_switch, of its last switch-out */
    uint32_t taker;   /* who got its CPU then; 0: nobody traced */
    uint64_t left_ns; /* records' clock; when it last left a CPU */
    uint64_t seen_ns; /* when its last step was; before since_ns if that is the part's start */
    int status;       /* exit status word */
    bool group_exit;  /* it is the process's */
    struct ct_strip_pen pen;
};

/* How many of a process's threads are on a CPU. */
struct ct_crew {
    uint32_t running;
    uint64_t at_ns; /* up to here its busy_ns and overlap_ns are counted */
};

struct ct_lane {
    uint32_t running_id; /* 0: none of ours */
    uint64_t traced_ns;  /* as drawn */
    struct ct_strip strip;
    struct ct_strip_pen pen;
};

/* Times the stream gave to each state, over all threads: held against the accounts at the end. */
struct ct_stream_sums {
    uint64_t state_ns[CT_ST_COUNT];
};

struct ct_model {
    struct ct_model_info info;
    struct ct_order order;
    bool no_memory;
    uint64_t start_ns; /* stamp of the first life's beginning; 0: none yet */
    uint64_t end_ns;   /* 0: not known yet */

    struct ct_track *tracks; /* by id; [0] unused */
    size_t tracks_cnt;
    size_t tracks_room;
    struct ct_process *processes;
    size_t processes_cnt;
    size_t processes_room;
    struct ct_map newest_at; /* by tgid: where in `newest` its latest process is */
    uint32_t *newest;
    size_t newest_cnt, newest_room;
    struct ct_crew *crews; /* by process */
    size_t crews_room;
    struct ct_lane *lanes; /* by CPU */
    size_t lanes_cnt;

    struct ct_tables tables;
    struct ct_stacks stacks;

    struct ct_gaps gaps;

    uint64_t *parallelism_ns;
    size_t parallelism_room;
    size_t running; /* of ours, on a CPU now */
    size_t wanting; /* of ours, waiting for one */
    size_t waiting; /* of ours, waiting for the world outside */
    uint64_t unserved_ns, waiting_any_ns, waiting_over_ns;
    uint64_t parallel_at_ns; /* up to here it is counted */
    uint32_t alive;
    uint32_t peak;
    uint32_t threads;
    uint64_t switches;
    struct ct_stream_sums sums;
    struct ct_path_builder path; /* follows nothing without wakeups' wakers */
    bool path_begun;
    bool span_open;     /* of a part: its start has come */
    uint64_t span_lost; /* records, in gaps that touch it */
};

/* Makes room for one more element of elem bytes. false: no memory. */
bool ct_grow(void **array, size_t cnt, size_t *room, size_t elem);

/* The track of a thread, made at its first sight. NULL: no memory, or id 0. */
struct ct_track *ct_model_track(struct ct_model *m, uint32_t id);

/* A ct_step_fn: plays one step, in order. ctx is the model. */
void ct_timeline_step(const struct ct_step *step, void *ctx);

/* Closes what is open at the end of the run. */
void ct_timeline_end(struct ct_model *m, uint64_t end_ns);

#endif
