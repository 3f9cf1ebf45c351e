/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User or kernel: the time between a system call's entry and exit; and how often, how long, with
 * what success each was called. Not attached with --no-syscalls, because these tracepoints slow
 * down every task of the machine a little.
 */
#include "call.bpf.h"
#include "tables.bpf.h"
#include "take_stack.bpf.h"

#define MAX_ERRNO 4095

/*
 * Whether the call is one that an event loop comes back to. poll and select count if they are over
 * more than one descriptor (of select's only the first 64 to read from are looked at): over one, it
 * is a wait for that one.
 */
static __always_inline __u8 loop_kind_of(struct task_struct *p, struct pt_regs *regs, __u32 nr)
{
    const __u32 index = nr & (CT_SYSCALLS_MAX - 1);
    struct call c = {.compat = nr & CT_KEY_COMPAT};
    const __u8 class = c.compat ? ct_wait_compat[index] : ct_wait_native[index];

    if (class == CT_CAUSE_EVENT_WAIT)
        return CT_LOOP_EPOLL;
    if (class != CT_WAIT_POLL && class != CT_WAIT_PPOLL && class != CT_WAIT_SELECT)
        return CT_LOOP_NONE;
    call_args(&c, p, regs);
    if (class != CT_WAIT_SELECT)
        return c.arg[1] >= 2 ? CT_LOOP_POLL : CT_LOOP_NONE;
    __u64 first = 0;
    if (c.arg[0] <= 64 && c.arg[1])
        bpf_probe_read_user(&first, sizeof(first), (const void *)c.arg[1]);
    if (c.arg[0] < 64)
        first &= (1ULL << (c.arg[0] & 63)) - 1;
    return c.arg[0] > 64 || first & (first - 1) ? CT_LOOP_POLL : CT_LOOP_NONE;
}

/* An absence that is worth telling. */
static __always_inline void note_absence(struct ct_task *t, __u64 ns, __u64 off, __u64 blocked)
{
    struct ct_loop *l = &t->totals.loop;
    const __u64 running = ns > off ? ns - off : 0;

    l->long_cnt++;
    l->long_ns += ns;
    l->long_running_ns += running;
    l->long_blocked_ns += blocked;
    if (ns <= l->max_ns)
        return;
    l->max_ns = ns;
    l->max_at_ns = t->loop_left_ns + ct_run.clock_offset_ns;
    l->max_running_ns = running;
    l->max_blocked_ns = blocked;
    l->max_call_ns = t->loop_call_ns;
    l->max_call_nr = t->loop_call_nr;
}

/* The thread comes to wait for events. */
static __always_inline void come_back(struct ct_task *t, __u8 kind, __u64 now)
{
    struct ct_loop *l = &t->totals.loop;

    if (kind > t->loop_kind) { /* what seemed to be its loop was none */
        __builtin_memset(l, 0, sizeof(*l));
        t->loop_kind = kind;
        t->loop_left_ns = 0;
    }
    if (!t->loop_left_ns)
        return;
    const __u64 ns = now - t->loop_left_ns;
    if (ns < 1ULL << 62) { /* else the clock of another CPU, a moment behind */
        l->returns++;
        l->away_ns += ns;
        if (ns >= CT_LOOP_LONG_NS)
            note_absence(t, ns, t->off_ns - t->loop_off_ns, t->blocked_ns - t->loop_blocked_ns);
    }
    t->loop_left_ns = 0;
}

/* It has what it waited for, and goes to work. */
static __always_inline void go_away(struct ct_task *t, __u64 now)
{
    t->loop_left_ns = now;
    t->loop_off_ns = t->off_ns;
    t->loop_blocked_ns = t->blocked_ns;
    t->loop_call_ns = 0;
    t->loop_call_nr = -1;
}

/* Some switches are hidden from us: see sched.bpf.c. */
static __always_inline void catch_up(struct ct_task *t, struct task_struct *p)
{
    if (t->state != CT_ST_RUNNING)
        missed_before_call(t, p->sched_info.last_queued, p->sched_info.last_arrival,
                           queue_of(p)->clock, bpf_get_smp_processor_id());
}

SEC("tp_btf/sys_enter")
int BPF_PROG(ct_on_sys_enter, struct pt_regs *regs, long nr)
{
    struct task_struct *p = bpf_get_current_task_btf();
    struct ct_task *t = task_of(p);
    if (!t || t->begun != CT_BEGUN)
        return 0;
    catch_up(t, p);
    t->totals.syscalls++;
    t->call_nr = (nr & 0xffff) | (in_compat_call(p) ? CT_KEY_COMPAT : 0);
    t->call_off_ns = 0;
    t->call_blocked_ns = 0;
    t->call_other = 0;
    t->call_enter_ns = bpf_ktime_get_ns();
    t->call_loops = loop_kind_of(p, regs, t->call_nr);
    if (t->call_loops && t->call_loops >= t->loop_kind)
        come_back(t, t->call_loops, t->call_enter_ns);
    return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(ct_on_sys_exit, struct pt_regs *regs, long ret)
{
    struct task_struct *p = bpf_get_current_task_btf();
    struct ct_task *t = task_of(p);
    if (!t || !t->call_enter_ns)
        return 0;
    catch_up(t, p);
    if (ct_stacks && t->stack_late_ns)
        take_late(ctx, t, p);
    const __u64 now = bpf_ktime_get_ns();
    struct ct_row *row = charge_call(t, now);
    row->cnt++;
    if (ret < 0 && ret >= -MAX_ERRNO)
        row->errors++;
    if (t->call_loops && t->call_loops == t->loop_kind)
        go_away(t, now);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
