/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User or kernel: the time between a system call's entry and exit; and how often, how long, with
 * what success each was called. Not attached with --no-syscalls, because these tracepoints slow
 * down every task of the machine a little.
 */
#include "tables.bpf.h"
#include "take_stack.bpf.h"

#define MAX_ERRNO 4095

SEC("tp_btf/sys_enter")
int BPF_PROG(ct_on_sys_enter, struct pt_regs *regs, long nr)
{
    struct task_struct *p = bpf_get_current_task_btf();
    struct ct_task *t = task_of(p);
    if (!t || t->begun != CT_BEGUN)
        return 0;
    t->totals.syscalls++;
    t->call_nr = (nr & 0xffff) | (in_compat_call(p) ? CT_KEY_COMPAT : 0);
    t->call_off_ns = 0;
    t->call_blocked_ns = 0;
    t->call_other = 0;
    t->call_enter_ns = bpf_ktime_get_ns();
    return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(ct_on_sys_exit, struct pt_regs *regs, long ret)
{
    struct ct_task *t = task_of(bpf_get_current_task_btf());
    if (!t || !t->call_enter_ns)
        return 0;
    if (ct_stacks && t->stack_late_ns)
        take_late(ctx, t, bpf_get_current_task_btf());
    struct ct_row *row = charge_call(t, bpf_ktime_get_ns());
    row->cnt++;
    if (ret < 0 && ret >= -MAX_ERRNO)
        row->errors++;
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
