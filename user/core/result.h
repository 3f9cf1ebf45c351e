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
#include "user/core/intervals.h"
#include "user/core/choice.h"

/*
 * What one lane (a thread, or a CPU) did over the run, in CT_STRIP_BINS equal slices of time.
 * Each share is that of the slice's length, 0..255. For a CPU, `runnable` is unused and
 * `running` is time with a traced thread on it. What the shares leave is blocked for a thread
 * (outside its life: nothing), idle or foreign for a CPU.
 */
#define CT_STRIP_BINS 128
#define CT_STRIPS_MAX 4096 /* threads that are drawn: nobody looks at more */
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

/*
 * A thread's waits for the world outside (sleep, socket, disk) of CT_WAIT_LONG_NS or more, as drawn
 * from the stream of events: how many, in all, the longest.
 */
#define CT_WAIT_LONG_NS 1000000ULL
struct ct_waiting {
    uint64_t cnt;
    uint64_t ns;
    uint64_t max_ns;
};

struct ct_thread {
    uint32_t id; /* serial number, from 1, in order of adoption */
    uint32_t parent_id;
    uint32_t tid;
    uint32_t tgid;
    uint32_t ns_tid; /* these two as it sees them in its own PID namespace; 0: the same */
    uint32_t ns_tgid;
    uint32_t process; /* index into ct_result.processes */
    bool alive;       /* tracing ended before the thread did */
    bool has_totals;  /* false: its account was lost; its numbers are zero and it is in lost_threads
                       */
    char comm[CT_COMM_LEN + 1];
    uint64_t start_ns; /* relative to the run */
    uint64_t end_ns;
    struct ct_totals totals;
    struct ct_waiting waiting;
    struct ct_strip *strip; /* NULL: not drawn, as more than CT_STRIPS_MAX threads came before it */
};

struct ct_process {
    uint32_t tgid;
    uint32_t ns_tgid; /* as it sees it in its own PID namespace; 0: the same */
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
    uint64_t busy_ns;        /* at least one of its threads was on a CPU; from the stream */
    uint64_t overlap_ns;     /* at least two */
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
    uint64_t timed_out; /* waits that no thread ended */
    uint64_t handed;    /* waits that a thread ended which had waited for it, too */
    char *symbol;       /* of the object it lies in; NULL: not known */
    uint32_t waker_id;  /* who ended the last wait of the last thread told of; 0: not known */
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

/*
 * The critical path: from the end of the run back through wakeups to its start. Each moment of the
 * run is charged to one thread and one state. Definition: docs/metrics.md.
 */
#define CT_PATH_STEPS_MAX 20000
#define CT_PATH_FOLDED    CT_ST_COUNT /* in the place of a state: several short steps in one */

struct ct_path_sums {
    uint64_t running_ns;
    uint64_t runnable_ns;
    uint64_t blocked_ns;
    uint64_t unknown_ns;
};

struct ct_path_step {
    uint64_t start_ns;
    uint64_t end_ns;
    uint32_t id;              /* of the thread; of a folded step, the one that had most of it */
    uint8_t state;            /* enum ct_state, or CT_PATH_FOLDED */
    struct ct_path_sums sums; /* they add up to end_ns - start_ns */
};

struct ct_path_share {
    uint32_t id; /* 0: those that could not be told apart any more */
    struct ct_path_sums sums;
};

struct ct_path {
    bool known; /* false: wakeups were not followed (--no-syscalls), and all else is 0 */
    struct ct_path_step *steps; /* in the order of time; they tile the run */
    size_t steps_cnt;
    struct ct_path_share *shares; /* by thread, greatest first; they add up to the run */
    size_t shares_cnt;
    uint64_t state_ns[CT_ST_COUNT]; /* these too */
    uint64_t event_timer_ns;        /* the part of blocked/event_wait that a hard interrupt ended */
    uint64_t event_network_ns;      /* the part that a soft interrupt ended */
    uint64_t unfollowed; /* wakeups whose waker's past was no longer known: the wait stays */
};

/* X(UPPER, lower): what the elapsed time was spent on. Append only. */
#define CT_BOUNDS(X)                                                                               \
    X(CPU, cpu)                                                                                    \
    X(NETWORK, network) X(DISK, disk) X(LOCK, lock) X(SLEEP, sleep) X(CHILD, child) X(MIXED, mixed)
enum ct_bound {
#define X(upper, lower) CT_BOUND_##upper,
    CT_BOUNDS(X)
#undef X
        CT_BOUND_COUNT, /* not known */
};

/* X(UPPER, "id"): the findings, in the contract's order. docs/findings.md defines each. */
#define CT_FINDINGS(X)                                                                             \
    X(SERIALIZED_THREADS, "serialized-threads")                                                    \
    X(LOCK_CONTENTION, "lock-contention")                                                          \
    X(OVERSUBSCRIBED, "oversubscribed")                                                            \
    X(SEQUENTIAL_IO, "sequential-io")                                                              \
    X(EVENT_LOOP_BLOCKED, "event-loop-blocked")                                                    \
    X(IDLE_CPUS, "idle-cpus")                                                                      \
    X(IMBALANCE, "imbalance")                                                                      \
    X(SPAWN_OVERHEAD, "spawn-overhead")                                                            \
    X(BUSY_WAIT, "busy-wait")                                                                      \
    X(OUTSIDE_INTERFERENCE, "outside-interference")                                                \
    X(GOOD_OVERLAP, "good-overlap")
enum ct_finding_id {
#define X(upper, id) CT_FINDING_##upper,
    CT_FINDINGS(X)
#undef X
        CT_FINDING_COUNT
};

/* A number that a finding rests on. The key's ending says the unit: _ns, _cnt, _ratio. */
enum ct_evidence_kind { CT_EVIDENCE_NUMBER, CT_EVIDENCE_RATIO, CT_EVIDENCE_TEXT };
struct ct_evidence {
    const char *key; /* a constant */
    enum ct_evidence_kind kind;
    uint64_t number;
    double ratio;
    char text[64]; /* may hold foreign bytes */
};
#define CT_EVIDENCE_MAX 12

struct ct_finding {
    enum ct_finding_id id;
    bool warning;      /* false: info */
    uint32_t tgid;     /* 0: the whole run */
    uint32_t tid;      /* 0: not one thread's */
    char *title;       /* one short sentence, which the verdict may lead with */
    char *explanation; /* what happens here, for a student */
    char *advice;      /* what an engineer could do; NULL where there is nothing to do */
    struct ct_evidence evidence[CT_EVIDENCE_MAX];
    size_t evidence_cnt;
    uint64_t weight_ns; /* about how much of the run's elapsed time it concerns: the order */
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
    uint64_t start_boot_ns; /* CLOCK_BOOTTIME at the same moment */
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

