/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the analyses share. Thresholds stand with their analysis, their reasons in docs/findings.md.
 */
#ifndef CT_FINDINGS_INTERNAL_H
#define CT_FINDINGS_INTERNAL_H

#include "user/analysis/findings.h"

struct ct_found {
    struct ct_result *r;
    size_t room;
    int err; /* 0 or -ENOMEM; then nothing more is added */

    const struct ct_thread **by_process; /* those with an account */
    size_t *first; /* by process: where its threads begin; one more at the end */
};

/* A new finding, zeroed but for its id; NULL: no memory. Valid until the next one is added. */
struct ct_finding *ct_found_add(struct ct_found *f, enum ct_finding_id id);

/* Its three texts, as printf makes them; advice NULL: none. */
void ct_found_title(struct ct_found *f, struct ct_finding *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ct_found_explain(struct ct_found *f, struct ct_finding *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ct_found_advise(struct ct_found *f, struct ct_finding *to, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Evidence: one number each. The key is a constant that ends in its unit. */
void ct_found_number(struct ct_finding *to, const char *key, uint64_t number);
void ct_found_ratio(struct ct_finding *to, const char *key, double ratio);
void ct_found_text(struct ct_finding *to, const char *key, const char *text);

/* A duration for people, three digits: "201 ms". Returns buf. */
#define CT_SPAN_LEN 24
const char *ct_span(uint64_t ns, char buf[CT_SPAN_LEN]);
/* part of whole, in per cent; 0 if there is no whole */
double ct_percent(uint64_t part, uint64_t whole);
uint64_t ct_min(uint64_t a, uint64_t b);
uint64_t ct_max(uint64_t a, uint64_t b);
uint64_t ct_less(uint64_t a, uint64_t b); /* a - b, or 0 */

/* Sorts the threads by process. 0 or -ENOMEM. */
int ct_found_index(struct ct_found *f);
/* The threads of a process, cnt of them. */
const struct ct_thread *const *ct_found_threads(const struct ct_found *f, size_t process,
                                                size_t *cnt);

/* Orders names; equal: "worker-12" and "worker-3" are of a kind. */
int ct_compare_kinds(const char *a, const char *b);

/* The system calls of a thread, or of a process, by its id or index: cnt rows. */
const struct ct_call *ct_found_thread_calls(const struct ct_found *f, uint32_t id, size_t *cnt);
const struct ct_call *ct_found_process_calls(const struct ct_found *f, uint32_t process,
                                             size_t *cnt);
/* Whether the call is one of names, a list that ends in NULL. */
bool ct_call_is(const struct ct_call *c, const char *const *names);
/* Calls of that kind among cnt rows. */
uint64_t ct_calls_of(const struct ct_call *rows, size_t cnt, const char *const *names);
/* It takes clients in: what it waits for at a socket is no loss. */
bool ct_found_is_server(const struct ct_found *f, uint32_t process);

/* It has an event loop, and that stood still for too long. */
bool ct_found_loop_is_blocked(const struct ct_found *f, const struct ct_thread *t);

/* Where the CPU time went that traced threads waited for. */
struct ct_supply {
    uint64_t capacity_ns; /* all CPUs, for as long as the run */
    uint64_t outside_ns;  /* others had the CPU meanwhile: an estimate from below */
    uint64_t idle_ns;     /* the CPU stood idle meanwhile: an estimate from below */
    uint64_t queued_ns;   /* traced threads had the CPUs: the wait that no free CPU could end */
};
struct ct_supply ct_supply_of(const struct ct_result *r);

/* Futexes of one process that lie so close together that they are one lock's parts. */
struct ct_lock_group {
    const struct ct_lock *main; /* the one with the longest waits */
    size_t parts;
    uint32_t waiters; /* at least so many different threads */
    uint64_t waits;
    uint64_t wait_ns;
    uint64_t max_ns;
    uint64_t timed_out;
    uint64_t handed;
};
/* All of them, by wait_ns, greatest first; the caller frees *groups. 0 or -ENOMEM. */
int ct_lock_groups(const struct ct_result *r, struct ct_lock_group **groups, size_t *cnt);
#define CT_LOCK_NAME_LEN 64
/* Its symbol, or its address. Returns buf. */
const char *ct_lock_name(const struct ct_lock *l, char buf[CT_LOCK_NAME_LEN]);

/*
 * Threads of one process that want the same thing, which one of them has at a time, and which they
 * hand on to one another. Pools that wait for work, joins, barriers, queues are none.
 */
struct ct_contest {
    uint32_t process;
    const struct ct_lock *lock; /* NULL: each thread waits at a place of its own (it is parked) */
    uint32_t threads;
    uint64_t waits;
    uint64_t wait_ns;
    uint64_t max_ns;
    uint64_t timed_out;
    uint64_t lives_ns; /* of these threads */
    bool serial;       /* about one of them runs at a time, and that is why */
};
/* Of each process the hardest one; the caller frees *contests. 0 or -ENOMEM. */
int ct_contests(const struct ct_found *f, struct ct_contest **contests, size_t *cnt);

/* The analyses, a file each: finding_*.c */
void ct_find_serialized(struct ct_found *f);
void ct_find_contention(struct ct_found *f);
void ct_find_oversubscribed(struct ct_found *f);
void ct_find_sequential_io(struct ct_found *f);
void ct_find_blocked_loops(struct ct_found *f);
void ct_find_idle_cpus(struct ct_found *f);
void ct_find_imbalance(struct ct_found *f);
void ct_find_spawn_overhead(struct ct_found *f);
void ct_find_busy_wait(struct ct_found *f);
void ct_find_interference(struct ct_found *f);
void ct_find_good_overlap(struct ct_found *f); /* after all others */

#endif
