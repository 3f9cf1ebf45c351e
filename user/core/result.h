/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run came to: the one thing that reporters read.
 *
 * Role: the model fills it as records arrive and seals it at the end; reporters get it const.
 * It knows no libbpf, no clock, no environment. Times are integer nanoseconds; those called
 * start_ns/end_ns count from the start of the run. Definitions: docs/metrics.md.
 *
 * Ownership: ct_result_free frees everything reachable from it. Strings are raw bytes as the kernel
 * held them (any bytes but NUL): whoever writes them out must escape them.
 */
#ifndef CT_RESULT_H
#define CT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "bpf/event.h"

/*
 * What one lane (a thread, or a CPU) did over the run, in CT_STRIP_BINS equal slices of time.
 * Each share is that of the slice's length, 0..255. For a CPU, `runnable` is unused and
 * `running` is time with a traced thread on it. What the shares leave is blocked for a thread
 * (outside its life: nothing), idle or foreign for a CPU.
 */
#define CT_STRIP_BINS 128
#define CT_STRIPS_MAX 16384 /* threads that are drawn: nobody looks at more */
struct ct_strip {
    uint8_t running[CT_STRIP_BINS];
    uint8_t runnable[CT_STRIP_BINS];
    uint8_t blocked[CT_STRIP_BINS];
};

struct ct_exit {
    bool known;
    int code;   /* exit status, or -1 if killed */
    int signal; /* 0 if it exited */
};

struct ct_thread {
    uint32_t id; /* serial number, from 1, in order of adoption */
    uint32_t parent_id;
    uint32_t tid;
    uint32_t tgid;
    uint32_t process; /* index into ct_result.processes */
    bool alive;       /* tracing ended before the thread did */
    bool has_totals;  /* false: its account was lost; its numbers are zero and it is in lost_threads
                       */
    char comm[CT_COMM_LEN + 1];
    uint64_t start_ns; /* relative to the run */
    uint64_t end_ns;
    struct ct_totals totals;
    struct ct_strip *strip; /* NULL: not drawn, as more than CT_STRIPS_MAX threads came before it */
};

struct ct_process {
    uint32_t tgid;
    uint32_t ppid;
    char comm[CT_COMM_LEN + 1];
    char *argv; /* argv_len bytes, NUL-separated; NULL if none was seen */
    uint32_t argv_len;
    bool argv_cut;
    uint64_t start_ns;
    uint64_t end_ns;
    uint32_t threads; /* all it ever had */
    struct ct_exit exit;
    struct ct_totals totals; /* sums over its threads; start/end unused, latency_* merged */
};

struct ct_cpu {
    uint32_t cpu;
    uint64_t traced_ns;
    uint64_t other_ns;
    uint64_t idle_ns;
    struct ct_strip strip;
};

struct ct_gap {
    uint64_t start_ns;
    uint64_t end_ns;
};

/* What one process, or one thread, did with one system call. */
struct ct_call {
    uint32_t owner;  /* index into ct_result.processes; in thread_calls the thread's id */
    uint32_t nr;     /* CT_KEY_COMPAT: of the 32-bit table; CT_CALL_REST: all others together */
    uint64_t calls;  /* that returned */
    uint64_t errors; /* of those, with an error */
    uint64_t total_ns;
    uint64_t max_ns;
    uint64_t blocked_ns;  /* the part of total_ns off a CPU, waiting */
    uint64_t runnable_ns; /* the part of it waiting for a CPU */
    bool other;           /* some of the wait was for none of the known causes */
};
#define CT_CALL_REST        UINT32_MAX
#define CT_THREAD_CALLS_MAX 200000

/* One futex that threads of a process (of several, if shared) waited for. */
struct ct_lock {
    uint32_t process; /* of the first of them */
    bool shared;
    bool rest;        /* not one lock, but all that found no room in their threads' tables */
    uint64_t address; /* 0 if rest */
    uint32_t waiters; /* different threads */
    uint64_t waits;
    uint64_t wait_ns;
    uint64_t max_ns;
    char *symbol;      /* of the object it lies in; NULL: not known */
    uint32_t waker_id; /* who ended the last wait of the last thread told of; 0: not known */
};

/* Who woke one thread. */
struct ct_waker {
    uint32_t id;        /* the woken thread's */
    uint32_t waker_id;  /* traced; 0: not */
    uint32_t waker_tid; /* if a task that is not traced; 0: an interrupt, or not known */
    bool irq;
    char comm[CT_COMM_LEN + 1]; /* of a task that is not traced */
    uint64_t count;
    uint64_t delay_ns; /* from the wakeups until it ran */
    uint64_t max_ns;
};

