/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/syscalls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <linux/types.h>

#include "bpf/event.h"
#include "syscall_rows.h"

struct row {
    int nr;
    const char *name;
};

#define X(nr, name) {nr, name},
static const struct row x86_64[] = {CT_SYSCALLS_X86_64(X){-1, NULL}};
static const struct row i386[] = {CT_SYSCALLS_I386(X){-1, NULL}};
static const struct row arm64[] = {CT_SYSCALLS_ARM64(X){-1, NULL}};
#undef X

static const struct row *rows_of(enum ct_abi abi)
{
    switch (abi) {
    case CT_ABI_X86_64:
        return x86_64;
    case CT_ABI_I386:
        return i386;
    case CT_ABI_ARM64:
        return arm64;
    case CT_ABI_COUNT:
        break;
    }
    static const struct row none[] = {{-1, NULL}};
    return none;
}

const char *ct_syscall_name(enum ct_abi abi, int nr)
{
    for (const struct row *r = rows_of(abi); r->name; r++)
        if (r->nr == nr)
            return r->name;
    return NULL;
}

const char *ct_syscall_label(uint32_t nr, char buf[CT_SYSCALL_NAME_LEN])
{
    const bool compat = nr & CT_KEY_COMPAT;
    const unsigned number = nr & ~(unsigned)CT_KEY_COMPAT;
    const char *name = ct_syscall_name(compat ? CT_ABI_COMPAT : CT_ABI_NATIVE, (int)number);
    if (name)
        return name;
    snprintf(buf, CT_SYSCALL_NAME_LEN, "syscall %u", number);
    return buf;
}

int ct_syscall_nr(enum ct_abi abi, const char *name)
{
    for (const struct row *r = rows_of(abi); r->name; r++)
        if (!strcmp(r->name, name))
            return r->nr;
    return -1;
}
