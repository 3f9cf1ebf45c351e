/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: records in, result out. Floor 2: no libbpf, no clock, no environment; the same records
 * give the same result, whether they come live, from a recording or from a test.
 *
 * Accounts come from TOTALS records, which the kernel keeps and which no lost event can spoil. The
 * switches only draw: when, on which CPU, how many at once. Memory is constant per
 * thread, however long the run: time is binned, and bins grow wider as the run grows longer.
 */
#ifndef CT_MODEL_H
#define CT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/core/result.h"

struct ct_model;

/* How a source hands over a record: valid during the call only, whatever its order in time. */
typedef void (*ct_record_fn)(const struct ct_rec_head *rec, void *ctx);

/* A part of the run's time, in the records' clock. */
struct ct_span {
    uint64_t from_ns; /* 0: with the first life */
    uint64_t to_ns;   /* 0: all of the run */
    bool last;        /* it reaches the run's end, and holds that moment */
};

struct ct_model_info {
    struct ct_host host;
    char *const *command; /* NULL-terminated; copied */
    bool with_syscalls;
    bool with_stacks;
    bool attached;
    ct_interval_fn interval; /* NULL; or who hears each interval, as soon as it is drawn */
    void *interval_ctx;
    bool chosen; /* not all threads are there */
    struct ct_span span;
};

struct ct_cpu_times {
    uint32_t cpu;
    uint64_t traced_ns;
    uint64_t idle_ns;
};

/* What a source knows only when the run is over. Times are of the records' own clock. */
struct ct_run_end {
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t start_boot_ns; /* CLOCK_BOOTTIME at start_ns, to within microseconds */
    uint64_t start_unix_ns; /* CLOCK_REALTIME, likewise */
    uint64_t lost_events;
    uint64_t lost_threads;
    uint64_t lost_rows;
    uint64_t lost_waits; /* of the stacks' weights */
    uint64_t lost_waits_ns;
    bool lost_names;                 /* of mappings: addresses in them have no names */
    const struct ct_cpu_times *cpus; /* those online; the source's own */
    size_t cpus_cnt;
    struct ct_exit exit;
    uint64_t observer_cpu_ns;
    uint64_t stolen_ns; /* CT_NOT_TOLD: unknown */
    uint64_t throttled_ns;
};

struct ct_live {
    uint32_t threads_alive;
    uint32_t threads;
    uint64_t switches;
};

/* NULL if there is no memory. */
struct ct_model *ct_model_new(const struct ct_model_info *info);

/* Takes one record (a ct_record_fn). Want of memory is remembered and told by ct_model_seal. */
void ct_model_record(const struct ct_rec_head *rec, void *model);

/* Counts so far, for a status line. */
struct ct_live ct_model_live(const struct ct_model *m);

/*
 * Ends the run: all records are in. Frees m. The caller owns *out (ct_result_free).
 * 0, or -ENOMEM with *out untouched.
 */
int ct_model_seal(struct ct_model *m, const struct ct_run_end *end, struct ct_result **out);

/* Frees a model that will not be sealed. */
void ct_model_free(struct ct_model *m);

#endif
