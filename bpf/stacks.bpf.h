/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of stacks and of their weights; take_stack.bpf.h fills the first, add_stack the
 * second. */
#ifndef CT_STACKS_BPF_H
#define CT_STACKS_BPF_H

#include "task.bpf.h"

struct ct_frames_map {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, CT_STACKS_MAX);
    __type(key, __u64);
    __type(value, struct ct_frames);
};

struct ct_weights_map {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, CT_WEIGHTS_MAX);
    __type(key, struct ct_stack_key);
    __type(value, struct ct_stack_weight);
};

struct ct_scratch {
    struct ct_frames frames;
    __u64 words[CT_STACK_SCAN];
};

struct ct_scratch_map {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct ct_scratch);
};

extern struct ct_frames_map ct_stacks_seen SEC(".maps");
extern struct ct_scratch_map ct_stack_scratch SEC(".maps");

/* Keeps what stands in f, once. Its hash, or the reason why not. */
__u64 hash_frames(struct ct_frames *f);
int scan_words(struct ct_scratch *s, __u64 ip, __u64 text, __u64 text_end);
__u64 chain_start(struct ct_scratch *s, __u64 bp, __u64 sp);
int follow_chain(struct ct_frames *f, __u64 at, __u64 sp);

#endif
