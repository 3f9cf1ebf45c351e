/* SPDX-License-Identifier: GPL-2.0-only */
/* What several sections of the JSON report write alike: members, and the account of a lifetime;
 * and the whole of it. */
#ifndef CT_JSON_PARTS_H
#define CT_JSON_PARTS_H

#include "user/core/result.h"
#include "user/report/json_writer.h"

/* Each writes one member: its key and its value. */
void ct_json_put_u64(struct ct_json *j, const char *key, uint64_t value);
void ct_json_put_u64_or_null(struct ct_json *j, const char *key, bool known, uint64_t value);
void ct_json_put_bool(struct ct_json *j, const char *key, bool value);
/* The bytes of a fixed array, up to a NUL if it has one. */
void ct_json_put_array(struct ct_json *j, const char *key, const char *text, size_t size);
/* null where there is nothing to divide by. */
void ct_json_put_ratio(struct ct_json *j, const char *key, uint64_t a, uint64_t b);

/* An object: {code, signal}; at most one of them is not null. */
void ct_json_exit(struct ct_json *j, const struct ct_exit *e);

/*
 * The members that threads, processes and the summary share ("TIMES" in the contract).
 * uncovered_ns: lifetime that the account does not cover; it is written as unknown.
 * r: tells what is known.
 */
void ct_json_put_times(struct ct_json *j, const struct ct_totals *t, uint64_t uncovered_ns,
                       const struct ct_result *r);

/* A value: the whole report, which may stand in another document. 0 or -ENOMEM. */
int ct_json_put_report(struct ct_json *j, const struct ct_result *r);

#endif
