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
#include "wait.bpf.h"

/* What a thread becomes as it leaves the CPU. */
static __always_inline __u8 state_after(struct ct_task *t, bool preempt, struct task_struct *prev,
                                        __u32 prev_state)
{
    if (prev_state & TASK_DEAD)
        return CT_ST_DEAD;
    if (preempt)
        return CT_ST_RUNNABLE + CT_RUN_PREEMPTED;
    if (!prev_state)
        return CT_ST_RUNNABLE +
               (call_nr(regs_of(prev)) == SYS_SCHED_YIELD ? CT_RUN_YIELDED : CT_RUN_PREEMPTED);
    /*
     * It meant to sleep, but a signal was pending: it stays on the queue. (From 6.12 on a sleeper
     * may stay on the queue too, its dequeue delayed.)
     */
    if (prev->on_rq && !(bpf_core_field_exists(prev->se.sched_delayed) && prev->se.sched_delayed))
        return CT_ST_RUNNABLE + CT_RUN_YIELDED;
    if (prev_state & (TASK_STOPPED_BIT | TASK_TRACED_BIT | TASK_FROZEN))
        return CT_ST_BLOCKED + CT_CAUSE_STOPPED;
    return CT_ST_BLOCKED + wait_cause(t, prev, prev_state);
}

