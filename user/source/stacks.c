/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/source/stacks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX    32768 /* of one stack's names; what is deeper is left out */
#define FUTEXES_MAX 65536

/* ---- user frames ---- */

/* The word at a slot above the stack pointer, if it may be a return address; else 0. */
static uint64_t near_word(const struct ct_frames *f, uint64_t slot)
{
    for (uint32_t i = 0; i < f->near_cnt && i < CT_STACK_NEAR; i++)
        if (f->near[i] >> CT_STACK_SLOT_SHIFT == slot)
            return f->near[i] & ((1ULL << CT_STACK_SLOT_SHIFT) - 1);
    return 0;
}

/*
 * Frame pointers lead from the innermost function that has one to its caller's caller: whoever is
 * between the stack pointer and that frame is missing. The files' own tables (.eh_frame) tell how
 * large the frames there are, and so which of the words near the stack pointer return.
 */
size_t ct_stacks_unwind(struct ct_symbolizer *z, uint32_t tgid, uint64_t time_ns,
                        const struct ct_frames *f, uint64_t out[CT_FRAMES_MAX])
{
    const uint32_t cnt = f->cnt < CT_STACK_DEPTH ? f->cnt : CT_STACK_DEPTH;
    const uint64_t chain = cnt > 1 ? f->chain_at / 8 + 1 : UINT64_MAX; /* its first return's slot */
    uint64_t end = 0; /* of the frames so far, in bytes above the stack pointer */
    uint64_t slot = 0;
    size_t n = 0;

    if (!cnt)
        return 0;
    out[n++] = f->ip[0];
    while (n <= CT_STACK_NEAR) {
        const uint64_t at = out[n - 1] - (n > 1); /* a return address may be behind its function */
        const uint64_t bytes = ct_symbolizer_frame_bytes(z, tgid, time_ns, at);
        if (bytes < 8)
            break;
        end += bytes;
        slot = end / 8 - 1;
        const uint64_t word = slot == chain ? 0 : near_word(f, slot);
        if (!word || !ct_symbolizer_is_code(z, tgid, time_ns, word))
            break;
        out[n++] = word;
    }
    if (slot > chain && chain != UINT64_MAX) /* the register held something else than a frame */
        return n;
    for (uint32_t i = 1; i < cnt && ct_symbolizer_is_code(z, tgid, time_ns, f->ip[i]); i++)
        out[n++] = f->ip[i]; /* up to where a register held no frame pointer any more */
    return n;
}

/* ---- names ---- */

/* The outermost frame comes first. */
struct text {
    char bytes[TEXT_MAX];
    size_t len;
};

static void add_name(struct text *t, const char *name, const char *suffix)
{
    const size_t len = strlen(name), more = strlen(suffix);

    if (t->len + len + more + 1 > TEXT_MAX)
        return;
    memcpy(t->bytes + t->len, name, len);
    memcpy(t->bytes + t->len + len, suffix, more + 1);
    t->len += len + more + 1;
}

static void add_reason(struct text *t, uint64_t reason)
{
    if (reason == CT_STACK_NOT_TAKEN)
        add_name(t, "[stack not taken]", "");
    else if (reason == CT_STACK_NO_ROOM)
        add_name(t, "[no room for the stack]", "");
}

/* How a switch comes about is no news, and nor are we. */
static bool is_plumbing(const char *name)
{
    static const char *const begins[] = {
        "bpf_",          "__bpf_",        "__traceiter_", "__schedule",       "entry_SYSCALL",
        "do_syscall_64", "x64_sys_call",  "asm_sysvec_",  "sysvec_",          "irqentry_exit",
        "exit_to_user_", "syscall_exit_", "el0t_64_sync", "preempt_schedule", "asm_common_inter",
        "common_interr", "raw_irqentry_", "el0_",         "invoke_syscall",   "do_el0_svc"};

    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (!strncmp(name, begins[i], strlen(begins[i])))
            return true;
    return !strcmp(name, "schedule");
}

static void add_kernel(struct text *t, struct ct_symbolizer *z, const struct ct_frames *f)
{
    char name[CT_SYMBOL_NAME_LEN];

    for (uint32_t i = f->cnt < CT_STACK_DEPTH ? f->cnt : CT_STACK_DEPTH; i-- > 0;) {
        ct_symbolizer_kernel(z, f->ip[i], name);
        if (!is_plumbing(name))
            add_name(t, name, "_[k]");
    }
}

