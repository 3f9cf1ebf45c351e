/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of functions in text: a runtime's /tmp/perf-PID.map, the kernel's /proc/kallsyms. */
#ifndef CT_NAME_LIST_H
#define CT_NAME_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ct_name {
    uint64_t start, size; /* size 0: up to the next */
    uint32_t at;          /* in text */
};

struct ct_name_list {
    struct ct_name *names;
    size_t cnt, room;
    char *text;
    size_t text_len, text_room;
};

/* Each reads f to its end or to its bound; what is no line of that kind is passed over. */
void ct_name_list_read_perf(struct ct_name_list *l, FILE *f);
void ct_name_list_read_kernel(struct ct_name_list *l, FILE *f);

/* NULL: none. */
const char *ct_name_list_find(const struct ct_name_list *l, uint64_t address);

void ct_name_list_fini(struct ct_name_list *l);

#endif