/* A thread's account begins: at the wakeup after fork, or at the command's release. */
static __always_inline void begin(struct ct_task *t, struct task_struct *p, __u64 now, __u16 cpu,
                                  __u8 state)
{
    t->begun = 1;
    t->state = state;
    t->since_ns = now;
    t->out_ns = now;
    t->cpu = cpu;
    t->totals.start_ns = now;
    t->base_cpu_ns = t->charged_ns = p->se.sum_exec_runtime;
    t->base_voluntary = p->nvcsw;
    t->base_involuntary = p->nivcsw;
    t->base_run_delay_ns = p->sched_info.run_delay;
    if (!ct_run.start_ns)
        ct_run.start_ns = now;
    if ((__u32)p->tgid == ct_run.root_tgid)
        __sync_fetch_and_add(&ct_run.root_threads, 1);

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

/* The last switch of a thread's life: its account goes out, and with the command's the run ends. */
static __always_inline void end_life(struct ct_task *t, struct task_struct *p, __u64 now)
{
    if (t->call_enter_ns)
        charge_call(t, bpf_ktime_get_ns());
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
#define X(upper, lower, slots) send_rows(t, &t->lower.rec, CT_TABLE_##upper, slots, now);
    CT_TABLES(X)
#undef X
    if ((__u32)p->tgid == ct_run.root_tgid && __sync_fetch_and_add(&ct_run.root_threads, -1) == 1)
        ct_run.end_ns = now;
}

/* log2 histogram with CT_LAT_SUB buckets to the octave; see event.h */
static __always_inline void count_latency(struct ct_totals *a, __u64 ns)
{
    a->latency_cnt++;
    a->latency_sum_ns += ns;
    if (ns > a->latency_max_ns)
        a->latency_max_ns = ns;

    __u64 v = ns >> CT_LAT_MIN_LOG2;
    __u32 bucket = 0;
    if (v) {
        __u32 log2 = 0;
        __u64 rest = v;
        if (rest >> 32)
            rest >>= 32, log2 += 32;
        if (rest >> 16)
            rest >>= 16, log2 += 16;
        if (rest >> 8)
            rest >>= 8, log2 += 8;
        if (rest >> 4)
            rest >>= 4, log2 += 4;
        if (rest >> 2)
            rest >>= 2, log2 += 2;
        if (rest >> 1)
            log2 += 1;
        /* the CT_LAT_SUB_LOG2 bits below the leading one, of the unshifted value */
        __u32 sub = (ns >> (log2 + CT_LAT_MIN_LOG2 - CT_LAT_SUB_LOG2)) & (CT_LAT_SUB - 1);
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
        struct ct_row *row = find_row(&t->locks.rec, t->locks.row, CT_SLOTS_LOCKS, t->wait_lock);
        row->cnt++;
        row->note[0] = t->waker_known ? t->waker : CT_KEY_UNKNOWN;
        add_to_row(row, ns);
    }
    if (t->call_enter_ns) {
        t->call_blocked_ns += ns;
    } else if (t->wait_nr >= 0) { /* calls are not followed: what is known is the wait */
        struct ct_row *row = call_row(t, t->wait_nr);
        if (row)
            row->note[0] += ns;
    }
}

static __always_inline void end_latency(struct ct_task *t, __u64 ns)
{
    const __u64 key = t->waker_known ? t->waker : CT_KEY_UNKNOWN;
    struct ct_row *row = find_row(&t->wakers.rec, t->wakers.row, CT_SLOTS_WAKERS, key);
    row->cnt++;
    if (key < CT_KEY_IRQ)
        __builtin_memcpy(row->comm, t->waker_comm, sizeof(row->comm));
    add_to_row(row, ns);
    t->waker_known = 0;
}

static __always_inline void end_preemption(struct ct_task *t, __u64 ns)
{
    struct ct_row *row =
        find_row(&t->preemptors.rec, t->preemptors.row, CT_SLOTS_PREEMPTORS, t->preemptor);
    row->cnt++;
    __builtin_memcpy(row->comm, t->preemptor_comm, sizeof(row->comm));
    add_to_row(row, ns);
}

/* A task's key in the tables of wakers and preemptors. */
static __always_inline __u64 task_key(struct ct_task *t, struct task_struct *p)
{
    return t && t->begun ? t->id : CT_KEY_FOREIGN | (__u32)p->pid;
}

/* next gets a CPU at `now`. */
static __always_inline void switch_in(struct ct_task *t, __u64 now, __u16 cpu, __u64 skew)
{
    const __u64 ns = now - t->since_ns;
    if (t->state == CT_ST_RUNNABLE + CT_RUN_WOKEN) {
        count_latency(&t->totals, ns);
        end_latency(t, ns);
    } else if (t->state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED) {
        end_preemption(t, ns);
    }
    charge(t, now);
    t->state = CT_ST_RUNNING;
    t->skew_ns = skew;
    if (t->call_enter_ns)
        t->call_off_ns += now - t->out_ns;
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
                                       bool preempt, __u32 prev_state, __u8 state)
{
    c->traced_ns += out - t->since_ns;
    charge(t, out);
    t->out_ns = out;
    t->state = state;
    /* what nvcsw and nivcsw count: a task that meant to sleep went of its own will */
    if (!preempt && prev_state)
        t->totals.voluntary++;
    else
        t->totals.involuntary++;
}

static __always_inline void emit_switch(struct ct_cpu_account *c, const struct ct_rec_switch *sw)
{
    struct ct_rec_switch *r = bpf_ringbuf_reserve(&ct_events, sizeof(*r), 0);
    if (!r) {
        note_loss(sw->head.time_ns);
        return;
    }
    *r = *sw;
    const bool look = !(++c->records & (CT_RING_LOOK_EVERY - 1));
    bpf_ringbuf_submit(r, look ? wake_flags(&ct_events) : BPF_RB_NO_WAKEUP);
    if (ct_run.lost_cnt)
        confess_loss();
}

static __always_inline void wake(struct ct_task *t, __u64 now)
{
    end_wait(t, now - t->since_ns);
    charge(t, now);
    t->state = CT_ST_RUNNABLE + CT_RUN_WOKEN;
    t->totals.wakeups++;
}

/* What a switch record says of next. */
static __always_inline void describe_next(struct ct_rec_switch *sw, const struct ct_task *t,
                                          __u64 now)
{
    sw->next_id = t->id;
    if (t->state != CT_ST_RUNNABLE + CT_RUN_WOKEN)
        return;
    sw->wake_lag_ns = now - t->since_ns;
    sw->waker_id = t->waker_known && t->waker <= ~0U ? t->waker : 0;
}

/*
 * Events that were not shown to us. Some kernels hide what certain tasks do (seen on a hypervisor's
 * guest, whose agent's own switches and wakeups no tracepoint reports), so a thread may run without
 * a wakeup, or leave a CPU that it never came to. The scheduler keeps both moments for its own
 * statistics, on the same clock: what was missed is put in its place.
 */
static __noinline int missed_wakeup(struct ct_task *t, struct task_struct *next, __u64 now)
{
    if (!t)
        return 0;
    const __u64 queued = next->sched_info.last_queued;
    if (queued >= t->since_ns && queued <= now)
        wake(t, queued);
    return 0;
}

static __noinline int missed_arrival(struct ct_task *t, struct ct_cpu_account *c,
                                     struct task_struct *prev, __u64 now, __u32 cpu)
{
    if (!t || !c)
        return 0;
    __u64 arrival = prev->sched_info.last_arrival;
    if (arrival < t->since_ns || arrival > now)
        arrival = t->since_ns;
    struct ct_rec_switch sw = {
        .head = {.time_ns = arrival, .kind = CT_EV_SWITCH, .cpu = cpu},
    };
    describe_next(&sw, t, arrival);
    switch_in(t, arrival, cpu, 0);
    emit_switch(c, &sw);
    return 0;
}

/* conctrace's own switches keep scheduler's clock and monotonic clock in step, for free. */
static __always_inline void measure_clock(__u64 now)
{
    __u64 mono = bpf_ktime_get_ns();
    __s64 offset = (__s64)(now - mono);
    /* the second read comes late, never early: the greatest of a second's offsets is the best */
    if (offset > ct_run.clock_offset_ns || mono - ct_run.clock_measured_ns > 1000000000ULL ||
        !ct_run.clock_measured_ns) {
        ct_run.clock_offset_ns = offset;
        ct_run.clock_measured_ns = mono;
    }
}

/*
 * The idle task comes or goes: kept per CPU, from the arming of the probes on. Idle that was not
 * seen to come (a hidden task went before it, see below) counts from the CPU's last switch that was
 * seen.
 */
static __always_inline void account_idle(struct ct_cpu_account *c, bool from_idle, bool to_idle,
                                         __u64 now)
{
    if (from_idle && ct_run.start_ns) {
        const __u64 since = c->last_ns > ct_run.start_ns ? c->last_ns : ct_run.start_ns;
        if (now > since)
            c->idle_ns += now - since;
    }
    c->idle = to_idle;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(ct_on_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
             unsigned int prev_state)
{
    bool from_idle = !prev->pid, to_idle = !next->pid;
    struct ct_task *p = from_idle ? NULL : task_of(prev);
    struct ct_task *n = to_idle ? NULL : task_of(next);
    struct ct_cpu_account *c = this_cpu();

    if (!c || ct_run.end_ns)
        return 0;
    struct rq *rq = queue_of(prev);
    __u64 now = rq->clock;
    if (from_idle || to_idle)
        account_idle(c, from_idle, to_idle, now);
    c->last_ns = now;
    if (n && (n->flags & CT_TASK_OBSERVER))
        measure_clock(now);
    const __u32 prev_id = p && p->begun ? p->id : 0; /* the observer has none, and never begins */
    const __u32 next_id = n && n->begun ? n->id : 0;
    if (!prev_id && !next_id)
        return 0;

    __u16 cpu = bpf_get_smp_processor_id();
    __u64 out = now;
    struct ct_rec_switch sw = {
        .head = {.time_ns = now, .kind = CT_EV_SWITCH, .cpu = cpu, .id = prev_id},
    };
    if (p && prev_id) {
        if (p->state != CT_ST_RUNNING)
            missed_arrival(p, c, prev, now, cpu);
        out = stopped_at(p, prev, rq);
        sw.out_lag_ns = now - out;
        sw.head.state = state_after(p, preempt, prev, prev_state);
        switch_out(p, c, out, preempt, prev_state, sw.head.state);
        if (sw.head.state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED) {
            p->preemptor = task_key(n, next);
            __builtin_memcpy(p->preemptor_comm, next->comm, sizeof(p->preemptor_comm));
        }
    }
    if (n && next_id) {
        if (n->state >= CT_ST_BLOCKED)
            missed_wakeup(n, next, now);
        const __u64 in = now > n->since_ns ? now : n->since_ns;
        describe_next(&sw, n, in);
        switch_in(n, in, cpu, clock_skew(rq));
    }
    emit_switch(c, &sw);
    if (p && prev_id && sw.head.state == CT_ST_DEAD)
        end_life(p, prev, out);
    return 0;
}

const volatile __s64 ct_preempt_count_at; /* from this CPU's run queue; 0: not known */

/* Whether an interrupt's handler is at work here (include/linux/preempt.h: bits of preempt_count).
 */
static __always_inline bool in_interrupt(struct task_struct *current)
{
#if defined(__TARGET_ARCH_arm64)
    const __u32 count = current->thread_info.preempt_count;
#else
    __u32 count = 0;
    if (ct_preempt_count_at)
        bpf_probe_read_kernel(&count, sizeof(count),
                              (const char *)queue_of(current) + ct_preempt_count_at);
#endif
    return count & 0x00ff0100; /* hard interrupt, NMI, soft interrupt being served */
}

/*
 * Who wakes: asked here, in the waker's own context, as sched_wakeup may fire on another CPU. Only
 * noted; the account waits for sched_wakeup.
 */
SEC("tp_btf/sched_waking")
int BPF_PROG(ct_on_waking, struct task_struct *p)
{
    struct ct_task *t = task_of(p);
    if (!t || !t->begun)
        return 0;
    struct task_struct *current = bpf_get_current_task_btf();
    if (!current->pid || in_interrupt(current)) {
        t->waker = CT_KEY_IRQ;
        t->waker_known = 1;
        return 0;
    }
    if (t->waker_tid != (__u32)current->pid || t->waker == CT_KEY_IRQ) {
        /* else the same as last time, whose key is still there: the common case, and dear */
        t->waker_tid = current->pid;
        t->waker = task_key(task_of(current), current);
        __builtin_memcpy(t->waker_comm, current->comm, sizeof(t->waker_comm));
    }
    t->waker_known = 1;
    return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(ct_on_wakeup, struct task_struct *p)
{
    struct ct_task *t = task_of(p);
    if (!t || (t->flags & CT_TASK_OBSERVER) || ct_run.end_ns)
        return 0;
    /* a thread that runs, or waits for a CPU already, is not made runnable by this */
    if (t->begun && t->state < CT_ST_BLOCKED)
        return 0;

    __u32 cpu = p->thread_info.cpu;
    __u64 now = queue_of(p)->clock; /* brought up to date for this wakeup, under its lock */
    if (now < t->since_ns)
        now = t->since_ns;
    if (!t->begun) {
        begin(t, p, now, cpu, CT_ST_RUNNABLE + CT_RUN_WOKEN);
        return 0;
    }
    wake(t, now);
    return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(ct_on_wakeup_new, struct task_struct *p)
{
    struct ct_task *t = task_of(p);
    if (!t || (t->flags & CT_TASK_OBSERVER) || t->begun || ct_run.end_ns)
        return 0;
    __u32 cpu = p->thread_info.cpu;
    begin(t, p, queue_of(p)->clock, cpu, CT_ST_RUNNABLE + CT_RUN_CREATED);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
