/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records that cross from the kernel to user space, and the account each thread carries.
 *
 * Floor 0: stands alone on either side (the includer brings the fixed-width types __u8 .. __u64).
 * Fixed widths, no implicit padding: sizes and offsets are asserted below.
 *
 * Times are nanoseconds of the scheduler's own clock (the run queue's clock; docs/metrics.md says
 * why). Threads are named by `id`, a serial number given at adoption: never reused, unlike a tid.
 * Id 0 means "not traced".
 */
#ifndef CT_EVENT_H
#define CT_EVENT_H

#include "event_kinds.h"

enum ct_event_kind {
#define X(upper, lower) CT_EV_##upper,
    CT_EVENT_KINDS(X)
#undef X
        CT_EV_COUNT
};

enum ct_runnable {
#define X(upper, lower, words) CT_RUN_##upper,
    CT_RUNNABLE(X)
#undef X
        CT_RUN_COUNT
};

enum ct_cause {
#define X(upper, lower, words) CT_CAUSE_##upper,
    CT_CAUSES(X)
#undef X
        CT_CAUSE_COUNT
};

enum ct_wake {
#define X(upper, lower) CT_WAKE_##upper,
    CT_WAKES(X)
#undef X
        CT_WAKE_COUNT
};

enum ct_table {
#define X(upper, lower, slots) CT_TABLE_##upper,
    CT_TABLES(X)
#undef X
        CT_TABLE_COUNT
};

enum ct_table_slots {
#define X(upper, lower, slots) CT_SLOTS_##upper = slots,
    CT_TABLES(X)
#undef X
};

/*
 * A thread's state in one byte: UNKNOWN, RUNNING, DEAD, then the four runnable ones
 * (CT_ST_RUNNABLE + enum ct_runnable), then the blocked ones (CT_ST_BLOCKED + enum ct_cause).
 */
enum ct_state {
    CT_ST_UNKNOWN = 0,
    CT_ST_RUNNING = 1,
    CT_ST_DEAD = 2,
    CT_ST_RUNNABLE = 3,
    CT_ST_BLOCKED = CT_ST_RUNNABLE + CT_RUN_COUNT,
    CT_ST_COUNT = CT_ST_BLOCKED + CT_CAUSE_COUNT,
};

/*
 * Scheduling latencies are kept as a histogram: CT_LAT_SUB buckets to each power of two, so that a
 * quantile is known to within 1/CT_LAT_SUB of itself. Bucket 0 holds what is below
 * 2^CT_LAT_MIN_LOG2 ns, the last one all that is above the range.
 */
#define CT_LAT_MIN_LOG2 7
#define CT_LAT_SUB_LOG2 2
#define CT_LAT_SUB      (1 << CT_LAT_SUB_LOG2)
#define CT_LAT_OCTAVES  28
#define CT_LAT_BUCKETS  (CT_LAT_OCTAVES * CT_LAT_SUB)

#define CT_COMM_LEN 16
#define CT_ARGV_MAX 2048 /* bytes of argv kept per exec; the rest is cut */

#define CT_STATE_SLOTS 32 /* a power of two: the probes index by state & (CT_STATE_SLOTS - 1) */

/*
 * A thread that keeps coming back to epoll, poll, select or io_uring (over more than one
 * descriptor, or descriptors that are not known): an event loop, by what it does. An absence lasts
 * from such a call's return to the next one's entry. Only with the probes on system calls.
 */
#define CT_LOOP_LONG_NS 50000000ULL

struct ct_loop {
    __u64 returns;  /* absences that ended: it came back */
    __u64 away_ns;  /* in all of them */
    __u64 long_cnt; /* those of CT_LOOP_LONG_NS or more, and what they were spent on */
    __u64 long_ns;
    __u64 long_running_ns;
    __u64 long_blocked_ns; /* the rest of long_ns is waiting for a CPU */
    __u64 max_ns;          /* the worst of them */
    __u64 max_at_ns;       /* when it began: the scheduler's clock */
    __u64 max_running_ns;
    __u64 max_blocked_ns;
    __u64 max_call_ns; /* the longest system call in it, and its number (with CT_KEY_COMPAT) */
    __s32 max_call_nr; /* -1: none */
    __u32 pad;
};

/*
 * A thread's account since adoption. running + runnable[] + blocked[] + unknown = end - start.
 * state_ns is as long as the probes' index may be; no state is above CT_ST_COUNT, so what follows
 * the states stands in what it does not use: there are many threads.
 */
