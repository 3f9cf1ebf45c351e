/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accounts: every nanosecond of a traced thread goes to one state, at each switch and wakeup.
 *
 * The clock is the run queue's own (rq->clock), which the scheduler has just brought up to date
 * under its lock when these tracepoints fire. It costs a load instead of a clock read, and it is
 * the one the kernel charges CPU time with, so running time agrees with getrusage also where
 * threads hop between idle CPUs; a clock read in the tracepoint comes some 350 ns too late there.
 *
 * Clamping: stamps of two CPUs may disagree by a little where the scheduler's clock is not
 * perfectly in step. A thread's account never goes backwards: an interval is at least 0.
 */
#ifndef CT_ACCOUNT_BPF_H
#define CT_ACCOUNT_BPF_H

#include "take_stack.bpf.h"
#include "wait.bpf.h"

/* What a thread becomes as it leaves the CPU. */
static __always_inline __u8 state_after(struct ct_task *t, bool preempt, struct task_struct *prev,
                                        __u32 prev_state, bool voluntary)
{
    if (prev_state & TASK_DEAD)
        return CT_ST_DEAD;
    if (preempt)
        return CT_ST_RUNNABLE + CT_RUN_PREEMPTED;
    /* it meant to sleep, but a signal was pending, or it is sched_yield */
    if (!prev_state)
        return CT_ST_RUNNABLE + (voluntary || in_yield(prev) ? CT_RUN_YIELDED : CT_RUN_PREEMPTED);
    /*
     * The same on kernels that show the state it meant to have: it stays on the queue. (From 6.12
     * on a sleeper may stay on the queue too, its dequeue delayed.)
     */
    if (prev->on_rq && !(bpf_core_field_exists(prev->se.sched_delayed) && prev->se.sched_delayed))
        return CT_ST_RUNNABLE + CT_RUN_YIELDED;
    if (prev_state & (TASK_STOPPED_BIT | TASK_TRACED_BIT | TASK_FROZEN))
        return CT_ST_BLOCKED + CT_CAUSE_STOPPED;
    return CT_ST_BLOCKED + wait_cause(t, prev, prev_state, true);
}

/* A thread's account begins: at the wakeup after fork, at the command's release, at attaching. */
static __always_inline void begin(struct ct_task *t, struct task_struct *p, __u64 now, __u16 cpu,
                                  __u8 state)
{
    /* at attaching, the thread's own first wakeup may come at the same moment: one of them wins */
    if (__sync_val_compare_and_swap(&t->begun, CT_NOT_BEGUN, CT_BEGINNING))
        return;
    t->state = state;
    t->since_ns = now;
    t->out_ns = now;
    t->cpu = cpu;
    t->tgid = p->tgid;
    t->totals.start_ns = now;
    t->base_cpu_ns = t->charged_ns = p->se.sum_exec_runtime;
    t->base_voluntary = t->seen_voluntary = p->nvcsw;
    t->base_involuntary = p->nivcsw;
    t->base_run_delay_ns = p->sched_info.run_delay;
    if (!ct_run.start_ns)
        ct_run.start_ns = now;
    if (t->flags & CT_TASK_ROOT)
        __sync_fetch_and_add(&ct_run.root_threads, 1);
    t->begun = CT_BEGUN;

    struct ct_rec_new *r = bpf_ringbuf_reserve(&ct_ledger, sizeof(*r), 0);
    if (!r)
        return; /* the account at its death still tells who it was */
    r->head.time_ns = now;
    r->head.kind = CT_EV_NEW;
    r->head.state = state;
    r->head.cpu = cpu;
    r->head.id = t->id;
    r->parent_id = t->parent_id;
    r->tid = p->pid;
    r->tgid = p->tgid;
    r->ppid = p->real_parent->tgid;
    r->ns_tid = own_number(p);
    r->ns_tgid = own_number(p->group_leader);
    __builtin_memcpy(r->comm, p->comm, sizeof(r->comm));
    bpf_ringbuf_submit(r, wake_flags(&ct_ledger));
}

static __always_inline void send_rows(struct ct_task *t, struct ct_rec_rows *rec, __u32 table,
                                      const __u32 slots, __u64 now)
{
    const __u64 size = describe_rows(t, rec, table, slots, now);
    if (size && bpf_ringbuf_output(&ct_ledger, rec, size, wake_flags(&ct_ledger)))
        __sync_fetch_and_add(&ct_run.lost_rows, 1);
}

