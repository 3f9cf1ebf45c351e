/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of taking a stack that have loops: global functions, which the verifier looks at once.
 */
#include "stacks.bpf.h"

__noinline __u64 hash_frames(struct ct_frames *f)
{
    if (!f)
        return CT_STACK_NONE;
    __u64 hash = 0xcbf29ce484222325ULL + f->chain_at;

    for (__u32 i = 0; i < CT_STACK_DEPTH && i < f->cnt; i++) {
        hash = (hash ^ f->ip[i]) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    for (__u32 i = 0; i < CT_STACK_NEAR && i < f->near_cnt; i++) {
        hash = (hash ^ f->near[i]) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    return hash < CT_STACK_REASONS ? hash + CT_STACK_REASONS : hash;
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
__noinline int scan_words(struct ct_scratch *s, __u64 ip, __u64 text, __u64 text_end)
{
    const __u64 text_size = text_end - text;

    if (!s)
        return 0;
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
    return 0;
}

/* The frame pointer, or where it was saved if the register serves something else. */
__noinline __u64 chain_start(struct ct_scratch *s, __u64 bp, __u64 sp)
{
    struct link link;

    if (!s)
        return 0;
    if (read_link(&link, bp, sp))
        return bp;
    for (__u32 i = 0; i < CT_STACK_SCAN; i++) {
        const __u64 w = s->words[i];
        if (w > sp + 8 * i && w - sp < CT_STACK_SPAN && read_link(&link, w, sp))
            return w;
    }
    return 0;
}

/* The return addresses that frame pointers lead to, from the one at `at`. */
__noinline int follow_chain(struct ct_frames *f, __u64 at, __u64 sp)
{
    struct link link;

    if (!f)
        return 0;
    for (__u32 i = 1; i < CT_STACK_DEPTH; i++) {
        if (!at || !read_link(&link, at, sp))
            break;
        f->ip[i] = link.ip;
        f->cnt = i + 1;
        at = link.next;
    }
    return 0;
}

#endif

char LICENSE[] SEC("license") = "GPL";
