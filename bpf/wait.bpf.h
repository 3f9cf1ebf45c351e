/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a thread blocks: decided as it leaves the CPU, from the system call it is in and that call's
 * arguments, both still in its saved registers. This needs no system-call probe, so it is there
 * with --no-syscalls too.
 *
 * What a number means is a table look-up (shared.h: enum ct_wait_class). Where the call names
 * descriptors, what they are decides. Only what is read of the thread's own memory (the sets of
 * poll and select, clone3's flags) can be absent; then the answer is the less specific one.
 */
#ifndef CT_WAIT_BPF_H
#define CT_WAIT_BPF_H

#include "call.bpf.h"
#include "tables.bpf.h"

/* include/uapi/linux/stat.h */
#define S_IFMT   0170000
#define S_IFSOCK 0140000
#define S_IFREG  0100000
#define S_IFBLK  0060000
#define S_IFDIR  0040000
#define S_IFCHR  0020000
#define S_IFIFO  0010000

/* include/uapi/linux/magic.h, include/uapi/linux/sched.h */
#define ANON_INODE_FS_MAGIC 0x09041934
#define PID_FS_MAGIC        0x50494446
#define MQUEUE_MAGIC        0x19800202

#define POLL_LOOK_MAX 32 /* descriptors of a poll that are looked at */

/* include/linux/sched/jobctl.h */
#define JOBCTL_TRAP_FREEZE (1UL << 23)

struct task_struct___jobctl {
    unsigned long jobctl;
} __attribute__((preserve_access_index));

#define CT_CAUSE_NONE 0xff

static __always_inline bool in_yield(struct task_struct *p)
{
    return call_nr(regs_of(p)) == (in_compat_call(p) ? SYS_COMPAT_SCHED_YIELD : SYS_SCHED_YIELD);
}

/* A file without a type of its own, by the name its maker gave it. */
static __always_inline __u8 anonymous_cause(struct file *file)
{
    union {
        char text[8];
        __u64 word;
    } name = {};
    const unsigned char *from = BPF_CORE_READ(file, f_path.dentry, d_name.name);

#define NAMED(a, b, c, d, e, f, g, h)                                                              \
    ((union {                                                                                      \
         char text[8];                                                                             \
         __u64 word;                                                                               \
     }){{a, b, c, d, e, f, g, h}}                                                                  \
         .word)
    bpf_probe_read_kernel(name.text, sizeof(name.text), from);
    if (name.word == NAMED('[', 'e', 'v', 'e', 'n', 't', 'f', 'd'))
        return CT_CAUSE_PIPE;
    if (name.word == NAMED('[', 't', 'i', 'm', 'e', 'r', 'f', 'd'))
        return CT_CAUSE_SLEEP;
    if (name.word == NAMED('[', 's', 'i', 'g', 'n', 'a', 'l', 'f'))
        return CT_CAUSE_SIGNAL;
    if (name.word == NAMED('[', 'e', 'v', 'e', 'n', 't', 'p', 'o') ||
        name.word == NAMED('[', 'i', 'o', '_', 'u', 'r', 'i', 'n'))
        return CT_CAUSE_EVENT_WAIT;
    if (name.word == NAMED('[', 'p', 'i', 'd', 'f', 'd', ']', 0))
        return CT_CAUSE_CHILD;
    return CT_CAUSE_OTHER;
#undef NAMED
}

/* Documentation/admin-guide/devices.txt: consoles, serial lines and pseudo terminals */
static __always_inline bool is_terminal(__u32 rdev)
{
    const __u32 major = rdev >> 20;
    return major == 4 || major == 5 || (major >= 136 && major <= 143) || major == 166 ||
           major == 188 || major == 204 || major == 229;
}

/*
 * The functions with loops are global and take plain numbers: the verifier then looks at each once,
 * not again at each call.
 */

