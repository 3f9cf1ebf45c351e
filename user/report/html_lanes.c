/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which intervals are short for the run is known only when all have been heard. So they are heard
 * twice: first it is counted what each scale of folding would leave, then they are packed.
 *
 * A mixture is closed when it is as long as the scale, or when a long interval follows. So there
 * are at most as many of either as the lives have scales: the count falls as the scale grows.
 */
#include "user/report/html_lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/html_parts.h"

#define SCALE_FIRST_LOG2 10
#define SCALES           40
#define CALLS_MAX        2048
#define MIXTURE_CPUS     16

#define NEW_PLACE 0x20 /* the item names its CPU, or its system call */
#define NEW_OTHER 0x40 /* ... the other thread */
#define NEW_WAKE  0x80 /* ... how it was ended */

struct ct_html_mixture {
    struct ct_interval first; /* if it stays alone it is not folded */
    uint64_t end_ns;
    uint64_t cnt;
    uint64_t state_ns[CT_ST_COUNT];
    uint64_t cpu_ns[MIXTURE_CPUS];
    uint16_t cpus[MIXTURE_CPUS];
    unsigned cpus_cnt;
};

/* The thread's place in the result, from 1; 0: none. */
static size_t place_of(const struct ct_result *r, uint32_t id)
{
    size_t from = 0, to = r->threads_cnt;

    while (from < to) {
        const size_t mid = from + (to - from) / 2;
        if (r->threads[mid]->id < id)
            from = mid + 1;
        else
            to = mid;
    }
    return from < r->threads_cnt && r->threads[from]->id == id ? from + 1 : 0;
}

/* ---- bytes ---- */

static void put_byte(struct ct_html_lanes *l, struct ct_html_lane *lane, uint8_t byte)
{
    if (lane->len == lane->room) {
        const size_t room = lane->room ? lane->room * 2 : 64;
        uint8_t *more = realloc(lane->bytes, room);
        if (!more) {
            l->err = -ENOMEM;
            return;
        }
        lane->bytes = more;
        lane->room = room;
    }
    lane->bytes[lane->len++] = byte;
}

static void put_number(struct ct_html_lanes *l, struct ct_html_lane *lane, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        put_byte(l, lane, (uint8_t)(n | 0x80));
    put_byte(l, lane, (uint8_t)n);
}

/* ---- items ---- */

/* The place of a system call in the list of names, from 1; 0: none. */
static uint64_t call_place(struct ct_html_lanes *l, int32_t call)
{
    if (call < 0)
        return 0;
    for (size_t i = 0; i < l->calls_cnt; i++)
        if (l->calls[i] == (uint32_t)call)
            return i + 1;
    if (l->calls_cnt == CALLS_MAX)
        return 0;
    l->calls[l->calls_cnt++] = (uint32_t)call;
    return l->calls_cnt;
}

/* Whether an item has to say it, as it is not what the last one said. */
static bool news(uint64_t *last, uint64_t now)
{
    const bool is = *last != now;

    *last = now;
    return is;
}

static void put_item(struct ct_html_lanes *l, struct ct_html_lane *lane,
                     const struct ct_interval *i)
{
    const bool blocked = i->state >= CT_ST_BLOCKED, running = i->state == CT_ST_RUNNING;
    const bool preempted = i->state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED;
    const uint64_t other = blocked || preempted ? place_of(l->r, i->other_id) : 0;
    const uint64_t place = running ? i->cpu : blocked ? call_place(l, i->call) : 0;
    uint8_t head = i->state;

    if ((running && news(&lane->cpu, place)) || (blocked && news(&lane->call, place)))
        head |= NEW_PLACE;
    if ((blocked && news(&lane->other, other)) || (preempted && news(&lane->taker, other)))
        head |= NEW_OTHER;
    if (blocked && news(&lane->wake, i->wake))
        head |= NEW_WAKE;
    put_byte(l, lane, head);
    put_number(l, lane, i->end_ns - i->start_ns);
    if (head & NEW_PLACE)
        put_number(l, lane, place);
    if (head & NEW_OTHER)
        put_number(l, lane, other);
    if (head & NEW_WAKE)
        put_byte(l, lane, i->wake);
    lane->items++;
}

