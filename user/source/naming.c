/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/naming.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "user/source/perf_maps.h"
#include "user/source/stacks.h"

#define TRUSTED_MAX 64
/* include/linux/proc_ns.h: PROC_PID_INIT_INO, the same since 3.8 */
#define HOSTS_PID_NAMESPACE 0xeffffffcUL

struct ct_naming {
    struct ct_perf_maps *perf; /* NULL: refused; then /proc has to do */
    bool apart; /* we are in a PID namespace: /proc and perf have other numbers than the records */
    struct ct_spaces spaces;
    struct ct_futexes futexes;
    uid_t trusted[TRUSTED_MAX];
    size_t trusted_cnt;
};

static bool is_apart(void)
{
    struct stat st;

    return !stat("/proc/self/ns/pid", &st) && st.st_ino != HOSTS_PID_NAMESPACE;
}

struct ct_naming *ct_naming_new(void)
{
    struct ct_naming *n = calloc(1, sizeof(*n));
    if (n && is_apart()) /* no names: they would be those of other processes */
        n->apart = n->spaces.lost = true;
    else if (n)
        n->perf = ct_perf_maps_open();
    return n;
}

void ct_naming_free(struct ct_naming *n)
{
    if (!n)
        return;
    ct_perf_maps_free(n->perf);
    ct_futexes_fini(&n->futexes);
    ct_spaces_fini(&n->spaces);
    free(n);
}

void ct_naming_mark(struct ct_naming *n)
{
    if (n->perf)
        ct_perf_maps_mark(n->perf);
}

void ct_naming_record(struct ct_naming *n, const struct ct_rec_head *rec)
{
    ct_spaces_record(&n->spaces, rec);
    ct_futexes_record(&n->futexes, rec);
    if (!n->perf && !n->apart && rec->kind == CT_EV_EXEC) {
        const uint32_t tgid = ((const struct ct_rec_exec *)rec)->tgid;
        ct_spaces_exec(&n->spaces, tgid, rec->time_ns);
        ct_spaces_read(&n->spaces, tgid, rec->time_ns);
    }
}

void ct_naming_take(struct ct_naming *n)
{
    if (n->perf)
        ct_perf_maps_take(n->perf, &n->spaces);
}

void ct_naming_trust(struct ct_naming *n, pid_t pid)
{
    char path[32];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    if (n->trusted_cnt < TRUSTED_MAX && !stat(path, &st))
        n->trusted[n->trusted_cnt++] = st.st_uid;
}

void ct_naming_attach(struct ct_naming *n, pid_t pid, uint64_t time_ns)
{
    ct_naming_trust(n, pid);
    if (n->apart)
        return;
    ct_spaces_read(&n->spaces, (uint32_t)pid, time_ns);
}

bool ct_naming_lost(const struct ct_naming *n)
{
    return n->spaces.lost;
}

int ct_naming_emit(struct ct_naming *n, int weights_fd, int frames_fd, ct_record_fn sink, void *ctx)
{
    int err = 0;

    if (weights_fd < 0 && !n->futexes.cnt)
        return 0;
    struct ct_symbolizer *z = ct_symbolizer_new(&n->spaces);
    if (!z)
        return -ENOMEM;
    for (size_t i = 0; i < n->trusted_cnt; i++)
        ct_symbolizer_trust(z, n->trusted[i]);
    if (weights_fd >= 0)
        err = ct_stacks_emit(z, weights_fd, frames_fd, sink, ctx);
    ct_futexes_emit(&n->futexes, z, sink, ctx);
    ct_symbolizer_free(z);
    return err;
}
