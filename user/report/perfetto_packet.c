/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/perfetto_packet.h"

#include <string.h>

/* The number of each field that is written, as Perfetto's protocol has them. */
enum trace { TRACE_PACKET = 1 };
enum packet {
    PACKET_FTRACE_EVENTS = 1,
    PACKET_PROCESS_TREE = 2,
    PACKET_CLOCK_SNAPSHOT = 6,
    PACKET_TIMESTAMP = 8,
    PACKET_SEQUENCE_ID = 10,
    PACKET_TRACK_EVENT = 11,
    PACKET_INTERNED_DATA = 12,
    PACKET_SEQUENCE_FLAGS = 13,
    PACKET_SYSTEM_INFO = 45,
    PACKET_TIMESTAMP_CLOCK = 58,
    PACKET_TRACK_DESCRIPTOR = 60,
    PACKET_TASK_STATE = 117,
};
enum clock { CLOCK_OF_REALTIME = 1, CLOCK_OF_BOOT = 6 };
enum sequence_flags { SEQUENCE_CLEARED = 1, SEQUENCE_NEEDS = 2 };
enum ftrace {
    FTRACE_TIMESTAMP = 1,
    FTRACE_PID = 2,
    FTRACE_BLOCKED_REASON = 18,
    FTRACE_WAKING = 20,
    FTRACE_NEWTASK = 235,
};
enum event { EVENT_BEGIN = 1, EVENT_END = 2, EVENT_INSTANT = 3, EVENT_COUNTER = 4 };
enum track_event {
    EVENT_DEBUG_ANNOTATIONS = 4,
    EVENT_TYPE = 9,
    EVENT_TRACK_UUID = 11,
    EVENT_NAME = 23,
    EVENT_DOUBLE_VALUE = 44,
};

/* The last thread that a sequence describes is taken for that of its events: so they are apart. */
enum sequence { SEQUENCE = 1, SEQUENCE_OF_THREADS = 2 };

#define CLONE_THREAD 0x10000
#define PRIO_NORMAL  120
#define TEXT_MOST    1024 /* bytes of a text, so that a message has room */

/* ---- packets and what stands in them ---- */

static size_t packet_of(struct ct_proto *p, enum sequence sequence, uint64_t time_ns)
{
    const size_t opened = ct_proto_open(p, TRACE_PACKET);

    ct_proto_u64(p, PACKET_SEQUENCE_ID, sequence);
    if (sequence == SEQUENCE)
        ct_proto_u64(p, PACKET_SEQUENCE_FLAGS, SEQUENCE_NEEDS);
    if (time_ns) {
        ct_proto_u64(p, PACKET_TIMESTAMP, time_ns);
        ct_proto_u64(p, PACKET_TIMESTAMP_CLOCK, CLOCK_OF_BOOT);
    }
    return opened;
}

static size_t packet(struct ct_proto *p, uint64_t time_ns)
{
    return packet_of(p, SEQUENCE, time_ns);
}

static void packet_end(struct ct_proto *p, size_t opened)
{
    ct_proto_close(p, opened);
    ct_proto_flush(p);
}

static void comm(struct ct_proto *p, uint32_t field, const char *name)
{
    ct_proto_bytes(p, field, name, strnlen(name, CT_COMM_LEN));
}

static void clock_is(struct ct_proto *p, enum clock clock, uint64_t time_ns)
{
    const size_t opened = ct_proto_open(p, 1);

    ct_proto_u64(p, 1, clock);
    ct_proto_u64(p, 2, time_ns);
    ct_proto_close(p, opened);
}

static void clocks(struct ct_proto *p, const struct ct_result *r)
{
    const size_t in = packet(p, 0), snapshot = ct_proto_open(p, PACKET_CLOCK_SNAPSHOT);

    clock_is(p, CLOCK_OF_BOOT, r->start_boot_ns);
    clock_is(p, CLOCK_OF_REALTIME, r->start_unix_ns);
    ct_proto_u64(p, 2, CLOCK_OF_BOOT);
    ct_proto_close(p, snapshot);
    packet_end(p, in);
}

static void system_info(struct ct_proto *p, const struct ct_host *h)
{
    const size_t in = packet(p, 0), info = ct_proto_open(p, PACKET_SYSTEM_INFO);
    const size_t utsname = ct_proto_open(p, 1);

    ct_proto_text(p, 1, "Linux");
    ct_proto_bytes(p, 3, h->kernel, strnlen(h->kernel, sizeof(h->kernel)));
    ct_proto_bytes(p, 4, h->arch, strnlen(h->arch, sizeof(h->arch)));
    ct_proto_close(p, utsname);
    ct_proto_close(p, info);
    packet_end(p, in);
}