static void put_sums(struct ct_html_lanes *l, struct ct_html_lane *lane, const uint64_t *ns,
                     const uint16_t *names, unsigned cnt)
{
    unsigned some = 0;

    for (unsigned i = 0; i < cnt; i++)
        some += ns[i] > 0;
    put_number(l, lane, some);
    for (unsigned i = 0; i < cnt; i++) {
        if (!ns[i])
            continue;
        put_number(l, lane, names ? names[i] : i);
        put_number(l, lane, ns[i]);
    }
}

static void close_mixture(struct ct_html_lanes *l, struct ct_html_lane *lane)
{
    struct ct_html_mixture *m = lane->open;

    if (!m || !m->cnt)
        return;
    if (m->cnt == 1) {
        put_item(l, lane, &m->first);
    } else {
        put_byte(l, lane, CT_HTML_MIXTURE);
        put_number(l, lane, m->end_ns - m->first.start_ns);
        put_number(l, lane, m->cnt);
        put_sums(l, lane, m->state_ns, NULL, CT_ST_COUNT);
        put_sums(l, lane, m->cpu_ns, m->cpus, m->cpus_cnt);
        lane->items++;
    }
    *m = (struct ct_html_mixture){0};
}

/* Time on a CPU; what finds no room goes to the last one. */
static void add_cpu(struct ct_html_mixture *m, uint16_t cpu, uint64_t ns)
{
    unsigned i = 0;

    while (i < m->cpus_cnt && m->cpus[i] != cpu)
        i++;
    if (i == MIXTURE_CPUS)
        i--;
    if (i == m->cpus_cnt)
        m->cpus[m->cpus_cnt++] = cpu;
    m->cpu_ns[i] += ns;
}

static void fold(struct ct_html_lanes *l, struct ct_html_lane *lane, const struct ct_interval *i)
{
    const uint64_t ns = i->end_ns - i->start_ns;
    struct ct_html_mixture *m = lane->open;

    if (!m) {
        m = lane->open = calloc(1, sizeof(*m));
        if (!m) {
            l->err = -ENOMEM;
            return;
        }
    }
    if (!m->cnt++)
        m->first = *i;
    m->end_ns = i->end_ns;
    m->state_ns[i->state] += ns;
    if (i->state == CT_ST_RUNNING)
        add_cpu(m, i->cpu, ns);
    if (m->end_ns - m->first.start_ns >= l->fold_ns)
        close_mixture(l, lane);
}

static void pack(struct ct_html_lanes *l, struct ct_html_lane *lane, const struct ct_interval *i)
{
    if (i->end_ns - i->start_ns < l->fold_ns) {
        fold(l, lane, i);
    } else {
        close_mixture(l, lane);
        put_item(l, lane, i);
    }
    lane->at_ns = i->end_ns;
}

/* A ct_interval_fn. */
static void hear(const struct ct_interval *told, void *ctx)
{
    struct ct_html_lanes *l = ctx;
    const size_t place = place_of(l->r, told->id);
    struct ct_interval i = *told;

    if (!place || l->err || i.state >= CT_ST_COUNT)
        return;
    struct ct_html_lane *lane = &l->lanes[place - 1];
    const bool first = !lane->items && (!lane->open || !lane->open->cnt);
    if (first)
        lane->start_ns = lane->at_ns = i.start_ns;
    if (i.start_ns > lane->at_ns) /* nothing was told of what is between: never a guess */
        pack(l, lane,
             &(struct ct_interval){
                 .start_ns = lane->at_ns, .end_ns = i.start_ns, .id = i.id, .call = -1});
    i.start_ns = lane->at_ns;
    if (i.start_ns < i.end_ns)
        pack(l, lane, &i);
}

/* ---- which scale ---- */

struct survey {
    const struct ct_result *r;
    uint64_t (*open)[SCALES]; /* by thread: 1 + where its open mixture began; 0: none is */
    uint64_t items[SCALES];
    uint64_t intervals;
};

/* A ct_interval_fn. */
static void count(const struct ct_interval *i, void *ctx)
{
    struct survey *s = ctx;
    const size_t place = place_of(s->r, i->id);

    if (!place)
        return;
    s->intervals++;
    for (unsigned k = 0; k < SCALES; k++) {
        const uint64_t scale = 1ULL << (SCALE_FIRST_LOG2 + k);
        uint64_t *open = &s->open[place - 1][k];
        if (i->end_ns - i->start_ns >= scale) {
            s->items[k]++;
            *open = 0;
            continue;
        }
        if (!*open) {
            *open = i->start_ns + 1;
            s->items[k]++;
        }
        if (i->end_ns - (*open - 1) >= scale)
            *open = 0;
    }
}

