/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live source. Floor 3': the sole user of libbpf; knows the probes' maps, hands out records.
 *
 * Two rings: the ledger (lives, programs, accounts; few and precious) is always drained before the
 * events (switches; many, and replaceable by the accounts). Neither wakes us for a
 * record: a timer does, ten times a second, or a backlog of CT_RING_WAKE_BYTES. A wakeup per
 * record would cost the traced program twenty times more than the record itself.
 */
#include "user/source/capture.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/shared.h"
#include "conctrace.skel.h"
#include "user/source/naming.h"
#include "user/source/percpu.h"
#include "user/source/target.h"
#include "user/source/waits.h"

#define DRAIN_PERIOD_NS 100000000
#define DRAIN_MAX_BATCH 262144 /* records handed over in one call, at most */
#define END_PATIENCE_NS 1000000000ULL
#define END_SLACK_NS    100000
#define END_POLL_NS     100000
#define SURVIVOR_BUF    (64 * 1024)

struct ct_capture {
    struct conctrace_bpf *skel;
    struct ring_buffer *ledger;
    struct ring_buffer *events;
    int epoll_fd;
    int timer_fd;
    ct_record_fn sink; /* during a drain */
    void *sink_ctx;
    struct ct_naming *naming;
    bool stacks;
    int batch;          /* records left in this batch */
    uint64_t ledger_ns; /* lives that began before then have been handed over */
    bool attached;      /* to processes that ran already */
    struct ct_cpu_times *cpus;
};

static uint64_t clock_ns(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static int on_ledger(void *ctx, void *data, size_t size)
{
    struct ct_capture *c = ctx;
    (void)size;
    ct_naming_record(c->naming, data);
    c->sink(data, c->sink_ctx);
    return 0;
}

/* Hands over all lives that have begun until now. */
static void drain_ledger(struct ct_capture *c)
{
    const uint64_t now = clock_ns(CLOCK_MONOTONIC) + (uint64_t)c->skel->bss->ct_run.clock_offset_ns;
    ring_buffer__consume(c->ledger);
    c->ledger_ns = now;
}

static int on_event(void *ctx, void *data, size_t size)
{
    struct ct_capture *c = ctx;
    const struct ct_rec_head *rec = data;
    (void)size;
    /* no event may overtake the beginning of the life it belongs to, however fast they come */
    if (rec->time_ns >= c->ledger_ns) {
        drain_ledger(c);
        if (c->ledger_ns <= rec->time_ns)
            c->ledger_ns = rec->time_ns + 1;
    }
    c->sink(data, c->sink_ctx);
    return --c->batch > 0 ? 0 : -EAGAIN; /* stops libbpf's loop; the record counts as read */
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
    (void)level, (void)format, (void)args;
    return 0;
}

/* One line that says what is missing, and the mend. */
static void explain(int err, char *why, size_t size)
{
    char lock[128] = "";
    FILE *f = fopen("/sys/kernel/security/lockdown", "re");
    if (f) {
        if (!fgets(lock, sizeof(lock), f))
            lock[0] = 0;
        fclose(f);
    }
    if (access("/sys/kernel/btf/vmlinux", R_OK))
        snprintf(why, size,
                 "this kernel carries no type information (/sys/kernel/btf/vmlinux): use a kernel "
                 "built with CONFIG_DEBUG_INFO_BTF=y, as distributions' kernels are");
    else if (strstr(lock, "[confidentiality]"))
        snprintf(why, size,
                 "the kernel is locked down (confidentiality), which forbids tracing: boot with "
                 "lockdown=integrity or none");
    else if (err == -EPERM) /* -EACCES would be the verifier's word, not about privileges */
        snprintf(why, size,
                 "not permitted to load probes: run with sudo, or give the program the "
                 "capabilities cap_bpf and cap_perfmon");
    else if (err == -ENOMEM)
        snprintf(why, size, "not enough memory for the probes' buffers");
    else
        snprintf(why, size,
                 "cannot load the probes into this kernel (%s): it needs Linux 6.1 or newer; "
                 "'conctrace doctor' tells more",
                 strerror(-err));
}

static int load(struct ct_capture *c, const struct ct_capture_options *opts)
{
    c->skel = conctrace_bpf__open();
    if (!c->skel)
        return -errno;
    ct_waits_fill((__u8 *)c->skel->rodata->ct_wait_native, CT_ABI_NATIVE);
    ct_waits_fill((__u8 *)c->skel->rodata->ct_wait_compat, CT_ABI_COMPAT);
    if (opts->syscalls) /* who wakes is followed together with these */
        c->skel->rodata->ct_preempt_count_at = ct_preempt_count_at();
    c->skel->rodata->ct_wakers = opts->syscalls;
    bpf_program__set_autoload(c->skel->progs.ct_on_waking, opts->syscalls);
    bpf_program__set_autoload(c->skel->progs.ct_on_sys_enter, opts->syscalls);
    bpf_program__set_autoload(c->skel->progs.ct_on_sys_exit, opts->syscalls);
    bpf_program__set_autoattach(c->skel->progs.ct_survivors, false);
    bpf_program__set_autoload(c->skel->progs.ct_attach, opts->attach);
    bpf_program__set_autoattach(c->skel->progs.ct_attach, false);
    c->skel->rodata->ct_stacks = opts->stacks;
    if (!opts->stacks) { /* no memory for what is not asked for */
        bpf_map__set_max_entries(c->skel->maps.ct_stacks_seen, 1);
        bpf_map__set_max_entries(c->skel->maps.ct_weights, 1);
    }
    if (opts->ring_bytes) {
        int err = bpf_map__set_max_entries(c->skel->maps.ct_events, opts->ring_bytes);
        if (err)
            return err;
    }
    int err = conctrace_bpf__load(c->skel);
    if (err)
        return err;
    c->skel->bss->ct_run.next_id = 1;
    return conctrace_bpf__attach(c->skel);
}

static int open_rings(struct ct_capture *c)
{
    c->ledger = ring_buffer__new(bpf_map__fd(c->skel->maps.ct_ledger), on_ledger, c, NULL);
    if (!c->ledger)
        return -errno;
    c->events = ring_buffer__new(bpf_map__fd(c->skel->maps.ct_events), on_event, c, NULL);
    if (!c->events)
        return -errno;
    c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (c->timer_fd < 0 || c->epoll_fd < 0)
        return -errno;

    const struct itimerspec period = {.it_interval = {.tv_nsec = DRAIN_PERIOD_NS},
                                      .it_value = {.tv_nsec = DRAIN_PERIOD_NS}};
    if (timerfd_settime(c->timer_fd, 0, &period, NULL))
        return -errno;
    const int fds[] = {ring_buffer__epoll_fd(c->ledger), ring_buffer__epoll_fd(c->events),
                       c->timer_fd};
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
        struct epoll_event ev = {.events = EPOLLIN};
        if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fds[i], &ev))
            return -errno;
    }
    return 0;
}

