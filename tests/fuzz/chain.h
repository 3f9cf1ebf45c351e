/* SPDX-License-Identifier: GPL-2.0-only */
/* All that bytes from a file pass through: reader, model, analyses, reporters. */
#ifndef CT_FUZZ_CHAIN_H
#define CT_FUZZ_CHAIN_H

#include <stddef.h>
#include <stdint.h>

/* What the bytes led to: 0 a report, 1 they are no recording, 2 there was no memory. */
int ct_fuzz_chain(const uint8_t *bytes, size_t len);

#endif
