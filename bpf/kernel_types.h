/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel types the probes touch, written by hand so that building needs no kernel BTF.
 * Only the fields we read are named: their offsets, and whether they exist, are settled when the
 * probes are loaded (CO-RE), so the order and the gaps here mean nothing.
 */
#ifndef CT_KERNEL_TYPES_H
#define CT_KERNEL_TYPES_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0

/* uapi/linux/bpf.h has these; only what we use, since that header wants libc's types */
enum {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
    BPF_MAP_TYPE_RINGBUF = 27,
    BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum {
    BPF_NOEXIST = 1,
};
enum {
    BPF_F_NO_PREALLOC = 1U << 0,
};
enum {
    BPF_LOCAL_STORAGE_GET_F_CREATE = 1ULL << 0,
};
enum {
    BPF_RB_NO_WAKEUP = 1ULL << 0,
    BPF_RB_FORCE_WAKEUP = 1ULL << 1,
};
enum {
    BPF_RB_AVAIL_DATA = 0,
};

/* include/linux/sched.h: bits of a task's state, stable since 5.x; kept here for want of an enum */
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_STOPPED_BIT     0x0004
#define TASK_TRACED_BIT      0x0008
#define TASK_DEAD            0x0080
#define TASK_FROZEN          0x8000

#define TASK_INTERRUPTIBLE 0x0001

/* include/linux/sched/signal.h: signal_struct.flags */
#define SIGNAL_GROUP_EXIT 0x00000004

/* include/uapi/linux/sched.h */
#define CLONE_VFORK    0x00004000
#define CLONE_THREAD   0x00010000
#define CLONE_UNTRACED 0x00800000

/* include/linux/sched.h: task_struct.flags */
#define PF_EXITING     0x00000004
#define PF_IO_WORKER   0x00000010
#define PF_USER_WORKER 0x00004000 /* from 6.4 on; no flag before */

/* arch/x86/include/asm/thread_info.h: a system call by the 32-bit table */
#define TS_COMPAT 0x0002

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct rq {
    __u64 clock;
    __u64 clock_task;
};

struct cfs_rq {
    struct rq *rq;
};

struct thread_info {
    __u32 cpu;
    __u32 status;        /* x86 */
    __u32 preempt_count; /* arm64 */
};

struct sched_entity {
    __u64 exec_start;
    __u64 sum_exec_runtime;
    unsigned char sched_delayed;
    struct cfs_rq *cfs_rq;
};

struct sched_info {
    unsigned long long run_delay;
    unsigned long long last_arrival; /* on a CPU */
    unsigned long long last_queued;  /* for a CPU; 0 once there */
};

struct super_block {
    unsigned long s_magic;
};

struct inode {
    unsigned long i_ino;
    __u16 i_mode;
    __u32 i_rdev;
    struct super_block *i_sb;
};

struct qstr {
    const unsigned char *name;
};

struct dentry {
    struct qstr d_name;
};

struct path {
    struct dentry *dentry;
};

struct file {
    struct inode *f_inode;
    struct path f_path;
};

struct fdtable {
    unsigned max_fds;
    struct file **fd;
};

struct files_struct {
    struct fdtable *fdt;
};

struct signal_struct {
    int group_exit_code;
    unsigned flags;
};

struct vm_area_struct {
    unsigned long vm_start;
    unsigned long vm_pgoff;
    struct file *vm_file;
};

struct mm_struct {
    unsigned long start_code;
    unsigned long end_code;
    unsigned long arg_start;
    unsigned long arg_end;
};

struct pid_namespace;

struct upid {
    int nr;
    struct pid_namespace *ns;
};

/* One number for each namespace that it is seen in, the host's first. */
struct pid {
    unsigned level;
    struct upid numbers[1];
};

struct task_struct {
    struct thread_info thread_info;
    unsigned __state;
    int on_cpu;
    int on_rq;
    struct sched_entity se;
    struct sched_info sched_info;
    struct mm_struct *mm;
    struct signal_struct *signal;
    struct files_struct *files;
    unsigned flags;
    int exit_code;
    int pid;
    int tgid;
    unsigned in_iowait : 1;
    struct task_struct *real_parent;
    struct task_struct *group_leader;
    struct pid *thread_pid;
    unsigned long nvcsw;
    unsigned long nivcsw;
    char comm[16];
};

struct seq_file;
struct bpf_iter_meta {
    struct seq_file *seq;
};
struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
    unsigned long orig_ax;
    unsigned long ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
    __u64 regs[31];
    __u64 sp, pc, pstate;
};
struct pt_regs {
    __u64 regs[31];
    __u64 orig_x0;
    __s32 syscallno;
};
#else
#error "unknown architecture"
#endif

#pragma clang attribute pop

struct bpf_map;

#endif
