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

static char *text_of(struct ct_found *f, const char *format, va_list args)
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

static void (*const analyses[])(struct ct_found *f) = {
    ct_find_good_overlap,
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

int ct_findings_run(struct ct_result *r)
{
    struct ct_found f = {.r = r};

    for (size_t i = 0; i < sizeof(analyses) / sizeof(analyses[0]); i++)
        analyses[i](&f);
    if (f.err) {
        ct_result_drop_findings(r);
        return f.err;
    }
    if (r->findings_cnt > 1)
        qsort(r->findings, r->findings_cnt, sizeof(*r->findings), order);
    return 0;
}
