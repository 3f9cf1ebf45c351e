/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User or kernel: the time between a system call's entry and exit. Not attached with
 * --no-syscalls, because these tracepoints slow down every task of the machine a little.
 */
#include "task.bpf.h"

SEC("tp_btf/sys_enter")
int BPF_PROG(ct_on_sys_enter)
{
    struct ct_task *t = task_of(bpf_get_current_task_btf());
    if (!t || !t->begun)
        return 0;
    t->totals.syscalls++;
    t->syscall_off_ns = 0;
    t->syscall_enter_ns = bpf_ktime_get_ns();
    return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(ct_on_sys_exit)
{
    struct ct_task *t = task_of(bpf_get_current_task_btf());
    if (t && t->syscall_enter_ns)
        charge_syscall(t, bpf_ktime_get_ns());
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
