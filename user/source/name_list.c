/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/name_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 1000000
#define TEXT_MAX  (64U << 20)
#define LINE_LEN  1024

static void add(struct ct_name_list *l, uint64_t start, uint64_t size, const char *name)
{
    const size_t len = strlen(name) + 1;

    if (l->cnt >= NAMES_MAX || l->text_len + len > TEXT_MAX)
        return;
    if (l->cnt == l->room) {
        const size_t more = l->room ? 2 * l->room : 1024;
        struct ct_name *bigger = realloc(l->names, more * sizeof(*bigger));
        if (!bigger)
            return;
        l->names = bigger;
        l->room = more;
    }
    if (l->text_len + len > l->text_room) {
        const size_t more = 2 * l->text_room + len + 4096;
        char *bigger = realloc(l->text, more);
        if (!bigger)
            return;
        l->text = bigger;
        l->text_room = more;
    }
    memcpy(l->text + l->text_len, name, len);
    l->names[l->cnt++] =
        (struct ct_name){.start = start, .size = size, .at = (uint32_t)l->text_len};
    l->text_len += len;
}

static int by_start(const void *a, const void *b)
{
    const struct ct_name *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->at < y->at ? -1
                         : x->at > y->at; /* of equals the later: a runtime reuses its memory */
}

static void finish(struct ct_name_list *l)
{
    if (l->cnt > 1)
        qsort(l->names, l->cnt, sizeof(*l->names), by_start);
}

/* The next line without its end, cut at the buffer's. NULL: no more. */
static char *next_line(char line[LINE_LEN], FILE *f)
{
    if (!fgets(line, LINE_LEN, f))
        return NULL;
    const size_t len = strcspn(line, "\n");
    if (!line[len])
        for (int c = fgetc(f); c != EOF && c != '\n'; c = fgetc(f))
            ;
    line[len] = 0;
    return line;
}

/* "START SIZE name with blanks", hexadecimal */
void ct_name_list_read_perf(struct ct_name_list *l, FILE *f)
{
    char line[LINE_LEN];
    size_t left = TEXT_MAX;

    while (left > LINE_LEN && next_line(line, f)) {
        left -= strlen(line);
        char *at, *name;
        const uint64_t start = strtoull(line, &at, 16);
        const uint64_t size = strtoull(at, &name, 16);
        if (at != line && name != at && *name == ' ' && name[1] && size && size < 1ULL << 32)
            add(l, start, size, name + 1);
    }
    finish(l);
}

/* "ADDRESS TYPE name [module]" */
void ct_name_list_read_kernel(struct ct_name_list *l, FILE *f)
{
    char line[LINE_LEN];

    while (next_line(line, f)) {
        char *at;
        const uint64_t start = strtoull(line, &at, 16);
        if (!start || at[0] != ' ' || !strchr("tTwW", at[1]) || at[2] != ' ' || !at[3])
            continue;
        at[3 + strcspn(at + 3, "\t ")] = 0;
        add(l, start, 0, at + 3);
    }
    finish(l);
}

const char *ct_name_list_find(const struct ct_name_list *l, uint64_t address)
{
    size_t from = 0, to = l->cnt;

    while (from < to) {
        const size_t mid = from + (to - from) / 2;
        if (l->names[mid].start <= address)
            from = mid + 1;
        else
            to = mid;
    }
    if (!from)
        return NULL;
    const struct ct_name *n = &l->names[from - 1];
    return !n->size || address - n->start < n->size ? l->text + n->at : NULL;
}

void ct_name_list_fini(struct ct_name_list *l)
{
    free(l->names);
    free(l->text);
    *l = (struct ct_name_list){0};
}