/* Gives process pid a storage element; flags: enum ct_task_flags. */
static int mark_task(struct ct_capture *c, pid_t pid, uint32_t id, uint32_t flags)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return -errno;
    struct ct_task *t = calloc(1, sizeof(*t));
    int err = -ENOMEM;
    if (t) {
        t->id = id;
        t->flags = flags;
        t->wait_nr = -1;
        t->wait_cause = CT_CAUSE_OTHER;
        err = bpf_map_update_elem(bpf_map__fd(c->skel->maps.ct_tasks), &pidfd, t, BPF_ANY);
    }
    free(t);
    close(pidfd);
    return err;
}

/* A nap: our own switch back in is what measures the clock offset. */
static void nap(long ns)
{
    const struct timespec ts = {.tv_nsec = ns};
    nanosleep(&ts, NULL);
}

int ct_capture_open(struct ct_capture **out, const struct ct_capture_options *opts, char *why,
                    size_t why_size)
{
    libbpf_set_print(quiet);
    struct ct_capture *c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->timer_fd = c->epoll_fd = -1;

    c->stacks = opts->stacks;
    int err = load(c, opts);
    if (!err && !(c->naming = ct_naming_new()))
        err = -ENOMEM;
    if (!err)
        err = open_rings(c);
    if (!err)
        err = mark_task(c, getpid(), 0, CT_TASK_OBSERVER);
    if (err) {
        explain(err, why, why_size);
        ct_capture_free(c);
        return err;
    }
    nap(1000);
    *out = c;
    return 0;
}

int ct_capture_adopt(struct ct_capture *c, pid_t pid)
{
    ct_naming_mark(c->naming); /* what others did meanwhile makes room */
    ct_naming_take(c->naming);
    ct_naming_trust(c->naming, pid);
    return mark_task(c, pid, c->skel->bss->ct_run.next_id++, CT_TASK_ROOT);
}

/* Opens an iterator over all tasks; reading it runs the program. A descriptor or -errno. */
static int open_iterator(struct bpf_program *prog, struct bpf_link **link)
{
    *link = bpf_program__attach_iter(prog, NULL);
    if (!*link)
        return -errno;
    const int fd = bpf_iter_create(bpf_link__fd(*link));
    const int err = -errno;
    if (fd >= 0)
        return fd;
    bpf_link__destroy(*link);
    return err;
}

/*
 * A loss that nobody has told in the stream yet: the probes do with the next record that finds
 * room, but that may be long in coming. Before the events, which are younger than it.
 */
