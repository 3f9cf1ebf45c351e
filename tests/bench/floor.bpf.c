/* SPDX-License-Identifier: GPL-2.0-only */
/* Empty probes on the tracepoints conctrace uses: what any such tool pays at the least. */
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>

#define EMPTY(name, where)                                                                         \
    SEC("tp_btf/" where) int name(void *ctx)                                                       \
    {                                                                                              \
        return 0;                                                                                  \
    }

EMPTY(floor_switch, "sched_switch")
EMPTY(floor_wakeup, "sched_wakeup")
EMPTY(floor_wakeup_new, "sched_wakeup_new")
EMPTY(floor_fork, "sched_process_fork")
EMPTY(floor_exec, "sched_process_exec")
EMPTY(floor_exit, "sched_process_exit")
EMPTY(floor_sys_enter, "sys_enter")
EMPTY(floor_sys_exit, "sys_exit")

char LICENSE[] SEC("license") = "GPL";