/* Who took CPUs from traced threads. */
struct ct_preemptor {
    uint32_t id;  /* traced; 0: not */
    uint32_t tid; /* if not; both 0: the CPU stood idle, its group having used up its quota */
    char comm[CT_COMM_LEN + 1];
    uint64_t count;
    uint64_t ns; /* until the victims ran again */
    bool rest;   /* not one, but all that found no room in their victims' tables */
};

/* All waits of one process, of one kind, at one place. */
struct ct_stack {
    uint32_t process; /* index into ct_result.processes */
    uint8_t state;    /* enum ct_state: blocked, or preempted */
    uint64_t count;
    uint64_t ns;
    uint64_t max_ns;
    char *frames; /* names, each with its NUL, outermost first; those of the kernel end in _[k] */
    size_t frames_len;
};

struct ct_host {
    char kernel[128];
    char arch[32];
    uint32_t cpus;
};

#define CT_NOT_TOLD UINT64_MAX /* by the kernel */

struct ct_result {
    struct ct_host host;
    char **command; /* NULL-terminated */
    struct ct_exit exit;
    uint64_t start_unix_ns;
    uint64_t wall_ns;

    struct ct_thread **threads; /* by id */
    size_t threads_cnt;
    struct ct_process *processes; /* by first sight */
    size_t processes_cnt;
    struct ct_cpu *cpus;
    size_t cpus_cnt;

    struct ct_totals totals; /* sums over all threads */
    uint32_t peak_threads;   /* most threads alive at once */

    /* parallelism_ns[k]: time during which exactly k traced threads were on a CPU */
    uint64_t *parallelism_ns;
    size_t parallelism_cnt; /* highest k seen, plus one */

    struct ct_call *calls; /* by process, then by total_ns, greatest first */
    size_t calls_cnt;
    struct ct_call *thread_calls; /* by thread's id, then by total_ns, greatest first */
    size_t thread_calls_cnt;
    bool thread_calls_cut; /* there were more than CT_THREAD_CALLS_MAX: those are not told by thread
                            */
    struct ct_call *run_calls; /* the same over all processes */
    size_t run_calls_cnt;
    struct ct_lock *locks; /* by wait_ns, greatest first */
    size_t locks_cnt;
    struct ct_waker *wakers; /* by woken thread's id, then by count, greatest first */
    size_t wakers_cnt;
    struct ct_preemptor *preemptors; /* by ns, greatest first */
    size_t preemptors_cnt;

    struct ct_stack *stacks; /* by ns, greatest first; none without --stacks */
    size_t stacks_cnt;

    uint64_t lost_events;
    uint64_t lost_threads;
    uint64_t lost_rows;  /* of the tables above: whole tables of single threads */
    uint64_t lost_waits; /* that found no room among the stacks, and their time */
    uint64_t lost_waits_ns;
    bool lost_names;      /* not all that was mapped is known: some frames have no name */
    uint64_t late_events; /* arrived outside the ordering window */
    struct ct_gap *gaps;
    size_t gaps_cnt;

    /*
     * Self-check: how far the states drawn from the event stream are from the accounts kept in the
     * kernel, summed over all threads and states. 0 unless events were lost or came late.
     */
    uint64_t stream_difference_ns;

    bool
        attached; /* it began before we came: what its threads were doing may be unknown at first */
    bool with_stacks;
    bool with_syscalls;    /* false: user_ns and kernel_ns are unknown (null) */
    uint64_t stolen_ns;    /* by the hypervisor, from all CPUs and whoever ran there; CT_NOT_TOLD */
    uint64_t throttled_ns; /* that the control group stood still for its CPU quota; CT_NOT_TOLD */
    uint64_t observer_cpu_ns; /* CPU time conctrace's own process used during the run */
    uint64_t probe_runs;      /* how often a probe did work for a traced thread */
};

/* Sum of all runnable / blocked parts of an account. */
uint64_t ct_totals_runnable(const struct ct_totals *t);
uint64_t ct_totals_blocked(const struct ct_totals *t);
uint64_t ct_totals_lifetime(const struct ct_totals *t);
/* Adds src to dst: sums, merged latencies; start is the least, end the greatest. */
void ct_totals_add(struct ct_totals *dst, const struct ct_totals *src);
/*
 * Quantile q (0..1) of the scheduling latencies in ns: the upper edge of the bucket it falls in,
 * but never above the exact maximum; 0 if there were none. Error: at most a quarter, upwards.
 */
uint64_t ct_totals_latency_quantile(const struct ct_totals *t, double q);

/* The thread with that id; NULL if there is none (0 included). Owned by r. */
const struct ct_thread *ct_result_thread(const struct ct_result *r, uint32_t id);

void ct_thread_free(struct ct_thread *t);
void ct_result_free(struct ct_result *r);

#endif
