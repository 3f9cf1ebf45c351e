/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The symbols of one ELF file, and how its functions find their callers. With libelf and libdw.
 *
 * The file belongs to the traced program and may be anything: what is malformed has no symbols,
 * what is huge has no more than a bound. It is read, never mapped, as it may be cut meanwhile.
 */
#ifndef CT_SYMBOLS_H
#define CT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ct_symbols;

/*
 * Of an open file, which it takes over, whatever it returns. *budget: bytes that may be used for
 * symbols, of all files together. NULL: not ELF, or no memory.
 */
struct ct_symbols *ct_symbols_open(int fd, size_t *budget);
/* Of an image in memory, which stays the caller's. */
struct ct_symbols *ct_symbols_of_image(char *image, size_t size, size_t *budget);
void ct_symbols_free(struct ct_symbols *s);

/* 0: it has none. At most 20 bytes. */
size_t ct_symbols_build_id(const struct ct_symbols *s, uint8_t id[20]);

/* The address (as linked) of an offset in the file. false: it is not loaded. */
bool ct_symbols_address(const struct ct_symbols *s, uint64_t offset, uint64_t *address);
/* Whether the address (as linked) is loaded: of the file, or zeroed behind it. */
bool ct_symbols_loaded(const struct ct_symbols *s, uint64_t address);

/* The symbol that holds the address (as linked), and how far into it. NULL: none; else s's own. */
const char *ct_symbols_function(const struct ct_symbols *s, uint64_t address, uint64_t *into);
const char *ct_symbols_object(const struct ct_symbols *s, uint64_t address, uint64_t *into);

/*
 * How many bytes above the stack pointer the frame ends that the function has at this address; the
 * return address is the word below. 0: the stack pointer does not tell.
 */
uint64_t ct_symbols_frame_bytes(struct ct_symbols *s, uint64_t address);

#endif
