/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live source: loads the probes, adopts the command, turns the kernel's rings into records.
 * Sole user of libbpf.
 *
 * Order of use: open, adopt, release the command (not done here), poll until done, finish, free; or
 * attach instead of adopt and release.
 */
#ifndef CT_CAPTURE_H
#define CT_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "user/core/model.h"

struct ct_capture;

struct ct_capture_options {
    bool attach;         /* ct_capture_attach will be used */
    bool syscalls;       /* hook system calls and wakers: for user/kernel, and their tables */
    uint32_t ring_bytes; /* event ring; 0: default. A power of two, at least a page */
    bool stacks;         /* where threads block, and where they lose the CPU */
};

/*
 * Loads and attaches all probes. On failure returns -errno and writes one line (what is missing,
 * and the mend) to why[why_size]; *out is then untouched.
 */
int ct_capture_open(struct ct_capture **out, const struct ct_capture_options *opts, char *why,
                    size_t why_size);

/*
 * Adopts process pid (a child of ours that waits in read(2), so that its account begins when it is
 * woken). The run ends at the death of its last thread. 0 or -errno.
 */
int ct_capture_adopt(struct ct_capture *c, pid_t pid);

/*
 * Adopts what runs already, and hands over who they are: all threads of these processes (at most
 * CT_TARGETS_MAX of them), and what they start from now on. The run ends with the last of these
 * processes, or with ct_capture_finish. 0, -ESRCH if there are no such processes, or -errno.
 */
int ct_capture_attach(struct ct_capture *c, const pid_t *pids, size_t cnt, ct_record_fn sink,
                      void *ctx);

/* Whether the run has ended by itself: the command, or all that was attached to, is gone. */
bool ct_capture_over(const struct ct_capture *c);

/*
 * A descriptor for poll(2), owned by the capture: readable when many records wait, and ten times a
 * second. Call ct_capture_drain then.
 */
int ct_capture_fd(const struct ct_capture *c);

/* Hands over the records that wait, with a bound, so that a flood cannot hold the caller. */
void ct_capture_drain(struct ct_capture *c, ct_record_fn sink, void *ctx);

/*
 * Ends tracing: waits (at most a second) until the command's last thread has left its CPU, takes
 * the accounts of those still alive, drains all. Fills *end but for exit and observer; its cpus
 * belong to the capture. 0 or -errno.
 */
int ct_capture_finish(struct ct_capture *c, ct_record_fn sink, void *ctx, struct ct_run_end *end);

void ct_capture_free(struct ct_capture *c);

#endif
