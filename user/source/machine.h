/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel tells of time that was taken from everybody: by the hypervisor, by a CPU quota.
 */
#ifndef CT_MACHINE_H
#define CT_MACHINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CT_UNKNOWN_NS UINT64_MAX
#define CT_GROUP_LEN  4096
#define CT_GROUPS_MAX 16 /* levels of control groups that are looked at */

struct ct_machine {
    uint64_t stolen_ns;                   /* all CPUs, since boot; CT_UNKNOWN_NS: not told */
    size_t version;                       /* of control groups; see machine.c */
    char directory[CT_GROUP_LEN];         /* the process's control group, or "" */
    size_t mount_len;                     /* the part of it that is the mount point */
    uint64_t throttled_ns[CT_GROUPS_MAX]; /* it and the groups above it, as far as they tell */
};

/* As it is now, for the control group of process pid. */
void ct_machine_read(struct ct_machine *m, pid_t pid);

/* What has been taken since then, in ns; CT_UNKNOWN_NS where the kernel does not tell. */
void ct_machine_since(const struct ct_machine *then, uint64_t *stolen_ns, uint64_t *throttled_ns);

#endif
