/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's tracepoints: switches and wakeups feed the accounts (account.bpf.h) and the
 * stream of events; and the first look at a process that runs already.
 */
#include "account.bpf.h"

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
    sw->wake = t->wake;
    sw->waker_id = t->wake == CT_WAKE_TASK ? t->waker : 0;
}

/* The system call that a thread waits in, as records tell it. */
static __always_inline __u16 call_of_wait(const struct ct_task *t, __u8 state)
{
    if (state < CT_ST_BLOCKED || state == CT_ST_BLOCKED + CT_CAUSE_STOPPED || t->wait_nr < 0)
        return 0;
    return ((t->wait_nr & (CT_SYSCALLS_MAX - 1)) + 1) |
           (t->wait_nr & CT_KEY_COMPAT ? CT_CALL_COMPAT : 0);
}

/*
 * Events that were not shown to us. Some kernels hide what certain tasks do (seen on a hypervisor's
 * guest, whose agent's own switches and wakeups no tracepoint reports), so a thread may run without
 * a wakeup, or leave a CPU that it never came to. The scheduler keeps both moments for its own
 * statistics, on the same clock: what was missed is put in its place.
 */
__noinline int missed_wakeup(struct ct_task *t, __u64 queued, __u64 now)
{
    if (!t)
        return 0;
    if (queued >= t->since_ns && queued <= now)
        wake(t, queued);
    return 0;
}

