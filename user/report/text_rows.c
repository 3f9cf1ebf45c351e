/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All threads are sorted such that those of one row stand beside each other; a row is then a slice
 * of that array, and accounts are only added up for the rows that are shown.
 *
 *   item   one thread
 *   slice  neighbouring items that would share a row
 *   block  neighbouring slices that stay together: a process, or all processes that are alike
 */
#include "user/report/text_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/text_names.h"

struct item {
    const struct ct_thread *thread;
    const struct ct_process *process; /* NULL: none is known */
    uint64_t life_ns;
    uint64_t rank; /* long lives first, but those of about one length as they began */
};

struct slice {
    size_t from, cnt;
    size_t processes;
    uint64_t life_ns;
};

struct block {
    size_t from, cnt; /* slices */
    size_t processes, threads;
    uint64_t life_ns;
};

struct fold {
    const struct ct_result *r;
    struct item *items;
    size_t items_cnt;
    struct slice *slices;
    size_t slices_cnt;
    struct block *blocks;
    size_t blocks_cnt;
};

/* ---- orders ---- */

static int order(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_rank(const struct item *a, const struct item *b)
{
    const int c = order(b->rank, a->rank);

    return c ? c : order(a->thread->id, b->thread->id);
}

static int by_process(const struct item *a, const struct item *b)
{
    if (!a->process || !b->process)
        return (a->process == NULL) - (b->process == NULL);
    return order((uintptr_t)a->process, (uintptr_t)b->process);
}

static int compare_process_rank(const void *va, const void *vb)
{
    const int c = by_process(va, vb);

    return c ? c : by_rank(va, vb);
}

static const char *process_name(const struct item *i)
{
    return i->process ? i->process->comm : i->thread->comm;
}

/* Processes that are alike, then each process, then threads that are alike. */
static int compare_likeness(const void *va, const void *vb)
{
    const struct item *a = va, *b = vb;
    int c = ct_name_compare(process_name(a), process_name(b));

    if (!c)
        c = by_process(a, b);
    if (!c)
        c = ct_name_compare(a->thread->comm, b->thread->comm);
    return c ? c : by_rank(a, b);
}

static int compare_slices(const void *va, const void *vb)
{
    const struct slice *a = va, *b = vb;
    const int c = order(b->life_ns, a->life_ns);

    return c ? c : order(a->from, b->from);
}

static int compare_blocks(const void *va, const void *vb)
{
    const struct block *a = va, *b = vb;
    const int c = order(b->life_ns, a->life_ns);

    return c ? c : order(a->from, b->from);
}

/* ---- cutting the sorted items into slices and blocks ---- */

static void cut_block(struct fold *f, size_t from, size_t to, bool by_name)
{
    struct block *b = &f->blocks[f->blocks_cnt++];

    *b = (struct block){.from = f->slices_cnt, .threads = to - from};
    for (size_t i = from; i < to; i++) {
        const struct item *it = &f->items[i];
        const bool other = i == from || by_process(it - 1, it);
        if (i == from || (by_name && ct_name_compare((it - 1)->thread->comm, it->thread->comm))) {
            f->slices[f->slices_cnt++] = (struct slice){.from = i};
            b->cnt++;
        }
        struct slice *s = &f->slices[f->slices_cnt - 1];
        s->cnt++;
        s->processes += other || !s->processes;
        s->life_ns += it->life_ns;
        b->processes += other;
        b->life_ns += it->life_ns;
    }
}

/* Nothing is folded: a block a process, a slice a thread. */
static void cut_plain(struct fold *f)
{
    for (size_t from = 0, to; from < f->items_cnt; from = to) {
        struct block *b = &f->blocks[f->blocks_cnt++];
        *b = (struct block){.from = f->slices_cnt, .processes = 1, .life_ns = f->items[from].rank};
        for (to = from; to < f->items_cnt && !by_process(&f->items[from], &f->items[to]); to++)
            f->slices[f->slices_cnt++] = (struct slice){.from = to, .cnt = 1, .processes = 1};
        b->cnt = b->threads = to - from;
    }
}

static void cut_folded(struct fold *f)
{
    for (size_t from = 0, to; from < f->items_cnt; from = to) {
        bool several = false;
        for (to = from + 1; to < f->items_cnt && !ct_name_compare(process_name(&f->items[from]),
                                                                  process_name(&f->items[to]));
             to++)
            several |= by_process(&f->items[to - 1], &f->items[to]) != 0;
        cut_block(f, from, to, !several);
        struct block *b = &f->blocks[f->blocks_cnt - 1];
        qsort(&f->slices[b->from], b->cnt, sizeof(*f->slices), compare_slices);
    }
}

/* ---- from slices to rows ---- */

static struct ct_text_row *add_row(struct ct_text_rows *out, enum ct_text_row_kind kind,
                                   const struct item *it)
{
    struct ct_text_row *row = &out->rows[out->cnt++];

    *row = (struct ct_text_row){
        .kind = kind, .thread = it->thread, .process = it->process, .totals = &it->thread->totals};
    if (kind == CT_TEXT_GROUP || kind == CT_TEXT_REST) {
        row->sum = calloc(1, sizeof(*row->sum));
        row->totals = row->sum;
        out->no_memory |= !row->sum;
    }
    return row;
}

static void add_items(const struct fold *f, struct ct_text_row *row, const struct slice *s)
{
    for (size_t i = s->from; i < s->from + s->cnt; i++) {
        if (row->sum)
            ct_totals_add(row->sum, &f->items[i].thread->totals);
        row->life_ns += f->items[i].life_ns;
    }
    row->threads_cnt += s->cnt;
    row->processes_cnt += s->processes;
}

static void add_slice(const struct fold *f, struct ct_text_rows *out, const struct slice *s,
                      bool indented, bool alone)
{
    const struct item *first = &f->items[s->from];
    bool same = true;
    struct ct_text_row *row = add_row(out, s->cnt > 1 ? CT_TEXT_GROUP : CT_TEXT_THREAD, first);

    add_items(f, row, s);
    row->indented = indented;
    row->alone = alone;
    for (size_t i = 1; i < s->cnt && same; i++)
        same = !strcmp(first->thread->comm, first[i].thread->comm);
    const char *name = s->processes > 1 ? process_name(first) : first->thread->comm;
    for (size_t i = 1; i < s->cnt && s->processes > 1 && same; i++)
        same = !strcmp(name, process_name(&first[i]));
    if (same)
        memcpy(row->comm, name, CT_COMM_LEN + 1);
    else
        ct_name_pattern(row->comm, name);
    out->folded |= s->cnt > 1;
}

/* Rows of one block, at most `most` (>= 1); what finds no room is one row. */
static void add_block(const struct fold *f, struct ct_text_rows *out, const struct block *b,
                      size_t most)
{
    const struct slice *s = &f->slices[b->from];
    const bool heading = b->processes == 1 && b->cnt > 1 && f->blocks_cnt > 1 && most > 2;
    struct ct_text_row *head = NULL;

    if (heading) {
        head = add_row(out, CT_TEXT_PROCESS, &f->items[s->from]);
        head->threads_cnt = b->threads;
        most--;
    }
    const size_t shown = b->cnt <= most ? b->cnt : most - 1;
    for (size_t i = 0; i < shown; i++)
        add_slice(f, out, &s[i], heading, b->processes == 1 && b->threads == 1);
    if (shown == b->cnt)
        return;
    struct ct_text_row *rest = add_row(out, CT_TEXT_REST, &f->items[s[shown].from]);
    rest->indented = heading;
    rest->alone = most == 1; /* the whole process */
    for (size_t i = shown; i < b->cnt; i++)
        add_items(f, rest, &s[i]);
    rest->processes_cnt = b->processes;
    out->folded = true;
}

/* All blocks that found no room, as one row. */
static void add_rest(const struct fold *f, struct ct_text_rows *out, const struct block *b,
                     size_t cnt)
{
    struct ct_text_row *rest = add_row(out, CT_TEXT_REST, &f->items[f->slices[b->from].from]);

    for (size_t i = 0; i < cnt; i++) {
        for (size_t j = 0; j < b[i].cnt; j++)
            add_items(f, rest, &f->slices[b[i].from + j]);
    }
    rest->processes_cnt = 0;
    for (size_t i = 0; i < cnt; i++)
        rest->processes_cnt += b[i].processes;
    out->folded = true;
}

static size_t rows_of(const struct fold *f, const struct block *b)
{
    return b->cnt + (b->cnt > 1 && b->processes == 1 && f->blocks_cnt > 1);
}

static int make_rows(const struct fold *f, struct ct_text_rows *out, size_t most)
{
    size_t wanted = 0;

    for (size_t i = 0; i < f->blocks_cnt; i++)
        wanted += rows_of(f, &f->blocks[i]);
    if (!most || wanted < most)
        most = wanted;
    out->rows = calloc(most + 1, sizeof(*out->rows));
    if (!out->rows)
        return -ENOMEM;
    for (size_t i = 0; i < f->blocks_cnt; i++) {
        const size_t room = most - out->cnt, later = f->blocks_cnt - i - 1;
        if (room == 1 && later) {
            add_rest(f, out, &f->blocks[i], later + 1);
            return out->no_memory ? -ENOMEM : 0;
        }
        /* a crowd leaves room for the others, but for those only that can have some */
        const size_t least = later < 3 ? later : 3;
        add_block(f, out, &f->blocks[i], room > least + 1 ? room - least : 1);
    }
    return out->no_memory ? -ENOMEM : 0;
}

/* ---- in ---- */

static void take_items(struct fold *f)
{
    const struct ct_result *r = f->r;
    for (size_t i = 0; i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        const uint64_t life = t->end_ns > t->start_ns ? t->end_ns - t->start_ns : 0;
        f->items[f->items_cnt++] = (struct item){
            .thread = t,
            .process = t->process < r->processes_cnt ? &r->processes[t->process] : NULL,
            .life_ns = life,
            .rank =
                (life >= r->wall_ns / 2) + (life >= r->wall_ns / 4) + (life >= r->wall_ns / 16)};
    }
    qsort(f->items, f->items_cnt, sizeof(*f->items), compare_process_rank);
}

void ct_text_rows_fini(struct ct_text_rows *rows)
{
    for (size_t i = 0; i < rows->cnt; i++)
        free(rows->rows[i].sum);
    free(rows->rows);
    *rows = (struct ct_text_rows){0};
}

int ct_text_rows_init(struct ct_text_rows *out, const struct ct_result *r, size_t most)
{
    const size_t n = r->threads_cnt + 1;
    struct fold f = {.r = r,
                     .items = calloc(n, sizeof(*f.items)),
                     .slices = calloc(n, sizeof(*f.slices)),
                     .blocks = calloc(n, sizeof(*f.blocks))};
    size_t wanted = 0;
    int err = -ENOMEM;

    *out = (struct ct_text_rows){0};
    if (!f.items || !f.slices || !f.blocks)
        goto out;
    take_items(&f);
    cut_plain(&f);
    for (size_t i = 0; i < f.blocks_cnt; i++)
        wanted += rows_of(&f, &f.blocks[i]);
    if (most && wanted > most) {
        most -= most / 6; /* the rows left are small ones, and a note is due */
        f.slices_cnt = f.blocks_cnt = 0;
        qsort(f.items, f.items_cnt, sizeof(*f.items), compare_likeness);
        cut_folded(&f);
    }
    qsort(f.blocks, f.blocks_cnt, sizeof(*f.blocks), compare_blocks);
    err = make_rows(&f, out, most);
out:
    free(f.items);
    free(f.slices);
    free(f.blocks);
    if (err)
        ct_text_rows_fini(out);
    return err;
}
