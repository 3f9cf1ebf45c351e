/* SPDX-License-Identifier: GPL-2.0-only */
/* The result's rows by what the analyses ask for: a process's threads, a thread's system calls. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/analysis/findings_internal.h"
#include "user/core/syscalls.h"

int ct_found_index(struct ct_found *f)
{
    const struct ct_result *r = f->r;
    const size_t processes = r->processes_cnt;

    f->by_process = calloc(r->threads_cnt + 1, sizeof(const struct ct_thread *));
    f->first = calloc(processes + 2, sizeof(*f->first));
    if (!f->by_process || !f->first)
        return -ENOMEM;
    for (size_t i = 0; i < r->threads_cnt; i++)
        if (r->threads[i]->has_totals && r->threads[i]->process < processes)
            f->first[r->threads[i]->process + 2]++;
    for (size_t p = 0; p < processes; p++)
        f->first[p + 2] += f->first[p + 1];
    for (size_t i = 0; i < r->threads_cnt; i++)
        if (r->threads[i]->has_totals && r->threads[i]->process < processes)
            f->by_process[f->first[r->threads[i]->process + 1]++] = r->threads[i];
    return 0;
}

const struct ct_thread *const *ct_found_threads(const struct ct_found *f, size_t process,
                                                size_t *cnt)
{
    *cnt = f->first[process + 1] - f->first[process];
    return f->by_process + f->first[process];
}

/* Rows are sorted by owner. */
static const struct ct_call *calls_of(const struct ct_call *rows, size_t rows_cnt, uint32_t owner,
                                      size_t *cnt)
{
    size_t low = 0, high = rows_cnt;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < rows_cnt && rows[high].owner == owner;)
        high++;
    *cnt = high - low;
    return rows + low;
}

const struct ct_call *ct_found_thread_calls(const struct ct_found *f, uint32_t id, size_t *cnt)
{
    return calls_of(f->r->thread_calls, f->r->thread_calls_cnt, id, cnt);
}

const struct ct_call *ct_found_process_calls(const struct ct_found *f, uint32_t process,
                                             size_t *cnt)
{
    return calls_of(f->r->calls, f->r->calls_cnt, process, cnt);
}

bool ct_call_is(const struct ct_call *c, const char *const *names)
{
    char buf[CT_SYSCALL_NAME_LEN];

    if (c->nr == CT_CALL_REST)
        return false;
    const char *name = ct_syscall_label(c->nr, buf);
    for (; *names; names++)
        if (!strcmp(name, *names))
            return true;
    return false;
}

uint64_t ct_calls_of(const struct ct_call *rows, size_t cnt, const char *const *names)
{
    uint64_t calls = 0;

    for (size_t i = 0; i < cnt; i++)
        if (ct_call_is(&rows[i], names))
            calls += rows[i].calls;
    return calls;
}

bool ct_found_is_server(const struct ct_found *f, uint32_t process)
{
    static const char *const takes_in[] = {"accept", "accept4", NULL};
    size_t cnt;
    const struct ct_call *rows = ct_found_process_calls(f, process, &cnt);

    for (size_t i = 0; i < cnt; i++)
        if (ct_call_is(&rows[i], takes_in)) /* one that it is still in counts, too */
            return true;
    return false;
}

int ct_compare_kinds(const char *a, const char *b)
{
    for (;;) {
        while (isdigit((unsigned char)*a))
            a++;
        while (isdigit((unsigned char)*b))
            b++;
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
        a++;
        b++;
    }
}