__noinline int missed_arrival(struct ct_task *t, struct ct_cpu_account *c, __u64 arrival, __u64 now,
                              __u32 cpu)
{
    if (!t || !c)
        return 0;
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

/*
 * The thread enters or leaves a system call, so it runs, but was not seen to come: what was missed
 * is put in its place before the call is charged, not only at the thread's next switch.
 */
__noinline int missed_before_call(struct ct_task *t, __u64 queued, __u64 arrival, __u64 now,
                                  __u32 cpu)
{
    struct ct_cpu_account *c = this_cpu();

    if (!t || !c || ct_run.end_ns || t->state == CT_ST_RUNNING)
        return 0;
    if (t->state >= CT_ST_BLOCKED)
        missed_wakeup(t, queued, now);
    missed_arrival(t, c, arrival, now, cpu);
    return 0;
}

/*
 * conctrace's own switches keep scheduler's clock and monotonic clock in step, for free. The second
 * read comes late (by much, if the hypervisor steps in between), never early: so the greatest
 * offset is the best. It ages by 1/2048, more than clocks are slewed by.
 */
static __always_inline void measure_clock(__u64 now)
{
    const __u64 mono = bpf_ktime_get_ns();
    const __s64 offset = (__s64)(now - mono);
    const __s64 aged = ct_run.clock_offset_ns - (__s64)((mono - ct_run.clock_measured_ns) >> 11);

    ct_run.clock_offset_ns = offset > aged || !ct_run.clock_measured_ns ? offset : aged;
    ct_run.clock_measured_ns = mono;
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
    const __u32 prev_id =
        p && p->begun == CT_BEGUN ? p->id : 0; /* the observer has none, and never begins */
    const __u32 next_id = n && n->begun == CT_BEGUN ? n->id : 0;
    if (!prev_id && !next_id)
        return 0;

    __u16 cpu = bpf_get_smp_processor_id();
    __u64 out = now;
    struct ct_rec_switch sw = {
        .head = {.time_ns = now, .kind = CT_EV_SWITCH, .cpu = cpu, .id = prev_id},
    };
    if (p && prev_id) {
        if (p->state != CT_ST_RUNNING)
            missed_arrival(p, c, prev->sched_info.last_arrival, now, cpu);
        out = stopped_at(p, prev, rq);
        sw.out_lag_ns = now - out;
        const bool voluntary = counted_voluntary(p, prev);
        sw.head.state = state_after(p, preempt, prev, prev_state, voluntary);
        sw.call = call_of_wait(p, sw.head.state);
        switch_out(p, c, out, voluntary, sw.head.state);
        if (ct_stacks && has_stack(sw.head.state))
            take_stacks(ctx, p, prev, now);
        if (sw.head.state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED) {
            p->preemptor = task_key(n, next);
            __builtin_memcpy(p->preemptor_comm, next->comm, sizeof(p->preemptor_comm));
        }
    }
    if (n && next_id) {
        if (n->state >= CT_ST_BLOCKED)
            missed_wakeup(n, next->sched_info.last_queued, now);
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

/* This CPU's preemption count, which tells whether an interrupt's handler is at work here. */
static __always_inline __u32 preempt_count_of(struct task_struct *current)
{
#if defined(__TARGET_ARCH_arm64)
    const __u32 count = current->thread_info.preempt_count;
#else
    __u32 count = 0;
    if (ct_preempt_count_at)
        bpf_probe_read_kernel(&count, sizeof(count),
                              (const char *)queue_of(current) + ct_preempt_count_at);
#endif
    return count;
}

/* include/linux/preempt.h: bits of preempt_count */
#define SERVING_SOFTIRQ 0x00000100
#define IN_HARDIRQ      0x00ff0000 /* NMIs, too */

/* Whether the lock that t waits for is the last one that current waited for: it hands it on. */
static __always_inline bool waited_for_it(struct ct_task *t, struct task_struct *current)
{
    const struct ct_task *w = task_of(current);

    if (!w || !w->wait_lock)
        return false;
    return w->wait_lock == t->wait_lock ||
           (w->tgid == t->tgid &&
            w->wait_address - t->wait_address + CT_SAME_LOCK_BYTES < 2ULL * CT_SAME_LOCK_BYTES);
}

/*
 * Who wakes: asked here, in the waker's own context, as sched_wakeup may fire on another CPU. Only
 * noted; the account waits for sched_wakeup.
 */
SEC("tp_btf/sched_waking")
int BPF_PROG(ct_on_waking, struct task_struct *p)
{
    struct ct_task *t = task_of(p);
    if (!t || t->begun != CT_BEGUN)
        return 0;
    struct task_struct *current = bpf_get_current_task_btf();
    const __u32 count = preempt_count_of(current);
    t->handed = 0;
    if (!current->pid || count & (SERVING_SOFTIRQ | IN_HARDIRQ)) {
        t->waker = CT_KEY_IRQ;
        t->wake =
            count & SERVING_SOFTIRQ && !(count & IN_HARDIRQ) ? CT_WAKE_SOFTIRQ : CT_WAKE_HARDIRQ;
        return 0;
    }
    if (t->state == CT_ST_BLOCKED + CT_CAUSE_LOCK)
        t->handed = waited_for_it(t, current);
    if (t->waker_tid != (__u32)current->pid || t->waker == CT_KEY_IRQ) {
        /* else the same as last time, whose key is still there: the common case, and dear */
        t->waker_tid = current->pid;
        t->waker = task_key(task_of(current), current);
        t->wake_kind = t->waker <= ~0U ? CT_WAKE_TASK : CT_WAKE_FOREIGN;
        __builtin_memcpy(t->waker_comm, current->comm, sizeof(t->waker_comm));
    }
    t->wake = t->wake_kind;
    return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(ct_on_wakeup, struct task_struct *p)
{
    struct ct_task *t = task_of(p);
    if (!t || !t->id || ct_run.end_ns)
        return 0;
    /* a thread that runs, or waits for a CPU already, is not made runnable by this */
    if (t->begun && (t->begun == CT_BEGINNING || t->state < CT_ST_BLOCKED))
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
    if (!t || !t->id || t->begun || ct_run.end_ns)
        return 0;
    __u32 cpu = p->thread_info.cpu;
    begin(t, p, queue_of(p)->clock, cpu, CT_ST_RUNNABLE + CT_RUN_CREATED);
    return 0;
}

/* ---- attaching ---- */

/* The targets' numbers are those of our own namespace: `current` reads the iterator, that is us. */
static __always_inline bool is_target(struct task_struct *p)
{
    struct pid *ours = bpf_get_current_task_btf()->thread_pid;
    struct pid_namespace *here, *there;
    __u32 tgid = p->tgid;

    if (ours && ours->level) {
        number_at(ours, ours->level, &here);
        tgid = number_at(p->group_leader->thread_pid, ours->level, &there);
        if (here != there)
            return false;
    }
    for (__u32 i = 0; i < CT_TARGETS_MAX && i < ct_run.targets_cnt; i++)
        if (ct_run.targets[i] == tgid)
            return true;
    return false;
}

/* The state of a task seen from outside, without its lock. What kind of runnable it is is not
 * known. */
static __always_inline __u8 state_seen(struct ct_task *t, struct task_struct *p)
{
    const __u32 state = p->__state;

    if (p->on_cpu)
        return CT_ST_RUNNING;
    if (state & TASK_DEAD)
        return CT_ST_DEAD;
    if (!state ||
        (p->on_rq && !(bpf_core_field_exists(p->se.sched_delayed) && p->se.sched_delayed)))
        return CT_ST_UNKNOWN;
    if (state & (TASK_STOPPED_BIT | TASK_TRACED_BIT | TASK_FROZEN))
        return CT_ST_BLOCKED + CT_CAUSE_STOPPED;
    return CT_ST_BLOCKED + wait_cause(t, p, state, false);
}

/*
 * Adopts the threads of processes that run already (ct_run.targets), each in the state it is in.
 * They run meanwhile: what happens to one between the look and its first event is put right there
 * (missed_wakeup, missed_arrival), or shows in the second look and is then unknown.
 */
SEC("iter/task")
int ct_attach(struct bpf_iter__task *ctx)
{
    struct task_struct *p = ctx->task;
    if (!p || !is_target(p))
        return 0;
    struct ct_task *t = bpf_task_storage_get(&ct_tasks, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!t) {
        __sync_fetch_and_add(&ct_run.lost_threads, 1);
        return 0;
    }
    if (t->id || (t->flags & CT_TASK_OBSERVER))
        return 0;
    t->flags = CT_TASK_ROOT;
    t->wait_nr = -1;
    t->wait_cause = CT_CAUSE_OTHER;
    const __u8 state = state_seen(t, p);
    if (state == CT_ST_DEAD)
        return 0;
    t->id = __sync_fetch_and_add(&ct_run.next_id, 1);

    const __u64 now = bpf_ktime_get_ns() + ct_run.clock_offset_ns;
    begin(t, p, now, p->thread_info.cpu, state);
    if (state == CT_ST_RUNNING && t->since_ns == now) {
        /* the kernel charges at its ticks only: add what it has run since the last one */
        const __u64 at = now - clock_skew(queue_of(p));
        if (at > p->se.exec_start && at - p->se.exec_start < 1000000000ULL)
            t->base_cpu_ns += at - p->se.exec_start;
    }
    if (t->since_ns == now && t->state == state && state_seen(t, p) != state)
        t->state = CT_ST_UNKNOWN;
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