/* What waiting on descriptor fd of a table of max_fds files means. */
__noinline int fd_cause(__u64 files, __u32 max_fds, __u32 fd)
{
    struct file *file = NULL;

    if (fd >= max_fds)
        return CT_CAUSE_OTHER;
    bpf_probe_read_kernel(&file, sizeof(file), (const void *)(files + 8ULL * fd));
    if (!file)
        return CT_CAUSE_OTHER;
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    const __u16 mode = BPF_CORE_READ(inode, i_mode);

    switch (mode & S_IFMT) {
    case S_IFSOCK:
        return CT_CAUSE_SOCKET;
    case S_IFIFO:
        return CT_CAUSE_PIPE;
    case S_IFCHR:
        return is_terminal(BPF_CORE_READ(inode, i_rdev)) ? CT_CAUSE_PIPE : CT_CAUSE_OTHER;
    case S_IFBLK:
    case S_IFDIR:
        return CT_CAUSE_DISK;
    }
    /* anonymous inodes have no type, or (from 6.16 on) that of a regular file */
    switch (BPF_CORE_READ(inode, i_sb, s_magic)) {
    case ANON_INODE_FS_MAGIC:
        return anonymous_cause(file);
    case PID_FS_MAGIC:
        return CT_CAUSE_CHILD;
    case MQUEUE_MAGIC:
        return CT_CAUSE_OTHER;
    }
    return (mode & S_IFMT) == S_IFREG ? CT_CAUSE_DISK : CT_CAUSE_OTHER;
}

/* Two descriptors of one wait: alike, or an event loop's mix. */
static __always_inline int join_causes(int a, int b)
{
    return a == CT_CAUSE_NONE || a == b ? b : CT_CAUSE_EVENT_WAIT;
}

/*
 * The cnt pollfds that stand at `at` in the thread's memory. Of very many: the first, and as many
 * of the others, evenly spread to the last.
 */
__noinline int poll_cause(__u64 files, __u32 max_fds, __u64 at, __u32 cnt)
{
    const __u32 half = POLL_LOOK_MAX / 2;
    int cause = CT_CAUSE_NONE;

    for (__u32 i = 0; i < POLL_LOOK_MAX && i < cnt; i++) {
        __s32 fd = -1;
        __u64 pos = i;
        if (i >= half && cnt > POLL_LOOK_MAX)
            pos = half + (i - half + 1) * (__u64)(cnt - half - 1) / half;
        if (bpf_probe_read_user(&fd, sizeof(fd), (const void *)(at + pos * 8)))
            return CT_CAUSE_EVENT_WAIT;
        if (fd >= 0)
            cause = join_causes(cause, fd_cause(files, max_fds, fd));
        if (cause == CT_CAUSE_EVENT_WAIT)
            break;
    }
    return cause;
}

/* The descriptors of one word of a set, the lowest of which is fd. */
__noinline int word_cause(__u64 files, __u32 max_fds, __u64 bits, __u32 fd, int cause)
{
    for (__u32 b = 0; b < 64 && bits; b++, bits >>= 1)
        if (bits & 1)
            cause = join_causes(cause, fd_cause(files, max_fds, fd + b));
    return cause;
}

/* One of select's sets: of 1024 descriptors, which is all that it may hold. */
__noinline int set_cause(__u64 files, __u32 max_fds, __u64 at, __u32 cnt, int cause)
{
    for (__u32 w = 0; w < 16 && w * 64 < cnt; w++) {
        __u64 bits = 0;
        if (bpf_probe_read_user(&bits, sizeof(bits), (const void *)(at + w * 8)))
            return CT_CAUSE_EVENT_WAIT;
        if (w * 64 + 64 > cnt)
            bits &= (1ULL << (cnt & 63)) - 1;
        if (bits)
            cause = word_cause(files, max_fds, bits, w * 64, cause);
        if (cause == CT_CAUSE_EVENT_WAIT)
            break;
    }
    return cause;
}