struct ct_totals {
    __u64 start_ns;
    __u64 end_ns;
    union {
        __u64 state_ns[CT_STATE_SLOTS]; /* by enum ct_state */
        struct {
            __u64 unknown_ns;
            __u64 running_ns;
            __u64 dead_ns; /* 0 */
            __u64 runnable_ns[CT_RUN_COUNT];
            __u64 blocked_ns[CT_CAUSE_COUNT];
            __u64 kernel_ns; /* the part of running between entry to and exit from system calls */
            __u64 irq_ns;    /* the part of running that interrupts took, or the hypervisor */
            __u64 voluntary;
            __u64 involuntary;
            __u64 migrations;
            __u64 wakeups;
            __u64 syscalls;
            /* the kernel's own figures over the same span, read from the task */
            __u64 kernel_cpu_ns;
            __u64 kernel_voluntary;
            __u64 kernel_involuntary;
            __u64 kernel_run_delay_ns;
            /* scheduling latency: the woken waits that ended on a CPU */
            __u64 latency_cnt;
            __u64 latency_sum_ns;
            __u64 latency_max_ns;
        };
    };
    __u32 latency_hist[CT_LAT_BUCKETS];
    struct ct_loop loop;
};

/*
 * One row of a thread's tables. All times in ns.
 *              key                     cnt       sum_ns            max_ns   note
 *   calls      number                  returned  within the call   longest  blocked, runnable in it
 *   locks      address, or SHARED      waits     waited            longest  last waker's key,
 * address wakers     id, tid, or CT_KEY_IRQ  wakeups   until it ran      longest  comm preemptors
 * id, or tid              times     until it ran on   longest  comm A table that is full gives up
 * its row with the least time: that goes into a row whose key is CT_KEY_REST. So sums over a table
 * are exact, however many rows there would have been.
 */
struct ct_row {
    __u64 key;
    __u64 cnt;
    __u64 sum_ns;
    __u64 max_ns;
    union {
        __u64 note[2];
        char comm[CT_COMM_LEN];
    };
    /*
     * calls: that returned an error; CT_ROW_OTHER: some waited for CT_CAUSE_OTHER.
     * locks: CT_WAITS_TIMED_OUT, CT_WAITS_HANDED.
     */
    __u64 errors;
};

/* In a lock's row: waits that no thread ended (a timeout), and those that one ended which had
 * waited for the same lock itself: it was handed on. */
#define CT_WAITS_TIMED_OUT 1ULL
#define CT_WAITS_HANDED    (1ULL << 32)
#define CT_SAME_LOCK_BYTES 128 /* a lock's parts: glibc's condition variables have two futexes */

#define CT_ROW_OTHER   (1ULL << 63)
#define CT_KEY_REST    (~0ULL)
#define CT_KEY_UNKNOWN (~0ULL - 1) /* wakers: not seen */
#define CT_KEY_COMPAT  0x10000     /* calls: the number is of the 32-bit table */
#define CT_KEY_SHARED                                                                              \
    (1ULL << 63)                    /* locks: a place in a mapped file, the same in all processes  \
                                     */
#define CT_KEY_IRQ     (1ULL << 62) /* wakers: an interrupt */
#define CT_KEY_FOREIGN (1ULL << 61) /* wakers, preemptors: a task that is not traced; its tid */

/* Every record begins so; size is the whole record's. */
struct ct_rec_head {
    __u64 time_ns;
    __u8 kind; /* enum ct_event_kind */
    __u8 state;
    __u16 cpu;
    __u32 id;
};

/*
 * One context switch. head.id is prev (0: not traced), head.state what prev became. prev stopped
 * running out_lag_ns before head.time_ns, when next began (the kernel looks for work in between).
 * Wakeups have no record of their own: next was woken wake_lag_ns before it came to the CPU (may
 * be 0; if wake is UNKNOWN then, it was not blocked before), by waker_id (0: not traced, an
 * interrupt, or not known: see wake).
 */
struct ct_rec_switch {
    struct ct_rec_head head;
    __u32 next_id;
    __u32 out_lag_ns;
    __u64 wake_lag_ns;
    __u32 waker_id;
    __u16 wake; /* enum ct_wake */
    __u16 call; /* prev waits in this system call: its number + 1, CT_CALL_COMPAT; 0: in none */
};
#define CT_CALL_COMPAT 0x8000 /* the number is of the 32-bit table */

