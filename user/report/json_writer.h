/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON as a stream. Commas, quotes, indents and nesting are kept here, so that what comes
 * out is JSON whatever the caller does: a call that would break it (a value without its key, a
 * close too many) writes nothing and makes ct_json_end fail with -EINVAL.
 *
 * Strings may hold any bytes; what is written is always valid UTF-8. Numbers are exact: 64 bits
 * keep all their digits. Errors are remembered and told once, by ct_json_end.
 */
#ifndef CT_JSON_WRITER_H
#define CT_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CT_JSON_DEPTH 16

/* How a container lays out its members. What is inside a line stays in it. */
enum ct_json_layout {
    CT_JSON_LINE,  /* all in one line */
    CT_JSON_LINES, /* a line each */
};

struct ct_json_level {
    bool object;
    bool lines;
    bool begun; /* has a member */
};

struct ct_json {
    FILE *out;
    int err;    /* 0, or -errno of what went wrong first; then nothing more is written */
    bool keyed; /* a key waits for its value */
    bool done;  /* the one value of the document is complete */
    unsigned depth;
    struct ct_json_level levels[CT_JSON_DEPTH];
};

void ct_json_begin(struct ct_json *j, FILE *out);
/* Ends the document and flushes. 0 or -errno; out stays open. */
int ct_json_end(struct ct_json *j);

void ct_json_object(struct ct_json *j, enum ct_json_layout layout);
void ct_json_array(struct ct_json *j, enum ct_json_layout layout);
/* Closes the innermost object or array. */
void ct_json_close(struct ct_json *j);

void ct_json_key(struct ct_json *j, const char *key);

void ct_json_null(struct ct_json *j);
void ct_json_bool(struct ct_json *j, bool value);
void ct_json_u64(struct ct_json *j, uint64_t value);
void ct_json_i64(struct ct_json *j, int64_t value);
/* The fewest digits that read back as the same double; null if it is not finite. */
void ct_json_double(struct ct_json *j, double value);
/*
 * len bytes of any content. Each maximal subpart of an ill-formed sequence becomes one U+FFFD, as
 * Unicode recommends (section 3.9). Control characters, C1 and DEL too, are escaped, so that a
 * report shown on a terminal does nothing there.
 */
void ct_json_bytes(struct ct_json *j, const char *bytes, size_t len);
/* Up to the NUL; null if text is NULL. */
void ct_json_text(struct ct_json *j, const char *text);

#endif
