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

/* Keeps what stands in f, once. Its hash, or the reason why not. */
static __always_inline __u64 keep_frames(struct ct_frames *f)
{
    __u64 hash = 0xcbf29ce484222325ULL + f->chain_at;

    for (__u32 i = 0; i < CT_STACK_DEPTH && i < f->cnt; i++) {
        hash = (hash ^ f->ip[i]) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    for (__u32 i = 0; i < CT_STACK_NEAR && i < f->near_cnt; i++) {
        hash = (hash ^ f->near[i]) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    if (hash < CT_STACK_REASONS)
        hash += CT_STACK_REASONS;
    if (!bpf_map_lookup_elem(&ct_stacks_seen, &hash) &&
        bpf_map_update_elem(&ct_stacks_seen, &hash, f, BPF_NOEXIST) == -7 /* E2BIG */) {
        __sync_fetch_and_add(&ct_run.stacks_full, 1);
        return CT_STACK_NO_ROOM;
    }
    return hash;
}

#if defined(__TARGET_ARCH_x86)

struct link {
    __u64 next;
    __u64 ip;
};

/* Whether a frame may stand at `at`, its return address above it; sp bounds it from below. */
static __always_inline bool read_link(struct link *to, __u64 at, __u64 sp)
{
    return at >= sp && at - sp < CT_STACK_SPAN && !(at & 7) &&
           !bpf_probe_read_user(to, sizeof(*to), (const void *)at) && to->ip >= 4096 &&
           to->ip < 1ULL << 56 && to->ip - sp + CT_STACK_SPAN > 2ULL * CT_STACK_SPAN &&
           (!to->next || to->next > at);
}

/* Words near the stack pointer that may be return addresses: user space knows which (unwind.c). */
static __noinline void scan_words(struct ct_scratch *s, struct mm_struct *mm, __u64 ip)
{
    const __u64 text = mm->start_code, text_size = mm->end_code - text;
    struct ct_frames *f = &s->frames;

    for (__u32 i = 0; i < CT_STACK_SCAN; i++) {
        const __u64 w = s->words[i];
        if (w - text >= text_size && w - ip + CT_STACK_REACH >= 2ULL * CT_STACK_REACH)
            continue;
        const __u32 n = f->near_cnt;
        if (n >= CT_STACK_NEAR)
            break;
        f->near[n & (CT_STACK_NEAR - 1)] = (__u64)i << CT_STACK_SLOT_SHIFT | w;
        f->near_cnt = n + 1;
    }
}

/* The frame pointer, or where it was saved if the register serves something else. */
static __always_inline __u64 chain_start(struct ct_scratch *s, __u64 bp, __u64 sp)
{
    struct link link;

    if (read_link(&link, bp, sp))
        return bp;
    for (__u32 i = 0; i < CT_STACK_SCAN; i++) {
        const __u64 w = s->words[i];
        if (w > sp + 8 * i && w - sp < CT_STACK_SPAN && read_link(&link, w, sp))
            return w;
    }
    return 0;
}

static __noinline __u64 take_user(void *ctx, struct ct_scratch *s, struct task_struct *p)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(p);
    struct ct_frames *f = &s->frames;
    const __u64 ip = regs->ip, sp = regs->sp;
    struct link link;

    (void)ctx;
    f->cnt = 1;
    f->near_cnt = f->chain_at = 0;
    f->ip[0] = ip;
    if (in_compat_call(p) || bpf_probe_read_user(s->words, sizeof(s->words), (const void *)sp))
        return keep_frames(f);
    scan_words(s, p->mm, ip);
    __u64 at = chain_start(s, regs->bp, sp);
    f->chain_at = at ? at - sp : 0;
    for (__u32 i = 1; i < CT_STACK_DEPTH; i++) {
        if (!at || !read_link(&link, at, sp))
            break;
        f->ip[i] = link.ip;
        f->cnt = i + 1;
        at = link.next;
    }
    return keep_frames(f);
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
    return keep_frames(f);
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
    return keep_frames(f);
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