static void tell_loss(struct ct_capture *c)
{
    struct ct_run *run = &c->skel->bss->ct_run;
    struct ct_rec_lost rec = {.head = {.time_ns = run->lost_from_ns, .kind = CT_EV_LOST}};

    if (!__atomic_load_n(&run->lost_cnt, __ATOMIC_RELAXED))
        return;
    rec.cnt = __atomic_exchange_n(&run->lost_cnt, 0, __ATOMIC_SEQ_CST);
    rec.to_ns = __atomic_load_n(&run->lost_to_ns, __ATOMIC_RELAXED);
    if (rec.cnt)
        c->sink(&rec.head, c->sink_ctx);
}

static void drain(struct ct_capture *c, ct_record_fn sink, void *ctx, bool all)
{
    c->sink = sink;
    c->sink_ctx = ctx;
    ct_naming_mark(c->naming);
    c->batch = all ? INT_MAX : DRAIN_MAX_BATCH;
    tell_loss(c);
    drain_ledger(c);
    ring_buffer__consume(c->events);
    tell_loss(c);
    ct_naming_take(c->naming);
}

/* A process that ran already has exec'ed before we came: its program is told by a record like any.
 */
static void tell_program(struct ct_capture *c, pid_t pid, ct_record_fn sink, void *ctx)
{
    struct ct_rec_exec rec = {.head = {.kind = CT_EV_EXEC}};
    struct ct_task *t = calloc(1, sizeof(*t));
    const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (t && pidfd >= 0 && !ct_target_program(pid, &rec) &&
        !bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.ct_tasks), &pidfd, t) && t->id) {
        rec.head.time_ns = t->totals.start_ns;
        rec.head.id = t->id;
        sink(&rec.head, ctx);
    }
    free(t);
    if (pidfd >= 0)
        close(pidfd);
}

int ct_capture_attach(struct ct_capture *c, const pid_t *pids, size_t cnt, ct_record_fn sink,
                      void *ctx)
{
    struct ct_run *run = &c->skel->bss->ct_run;
    char nothing[64];

    if (!cnt || cnt > CT_TARGETS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < cnt; i++)
        run->targets[i] = (uint32_t)pids[i];
    run->targets_cnt = (uint32_t)cnt;
    c->attached = true;
    /* twice: a thread started by one not yet reached may have missed the first round */
    for (int round = 0; round < 2; round++) {
        struct bpf_link *link;
        const int fd = open_iterator(c->skel->progs.ct_attach, &link);
        if (fd < 0)
            return fd;
        ssize_t n;
        do
            n = read(fd, nothing, sizeof(nothing));
        while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
        close(fd);
        bpf_link__destroy(link);
    }
    drain(c, sink, ctx, true);
    for (size_t i = 0; i < cnt; i++) {
        tell_program(c, pids[i], sink, ctx);
        ct_naming_attach(c->naming, pids[i], run->start_ns);
    }
    return run->start_ns ? 0 : -ESRCH;
}

bool ct_capture_over(const struct ct_capture *c)
{
    return __atomic_load_n(&c->skel->bss->ct_run.end_ns, __ATOMIC_RELAXED) != 0;
}

int ct_capture_fd(const struct ct_capture *c)
{
    return c->epoll_fd;
}