static void add_user(struct text *t, struct ct_symbolizer *z, const struct ct_stack_key *key,
                     uint64_t time_ns, const struct ct_frames *f)
{
    uint64_t frames[CT_FRAMES_MAX];
    char name[CT_SYMBOL_NAME_LEN];

    for (size_t i = ct_stacks_unwind(z, key->tgid, time_ns, f, frames); i-- > 0;) {
        ct_symbolizer_user(z, key->tgid, time_ns, frames[i], i > 0, name);
        add_name(t, name, "");
    }
}

static void write_text(struct text *t, struct ct_symbolizer *z, const struct ct_stack_key *key,
                       uint64_t time_ns, int frames_fd)
{
    struct ct_frames f;

    t->len = 0;
    if (!bpf_map_lookup_elem(frames_fd, &key->user, &f))
        add_user(t, z, key, time_ns, &f);
    else
        add_reason(t, key->user);
    if (!bpf_map_lookup_elem(frames_fd, &key->kernel, &f))
        add_kernel(t, z, &f);
    else if (key->user >= CT_STACK_REASONS && key->kernel == CT_STACK_NO_ROOM)
        add_reason(t, key->kernel);
    if (!t->len)
        add_name(t, "[unknown]", "");
}

int ct_stacks_emit(struct ct_symbolizer *z, int weights_fd, int frames_fd, ct_record_fn sink,
                   void *ctx)
{
    struct ct_rec_stack *rec = malloc(sizeof(*rec) + TEXT_MAX);
    struct text *text = malloc(sizeof(*text));
    struct ct_stack_key key, *from = NULL;
    int err = rec && text ? 0 : -ENOMEM;

    while (!err && !bpf_map_get_next_key(weights_fd, from, &key)) {
        struct ct_stack_weight w;
        from = &key;
        if (bpf_map_lookup_elem(weights_fd, &key, &w) || !w.cnt)
            continue;
        write_text(text, z, &key, w.first_ns, frames_fd);
        *rec = (struct ct_rec_stack){
            .head = {.time_ns = w.first_ns, .kind = CT_EV_STACK, .state = (__u8)key.state},
            .tgid = key.tgid,
            .text_len = (__u32)text->len,
            .cnt = w.cnt,
            .ns = w.ns,
            .max_ns = w.max_ns};
        memcpy(rec->text, text->bytes, text->len);
        sink(&rec->head, ctx);
    }
    free(text);
    free(rec);
    return err;
}

/* ---- futexes ---- */

static void add_futex(struct ct_futexes *f, const struct ct_rec_head *head,
                      const struct ct_row *row)
{
    if (f->cnt >= FUTEXES_MAX || row->key == CT_KEY_REST)
        return;
    if (f->cnt == f->room) {
        const size_t more = f->room ? 2 * f->room : 64;
        struct ct_futex *bigger = realloc(f->all, more * sizeof(*bigger));
        if (!bigger)
            return;
        f->all = bigger;
        f->room = more;
    }
    if (ct_map_index(&f->known, f->last_tgid, row->key, f->cnt) == f->cnt)
        f->all[f->cnt++] = (struct ct_futex){.time_ns = head->time_ns,
                                             .key = row->key,
                                             .address = row->note[1],
                                             .id = head->id,
                                             .tgid = f->last_tgid};
}

void ct_futexes_record(struct ct_futexes *f, const struct ct_rec_head *rec)
{
    if (rec->kind == CT_EV_TOTALS) { /* a thread's tables come behind its account */
        f->last_id = rec->id;
        f->last_tgid = ((const struct ct_rec_life *)rec)->tgid;
        return;
    }
    const struct ct_rec_rows *rows = (const struct ct_rec_rows *)rec;
    if (rec->kind != CT_EV_ROWS || rows->table != CT_TABLE_LOCKS)
        return;
    const struct ct_row *row = (const struct ct_row *)(rows + 1);
    for (uint32_t i = 0; rec->id == f->last_id && i < rows->cnt; i++)
        add_futex(f, rec, &row[i]);
}

void ct_futexes_emit(const struct ct_futexes *f, struct ct_symbolizer *z, ct_record_fn sink,
                     void *ctx)
{
    for (size_t i = 0; i < f->cnt; i++) {
        const struct ct_futex *x = &f->all[i];
        struct ct_rec_lock rec = {.head = {.time_ns = x->time_ns, .kind = CT_EV_LOCK, .id = x->id},
                                  .key = x->key};
        if (ct_symbolizer_data(z, x->tgid, x->time_ns, x->address, rec.symbol))
            sink(&rec.head, ctx);
    }
}

void ct_futexes_fini(struct ct_futexes *f)
{
    free(f->all);
    ct_map_fini(&f->known);
    *f = (struct ct_futexes){0};
}
