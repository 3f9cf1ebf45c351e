/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes protocol buffers, a message at a time: built in memory, as its length stands before it,
 * then written. What is told of a message that has no room is left out, and remembered as an error.
 */
#ifndef CT_PROTOBUF_H
#define CT_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CT_PROTO_BYTES 16384 /* of one message, with all in it */

struct ct_proto {
    FILE *out;
    int err; /* 0, or -errno of what went wrong first; then nothing more is written */
    size_t len;
    unsigned char bytes[CT_PROTO_BYTES];
};

void ct_proto_u64(struct ct_proto *p, uint32_t field, uint64_t value);
void ct_proto_double(struct ct_proto *p, uint32_t field, double value);
/* len bytes of any content; made valid UTF-8. */
void ct_proto_bytes(struct ct_proto *p, uint32_t field, const char *bytes, size_t len);
/* Up to the NUL. */
void ct_proto_text(struct ct_proto *p, uint32_t field, const char *text);

/* A message in the message: what follows is in it, until it is closed with what this returns. */
size_t ct_proto_open(struct ct_proto *p, uint32_t field);
void ct_proto_close(struct ct_proto *p, size_t opened);

/* Writes what was built, and begins anew. */
void ct_proto_flush(struct ct_proto *p);

#endif
