/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State that the probes and the capture (user/source/capture.c) both reach, apart from the records:
 * the layout of a task's storage, of a CPU's account, of the run's knobs. Nobody else includes it.
 */
#ifndef CT_SHARED_H
#define CT_SHARED_H

#include "event.h"

#define CT_RING_WAKE_BYTES (1024 * 1024) /* wake the reader at this backlog */
#define CT_RING_LOOK_EVERY 64            /* records of one CPU between two looks at the backlog */

/*
 * What it means to block in a system call. Values below CT_WAIT_BY_FD are an enum ct_cause; the
 * others say where to look. The tables by number are filled by user/source/waits.c.
 */
#define CT_SYSCALLS_MAX 512 /* a power of two above all numbers in use */
enum ct_wait_class {
    CT_WAIT_BY_FD = 0x20, /* the first argument is a descriptor */
    CT_WAIT_BY_FD_OR_2ND, /* the first and second are */
    CT_WAIT_BY_FD_OR_3RD, /* the first and third are */
    CT_WAIT_POLL,         /* pollfds, their number, a timeout in ms */
    CT_WAIT_PPOLL,        /* pollfds, their number, a pointer to a timeout */
    CT_WAIT_SELECT,       /* number, three sets, a pointer to a timeout */
    CT_WAIT_OPEN,         /* of a FIFO if it can be interrupted, else the disk */
    CT_WAIT_CLONE,        /* flags: vfork waits for the child */
    CT_WAIT_CLONE3,       /* a pointer to flags */
    CT_WAIT_RESTART,      /* goes on with the wait that a signal interrupted */
};

#define CT_TARGETS_MAX 64 /* processes to attach to */

/* What a system call means as the place an event loop comes back to; the stronger one counts. */
enum ct_loop_kind { CT_LOOP_NONE, CT_LOOP_POLL, CT_LOOP_EPOLL };

enum ct_begun { CT_NOT_BEGUN, CT_BEGUN, CT_BEGINNING };

enum ct_task_flags {
    /* conctrace itself: not accounted, its switches keep the clocks in step */
    CT_TASK_OBSERVER = 1,
    /* of the command, or of a process attached to: the run ends with the last of them */
    CT_TASK_ROOT = 2,
};

/* A table as it stands in the task's storage: what is used of it is one ROWS record. */
#define X(upper, lower, slots)                                                                     \
    struct ct_##lower {                                                                            \
        struct ct_rec_rows rec;                                                                    \
        struct ct_row row[slots];                                                                  \
    };
CT_TABLES(X)
#undef X

/* ---- stacks (bpf/stacks.bpf.h) ---- */

#define CT_STACK_DEPTH   127          /* frames of a stack, the innermost ones */
#define CT_STACK_SCAN    64           /* words above the stack pointer that are looked at */
#define CT_STACK_NEAR    16           /* of them, those that may be return addresses */
#define CT_STACK_SPAN    (8ULL << 20) /* a stack is not larger, as far as frames are followed */
#define CT_STACK_REACH   (3ULL << 19) /* a library's code, around one address in it */
#define CT_STACKS_MAX    16384
#define CT_WEIGHTS_MAX   65536
#define CT_STACK_LATE_NS 1000000 /* a wait that long is worth a late look */

#define CT_STACK_SLOT_SHIFT 56 /* near[]: the word's number above the bits of an address */

/* In the place of a stack's hash. */
enum ct_stack_reason {
    CT_STACK_NONE,      /* there is none, or it cannot be read */
    CT_STACK_NOT_TAKEN, /* beyond the thread's allowance */
    CT_STACK_NO_ROOM,   /* the table was full */
    CT_STACK_REASONS
};

/* A stack, innermost first. User stacks: ip[1..] are those that frame pointers lead to. */
struct ct_frames {
    __u32 cnt;
    __u32 near_cnt;
    __u32 chain_at; /* where the frame pointer's chain begins: bytes above the stack pointer */
    __u32 pad;
    __u64 near[CT_STACK_NEAR];
    __u64 ip[CT_STACK_DEPTH];
};

struct ct_stack_key {
    __u32 tgid;
    __u32 state; /* enum ct_state */
    __u64 user;  /* hash, or enum ct_stack_reason */
    __u64 kernel;
};

struct ct_stack_weight {
    __u64 cnt;
    __u64 ns;
    __u64 max_ns;
    __u64 first_ns; /* when the first of these waits began */
};

