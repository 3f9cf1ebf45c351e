/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings: the stream of records kept in a file, with what a model needs besides. Replayed, it
 * gives the report of the live run, byte for byte. docs/recording.md defines the format.
 *
 * Writing never holds up whoever hands over records: these go into buffers, which a thread of its
 * own packs and writes. If it cannot keep up, or the file cannot be written, the recording ends
 * there and is readable up to there.
 */
#ifndef CT_RECORDING_H
#define CT_RECORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "user/core/model.h"

/* ---- writing ---- */

struct ct_recorder;

/*
 * Begins a recording in fd, which stays the caller's, and starts the thread that writes. fork must
 * not follow. 0 or -errno.
 */
int ct_recorder_start(struct ct_recorder **out, int fd, const struct ct_model_info *info);

/* Takes one record (a ct_record_fn). Never waits. */
void ct_recorder_record(const struct ct_rec_head *rec, void *recorder);

/* To be called now and then: lets what is older than a second be written. Never waits. */
void ct_recorder_tick(struct ct_recorder *r);

/*
 * Why the recording ended before its time: 0, -ENOBUFS (the writer could not keep up) or -errno of
 * the write.
 */
int ct_recorder_error(const struct ct_recorder *r);

/*
 * Ends the recording with what is known only now (NULL: it stays cut short), waits for all to be
 * written and frees r. 0, or the same as ct_recorder_error.
 */
int ct_recorder_finish(struct ct_recorder *r, const struct ct_run_end *end);

/* ---- reading ---- */

struct ct_replay;

struct ct_replay_end {
    struct ct_run_end end; /* if cut: as far as it can be told */
    bool cut;              /* the recording ends before the run did */
    uint64_t cut_at;       /* offset of the first byte that could not be used */
    const char *cut_why;   /* a constant */
};

/* Whether a file begins like a recording of any version. Reads from it. */
bool ct_replay_recognizes(FILE *in);

/*
 * Reads what stands before the records. `in` stays the caller's; it needs not be seekable. On
 * failure returns -errno (-EBADMSG: these bytes are no recording, or damaged) with one line in
 * why[why_size]; *out is then untouched.
 */
int ct_replay_open(struct ct_replay **out, FILE *in, char *why, size_t why_size);

/* Valid until ct_replay_free. */
const struct ct_model_info *ct_replay_info(const struct ct_replay *r);

/*
 * Hands over the records of one block, at most. 1: there may be more; 0: that was all, and *end
 * tells the rest (its cpus are r's); -ENOMEM.
 */
int ct_replay_next(struct ct_replay *r, ct_record_fn sink, void *ctx, struct ct_replay_end *end);

/* Bytes of the file read so far. */
uint64_t ct_replay_at(const struct ct_replay *r);

void ct_replay_free(struct ct_replay *r);

#endif