/* The file systems' own files do not block: if the first of two is one, the other does. */
static __always_inline int two_fds_cause(__u64 files, __u32 max_fds, __u64 a, __u64 b)
{
    const int cause = fd_cause(files, max_fds, a);
    return cause == CT_CAUSE_DISK ? fd_cause(files, max_fds, b) : cause;
}

#define SYS_OLD_SELECT 82 /* i386: its arguments are in memory */

static __always_inline void old_select_args(struct call *c)
{
    __u32 arg[5] = {};

    bpf_probe_read_user(arg, sizeof(arg), (const void *)c->arg[0]);
    for (int i = 0; i < 5; i++)
        c->arg[i] = arg[i];
}

__noinline int special_cause(const struct call *c, __u64 fds, __u32 max, __u32 class)
{
    __u64 flags = 0;
    int cause = CT_CAUSE_NONE;

    if (!c)
        return CT_CAUSE_OTHER;
    bool timeout = c->arg[2];
    switch (class) {
    case CT_WAIT_BY_FD:
        return fd_cause(fds, max, c->arg[0]);
    case CT_WAIT_BY_FD_OR_2ND:
        return two_fds_cause(fds, max, c->arg[0], c->arg[1]);
    case CT_WAIT_BY_FD_OR_3RD:
        return two_fds_cause(fds, max, c->arg[0], c->arg[2]);
    case CT_WAIT_OPEN:
        return c->interruptible ? CT_CAUSE_PIPE : CT_CAUSE_DISK;
    case CT_WAIT_CLONE:
        return c->arg[0] & CLONE_VFORK ? CT_CAUSE_CHILD : CT_CAUSE_OTHER;
    case CT_WAIT_CLONE3:
        if (c->own_memory)
            bpf_probe_read_user(&flags, sizeof(flags), (const void *)c->arg[0]);
        return flags & CLONE_VFORK ? CT_CAUSE_CHILD : CT_CAUSE_OTHER;
    case CT_WAIT_POLL:
    case CT_WAIT_PPOLL:
        if (!c->own_memory && c->arg[1])
            return CT_CAUSE_EVENT_WAIT;
        if (class == CT_WAIT_POLL)
            timeout = (__s32)c->arg[2] >= 0;
        cause = poll_cause(fds, max, c->arg[0], c->arg[1]);
        break;
    case CT_WAIT_SELECT:
        timeout = c->arg[4];
        if (!c->own_memory && (c->arg[1] || c->arg[2] || c->arg[3]))
            return CT_CAUSE_EVENT_WAIT;
        if (c->arg[1])
            cause = set_cause(fds, max, c->arg[1], c->arg[0], cause);
        if (c->arg[2])
            cause = set_cause(fds, max, c->arg[2], c->arg[0], cause);
        if (c->arg[3])
            cause = set_cause(fds, max, c->arg[3], c->arg[0], cause);
        break;
    default:
        return CT_CAUSE_OTHER;
    }
    if (cause != CT_CAUSE_NONE)
        return cause;
    return timeout ? CT_CAUSE_SLEEP : CT_CAUSE_SIGNAL; /* no descriptors */
}

/* The descriptors' table is p's own; only looked up for the calls that have any. */
static __always_inline int look_closer(struct task_struct *p, struct call *c, __u32 class)
{
    struct files_struct *files = p->files;
    if (!files)
        return CT_CAUSE_OTHER;
    if (c->compat && c->nr == SYS_OLD_SELECT && c->own_memory)
        old_select_args(c);
    struct fdtable *fdt = files->fdt;
    return special_cause(c, (__u64)BPF_CORE_READ(fdt, fd), fdt->max_fds, class);
}

#define FUTEX_PRIVATE_FLAG 128

/* What a futex's address is in the file that is mapped there. */
struct mapped {
    __u64 address;
    __u64 key; /* 0: no file */
};