/* What the switches touch stands together, before the tables. */
struct ct_task {
    __u32 id;
    __u32 parent_id;
    __u32 flags;
    __u16 cpu;       /* the last one it ran on */
    __u8 state;      /* enum ct_state; UNKNOWN until its first event */
    __u8 last_state; /* the state before */
    __u32 begun;     /* enum ct_begun */
    __u32 tgid;
    __u64 since_ns;   /* when the state began */
    __u64 out_ns;     /* when it last left a CPU */
    __u64 charged_ns; /* CPU time that the kernel had charged it by then */
    __u64 skew_ns;    /* clock_skew of its CPU when it came there; 0: not seen coming */

    __u64 wait_address; /* of that lock */
    __u64 wait_lock;    /* of the last wait for a lock: its key */
    __u64 waker;        /* of the last wakeup: its key */
    __u64 preemptor;    /* of the last preemption: its key */
    char waker_comm[CT_COMM_LEN];
    char preemptor_comm[CT_COMM_LEN];
    __u32 waker_tid; /* whose key `waker` is, unless an interrupt's */
    __u8 wake;       /* enum ct_wake: who that is; UNKNOWN: not seen since the thread last ran */
    __u8 wake_kind;  /* the same, of the last that was seen */
    __u8 handed;     /* the waker had waited for the same lock */
    __u8 loop_kind;  /* enum ct_loop_kind: what it keeps coming back to */
    __s32 wait_nr;   /* system call of the last wait, with CT_KEY_COMPAT; -1: none */
    __u8 wait_cause; /* of the last wait in a system call: enum ct_cause */
    __u8 wait_pad[3];

    __u64 call_enter_ns;   /* monotonic; 0: not in a system call whose entry we saw */
    __u64 call_off_ns;     /* off-CPU time within it */
    __u64 call_blocked_ns; /* the blocked part of that */
    __u64 call_other;      /* CT_ROW_OTHER, if some of that was */
    __s32 call_nr;
    __u32 call_loops; /* enum ct_loop_kind */

    /* Absences from its event loop: times of the monotonic clock, and what was at the last return
     */
    __u64 loop_left_ns; /* 0: it is not away from one */
    __u64 loop_off_ns;
    __u64 loop_blocked_ns;
    __u64 loop_call_ns; /* the longest system call since */
    __s32 loop_call_nr;
    __u32 loop_pad;
    __u64 off_ns;     /* all its time off a CPU so far */
    __u64 blocked_ns; /* the blocked part of that */

    __u64 seen_voluntary; /* the kernel's count at its last switch */
    __u64 stack_user;     /* of the wait that goes on */
    __u64 stack_kernel;
    __u64 stack_paid_ns; /* up to when the allowance is used up */
    __u64 stack_late_ns; /* a wait whose stack is to be taken as its system call returns */
    __u64 stack_late_state;

    __u64 base_cpu_ns;
    __u64 base_voluntary;
    __u64 base_involuntary;
    __u64 base_run_delay_ns;
    struct ct_totals totals;

#define X(upper, lower, slots) struct ct_##lower lower;
    CT_TABLES(X)
#undef X
    __u8 call_row[CT_SYSCALLS_MAX]; /* by number: row of calls, plus one */
};

struct ct_cpu_account {
    __u64 traced_ns;
    __u64 idle_ns;
    __u64 last_ns; /* the last switch seen here; 0: none since the probes were armed */
    __u32 idle;    /* it was to the idle task */
    __u32 busy;    /* there was none, but a foreign task was on it at the end */
    __u32 records;
};

/* One instance, in the probes' memory, mapped by the capture. */
struct ct_run {
    __u32 root_threads; /* alive, with CT_TASK_ROOT */
    __u32 next_id;
    __u32 targets[CT_TARGETS_MAX];
    __u32 targets_cnt;
    __u32 pad;
    __u64 start_ns; /* first event of the command; 0: not yet */
    __u64 end_ns;   /* set once: from then on no probe accounts */
    __u64 lost_threads;
    __u64 lost_rows;   /* of the threads' tables */
    __u64 stacks_full; /* stacks that found no room */
    __u64 lost_waits;  /* weights that found no room, and their time */
    __u64 lost_waits_ns;
    __u64 lost_cnt; /* records that found no room, not yet told in the stream; when: from, to */
    __u64 lost_from_ns;
    __u64 lost_to_ns;
    __u64 lost_total;
    /* scheduler's clock minus the monotonic one, and when (monotonic) that was measured */
    __s64 clock_offset_ns;
    __u64 clock_measured_ns;
};

#endif
