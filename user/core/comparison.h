/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several ways to do the same work, each run several times, and how they differ: what the contrast
 * is computed from, and what reporters of a comparison read. Floor 2.
 *
 * A design is a label and its results; whether these were just traced or come out of recordings
 * makes no difference here. Definitions: docs/metrics.md.
 */
#ifndef CT_COMPARISON_H
#define CT_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event_kinds.h"
#include "user/core/result.h"

#define CT_DESIGNS_MAX 26 /* they go by letters */

/* One run that went well. */
struct ct_sample {
    struct ct_result *result;
    uint64_t peak_bytes; /* most memory that one of its processes had; 0: not told */
};

struct ct_design {
    char *label;   /* short, and no other's */
    char *command; /* the line, as it was given */
    struct ct_sample *samples;
    size_t samples_cnt;
    size_t failed_cnt; /* runs that failed; they are not among the samples */
    char *failure;     /* how the last of them did: "exit status 3"; NULL: none did */
    char *last_words;  /* the end of what it wrote, raw; NULL or empty: nothing */
};

/* What a number counts. */
enum ct_measure { CT_MEASURE_NS, CT_MEASURE_COUNT, CT_MEASURE_BYTES, CT_MEASURE_RATIO };

/*
 * X(UPPER, "name", "in words", measure, less is better). The name is that of the same number in the
 * JSON report's summary, where it stands there. Append only.
 */
#define CT_METRICS(X)                                                                              \
    X(WALL, "wall_ns", "wall time", NS, true)                                                      \
    X(CPU, "running_ns", "CPU time", NS, true)                                                     \
    X(PARALLELISM, "parallelism", "ran at once", RATIO, false)                                     \
    X(DEMAND, "demand", "could have run", RATIO, false)                                            \
    X(RUNNABLE, "runnable_ns", "wait: a CPU", NS, true)                                            \
    X(LOCK, "blocked.lock", "wait: a lock", NS, false)                                             \
    X(SLEEP, "blocked.sleep", "wait: a timer", NS, false)                                          \
    X(SOCKET, "blocked.socket", "wait: a socket", NS, false)                                       \
    X(PIPE, "blocked.pipe", "wait: a pipe", NS, false)                                             \
    X(EVENT_WAIT, "blocked.event_wait", "wait: events", NS, false)                                 \
    X(DISK, "blocked.disk", "wait: the disk", NS, false)                                           \
    X(FAULT, "blocked.fault", "wait: a fault", NS, false)                                          \
    X(CHILD, "blocked.child", "wait: a child", NS, false)                                          \
    X(SIGNAL, "blocked.signal", "wait: a signal", NS, false)                                       \
    X(STOPPED, "blocked.stopped", "stopped", NS, false)                                            \
    X(OTHER, "blocked.other", "wait: other", NS, false)                                            \
    X(VOLUNTARY, "switches.voluntary", "switches, vol", COUNT, true)                               \
    X(INVOLUNTARY, "switches.involuntary", "switches, inv", COUNT, true)                           \
    X(MIGRATIONS, "migrations", "migrations", COUNT, true)                                         \
    X(THREADS, "threads", "threads", COUNT, false)                                                 \
    X(PROCESSES, "processes", "processes", COUNT, false)                                           \
    X(PEAK, "peak_bytes", "peak memory", BYTES, true)

enum ct_metric {
#define X(upper, name, words, measure, less) CT_METRIC_##upper,
    CT_METRICS(X)
#undef X
        CT_METRIC_COUNT
};

/* One number of one design, over its runs. */
struct ct_spread {
    bool known;
    double median; /* of an even number of runs: the mean of the two in the middle */
    double min;
    double max;
};

/* One number of all designs. */
struct ct_contrast {
    struct ct_spread spreads[CT_DESIGNS_MAX];
    bool differs; /* some two designs do, by more than their runs do among themselves */
    bool matters; /* worth a line where there is no room for all */
    size_t best;  /* the design with the best median; CT_DESIGNS_MAX: there is no best */
    bool tied[CT_DESIGNS_MAX]; /* the best, and those that are not shown to be worse */
    char *explanation;         /* a sentence; NULL: no difference, or none worth a word */
    bool leads;                /* the sentence tells why, or what it comes to */
};

struct ct_comparison {
    struct ct_design *designs;
    size_t designs_cnt;
    size_t runs_wanted; /* of each */
    bool interrupted;   /* not all runs took place */
    bool recorded;      /* nothing was run: each design is a recording */

    struct ct_contrast contrasts[CT_METRIC_COUNT]; /* by ct_contrast_run */
    size_t
        medians[CT_DESIGNS_MAX]; /* which sample is the median run; CT_NO_SAMPLE: there is none */
    char *verdict;               /* who was fastest, in a sentence or two; NULL: nobody ran */
    char *reasons[4];            /* why, in sentences about the way to the end; NULL: no more */
};
#define CT_NO_SAMPLE SIZE_MAX

/* The median run's result; NULL if there is none. Owned by c. */
const struct ct_result *ct_comparison_median(const struct ct_comparison *c, size_t design);

/*
 * Whether two designs differ in a number by more than noise: the ranges of their runs do not
 * overlap. With one run each nothing is known of noise; then a tenth is taken for a difference.
 */
#define CT_ALONE_RATIO 1.1
bool ct_comparison_apart(const struct ct_comparison *c, size_t a, size_t b, enum ct_metric m);

void ct_design_fini(struct ct_design *d);
/* Frees everything reachable from c, not c itself. */
void ct_comparison_fini(struct ct_comparison *c);

#endif