static long look_at_mapping(struct task_struct *p, struct vm_area_struct *vma, void *ctx)
{
    struct mapped *m = ctx;
    struct file *file = vma->vm_file;
    if (!file)
        return 0;
    const __u64 offset = (vma->vm_pgoff << 12) + (m->address - vma->vm_start);
    m->key = (BPF_CORE_READ(file, f_inode, i_ino) * 0x9e3779b97f4a7c15ULL) ^ offset;
    return 0;
}

/*
 * Which futex it is: by its address, unless it may be shared with other processes and lies in a
 * mapped file (shared memory is one too): then by its place in the file, the same for all of them.
 * (futex_wait and futex_waitv do not tell here whether they are private.)
 */
static __always_inline __u64 lock_key(struct ct_task *t, struct task_struct *p,
                                      const struct call *c)
{
    struct mapped m = {.address = c->arg[0]};

    if ((c->arg[1] & FUTEX_PRIVATE_FLAG) || !c->own_memory)
        return m.address;
    /*
     * Fails while the map is being changed, or if the last such look on this CPU is not over yet:
     * then what it was last time, if it was this address; or private, as nearly all are.
     */
    if (bpf_find_vma(p, m.address, look_at_mapping, &m, 0) && t->wait_address == m.address)
        return t->wait_lock;
    return m.key ? m.key | CT_KEY_SHARED : m.address;
}

static __always_inline bool in_iowait(struct task_struct *task) /* the macro has a p of its own */
{
    return BPF_CORE_READ_BITFIELD(task, in_iowait);
}

/*
 * What the blocked task p waits for. Notes the system call in t, and a futex's address, for whoever
 * charges the wait at its end. own_memory: p is current, so that what its arguments point to can be
 * read; if not, the answer is the less specific one.
 */
static __always_inline __u8 wait_cause(struct ct_task *t, struct task_struct *p, __u32 state,
                                       const bool own_memory)
{
    struct pt_regs *regs = regs_of(p);
    struct call c;

    /* the control groups' freezer holds a thread in what looks like any interruptible wait */
    if (state & TASK_INTERRUPTIBLE &&
        ((struct task_struct___jobctl *)p)->jobctl & JOBCTL_TRAP_FREEZE)
        return CT_CAUSE_STOPPED;
    if (p->flags & (PF_IO_WORKER | PF_USER_WORKER)) { /* works off io_uring's requests */
        t->wait_nr = -1;
        return in_iowait(p) ? CT_CAUSE_DISK : CT_CAUSE_EVENT_WAIT;
    }
    c.nr = call_nr(regs);
    if (c.nr < 0 || c.nr >= CT_SYSCALLS_MAX) {
        t->wait_nr = -1;
        return p->flags & PF_EXITING ? CT_CAUSE_OTHER : CT_CAUSE_FAULT;
    }
    c.compat = in_compat_call(p);
    const __u32 index = c.nr & (CT_SYSCALLS_MAX - 1);
    __u32 class = c.compat ? ct_wait_compat[index] : ct_wait_native[index];
    if (class == CT_WAIT_RESTART)
        return t->wait_cause;
    t->wait_nr = c.nr | (c.compat ? CT_KEY_COMPAT : 0);
    if ((state & TASK_UNINTERRUPTIBLE) && in_iowait(p)) {
        class = CT_CAUSE_DISK;
    } else if (class == CT_CAUSE_LOCK || class >= CT_WAIT_BY_FD) { /* the others need no argument */
        call_args(&c, p, regs);
        c.own_memory = own_memory;
        c.interruptible = state & TASK_INTERRUPTIBLE;
        if (class == CT_CAUSE_LOCK) {
            t->wait_lock = lock_key(t, p, &c);
            t->wait_address = c.arg[0];
        } else {
            class = look_closer(p, &c, class);
        }
    }
    if (class >= CT_CAUSE_COUNT)
        class = CT_CAUSE_OTHER;
    t->wait_cause = class;
    return class;
}

#endif
