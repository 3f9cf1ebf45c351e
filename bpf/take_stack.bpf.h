/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where threads block and where they lose the CPU: user and kernel stack, weighted by time.
 *
 * The stack is taken as the thread leaves the CPU, when it is `current` and its registers are
 * saved; the weight is added when the wait ends. Stacks are kept by their hash, so that a place
 * visited a million times is stored once. Whatever could not be kept is counted (ct_run), and its
 * time stands under CT_STACK_NONE: the sum over all weights is the accounts' blocked and preempted
 * time, to the nanosecond.
 *
 * A stack costs microseconds, and how long a wait will be is known at its end only. So a thread may
 * take CT_STACK_BURST_NS / CT_STACK_EVERY_NS of them at a stroke and one each CT_STACK_EVERY_NS on
 * the average: a thread that waits for long has them all, one that switches without end is slowed
 * down by a few per cent at most. A wait beyond that allowance which turns out long is looked at
 * when its system call returns: the user stack is still the same.
 *
 * Rejected: bpf_get_stackid. Its table loses every stack whose bucket is taken by another; and it
 * follows frame pointers alone, which loses the caller of whatever was built without them, such as
 * the C library, where nearly all waits are.
 */
#ifndef CT_TAKE_STACK_BPF_H
#define CT_TAKE_STACK_BPF_H

#include "stacks.bpf.h"

#define __maybe_unused __attribute__((unused)) /* each includer takes in one way */

#define CT_USER_STACK     (1ULL << 8) /* BPF_F_USER_STACK */
#define CT_STACK_EVERY_NS 100000
#define CT_STACK_BURST_NS 50000000

/*
 * Keeps what stands in s, once. Its hash, or the reason why not. (Not in a global function: 6.1
 * takes no memory that came as an argument for a map's value.)
 */
static __noinline __u64 keep_frames(struct ct_scratch *s)
{
    struct ct_frames *f = &s->frames;
    __u64 hash = hash_frames(f);

    if (!bpf_map_lookup_elem(&ct_stacks_seen, &hash) &&
        bpf_map_update_elem(&ct_stacks_seen, &hash, f, BPF_NOEXIST) == -7 /* E2BIG */) {
        __sync_fetch_and_add(&ct_run.stacks_full, 1);
        return CT_STACK_NO_ROOM;
    }
    return hash;
}

#if defined(__TARGET_ARCH_x86)

static __noinline __u64 take_user(void *ctx, struct ct_scratch *s, struct task_struct *p)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(p);
    struct ct_frames *f = &s->frames;
    const __u64 ip = regs->ip, sp = regs->sp;

    (void)ctx;
    f->cnt = 1;
    f->near_cnt = f->chain_at = 0;
    f->ip[0] = ip;
    if (in_compat_call(p) || bpf_probe_read_user(s->words, sizeof(s->words), (const void *)sp))
        return keep_frames(s);
    scan_words(s, ip, p->mm->start_code, p->mm->end_code);
    const __u64 at = chain_start(s, regs->bp, sp);
    if (at) {
        f->chain_at = at - sp;
        follow_chain(f, at, sp);
    }
    return keep_frames(s);
}

#else

/* Whatever is built for arm64 keeps frame pointers. */
static __noinline __u64 take_user(void *ctx, struct ct_scratch *s, struct task_struct *p)
{
    struct ct_frames *f = &s->frames;
    const long size = bpf_get_stack(ctx, f->ip, sizeof(f->ip), CT_USER_STACK);

    (void)p;
    if (size <= 0)
        return CT_STACK_NONE;
    f->cnt = size / 8;
    f->near_cnt = f->chain_at = 0;
    return keep_frames(s);
}

#endif

static __always_inline __u64 take_kernel(void *ctx, struct ct_scratch *s)
{
    struct ct_frames *f = &s->frames;
    const long size = bpf_get_stack(ctx, f->ip, sizeof(f->ip), 0);

    if (size <= 0)
        return CT_STACK_NONE;
    f->cnt = size / 8;
    f->near_cnt = f->chain_at = 0;
    return keep_frames(s);
}

/* Whether the thread has stacks left of its allowance. */
static __always_inline bool may_take(struct ct_task *t, __u64 now)
{
    const __u64 paid = t->stack_paid_ns > now ? t->stack_paid_ns : now;

    if (paid - now > CT_STACK_BURST_NS)
        return false;
    t->stack_paid_ns = paid + CT_STACK_EVERY_NS;
    return true;
}

/* p, which is current, leaves its CPU in a state whose stacks are wanted. */
static __noinline __maybe_unused int take_stacks(void *ctx, struct ct_task *t,
                                                 struct task_struct *p, __u64 now)
{
    const __u32 zero = 0;
    struct ct_scratch *s = bpf_map_lookup_elem(&ct_stack_scratch, &zero);

    if (!t || !s)
        return 0;
    t->stack_user = t->stack_kernel = CT_STACK_NOT_TAKEN;
    if (!may_take(t, now))
        return 0;
    t->stack_user = p->mm ? take_user(ctx, s, p) : CT_STACK_NONE;
    t->stack_kernel = take_kernel(ctx, s);
    return 0;
}

/* A system call returns in which p, which is current, has waited for long without a stack. */
static __noinline __maybe_unused int take_late(void *ctx, struct ct_task *t, struct task_struct *p)
{
    const __u32 zero = 0;
    struct ct_scratch *s = bpf_map_lookup_elem(&ct_stack_scratch, &zero);

    if (!t || !s)
        return 0;
    t->stack_user = p->mm ? take_user(ctx, s, p) : CT_STACK_NONE;
    t->stack_kernel = CT_STACK_NOT_TAKEN;
    add_late_stack(t);
    return 0;
}

#endif
