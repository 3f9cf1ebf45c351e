/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/json_parts.h"

#include <math.h>
#include <string.h>

void ct_json_put_u64(struct ct_json *j, const char *key, uint64_t value)
{
    ct_json_key(j, key);
    ct_json_u64(j, value);
}

void ct_json_put_u64_or_null(struct ct_json *j, const char *key, bool known, uint64_t value)
{
    ct_json_key(j, key);
    if (known)
        ct_json_u64(j, value);
    else
        ct_json_null(j);
}

void ct_json_put_bool(struct ct_json *j, const char *key, bool value)
{
    ct_json_key(j, key);
    ct_json_bool(j, value);
}

void ct_json_put_array(struct ct_json *j, const char *key, const char *text, size_t size)
{
    ct_json_key(j, key);
    ct_json_bytes(j, text, strnlen(text, size));
}

void ct_json_put_ratio(struct ct_json *j, const char *key, uint64_t a, uint64_t b)
{
    ct_json_key(j, key);
    ct_json_double(j, b ? (double)a / (double)b : NAN);
}

void ct_json_exit(struct ct_json *j, const struct ct_exit *e)
{
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64_or_null(j, "code", e->known && !e->signal, (uint64_t)e->code);
    ct_json_put_u64_or_null(j, "signal", e->known && e->signal, (uint64_t)e->signal);
    ct_json_close(j);
}

static void put_parts(struct ct_json *j, const char *key, const char *const *names,
                      const __u64 *values, int cnt)
{
    ct_json_key(j, key);
    ct_json_object(j, CT_JSON_LINE);
    for (int i = 0; i < cnt; i++)
        ct_json_put_u64(j, names[i], values[i]);
    ct_json_close(j);
}

void ct_json_put_times(struct ct_json *j, const struct ct_totals *t, uint64_t uncovered_ns,
                       const struct ct_result *r)
{
#define X(upper, lower, words) #lower,
    static const char *const runnable[] = {CT_RUNNABLE(X)};
    static const char *const causes[] = {CT_CAUSES(X)};
#undef X
    const uint64_t user_ns = t->running_ns > t->kernel_ns ? t->running_ns - t->kernel_ns : 0;

    ct_json_put_u64(j, "lifetime_ns", ct_totals_lifetime(t) + uncovered_ns);
    ct_json_put_u64(j, "running_ns", t->running_ns);
    ct_json_put_u64_or_null(j, "user_ns", r->with_syscalls, user_ns);
    ct_json_put_u64_or_null(j, "kernel_ns", r->with_syscalls, t->kernel_ns);
    ct_json_put_u64_or_null(j, "irq_ns", !ct_choice_of_time(&r->choice), t->irq_ns);
    ct_json_put_u64(j, "runnable_ns", ct_totals_runnable(t));
    put_parts(j, "runnable", runnable, t->runnable_ns, CT_RUN_COUNT);
    ct_json_put_u64(j, "blocked_ns", ct_totals_blocked(t));
    put_parts(j, "blocked", causes, t->blocked_ns, CT_CAUSE_COUNT);
    ct_json_put_u64(j, "unknown_ns", t->unknown_ns + uncovered_ns);
    ct_json_key(j, "switches");
    ct_json_object(j, CT_JSON_LINE);
    ct_json_put_u64(j, "voluntary", t->voluntary);
    ct_json_put_u64(j, "involuntary", t->involuntary);
    ct_json_close(j);
    ct_json_put_u64(j, "migrations", t->migrations);
    ct_json_put_u64(j, "wakeups", t->wakeups);
}
