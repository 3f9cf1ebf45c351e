/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/analysis/findings_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ct_finding *ct_found_add(struct ct_found *f, enum ct_finding_id id)
{
    struct ct_result *r = f->r;

    if (f->err)
        return NULL;
    if (r->findings_cnt == f->room) {
        const size_t more = f->room ? 2 * f->room : 8;
        struct ct_finding *bigger = realloc(r->findings, more * sizeof(*bigger));
        if (!bigger) {
            f->err = -ENOMEM;
            return NULL;
        }
        r->findings = bigger;
        f->room = more;
    }
    struct ct_finding *fresh = &r->findings[r->findings_cnt++];
    *fresh = (struct ct_finding){.id = id};
    return fresh;
}

__attribute__((format(printf, 2, 0))) static char *text_of(struct ct_found *f, const char *format,
                                                           va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) >= 0)
        return text;
    f->err = -ENOMEM;
    return NULL;
}

#define DEFINE_TEXT(function, member)                                                              \
    void function(struct ct_found *f, struct ct_finding *to, const char *format, ...)              \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        free(to->member);                                                                          \
        to->member = text_of(f, format, args);                                                     \
        va_end(args);                                                                              \
    }
DEFINE_TEXT(ct_found_title, title)
DEFINE_TEXT(ct_found_explain, explanation)
DEFINE_TEXT(ct_found_advise, advice)

static struct ct_evidence *fresh_evidence(struct ct_finding *to, const char *key,
                                          enum ct_evidence_kind kind)
{
    if (to->evidence_cnt == CT_EVIDENCE_MAX) /* the last one gives way */
        to->evidence_cnt--;
    struct ct_evidence *e = &to->evidence[to->evidence_cnt++];
    *e = (struct ct_evidence){.key = key, .kind = kind};
    return e;
}

void ct_found_number(struct ct_finding *to, const char *key, uint64_t number)
{
    fresh_evidence(to, key, CT_EVIDENCE_NUMBER)->number = number;
}

void ct_found_ratio(struct ct_finding *to, const char *key, double ratio)
{
    fresh_evidence(to, key, CT_EVIDENCE_RATIO)->ratio = ratio;
}

void ct_found_text(struct ct_finding *to, const char *key, const char *text)
{
    struct ct_evidence *e = fresh_evidence(to, key, CT_EVIDENCE_TEXT);
    snprintf(e->text, sizeof(e->text), "%s", text);
}

const char *ct_span(uint64_t ns, char buf[CT_SPAN_LEN])
{
    static const struct {
        double ns;
        const char *unit;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
    size_t u = 0;

    while (u < 3 && (double)ns < units[u].ns * 0.9995)
        u++;
    const double value = (double)ns / units[u].ns;
    const int decimals = u == 3 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(buf, CT_SPAN_LEN, "%.*f %s", decimals, value, units[u].unit);
    return buf;
}

double ct_percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

uint64_t ct_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t ct_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t ct_less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* Whatever rests on the others comes last. */
static void (*const analyses[])(struct ct_found *f) = {
    ct_find_serialized,    ct_find_contention,   ct_find_oversubscribed, ct_find_sequential_io,
    ct_find_blocked_loops, ct_find_idle_cpus,    ct_find_imbalance,      ct_find_spawn_overhead,
    ct_find_busy_wait,     ct_find_interference, ct_find_good_overlap,
};

/* Equal ones by what names them, so that the order never depends on the sort. */
static int order(const void *a, const void *b)
{
    const struct ct_finding *x = a, *y = b;

    if (x->warning != y->warning)
        return x->warning ? -1 : 1;
    if (x->weight_ns != y->weight_ns)
        return x->weight_ns > y->weight_ns ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    if (x->tgid != y->tgid)
        return x->tgid < y->tgid ? -1 : 1;
    return x->tid < y->tid ? -1 : x->tid > y->tid;
}

/* The same thing about many processes is told of the worst few. */
#define SAME_MAX 5

static void keep_few(struct ct_result *r)
{
    size_t told[CT_FINDING_COUNT] = {0};
    size_t kept = 0;

    for (size_t i = 0; i < r->findings_cnt; i++) {
        struct ct_finding *one = &r->findings[i];
        if (told[one->id]++ < SAME_MAX) {
            r->findings[kept++] = *one;
            continue;
        }
        free(one->title);
        free(one->explanation);
        free(one->advice);
    }
    r->findings_cnt = kept;
}

int ct_findings_run(struct ct_result *r)
{
    struct ct_found f = {.r = r};

    f.err = ct_found_index(&f);
    for (size_t i = 0; i < sizeof(analyses) / sizeof(analyses[0]); i++)
        if (!f.err)
            analyses[i](&f);
    free(f.by_process);
    free(f.first);
    if (f.err) {
        ct_result_drop_findings(r);
        return f.err;
    }
    if (r->findings_cnt > 1)
        qsort(r->findings, r->findings_cnt, sizeof(*r->findings), order);
    keep_few(r);
    return 0;
}
