/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON report's sections by system call, lock, waker and preemptor: each writes one value. */
#ifndef CT_JSON_TABLES_H
#define CT_JSON_TABLES_H

#include "user/core/result.h"
#include "user/report/json_writer.h"

void ct_json_syscalls(struct ct_json *j, const struct ct_result *r);
/* A member `syscalls`: those of one process (its index) or thread (its id). */
void ct_json_put_process_calls(struct ct_json *j, const struct ct_result *r, uint32_t process);
void ct_json_put_thread_calls(struct ct_json *j, const struct ct_result *r, uint32_t id);
void ct_json_locks(struct ct_json *j, const struct ct_result *r);
void ct_json_wakers(struct ct_json *j, const struct ct_result *r);
void ct_json_preemptors(struct ct_json *j, const struct ct_result *r);
/* A member `loop`: null if it was none, or that is not known. */
void ct_json_put_loop(struct ct_json *j, const struct ct_result *r, const struct ct_thread *t);
/* null without --stacks. */
void ct_json_stacks(struct ct_json *j, const struct ct_result *r);

#endif
