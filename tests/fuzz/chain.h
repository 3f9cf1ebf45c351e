/* SPDX-License-Identifier: GPL-2.0-only */
/* All that bytes from a file pass through: reader, model, analyses, reporters. */
#ifndef CT_FUZZ_CHAIN_H
#define CT_FUZZ_CHAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes each report to out. What the bytes led to: 0 all reports, 1 they are no recording, 2 there
 * was no memory; then out holds any part of them.
 */
int ct_fuzz_chain_to(const uint8_t *bytes, size_t len, FILE *out);

/* The same, and the reports are thrown away. */
int ct_fuzz_chain(const uint8_t *bytes, size_t len);

#endif
