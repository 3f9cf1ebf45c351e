/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tasks are ours: the maps, adoption at fork, exec, and the accounts of those that outlive
 * the run.
 */
#include "call.bpf.h"
#include "tables.bpf.h"
#include "stacks.bpf.h"

struct ct_tasks_map ct_tasks SEC(".maps");
struct ct_cpus_map ct_cpus SEC(".maps");
struct ct_ring_map ct_events SEC(".maps");
struct ct_ring_map ct_ledger SEC(".maps");
struct ct_frames_map ct_stacks_seen SEC(".maps");
struct ct_weights_map ct_weights SEC(".maps");
struct ct_scratch_map ct_stack_scratch SEC(".maps");
struct ct_run ct_run = {};
const volatile bool ct_stacks = false;
const volatile __u8 ct_wait_native[CT_SYSCALLS_MAX] = {};
const volatile __u8 ct_wait_compat[CT_SYSCALLS_MAX] = {};

/* Adds a wait to the weight of its stacks. */
static __always_inline void weigh(const struct ct_stack_key *key, __u64 ns, __u64 since_ns)
{
    struct ct_stack_weight *w = bpf_map_lookup_elem(&ct_weights, key);

    if (!w) {
        const struct ct_stack_weight none = {.first_ns = since_ns};
        bpf_map_update_elem(&ct_weights, key, &none, BPF_NOEXIST);
        w = bpf_map_lookup_elem(&ct_weights, key);
    }
    if (!w) {
        __sync_fetch_and_add(&ct_run.lost_waits, 1);
        __sync_fetch_and_add(&ct_run.lost_waits_ns, ns);
        return;
    }
    __sync_fetch_and_add(&w->cnt, 1);
    __sync_fetch_and_add(&w->ns, ns);
    for (int i = 0; i < 4; i++) { /* threads of a process may be here at once */
        const __u64 max = w->max_ns;
        if (ns <= max || __sync_val_compare_and_swap(&w->max_ns, max, ns) == max)
            break;
    }
}

/* The wait in t->state is over, after ns. Global: verified once, not at each of its many calls. */
__noinline int add_stack(struct ct_task *t, __u64 ns)
{
    if (!t)
        return 0;
    struct ct_stack_key key = {
        .tgid = t->tgid, .state = t->state, .user = t->stack_user, .kernel = t->stack_kernel};
    if (key.user == CT_STACK_NOT_TAKEN && ns >= CT_STACK_LATE_NS && t->call_enter_ns &&
        key.state >= CT_ST_BLOCKED && !t->stack_late_ns) {
        t->stack_late_ns = ns;
        t->stack_late_state = key.state;
        return 0;
    }
    weigh(&key, ns, t->since_ns);
    return 0;
}

/* The wait that was put off by the above. */
__noinline int add_late_stack(struct ct_task *t)
{
    if (!t)
        return 0;
    const struct ct_stack_key key = {.tgid = t->tgid,
                                     .state = t->stack_late_state,
                                     .user = t->stack_user,
                                     .kernel = t->stack_kernel};
    weigh(&key, t->stack_late_ns, t->since_ns);
    t->stack_late_ns = 0;
    return 0;
}

/*
 * In the parent's context, before the child can run: no child escapes, whoever its parent is by
 * then. Its life begins at sched_wakeup_new, where the run queue's clock is at hand. (Not
 * sched_process_fork: io_uring's workers are threads of the program too, and do not pass there.)
 */
