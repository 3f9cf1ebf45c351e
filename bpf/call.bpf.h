/* SPDX-License-Identifier: GPL-2.0-only */
/* A system call as a task's saved registers tell it, and what each number means. */
#ifndef CT_CALL_BPF_H
#define CT_CALL_BPF_H

#include "task.bpf.h"

/* By number: an enum ct_cause, or an enum ct_wait_class. */
extern const volatile __u8 ct_wait_native[CT_SYSCALLS_MAX];
extern const volatile __u8 ct_wait_compat[CT_SYSCALLS_MAX];

struct call {
    long nr; /* -1: none, an interrupt or a fault brought the thread here */
    bool compat;
    bool own_memory;    /* what the arguments point to can be read */
    bool interruptible; /* by a signal, while it waits */
    __u64 arg[5];
};

#if defined(__TARGET_ARCH_x86)
#define SYS_SCHED_YIELD        24
#define SYS_COMPAT_SCHED_YIELD 158
#define X32_BIT                0x40000000

static __always_inline long call_nr(struct pt_regs *regs)
{
    const long nr = (long)regs->orig_ax;
    return nr < 0 ? -1 : nr & ~X32_BIT;
}

static __always_inline void call_args(struct call *c, struct task_struct *p, struct pt_regs *regs)
{
    if (c->compat) {
        c->arg[0] = (__u32)regs->bx;
        c->arg[1] = (__u32)regs->cx;
        c->arg[2] = (__u32)regs->dx;
        c->arg[3] = (__u32)regs->si;
        c->arg[4] = (__u32)regs->di;
    } else {
        c->arg[0] = regs->di;
        c->arg[1] = regs->si;
        c->arg[2] = regs->dx;
        c->arg[3] = regs->r10;
        c->arg[4] = regs->r8;
    }
}
#else
#define SYS_SCHED_YIELD        124
#define SYS_COMPAT_SCHED_YIELD 124

static __always_inline long call_nr(struct pt_regs *regs)
{
    return regs->syscallno;
}

static __always_inline void call_args(struct call *c, struct task_struct *p, struct pt_regs *regs)
{
    c->arg[0] = regs->orig_x0;
    for (int i = 1; i < 5; i++)
        c->arg[i] = regs->regs[i];
}
#endif

static __always_inline struct pt_regs *regs_of(struct task_struct *p)
{
    return (struct pt_regs *)bpf_task_pt_regs(p);
}

#endif