void ct_capture_drain(struct ct_capture *c, ct_record_fn sink, void *ctx)
{
    uint64_t ticks;
    if (read(c->timer_fd, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
        return;
    drain(c, sink, ctx, false);
}

/*
 * Waits for the command's last switch, which comes shortly after it can be reaped; or ends the run
 * here and now.
 */
static void await_end(struct ct_run *run, bool wait)
{
    const uint64_t start = clock_ns(CLOCK_MONOTONIC);

    while (!__atomic_load_n(&run->end_ns, __ATOMIC_RELAXED) && wait && run->start_ns &&
           clock_ns(CLOCK_MONOTONIC) - start < END_PATIENCE_NS)
        nap(END_POLL_NS);
    if (!__atomic_load_n(&run->end_ns, __ATOMIC_RELAXED)) {
        nap(1000);
        run->end_ns = clock_ns(CLOCK_MONOTONIC) + (uint64_t)run->clock_offset_ns;
    }
    if (!run->start_ns)
        run->start_ns = run->end_ns;
}

/* Size of the record at buf, one of the iterator's two kinds; 0: not all of it is there yet. */
static size_t survivor_size(const char *buf, size_t have)
{
    struct ct_rec_rows head;
    if (have < sizeof(head))
        return 0;
    memcpy(&head, buf, sizeof(head));
    const size_t size = head.head.kind == CT_EV_ROWS
                            ? sizeof(head) + head.cnt * sizeof(struct ct_row)
                            : sizeof(struct ct_rec_totals);
    return have >= size ? size : 0;
}

/* Reads the accounts of threads that outlive the run from the task iterator. */
static int read_survivors(struct ct_capture *c, ct_record_fn sink, void *ctx)
{
    struct bpf_link *link;
    int err = 0;
    const int fd = open_iterator(c->skel->progs.ct_survivors, &link);
    if (fd < 0)
        return fd;
    char *buf = malloc(SURVIVOR_BUF);
    if (!buf) {
        err = -ENOMEM;
        goto out;
    }
    size_t have = 0;
    for (;;) {
        ssize_t n = read(fd, buf + have, SURVIVOR_BUF - have);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0) {
            err = n < 0 ? -errno : 0;
            break;
        }
        have += (size_t)n;
        size_t used = 0, size;
        while ((size = survivor_size(buf + used, have - used))) {
            const struct ct_rec_head *rec = (const struct ct_rec_head *)(buf + used);
            ct_naming_record(c->naming, rec);
            sink(rec, ctx);
            used += size;
        }
        memmove(buf, buf + used, have - used);
        have -= used;
    }
out:
    free(buf);
    close(fd);
    bpf_link__destroy(link);
    return err;
}

static bool cpu_online(int cpu)
{
    char path[80];
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
    FILE *f = fopen(path, "re");
    if (f) {
        const int digit = fgetc(f);
        fclose(f);
        return digit == '1';
    }
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", cpu);
    return !access(path, F_OK); /* the boot CPU has no switch */
}

static int read_cpus(struct ct_capture *c, struct ct_run_end *end)
{
    const int possible = libbpf_num_possible_cpus();
    if (possible <= 0)
        return -EINVAL;
    struct ct_cpu_account *accounts = calloc((size_t)possible, sizeof(*accounts));
    c->cpus = calloc((size_t)possible, sizeof(*c->cpus));
    const uint32_t zero = 0;
    int err = -ENOMEM;
    if (accounts && c->cpus)
        err = bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.ct_cpus), &zero, accounts);

    end->cpus = c->cpus;
    end->cpus_cnt = 0;
    for (int i = 0; !err && i < possible; i++) {
        const struct ct_cpu_account *a = &accounts[i];
        if (!cpu_online(i))
            continue;
        struct ct_cpu_times *o = &c->cpus[end->cpus_cnt++];
        o->cpu = (uint32_t)i;
        o->traced_ns = a->traced_ns;
        o->idle_ns = a->idle_ns;
        uint64_t since = a->last_ns > end->start_ns ? a->last_ns : end->start_ns;
        if ((a->idle || (!a->last_ns && !a->busy)) && end->end_ns > since)
            o->idle_ns += end->end_ns - since;
        /* the run's end is dated back a little, to when its last thread stopped */
        const uint64_t wall = end->end_ns - end->start_ns, sum = o->traced_ns + o->idle_ns;
        if (sum > wall && sum - wall <= END_SLACK_NS && o->idle_ns >= sum - wall)
            o->idle_ns -= sum - wall;
    }
    free(accounts);
    return err;
}

int ct_capture_finish(struct ct_capture *c, ct_record_fn sink, void *ctx, struct ct_run_end *end)
{
    struct ct_run *run = &c->skel->bss->ct_run;
    await_end(run, !c->attached);
    conctrace_bpf__detach(c->skel);
    drain(c, sink, ctx, true);
    int err = read_survivors(c, sink, ctx);
    if (!err)
        err = ct_naming_emit(c->naming, c->stacks ? bpf_map__fd(c->skel->maps.ct_weights) : -1,
                             bpf_map__fd(c->skel->maps.ct_stacks_seen), sink, ctx);
    if (err)
        return err;

    const uint64_t mono = clock_ns(CLOCK_MONOTONIC);
    end->start_ns = run->start_ns;
    end->end_ns = run->end_ns;
    end->lost_events = run->lost_total;
    end->lost_threads = run->lost_threads;
    end->lost_rows = run->lost_rows;
    end->lost_waits = run->lost_waits;
    end->lost_waits_ns = run->lost_waits_ns;
    end->lost_names = ct_naming_lost(c->naming);
    const uint64_t ago = mono + (uint64_t)run->clock_offset_ns - run->start_ns;
    end->start_boot_ns = clock_ns(CLOCK_BOOTTIME) - ago;
    end->start_unix_ns = clock_ns(CLOCK_REALTIME) - ago;
    return read_cpus(c, end);
}

void ct_capture_free(struct ct_capture *c)
{
    if (!c)
        return;
    ring_buffer__free(c->events);
    ring_buffer__free(c->ledger);
    if (c->timer_fd >= 0)
        close(c->timer_fd);
    if (c->epoll_fd >= 0)
        close(c->epoll_fd);
    conctrace_bpf__destroy(c->skel);
    ct_naming_free(c->naming);
    free(c->cpus);
    free(c);
}