/* Global, as are all larger pieces here: see tables.bpf.h. */
__noinline int send_tables(struct ct_task *t, __u64 now)
{
    if (!t)
        return 0;
#define X(upper, lower, slots) send_rows(t, &t->lower.rec, CT_TABLE_##upper, slots, now);
    CT_TABLES(X)
#undef X
    return 0;
}

/* The last switch of a thread's life: its account goes out, and with the command's the run ends. */
static __always_inline void end_life(struct ct_task *t, struct task_struct *p, __u64 now)
{
    if (t->call_enter_ns)
        charge_call(t, bpf_ktime_get_ns());
    if (ct_stacks && t->stack_late_ns)
        add_late_stack(t);
    bound_kernel_ns(t);
    t->totals.end_ns = now;
    read_kernel_figures(t, p);

    struct ct_rec_totals *r = bpf_ringbuf_reserve(&ct_ledger, sizeof(*r), 0);
    if (r) {
        describe_life(&r->life, t, p, now);
        __builtin_memcpy(&r->totals, &t->totals, sizeof(r->totals));
        bpf_ringbuf_submit(r, wake_flags(&ct_ledger));
    } else {
        __sync_fetch_and_add(&ct_run.lost_threads, 1);
    }
    send_tables(t, now);
    if ((t->flags & CT_TASK_ROOT) && __sync_fetch_and_add(&ct_run.root_threads, -1) == 1)
        ct_run.end_ns = now;
}

/* `bits` if v needs more than that many bits, else 0; v is below 2^63. Without a branch. */
#define BITS_OVER(v, bits) (((((1ULL << (bits)) - 1) - (v)) >> 63) * (bits))

/* Without branches, as these would multiply the verifier's paths. (clang 14 cannot do clz for BPF.)
 */
static __always_inline __u32 log2_of(__u64 v)
{
    __u32 log2 = 0, over;
    over = BITS_OVER(v, 32), v >>= over, log2 += over;
    over = BITS_OVER(v, 16), v >>= over, log2 += over;
    over = BITS_OVER(v, 8), v >>= over, log2 += over;
    over = BITS_OVER(v, 4), v >>= over, log2 += over;
    over = BITS_OVER(v, 2), v >>= over, log2 += over;
    return log2 + BITS_OVER(v, 1);
}

/* log2 histogram with CT_LAT_SUB buckets to the octave; see event.h */
static __always_inline void count_latency(struct ct_totals *a, __u64 ns)
{
    a->latency_cnt++;
    a->latency_sum_ns += ns;
    if (ns > a->latency_max_ns)
        a->latency_max_ns = ns;

    const __u64 v = ns >> CT_LAT_MIN_LOG2;
    __u32 bucket = 0;
    if (v) {
        const __u32 log2 = log2_of(v);
        /* the CT_LAT_SUB_LOG2 bits below the leading one, of the unshifted value */
        const __u32 sub = (ns >> (log2 + CT_LAT_MIN_LOG2 - CT_LAT_SUB_LOG2)) & (CT_LAT_SUB - 1);
        bucket = 1 + log2 * CT_LAT_SUB + sub;
        if (bucket >= CT_LAT_BUCKETS)
            bucket = CT_LAT_BUCKETS - 1;
    }
    a->latency_hist[bucket]++;
}

/*
 * What the queue's clock is ahead of its clock_task by: all the time that interrupts, or the
 * hypervisor, have taken from tasks on this CPU so far.
 */
static __always_inline __u64 clock_skew(struct rq *rq)
{
    return rq->clock - rq->clock_task;
}

/* The wait that ends after ns goes into its tables. */
static __always_inline void end_wait(struct ct_task *t, __u64 ns)
{
    if (t->state == CT_ST_BLOCKED + CT_CAUSE_LOCK) {
        const __u32 at = charge_row(&t->locks, t->wait_lock, ns,
                                    t->wake ? t->waker : CT_KEY_UNKNOWN, t->wait_address);
        struct ct_row *row = &t->locks.row[at & (CT_SLOTS_LOCKS - 1)];
        if (t->wake == CT_WAKE_TASK && t->handed)
            row->errors += CT_WAITS_HANDED;
        else if (t->wake >= CT_WAKE_HARDIRQ)
            row->errors += CT_WAITS_TIMED_OUT;
    }
    t->blocked_ns += ns;
    const __u64 other = t->state == CT_ST_BLOCKED + CT_CAUSE_OTHER ? CT_ROW_OTHER : 0;
    if (t->call_enter_ns) {
        t->call_blocked_ns += ns;
        t->call_other |= other;
    } else if (t->wait_nr >= 0 && !t->totals.syscalls) {
        /*
         * Calls are not followed, or not this one from its start: what is known is the wait. (Else
         * its call has ended, and on the way out the thread is stopped, or dies.)
         */
        struct ct_row *row = call_row(t, t->wait_nr);
        row->note[0] += ns;
        row->errors |= other;
    }
}

