/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for addresses: of functions in files, in the vdso, in what a runtime has compiled
 * (/tmp/perf-PID.map), in the kernel; and of data in files. Asked once the run is over; a file is
 * opened when the first of its addresses is asked for.
 */
#ifndef CT_SYMBOLIZER_H
#define CT_SYMBOLIZER_H

#include <sys/types.h>

#include "user/source/spaces.h"

#define CT_SYMBOL_NAME_LEN CT_SYMBOL_LEN

struct ct_symbolizer;

/* spaces: must outlive it, and not change. NULL: no memory. */
struct ct_symbolizer *ct_symbolizer_new(const struct ct_spaces *spaces);
void ct_symbolizer_free(struct ct_symbolizer *z);

/* Whose perf maps are believed, besides root's. */
void ct_symbolizer_trust(struct ct_symbolizer *z, uid_t uid);

/*
 * Names the function at an address in a process at a time. is_return: the address is where a call
 * returns to, and the call is meant. What has no name is "[file+0x12]" or "[unknown]".
 */
void ct_symbolizer_user(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns, uint64_t address,
                        bool is_return, char name[CT_SYMBOL_NAME_LEN]);
void ct_symbolizer_kernel(struct ct_symbolizer *z, uint64_t address, char name[CT_SYMBOL_NAME_LEN]);

/* Names the data at an address: "object", "object+0x8", "[file+0x12]". false: not known. */
bool ct_symbolizer_data(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns, uint64_t address,
                        char name[CT_SYMBOL_NAME_LEN]);

/* Whether the process had code there. */
bool ct_symbolizer_is_code(const struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns,
                           uint64_t address);

/* ct_symbols_frame_bytes of the function there; 0 if not known. */
uint64_t ct_symbolizer_frame_bytes(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns,
                                   uint64_t address);

#endif
