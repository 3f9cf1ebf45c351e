/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vocabulary of the trace, each list once. Both sides (kernel and user) expand these lists
 * wherever they need an enum, a name or a column, so that a forgotten case does not compile.
 *
 * Floor 0: includes nothing. Append only: recordings will hold these numbers.
 */
#ifndef CT_EVENT_KINDS_H
#define CT_EVENT_KINDS_H

/* X(UPPER, lower): the records of the stream. */
#define CT_EVENT_KINDS(X)                                                                          \
    X(SWITCH, switch) /* one context switch in which prev or next is traced */                     \
    X(NEW, new)       /* a thread was adopted: by fork, or as the command itself */                \
    X(EXEC, exec)     /* a thread replaced its program */                                          \
    X(TOTALS, totals) /* a thread's final account, at its death or at the end of tracing */        \
    X(LOST, lost)     /* records that found no room, and when */                                   \
    X(ROWS, rows)     /* one of a thread's tables, behind its TOTALS */                            \
    X(STACK, stack)   /* where threads waited, by name, and for how long in all */                 \
    X(LOCK, lock)     /* the name of a futex */

/*
 * X(UPPER, lower, "in words"): why a runnable thread is not running. The order is that of the
 * contract and of every report.
 */
#define CT_RUNNABLE(X)                                                                             \
    X(PREEMPTED, preempted, "the scheduler took the CPU away")                                     \
    X(YIELDED, yielded, "gave the CPU up itself")                                                  \
    X(WOKEN, woken, "woken, not yet on a CPU")                                                     \
    X(CREATED, created, "new, not yet on a CPU")

/* X(UPPER, lower, "in words"): what a blocked thread waits for. */
#define CT_CAUSES(X)                                                                               \
    X(LOCK, lock, "a lock")                                                                        \
    X(SLEEP, sleep, "a timer")                                                                     \
    X(SOCKET, socket, "a socket")                                                                  \
    X(PIPE, pipe, "a pipe or terminal")                                                            \
    X(EVENT_WAIT, event_wait, "events")                                                            \
    X(DISK, disk, "the disk")                                                                      \
    X(FAULT, fault, "a page fault")                                                                \
    X(CHILD, child, "a child")                                                                     \
    X(SIGNAL, signal, "a signal")                                                                  \
    X(STOPPED, stopped, "stopped")                                                                 \
    X(OTHER, other, "something else")

/* X(UPPER, lower): who ended a wait, as a switch record tells it. */
#define CT_WAKES(X)                                                                                \
    X(UNKNOWN, unknown) /* not seen, or nobody did: it was no wait */                              \
    X(TASK, task)       /* a traced thread */                                                      \
    X(FOREIGN, foreign) /* a thread that is not */                                                 \
    X(HARDIRQ, hardirq) /* an interrupt: a timer, a device */                                      \
    X(SOFTIRQ, softirq) /* what an interrupt put off: the network, mostly */

/* X(UPPER, lower, slots): the tables that each thread carries beside its account. */
#define CT_TABLES(X)                                                                               \
    X(CALLS, calls, 64)           /* by system call */                                             \
    X(LOCKS, locks, 16)           /* by futex address */                                           \
    X(WAKERS, wakers, 16)         /* by who woke it */                                             \
    X(PREEMPTORS, preemptors, 16) /* by who took the CPU from it */

#endif