struct ct_rec_new {
    struct ct_rec_head head;
    __u32 parent_id; /* 0: the command itself, or attached */
    __u32 tid;
    __u32 tgid;
    __u32 ppid;
    char comm[CT_COMM_LEN];
    /* tid and tgid as the thread sees them in its own PID namespace; 0: the same */
    __u32 ns_tid;
    __u32 ns_tgid;
};

/* argv_len bytes of NUL-separated arguments follow; argv_cut tells that there were more. */
struct ct_rec_exec {
    struct ct_rec_head head;
    __u32 tid;
    __u32 tgid;
    char comm[CT_COMM_LEN];
    __u32 argv_len;
    __u32 argv_cut;
    char argv[CT_ARGV_MAX];
};

enum ct_life_flags {
    CT_LIFE_ALIVE = 1,      /* tracing ended before the thread did */
    CT_LIFE_GROUP_EXIT = 2, /* exit_code is the whole process's, whoever its leader was */
};

/* head.state: CT_ST_DEAD, or the state at the end of tracing, since since_ns. */
struct ct_rec_life {
    struct ct_rec_head head;
    __u64 since_ns;
    __u32 tid;
    __u32 tgid;
    __s32 exit_code; /* as in wait(2)'s status word */
    __u32 flags;     /* enum ct_life_flags */
    char comm[CT_COMM_LEN];
};

struct ct_rec_totals {
    struct ct_rec_life life;
    struct ct_totals totals;
};

/* cnt rows (struct ct_row) of table (enum ct_table) follow. */
struct ct_rec_rows {
    struct ct_rec_head head;
    __u32 table;
    __u32 cnt;
};

/* All waits of one kind at one place. text_len bytes of names, each with its NUL, outermost first.
 */
struct ct_rec_stack {
    struct ct_rec_head head; /* time_ns: of the first; state: what they waited in */
    __u32 tgid;
    __u32 text_len;
    __u64 cnt;
    __u64 ns;
    __u64 max_ns;
    char text[];
};

#define CT_SYMBOL_LEN 512

struct ct_rec_lock {
    struct ct_rec_head head; /* id: a thread that waited for it */
    __u64 key;               /* as in the threads' tables */
    char symbol[CT_SYMBOL_LEN];
};

/* cnt records found no room between head.time_ns and to_ns. */
struct ct_rec_lost {
    struct ct_rec_head head;
    __u64 to_ns;
    __u64 cnt;
};

_Static_assert(sizeof(struct ct_rec_head) == 16, "record head");
_Static_assert(sizeof(struct ct_rec_switch) == 40, "switch record");
_Static_assert(sizeof(struct ct_rec_new) == 56, "new record");
_Static_assert(sizeof(struct ct_rec_exec) == 48 + CT_ARGV_MAX, "exec record");
_Static_assert(sizeof(struct ct_rec_lost) == 32, "lost record");
_Static_assert(sizeof(struct ct_rec_rows) == 24, "rows record");
_Static_assert(sizeof(struct ct_row) == 56, "row");
_Static_assert(sizeof(struct ct_rec_stack) == 48, "stack record");
_Static_assert(sizeof(struct ct_rec_lock) == 24 + CT_SYMBOL_LEN, "lock record");
_Static_assert(sizeof(struct ct_totals) % 8 == 0, "totals have no tail padding");
_Static_assert(CT_ST_COUNT <= CT_STATE_SLOTS, "every state has its slot");
_Static_assert(__builtin_offsetof(struct ct_totals, kernel_ns) ==
                   __builtin_offsetof(struct ct_totals, state_ns) + 8 * CT_ST_COUNT,
               "nothing else is in a state's slot");
_Static_assert(__builtin_offsetof(struct ct_totals, running_ns) ==
                   __builtin_offsetof(struct ct_totals, state_ns) + 8 * CT_ST_RUNNING,
               "running's slot");
_Static_assert(__builtin_offsetof(struct ct_totals, runnable_ns) ==
                   __builtin_offsetof(struct ct_totals, state_ns) + 8 * CT_ST_RUNNABLE,
               "runnable's slots");
_Static_assert(__builtin_offsetof(struct ct_totals, blocked_ns) ==
                   __builtin_offsetof(struct ct_totals, state_ns) + 8 * CT_ST_BLOCKED,
               "blocked's slots");
_Static_assert(sizeof(struct ct_rec_life) == 56, "life record");
_Static_assert(sizeof(struct ct_rec_totals) == 56 + sizeof(struct ct_totals), "totals record");

#endif
