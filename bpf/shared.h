/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State that the probes and the capture (user/source/capture.c) both reach, apart from the records:
 * the layout of a task's storage, of a CPU's account, of the run's knobs. Nobody else includes it.
 */
#ifndef CT_SHARED_H
#define CT_SHARED_H

#include "event.h"

#define CT_RING_WAKE_BYTES (1024 * 1024) /* wake the reader at this backlog */
#define CT_RING_WAKE_SLACK 8192          /* the crossing may be missed by other CPUs' records */

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

enum ct_task_flags {
    CT_TASK_OBSERVER =
        1, /* conctrace itself: not accounted, its switches keep the clocks in step */
};

struct ct_task {
    __u32 id;
    __u32 parent_id;
    __u32 flags;
    __u16 cpu;  /* the last one it ran on */
    __u8 state; /* enum ct_state; UNKNOWN until its first event */
    __u8 begun;
    __u8 wait_cause; /* of the last wait in a system call: enum ct_cause */
    __u64 since_ns;  /* when the state began */
    __u64 out_ns;    /* when it last left a CPU */
    __u64 wait_key;  /* of a wait for a lock: the futex's address */
    __s32 wait_nr;   /* system call of the last wait; -1: none */
    __u32 wait_pad;
    __u64 charged_ns;       /* CPU time that the kernel had charged it by then */
    __u64 skew_ns;          /* clock_skew of its CPU when it came there; 0: not seen coming */
    __u64 syscall_enter_ns; /* monotonic; 0: not in a system call whose entry we saw */
    __u64 syscall_off_ns;   /* off-CPU time within it */
    __u64 base_cpu_ns;
    __u64 base_voluntary;
    __u64 base_involuntary;
    __u64 base_run_delay_ns;
    struct ct_totals totals;
};

struct ct_cpu_account {
    __u64 traced_ns;
    __u64 idle_ns;
    __u64 idle_since_ns;
    __u32 idle; /* the idle task is on this CPU, since idle_since_ns */
    __u32 seen; /* there was a switch since the probes were armed */
    __u32 busy; /* !seen, and a foreign task was on it at the end */
    __u32 pad;
};

/* One instance, in the probes' memory, mapped by the capture. */
struct ct_run {
    __u32 root_tgid;    /* the run ends when this process's last thread is gone; 0: it does not */
    __u32 root_threads; /* of root_tgid, alive */
    __u32 next_id;
    __u32 pad;
    __u64 start_ns; /* first event of the command; 0: not yet */
    __u64 end_ns;   /* set once: from then on no probe accounts */
    __u64 lost_threads;
    __u64 lost_cnt; /* records that found no room, not yet told in the stream; when: from, to */
    __u64 lost_from_ns;
    __u64 lost_to_ns;
    __u64 lost_total;
    /* scheduler's clock minus the monotonic one, and when (monotonic) that was measured */
    __s64 clock_offset_ns;
    __u64 clock_measured_ns;
};

#endif