/* A name as the two words of a row's note. */
static __always_inline __u64 half_of(const char *comm, int second)
{
    return ((const __u64 *)comm)[second];
}

const volatile bool ct_wakers = true; /* sched_waking is attached */

static __always_inline void end_latency(struct ct_task *t, __u64 ns)
{
    count_latency(&t->totals, ns);
    if (!ct_wakers)
        return;
    const __u64 key = t->wake ? t->waker : CT_KEY_UNKNOWN;
    const bool task = key < CT_KEY_IRQ;
    charge_row((struct ct_locks *)&t->wakers, key, ns, task ? half_of(t->waker_comm, 0) : 0,
               task ? half_of(t->waker_comm, 1) : 0);
    t->wake = CT_WAKE_UNKNOWN;
}

static __always_inline void end_preemption(struct ct_task *t, __u64 ns)
{
    charge_row((struct ct_locks *)&t->preemptors, t->preemptor, ns, half_of(t->preemptor_comm, 0),
               half_of(t->preemptor_comm, 1));
}

/* A task's key in the tables of wakers and preemptors. */
static __always_inline __u64 task_key(struct ct_task *t, struct task_struct *p)
{
    return t && t->begun == CT_BEGUN ? t->id : CT_KEY_FOREIGN | (__u32)p->pid;
}

/* next gets a CPU at `now`. */
static __always_inline void switch_in(struct ct_task *t, __u64 now, __u16 cpu, __u64 skew)
{
    const __u64 ns = now - t->since_ns;
    if (t->state == CT_ST_RUNNABLE + CT_RUN_WOKEN)
        end_latency(t, ns);
    else if (t->state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED)
        end_preemption(t, ns);
    charge(t, now);
    t->state = CT_ST_RUNNING;
    t->skew_ns = skew;
    const __u64 off = now - t->out_ns;
    t->off_ns += off;
    if (t->call_enter_ns)
        t->call_off_ns += off;
    if (cpu != t->cpu) {
        t->totals.migrations++;
        t->cpu = cpu;
    }
}

/*
 * When prev stopped running: at its arrival plus what the kernel has charged it since, plus what
 * interrupts took. That is earlier than the queue's clock, as the kernel has since looked for a
 * next task, perhaps on other CPUs' queues; and se.exec_start may have moved on meanwhile.
 */
static __always_inline __u64 stopped_at(struct ct_task *t, struct task_struct *prev, struct rq *rq)
{
    const __u64 now = rq->clock, charged = prev->se.sum_exec_runtime;
    __u64 irq = t->skew_ns ? clock_skew(rq) - t->skew_ns : 0;

    if (irq > now - t->since_ns) /* the two clocks are read apart from one another */
        irq = 0;
    __u64 out = t->since_ns + (charged - t->charged_ns) + irq;
    t->charged_ns = charged;
    t->totals.irq_ns += irq;
    if (out > now)
        out = now > t->since_ns ? now : t->since_ns;
    return out;
}

/* prev leaves its CPU at `out`. */
static __always_inline void switch_out(struct ct_task *t, struct ct_cpu_account *c, __u64 out,
                                       bool voluntary, __u8 state)
{
    c->traced_ns += out - t->since_ns;
    charge(t, out);
    t->out_ns = out;
    t->state = state;
    if (voluntary)
        t->totals.voluntary++;
    else
        t->totals.involuntary++;
}

/*
 * Whether this switch counts as voluntary: the kernel has just counted it, as one or the other. Its
 * rule cannot be had from the tracepoint's arguments: a thread that meant to sleep, but had a
 * signal pending, is voluntary and shown as one that runs on.
 */
static __always_inline bool counted_voluntary(struct ct_task *t, struct task_struct *prev)
{
    const __u64 before = t->seen_voluntary;
    t->seen_voluntary = prev->nvcsw;
    return t->seen_voluntary != before;
}

#endif