/* The causes, where the kernel would name the function that a thread waits in. */
static void causes(struct ct_proto *p)
{
    static const char *const names[] = {
#define X(upper, lower, words) #lower,
        CT_CAUSES(X)
#undef X
            "unknown",
    };
    const size_t in = ct_proto_open(p, TRACE_PACKET);

    ct_proto_u64(p, PACKET_SEQUENCE_ID, SEQUENCE);
    ct_proto_u64(p, PACKET_SEQUENCE_FLAGS, SEQUENCE_CLEARED);
    const size_t interned = ct_proto_open(p, PACKET_INTERNED_DATA);
    for (uint32_t i = 0; i <= CT_CAUSE_COUNT; i++) {
        const size_t name = ct_proto_open(p, 26); /* kernel_symbols */
        ct_proto_u64(p, 1, i + 1);
        ct_proto_text(p, 2, names[i]);
        ct_proto_close(p, name);
    }
    ct_proto_close(p, interned);
    packet_end(p, in);
}

void ct_perfetto_preamble(struct ct_proto *p, const struct ct_result *r)
{
    causes(p);
    clocks(p, r);
    system_info(p, &r->host);
}

/* ---- what the kernel would have told ---- */

struct ftrace_event {
    size_t packet, bundle, event, payload;
};

/* tid: of the acting task. */
static struct ftrace_event ftrace(struct ct_proto *p, uint64_t time_ns, uint32_t tid,
                                  enum ftrace kind)
{
    struct ftrace_event e;

    e.packet = packet(p, 0);
    e.bundle = ct_proto_open(p, PACKET_FTRACE_EVENTS);
    ct_proto_u64(p, 1, 0); /* the CPU: told by the running ones */
    e.event = ct_proto_open(p, 2);
    ct_proto_u64(p, FTRACE_TIMESTAMP, time_ns);
    ct_proto_u64(p, FTRACE_PID, tid);
    e.payload = ct_proto_open(p, kind);
    return e;
}

static void ftrace_end(struct ct_proto *p, struct ftrace_event e)
{
    ct_proto_close(p, e.payload);
    ct_proto_close(p, e.event);
    ct_proto_close(p, e.bundle);
    packet_end(p, e.packet);
}

void ct_perfetto_birth(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                       uint32_t parent_tid)
{
    struct ftrace_event e = ftrace(p, time_ns - 1, 0, FTRACE_BLOCKED_REASON);
    ftrace_end(p, e); /* of nobody: see the header */

    e = ftrace(p, time_ns, parent_tid, FTRACE_NEWTASK);
    ct_proto_u64(p, 1, t->tid);
    comm(p, 2, t->comm);
    ct_proto_u64(p, 3, t->tid != t->tgid ? CLONE_THREAD : 0);
    ftrace_end(p, e);
}

void ct_perfetto_cause(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                       unsigned cause)
{
    const struct ftrace_event e = ftrace(p, time_ns, t->tid, FTRACE_BLOCKED_REASON);

    ct_proto_u64(p, 1, t->tid);
    ct_proto_u64(p, 2, cause + 1);
    ct_proto_u64(p, 3, cause == CT_CAUSE_DISK);
    ftrace_end(p, e);
}

void ct_perfetto_waking(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                        uint32_t waker_tid)
{
    const struct ftrace_event e = ftrace(p, time_ns, waker_tid, FTRACE_WAKING);

    comm(p, 1, t->comm);
    ct_proto_u64(p, 2, t->tid);
    ct_proto_u64(p, 3, PRIO_NORMAL);
    ftrace_end(p, e);
}

void ct_perfetto_task_state(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t,
                            uint16_t cpu, enum ct_perfetto_state state)
{
    const size_t in = packet(p, time_ns), task = ct_proto_open(p, PACKET_TASK_STATE);

    ct_proto_u64(p, 1, cpu);
    comm(p, 2, t->comm);
    ct_proto_u64(p, 3, t->tid);
    ct_proto_u64(p, 4, state);
    ct_proto_u64(p, 5, PRIO_NORMAL);
    ct_proto_close(p, task);
    packet_end(p, in);
}

/* ---- processes and threads ---- */

void ct_perfetto_process(struct ct_proto *p, uint64_t time_ns, const struct ct_process *process)
{
    const size_t in = packet(p, time_ns), tree = ct_proto_open(p, PACKET_PROCESS_TREE);
    const size_t one = ct_proto_open(p, 1);

    ct_proto_u64(p, 1, process->tgid);
    ct_proto_u64(p, 2, process->ppid);
    comm(p, 3, process->comm);
    ct_proto_close(p, one);
    ct_proto_close(p, tree);
    packet_end(p, in);
}

