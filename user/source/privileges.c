/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floor 3'. Our user id stays: were we the invoking user, the command could stop, trace and kill
 * us. So the capabilities go instead, and the eyes for the file system become his (fsuid).
 */
#include "user/source/privileges.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

/* ---- the environment ---- */

/* What we read ourselves. The C library's, libelf's and libbpf's own are not among it. */
static const char *const seen[] = {"SUDO_UID", "SUDO_GID", "SUDO_USER", "TERM",    "COLUMNS",
                                   "NO_COLOR", "LANG",     "LC_ALL",    "LC_CTYPE"};
#define SEEN (sizeof(seen) / sizeof(seen[0]))

static char **whole; /* the caller's; NULL: it is environ itself */

static bool is_seen(const char *entry)
{
    for (size_t i = 0; i < SEEN; i++) {
        const size_t len = strlen(seen[i]);
        if (!strncmp(entry, seen[i], len) && entry[len] == '=')
            return true;
    }
    return false;
}

void ct_environment_guard(void)
{
    static char *ours[SEEN + 1];
    size_t cnt = 0;

    if (!getauxval(AT_SECURE) && (geteuid() != 0 || !getenv("SUDO_UID")))
        return;
    whole = environ;
    for (char **at = whole; at && *at && cnt < SEEN; at++)
        if (is_seen(*at))
            ours[cnt++] = *at;
    environ = ours;
}

void ct_environment_restore(void)
{
    if (whole)
        environ = whole;
}

/* ---- rights ---- */

#define BIT(cap) (1ULL << (cap))
#define KEPT                                                                                       \
    (BIT(CAP_BPF) /* kernels before 5.19 let nobody else read the accounts */                      \
     | BIT(CAP_KILL) /* to pass signals on */ | BIT(CAP_SYSLOG) /* the kernel's own names */)
#define KEPT_TO_READ /* programs and mappings of whoever is traced */                              \
    (BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_PTRACE))

#define GROUPS_MAX 1024

static int keep_only(uint64_t wanted)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capget, &head, data))
        return -errno;
    for (int i = 0; i < 2; i++) {
        data[i].permitted &= (uint32_t)(wanted >> 32 * i);
        data[i].effective &= data[i].permitted;
        data[i].inheritable = 0;
    }
    return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/* For this thread: libc's own calls would want to change all threads, and the others cannot. */
static int look_as(const struct ct_identity *who)
{
    gid_t groups[GROUPS_MAX];
    int cnt = who->name[0] ? GROUPS_MAX : 0;

    if (cnt && getgrouplist(who->name, who->gid, groups, &cnt) < 0)
        return -E2BIG;
    if (syscall(SYS_setgroups, cnt, groups))
        return -errno;
    setfsgid(who->gid);
    setfsuid(who->uid);
    return 0;
}

int ct_privileges_drop(const struct ct_identity *runner)
{
    const bool another = runner && runner->change && runner->uid != 0;
    const int err = another ? look_as(runner) : 0;

    if (err)
        return err;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -errno;
    return keep_only(another ? KEPT : KEPT | KEPT_TO_READ);
}
