/* SPDX-License-Identifier: GPL-2.0-only */
/* The system calls' numbers and names, by architecture. From the kernel's headers
 * (scripts/gen-syscalls.sh). */
#ifndef CT_SYSCALLS_H
#define CT_SYSCALLS_H

#include <stdint.h>

enum ct_abi { CT_ABI_X86_64, CT_ABI_I386, CT_ABI_ARM64, CT_ABI_COUNT };

/* The architecture this program was built for, and that of its 32-bit programs. */
#if defined(__x86_64__)
#define CT_ABI_NATIVE CT_ABI_X86_64
#define CT_ABI_COMPAT CT_ABI_I386
#else
#define CT_ABI_NATIVE CT_ABI_ARM64
#define CT_ABI_COMPAT CT_ABI_COUNT /* not followed */
#endif

/* NULL: no such number in the headers it was built with. */
const char *ct_syscall_name(enum ct_abi abi, int nr);

#define CT_SYSCALL_NAME_LEN 32

/*
 * The name for people of a number as the tables hold it (with CT_KEY_COMPAT for the 32-bit table):
 * "syscall 455" if the headers knew none. Returns either a constant or buf.
 */
const char *ct_syscall_label(uint32_t nr, char buf[CT_SYSCALL_NAME_LEN]);

/* -1: no such name. */
int ct_syscall_nr(enum ct_abi abi, const char *name);

#endif