static int choose_scale(struct ct_html_lanes *l, uint64_t most)
{
    struct survey s = {.r = l->r, .open = calloc(l->r->threads_cnt + 1, sizeof(*s.open))};
    unsigned k = 0;

    if (!s.open)
        return -ENOMEM;
    const int err = l->r->intervals->hear(l->r->intervals, count, &s);
    free(s.open);
    l->intervals = s.intervals;
    if (err || s.intervals <= most)
        return err;
    while (k < SCALES - 1 && s.items[k] > most)
        k++;
    l->fold_ns = 1ULL << (SCALE_FIRST_LOG2 + k);
    return 0;
}

/* ---- strips, for want of intervals ---- */

static void put_bin(struct ct_html_lanes *l, struct ct_html_lane *lane, const struct ct_strip *s,
                    unsigned bin)
{
    const uint8_t states[] = {CT_ST_RUNNING, CT_HTML_RUNNABLE, CT_HTML_BLOCKED};
    const uint8_t shares[] = {s->running[bin], s->runnable[bin], s->blocked[bin]};
    const uint64_t wall = l->r->wall_ns, from = wall / CT_STRIP_BINS * bin;
    const uint64_t to = bin + 1 < CT_STRIP_BINS ? wall / CT_STRIP_BINS * (bin + 1) : wall;
    uint64_t ns[3];

    for (unsigned i = 0; i < 3; i++)
        ns[i] = (to - from) / 255 * shares[i];
    put_byte(l, lane, CT_HTML_MIXTURE);
    put_number(l, lane, to - from);
    put_number(l, lane, 0);
    put_sums(l, lane, ns, (const uint16_t[]){states[0], states[1], states[2]}, 3);
    put_number(l, lane, 0);
    lane->items++;
}

static void take_strips(struct ct_html_lanes *l)
{
    l->coarse = true;
    for (size_t t = 0; t < l->r->threads_cnt; t++)
        for (unsigned bin = 0; l->r->threads[t]->strip && bin < CT_STRIP_BINS; bin++)
            put_bin(l, &l->lanes[t], l->r->threads[t]->strip, bin);
}

/* ---- all of it ---- */

int ct_html_lanes_init(struct ct_html_lanes *l, const struct ct_result *r, uint64_t most)
{
    *l = (struct ct_html_lanes){.r = r,
                                .lanes = calloc(r->threads_cnt + 1, sizeof(*l->lanes)),
                                .calls = calloc(CALLS_MAX, sizeof(*l->calls))};
    if (!l->lanes || !l->calls)
        return -ENOMEM;
    if (!r->intervals) {
        take_strips(l);
        return l->err;
    }
    int err = choose_scale(l, most);
    if (!err)
        err = r->intervals->hear(r->intervals, hear, l);
    for (size_t i = 0; i < r->threads_cnt; i++) {
        close_mixture(l, &l->lanes[i]);
        l->items += l->lanes[i].items;
    }
    return err ? err : l->err;
}

void ct_html_lanes_fini(struct ct_html_lanes *l)
{
    for (size_t i = 0; l->lanes && i < l->r->threads_cnt; i++) {
        free(l->lanes[i].bytes);
        free(l->lanes[i].open);
    }
    free(l->lanes);
    free(l->calls);
}

static void number_to_64(struct ct_base64 *b, uint64_t n)
{
    uint8_t bytes[10];
    size_t len = 0;

    for (; n >= 0x80; n >>= 7)
        bytes[len++] = (uint8_t)(n | 0x80);
    bytes[len++] = (uint8_t)n;
    ct_base64_put(b, bytes, len);
}

int ct_html_lanes_write(const struct ct_html_lanes *l, FILE *out)
{
    struct ct_base64 b = {.out = out};
    const int err = ct_html_put_about(l, out);

    if (err)
        return err;
    fputs("<script type=\"application/octet-stream\" class=\"lanes\">", out);
    for (size_t i = 0; i < l->r->threads_cnt; i++) {
        const struct ct_html_lane *lane = &l->lanes[i];
        number_to_64(&b, lane->items);
        number_to_64(&b, lane->start_ns);
        number_to_64(&b, lane->len);
        ct_base64_put(&b, lane->bytes, lane->len);
    }
    ct_base64_end(&b);
    fputs("</script>\n", out);
    return ferror(out) ? -EIO : 0;
}