void ct_perfetto_thread(struct ct_proto *p, uint64_t time_ns, const struct ct_perfetto_task *t)
{
    const size_t in = packet(p, time_ns), tree = ct_proto_open(p, PACKET_PROCESS_TREE);
    const size_t one = ct_proto_open(p, 2);

    ct_proto_u64(p, 1, t->tid);
    comm(p, 2, t->comm);
    ct_proto_u64(p, 3, t->tgid);
    ct_proto_close(p, one);
    ct_proto_close(p, tree);
    packet_end(p, in);
}

/* ---- tracks and what is on them ---- */

static size_t track(struct ct_proto *p, uint64_t uuid, const char *name)
{
    const size_t opened = ct_proto_open(p, PACKET_TRACK_DESCRIPTOR);

    ct_proto_u64(p, 1, uuid);
    if (name)
        ct_proto_text(p, 2, name);
    return opened;
}

void ct_perfetto_track(struct ct_proto *p, uint64_t time_ns, uint64_t uuid, uint64_t parent_uuid,
                       const char *name)
{
    const size_t in = packet(p, time_ns), one = track(p, uuid, name);

    if (parent_uuid)
        ct_proto_u64(p, 5, parent_uuid);
    ct_proto_close(p, one);
    packet_end(p, in);
}

void ct_perfetto_thread_track(struct ct_proto *p, uint64_t time_ns, uint64_t uuid,
                              const struct ct_perfetto_task *t)
{
    const size_t in = packet_of(p, SEQUENCE_OF_THREADS, time_ns), one = track(p, uuid, NULL);
    const size_t thread = ct_proto_open(p, 4);

    ct_proto_u64(p, 1, t->tgid);
    ct_proto_u64(p, 2, t->tid);
    ct_proto_close(p, thread);
    ct_proto_close(p, one);
    packet_end(p, in);
}

void ct_perfetto_counter_track(struct ct_proto *p, uint64_t time_ns, uint64_t uuid,
                               const char *name)
{
    const size_t in = packet(p, time_ns), one = track(p, uuid, name);

    ct_proto_close(p, ct_proto_open(p, 8));
    ct_proto_close(p, one);
    packet_end(p, in);
}

static size_t track_event(struct ct_proto *p, enum event type, uint64_t uuid)
{
    const size_t opened = ct_proto_open(p, PACKET_TRACK_EVENT);

    ct_proto_u64(p, EVENT_TYPE, type);
    ct_proto_u64(p, EVENT_TRACK_UUID, uuid);
    return opened;
}

void ct_perfetto_slice(struct ct_proto *p, uint64_t uuid, uint64_t from_ns, uint64_t to_ns,
                       const char *name)
{
    size_t in = packet(p, from_ns), event = track_event(p, EVENT_BEGIN, uuid);

    ct_proto_text(p, EVENT_NAME, name);
    ct_proto_close(p, event);
    packet_end(p, in);
    in = packet(p, to_ns);
    event = track_event(p, EVENT_END, uuid);
    ct_proto_close(p, event);
    packet_end(p, in);
}

void ct_perfetto_count(struct ct_proto *p, uint64_t uuid, uint64_t time_ns, double value)
{
    const size_t in = packet(p, time_ns), event = track_event(p, EVENT_COUNTER, uuid);

    ct_proto_double(p, EVENT_DOUBLE_VALUE, value);
    ct_proto_close(p, event);
    packet_end(p, in);
}

static size_t annotation(struct ct_proto *p, const char *name)
{
    const size_t opened = ct_proto_open(p, EVENT_DEBUG_ANNOTATIONS);

    ct_proto_text(p, 10, name);
    return opened;
}

static void annotate(struct ct_proto *p, const char *name, const char *text)
{
    if (!text)
        return;
    const size_t opened = annotation(p, name);
    ct_proto_bytes(p, 6, text, strnlen(text, TEXT_MOST));
    ct_proto_close(p, opened);
}

static void evidence(struct ct_proto *p, const struct ct_evidence *e)
{
    if (e->kind == CT_EVIDENCE_TEXT) {
        annotate(p, e->key, e->text);
        return;
    }
    const size_t opened = annotation(p, e->key);
    if (e->kind == CT_EVIDENCE_NUMBER)
        ct_proto_u64(p, 3, e->number);
    else
        ct_proto_double(p, 5, e->ratio);
    ct_proto_close(p, opened);
}

void ct_perfetto_finding(struct ct_proto *p, uint64_t uuid, uint64_t time_ns,
                         const struct ct_finding *f, const char *id)
{
    const size_t in = packet(p, time_ns), event = track_event(p, EVENT_INSTANT, uuid);

    ct_proto_text(p, EVENT_NAME, id);
    annotate(p, "severity", f->warning ? "warning" : "info");
    annotate(p, "title", f->title);
    annotate(p, "explanation", f->explanation);
    annotate(p, "advice", f->advice);
    for (size_t i = 0; i < f->evidence_cnt; i++)
        evidence(p, &f->evidence[i]);
    ct_proto_close(p, event);
    packet_end(p, in);
}