    struct ct_path path;
    enum ct_bound bound;
    struct ct_finding *findings; /* warnings first, then by weight, greatest first */
    size_t findings_cnt;

    /* From the stream, as the timeline is. */
    uint64_t unserved_ns; /* CPUs that no traced thread was on, while traced threads waited for one:
                             the smaller number of both, over time */
    uint64_t
        waiting_any_ns; /* some thread was in a wait for the world outside (ct_waiting's kinds) */
    uint64_t waiting_over_ns; /* at least two were */

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

    bool cut;                /* it comes from a recording that ends before the run did */
    struct ct_choice choice; /* of a recorded run; its comm is the caller's */
    bool
        attached; /* it began before we came: what its threads were doing may be unknown at first */
    bool with_stacks;
    bool with_syscalls;    /* false: user_ns and kernel_ns are unknown (null) */
    uint64_t stolen_ns;    /* by the hypervisor, from all CPUs and whoever ran there; CT_NOT_TOLD */
    uint64_t throttled_ns; /* that the control group stood still for its CPU quota; CT_NOT_TOLD */
    uint64_t observer_cpu_ns; /* CPU time conctrace's own process used during the run */
    uint64_t probe_runs;      /* how often a probe did work for a traced thread */

    const struct ct_intervals *intervals; /* not ours; NULL: they were not kept */
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

/* The process' number: the thread's own unless records were lost. */
uint32_t ct_result_tgid(const struct ct_result *r, const struct ct_thread *t);
/* The part of its life that no account covers, as that was lost. */
uint64_t ct_thread_uncovered_ns(const struct ct_thread *t);
/*
 * The kernel's own figures are final at a thread's death; those of a survivor lag behind. And they
 * are of whole lives, not of a part.
 */
bool ct_thread_comparable(const struct ct_result *r, const struct ct_thread *t);
/* Counts one scheduling latency. */
void ct_totals_latency(struct ct_totals *t, uint64_t ns);

/* Frees the findings and leaves none. */
void ct_result_drop_findings(struct ct_result *r);

void ct_thread_free(struct ct_thread *t);
void ct_result_free(struct ct_result *r);

#endif
