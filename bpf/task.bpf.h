/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the probes share: the account kept in each traced task's own storage, the maps, the knobs.
 *
 * Concurrency: a task's account is only touched where the kernel itself holds the lock of that
 * task's run queue (switch, wakeup), or by the task itself (system calls, fork, exec). A wakeup on
 * another CPU waits until the switch-out is over. So the account needs no lock and no atomics.
 */
#ifndef CT_TASK_BPF_H
#define CT_TASK_BPF_H

#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "event.h"
#include "shared.h"

struct ct_tasks_map {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct ct_task);
};

struct ct_cpus_map {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct ct_cpu_account);
};

struct ct_ring_map {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 * 1024 * 1024);
};

extern struct ct_tasks_map ct_tasks SEC(".maps");
extern struct ct_cpus_map ct_cpus SEC(".maps");
/* The timeline: may overflow, and then says so. */
extern struct ct_ring_map ct_events SEC(".maps");
/* Lives, programs, accounts: a ring apart, so that a flood of switches cannot push them out. */
extern struct ct_ring_map ct_ledger SEC(".maps");

extern struct ct_run ct_run;
extern const volatile bool ct_stacks; /* --stacks */

int add_stack(struct ct_task *t, __u64 ns);
int add_late_stack(struct ct_task *t);
int missed_before_call(struct ct_task *t, __u64 queued, __u64 arrival, __u64 now, __u32 cpu);

static __always_inline struct ct_task *task_of(struct task_struct *p)
{
    return bpf_task_storage_get(&ct_tasks, p, 0, 0);
}

static __always_inline struct ct_cpu_account *this_cpu(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&ct_cpus, &zero);
}

/*
 * The run queue the task is on, or was on last: through its group's queue, which every class keeps
 * up to date. (The array of run queues itself is no symbol a program may name without
 * CONFIG_KALLSYMS_ALL.)
 */
static __always_inline struct rq *queue_of(struct task_struct *p)
{
    return p->se.cfs_rq->rq;
}

/* Its number in the namespace of that level, 0 being the host's; ns: which one that is. */
static __always_inline __u32 number_at(struct pid *pid, __u32 level, struct pid_namespace **ns)
{
    struct upid number = {};

    if (pid && level <= pid->level)
        bpf_probe_read_kernel(&number, sizeof(number),
                              (const char *)pid + bpf_core_field_offset(pid->numbers) +
                                  level * bpf_core_type_size(struct upid));
    *ns = number.ns;
    return number.nr;
}

/* As the task itself sees it; 0: as everybody does. */
static __always_inline __u32 own_number(struct task_struct *p)
{
    struct pid *pid = p->thread_pid;
    struct pid_namespace *ns;

    return pid && pid->level ? number_at(pid, pid->level, &ns) : 0;
}

/* In a system call by the 32-bit table. */
static __always_inline bool in_compat_call(struct task_struct *p)
{
#if defined(__TARGET_ARCH_x86)
    return p->thread_info.status & TS_COMPAT;
#else
    return false; /* the 32-bit table of arm is not followed */
#endif
}

/*
 * Flags for a submit: wake the reader when the ring's backlog is over the threshold. Below it the
 * reader's own timer is enough.
 */
static __always_inline __u64 wake_flags(void *ring)
{
    return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > CT_RING_WAKE_BYTES ? BPF_RB_FORCE_WAKEUP
                                                                           : BPF_RB_NO_WAKEUP;
}

/*
 * A record found no room. The ring is all CPUs' together, so the loss is too: it is told by
 * whoever first finds room again, right behind the gap and so in its place in time.
 */
static __always_inline void note_loss(__u64 now)
{
    if (!__sync_fetch_and_add(&ct_run.lost_cnt, 1))
        ct_run.lost_from_ns = now;
    ct_run.lost_to_ns = now;
    __sync_fetch_and_add(&ct_run.lost_total, 1);
}

/* Says in the stream what was lost. */
static __always_inline void confess_loss(void)
{
    const __u64 cnt = ct_run.lost_cnt;
    if (!cnt || __sync_val_compare_and_swap(&ct_run.lost_cnt, cnt, 0) != cnt)
        return; /* another CPU says it */
    struct ct_rec_lost *r = bpf_ringbuf_reserve(&ct_events, sizeof(*r), 0);
    if (!r) {
        __sync_fetch_and_add(&ct_run.lost_cnt, cnt);
        return;
    }
    r->head.time_ns = ct_run.lost_from_ns;
    r->head.kind = CT_EV_LOST;
    r->head.state = 0;
    r->head.cpu = 0;
    r->head.id = 0;
    r->to_ns = ct_run.lost_to_ns;
    r->cnt = cnt;
    bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

/* A wait whose stack is told. */
static __always_inline bool has_stack(__u8 state)
{
    return state >= CT_ST_BLOCKED || state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED;
}

/* Charges the time from t->since_ns to now to the state the thread was in. */
static __always_inline void charge(struct ct_task *t, __u64 now)
{
    t->totals.state_ns[t->state & (CT_STATE_SLOTS - 1)] += now - t->since_ns;
    if (ct_stacks && has_stack(t->state))
        add_stack(t, now - t->since_ns);
    t->last_state = t->state;
    t->since_ns = now;
}

/* The kernel's own figures for the task, over the span we account for. */
static __always_inline void read_kernel_figures(struct ct_task *t, struct task_struct *p)
{
    t->totals.kernel_cpu_ns = p->se.sum_exec_runtime - t->base_cpu_ns;
    t->totals.kernel_voluntary = p->nvcsw - t->base_voluntary;
    t->totals.kernel_involuntary = p->nivcsw - t->base_involuntary;
    t->totals.kernel_run_delay_ns = p->sched_info.run_delay - t->base_run_delay_ns;
}

/* The fixed part of a TOTALS record. */
static __always_inline void describe_life(struct ct_rec_life *l, const struct ct_task *t,
                                          struct task_struct *p, __u64 now)
{
    l->head.time_ns = now;
    l->head.kind = CT_EV_TOTALS;
    l->head.state = t->state;
    l->head.cpu = t->cpu;
    l->head.id = t->id;
    l->since_ns = t->since_ns;
    l->tid = p->pid;
    l->tgid = p->tgid;
    const bool together = p->signal->flags & SIGNAL_GROUP_EXIT;
    l->exit_code = together ? p->signal->group_exit_code : p->exit_code;
    l->flags = together ? CT_LIFE_GROUP_EXIT : 0;
    __builtin_memcpy(l->comm, p->comm, sizeof(l->comm));
}

/* The head of a table's record. Its size in bytes, or 0 if the table is empty. */
static __always_inline __u64 describe_rows(const struct ct_task *t, struct ct_rec_rows *rec,
                                           __u32 table, const __u32 slots, __u64 now)
{
    __u64 cnt = rec->cnt;
    if (!cnt)
        return 0;
    if (cnt > slots)
        cnt = slots;
    rec->head.time_ns = now;
    rec->head.kind = CT_EV_ROWS;
    rec->head.state = t->state;
    rec->head.cpu = t->cpu;
    rec->head.id = t->id;
    rec->table = table;
    return sizeof(*rec) + cnt * sizeof(struct ct_row);
}

/* Two clocks met in kernel_ns: their difference must never make the part exceed the whole. */
static __always_inline void bound_kernel_ns(struct ct_task *t)
{
    if (t->totals.kernel_ns > t->totals.running_ns)
        t->totals.kernel_ns = t->totals.running_ns;
}

#endif
