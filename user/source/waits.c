/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What blocking in a system call means: one row a call. Definitions: docs/metrics.md. Numbers come
 * from the headers by name; those since 5.1 are the same everywhere, and a row may carry its own
 * for the sake of headers that are older than the kernel.
 */
#include "user/source/waits.h"

#include <stddef.h>
#include <string.h>

struct row {
    const char *name;
    __u8 class;
    int nr; /* 0: the headers say */
};

static const struct row rows[] = {
    {"futex", CT_CAUSE_LOCK, 0},
    {"futex_time64", CT_CAUSE_LOCK, 0},
    {"futex_waitv", CT_CAUSE_LOCK, 449},
    {"futex_wait", CT_CAUSE_LOCK, 455},

    {"nanosleep", CT_CAUSE_SLEEP, 0},
    {"clock_nanosleep", CT_CAUSE_SLEEP, 0},
    {"clock_nanosleep_time64", CT_CAUSE_SLEEP, 0},
    {"restart_syscall", CT_WAIT_RESTART, 0},

    {"accept", CT_CAUSE_SOCKET, 0},
    {"accept4", CT_CAUSE_SOCKET, 0},
    {"connect", CT_CAUSE_SOCKET, 0},
    {"recvfrom", CT_CAUSE_SOCKET, 0},
    {"recvmsg", CT_CAUSE_SOCKET, 0},
    {"recvmmsg", CT_CAUSE_SOCKET, 0},
    {"recvmmsg_time64", CT_CAUSE_SOCKET, 0},
    {"sendto", CT_CAUSE_SOCKET, 0},
    {"sendmsg", CT_CAUSE_SOCKET, 0},
    {"sendmmsg", CT_CAUSE_SOCKET, 0},
    {"shutdown", CT_CAUSE_SOCKET, 0},
    {"socketcall", CT_CAUSE_SOCKET, 0}, /* i386: all of the above */

    {"read", CT_WAIT_BY_FD, 0},
    {"readv", CT_WAIT_BY_FD, 0},
    {"pread64", CT_WAIT_BY_FD, 0},
    {"preadv", CT_WAIT_BY_FD, 0},
    {"preadv2", CT_WAIT_BY_FD, 0},
    {"write", CT_WAIT_BY_FD, 0},
    {"writev", CT_WAIT_BY_FD, 0},
    {"pwrite64", CT_WAIT_BY_FD, 0},
    {"pwritev", CT_WAIT_BY_FD, 0},
    {"pwritev2", CT_WAIT_BY_FD, 0},
    {"ioctl", CT_WAIT_BY_FD, 0},
    {"vmsplice", CT_WAIT_BY_FD, 0},
    {"tee", CT_WAIT_BY_FD_OR_2ND, 0},
    {"sendfile", CT_WAIT_BY_FD_OR_2ND, 0},
    {"sendfile64", CT_WAIT_BY_FD_OR_2ND, 0},
    {"splice", CT_WAIT_BY_FD_OR_3RD, 0},

    {"poll", CT_WAIT_POLL, 0},
    {"ppoll", CT_WAIT_PPOLL, 0},
    {"ppoll_time64", CT_WAIT_PPOLL, 0},
    {"select", CT_WAIT_SELECT, 0},
    {"_newselect", CT_WAIT_SELECT, 0},
    {"pselect6", CT_WAIT_SELECT, 0},
    {"pselect6_time64", CT_WAIT_SELECT, 0},
    {"epoll_wait", CT_CAUSE_EVENT_WAIT, 0},
    {"epoll_pwait", CT_CAUSE_EVENT_WAIT, 0},
    {"epoll_pwait2", CT_CAUSE_EVENT_WAIT, 0},
    {"io_uring_enter", CT_CAUSE_EVENT_WAIT, 0},

    {"fsync", CT_CAUSE_DISK, 0},
    {"fdatasync", CT_CAUSE_DISK, 0},
    {"sync", CT_CAUSE_DISK, 0},
    {"syncfs", CT_CAUSE_DISK, 0},
    {"sync_file_range", CT_CAUSE_DISK, 0},
    {"msync", CT_CAUSE_DISK, 0},
    {"fallocate", CT_CAUSE_DISK, 0},
    {"ftruncate", CT_CAUSE_DISK, 0},
    {"truncate", CT_CAUSE_DISK, 0},
    {"getdents", CT_CAUSE_DISK, 0},
    {"getdents64", CT_CAUSE_DISK, 0},
    {"readahead", CT_CAUSE_DISK, 0},
    {"copy_file_range", CT_CAUSE_DISK, 0},
    {"io_getevents", CT_CAUSE_DISK, 0},
    {"io_pgetevents", CT_CAUSE_DISK, 0},
    {"io_pgetevents_time64", CT_CAUSE_DISK, 0},
    {"io_submit", CT_CAUSE_DISK, 0},
    {"open", CT_WAIT_OPEN, 0},
    {"openat", CT_WAIT_OPEN, 0},
    {"openat2", CT_WAIT_OPEN, 437},
    {"creat", CT_WAIT_OPEN, 0},

    {"wait4", CT_CAUSE_CHILD, 0},
    {"waitpid", CT_CAUSE_CHILD, 0},
    {"waitid", CT_CAUSE_CHILD, 0},
    {"vfork", CT_CAUSE_CHILD, 0},
    {"clone", CT_WAIT_CLONE, 0},
    {"clone3", CT_WAIT_CLONE3, 435},

    {"pause", CT_CAUSE_SIGNAL, 0},
    {"rt_sigsuspend", CT_CAUSE_SIGNAL, 0},
    {"sigsuspend", CT_CAUSE_SIGNAL, 0},
    {"rt_sigtimedwait", CT_CAUSE_SIGNAL, 0},
    {"rt_sigtimedwait_time64", CT_CAUSE_SIGNAL, 0},
};

void ct_waits_fill(__u8 table[CT_SYSCALLS_MAX], enum ct_abi abi)
{
    memset(table, CT_CAUSE_OTHER, CT_SYSCALLS_MAX);
    if (abi == CT_ABI_COUNT)
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int nr = ct_syscall_nr(abi, rows[i].name);
        if (nr < 0)
            nr = rows[i].nr;
        /* 0 is "read" or "restart_syscall" if the headers say so, but no number to fall back to */
        if (nr > 0 || ct_syscall_nr(abi, rows[i].name) == 0)
            table[nr & (CT_SYSCALLS_MAX - 1)] = rows[i].class;
    }
}