SEC("tp_btf/task_newtask")
int BPF_PROG(ct_on_fork, struct task_struct *child, __u64 clone_flags)
{
    struct task_struct *parent = bpf_get_current_task_btf();
    struct ct_task *p = task_of(parent);
    if (!p || !p->id || ct_run.end_ns)
        return 0;
    /* who asks not to be followed, is not, as with ptrace; (the kernel asks so for io_uring's
     * threads) */
    if ((clone_flags & CLONE_UNTRACED) && !(clone_flags & CLONE_THREAD))
        return 0;

    struct ct_task *t = bpf_task_storage_get(&ct_tasks, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!t) {
        __sync_fetch_and_add(&ct_run.lost_threads, 1);
        return 0;
    }
    t->parent_id = p->id;
    if (child->tgid == parent->tgid)
        t->flags = p->flags & CT_TASK_ROOT;
    t->wait_nr = -1;
    t->wait_cause = CT_CAUSE_OTHER;
    t->id = __sync_fetch_and_add(&ct_run.next_id, 1);
    return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(ct_on_exec, struct task_struct *p)
{
    struct ct_task *t = task_of(p);
    if (!t || !t->id || ct_run.end_ns)
        return 0;

    t->loop_kind = CT_LOOP_NONE; /* another program, another loop */
    t->loop_left_ns = 0;
    struct ct_rec_exec *r = bpf_ringbuf_reserve(&ct_ledger, sizeof(*r), 0);
    if (!r) /* its name will still be told with its account */
        return 0;
    r->head.time_ns = t->since_ns; /* it runs since then; the exact moment is not needed */
    r->head.kind = CT_EV_EXEC;
    r->head.state = t->state;
    r->head.cpu = t->cpu;
    r->head.id = t->id;
    r->tid = p->pid;
    r->tgid = p->tgid;
    __builtin_memcpy(r->comm, p->comm, sizeof(r->comm));

    unsigned long from = p->mm->arg_start;
    unsigned long len = p->mm->arg_end - from;
    r->argv_cut = len > CT_ARGV_MAX;
    asm volatile("" : "+r"(len)); /* so that the bound below stays on the register it checks */
    if (len > CT_ARGV_MAX)
        len = CT_ARGV_MAX;
    r->argv_len = bpf_probe_read_user(r->argv, len, (const void *)from) ? 0 : len;
    bpf_ringbuf_submit(r, wake_flags(&ct_ledger));
    return 0;
}

/* A CPU without a single switch idled throughout, unless somebody is on it. */
static __always_inline void look_at_silent_cpu(struct task_struct *p)
{
    __u32 zero = 0;

    if (!p->on_cpu)
        return;
    struct ct_cpu_account *c = bpf_map_lookup_percpu_elem(&ct_cpus, &zero, p->thread_info.cpu);
    if (c && !c->last_ns)
        c->busy = 1;
}

/*
 * A switch or a wakeup on another CPU may just have charged time beyond the end, which was set
 * meanwhile and dates back a little: that time is taken back.
 */
static __always_inline void take_back(struct ct_task *t, struct ct_cpu_account *c, __u64 end)
{
    const __u32 last = t->last_state & (CT_STATE_SLOTS - 1);
    const __u64 excess = t->since_ns - end;

    if (t->since_ns <= end || t->totals.state_ns[last] < excess)
        return;
    t->totals.state_ns[last] -= excess;
    if (c && last == CT_ST_RUNNING)
        c->traced_ns -= excess;
    t->since_ns = end;
    if (t->out_ns > end)
        t->out_ns = end;
}

/*
 * Walks all tasks once the run has ended and writes a TOTALS record for each of ours that is still
 * there: to the iterator's own output, which cannot overflow.
 */
SEC("iter/task")
int ct_survivors(struct bpf_iter__task *ctx)
{
    struct task_struct *p = ctx->task;
    if (!p)
        return 0;
    look_at_silent_cpu(p);
    struct ct_task *t = task_of(p);
    if (!t || t->begun != CT_BEGUN || t->state == CT_ST_DEAD)
        return 0;

    __u32 zero = 0;
    struct ct_cpu_account *c = bpf_map_lookup_percpu_elem(&ct_cpus, &zero, t->cpu);
    take_back(t, c, ct_run.end_ns);
    __u64 now = ct_run.end_ns;
    if (now < t->since_ns)
        now = t->since_ns;
    /* the kernel's figure is only current at switches and ticks: ours cannot be held to it */
    if (c && t->state == CT_ST_RUNNING)
        c->traced_ns += now - t->since_ns;
    if (t->call_enter_ns) {
        if (t->state != CT_ST_RUNNING)
            t->call_off_ns += now - t->out_ns;
        if (t->state >= CT_ST_BLOCKED)
            t->call_blocked_ns += now - t->since_ns;
        charge_call(t, now - ct_run.clock_offset_ns);
    }
    charge(t, now);
    if (ct_stacks && t->stack_late_ns)
        add_late_stack(t);
    bound_kernel_ns(t);
    read_kernel_figures(t, p);
    t->totals.end_ns = now;

    struct ct_rec_life life = {};
    describe_life(&life, t, p, now);
    life.flags |= CT_LIFE_ALIVE;
    bpf_seq_write(ctx->meta->seq, &life, sizeof(life));
    bpf_seq_write(ctx->meta->seq, &t->totals, sizeof(t->totals));
    __u64 size;
#define X(upper, lower, slots)                                                                     \
    size = describe_rows(t, &t->lower.rec, CT_TABLE_##upper, slots, now);                          \
    if (size)                                                                                      \
        bpf_seq_write(ctx->meta->seq, &t->lower, size);
    CT_TABLES(X)
#undef X
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
