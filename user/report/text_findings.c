/* SPDX-License-Identifier: GPL-2.0-only */
/* What is worth knowing: each finding with what happens, what helps and what it rests on. */
#include <string.h>

#include "user/report/format.h"
#include "user/report/text_internal.h"
#include "user/report/text_say.h"

const char *ct_text_lead(const struct ct_result *r)
{
    return r->findings_cnt && r->findings[0].warning ? r->findings[0].title : NULL;
}

/* Good news only where there is nothing else. */
static size_t worth_telling(const struct ct_page *p)
{
    const struct ct_result *r = p->r;
    size_t warnings = 0;

    while (warnings < r->findings_cnt && r->findings[warnings].warning)
        warnings++;
    return warnings && !p->style->verbose ? warnings : r->findings_cnt;
}

/* Whose it is, where there are several to choose from. */
static void say_whom(struct ct_sentence *s, const struct ct_result *r, const struct ct_finding *f)
{
    for (size_t i = 0; f->tid && i < r->threads_cnt; i++) {
        const struct ct_thread *t = r->threads[i];
        if (t->tid != f->tid || (f->tgid && t->tgid != f->tgid))
            continue;
        ct_tell(s, " (%s %u)", t->comm, t->tid);
        return;
    }
    for (size_t i = 0; f->tgid && r->processes_cnt > 1 && i < r->processes_cnt; i++) {
        if (r->processes[i].tgid != f->tgid)
            continue;
        ct_tell(s, " (%s %u)", r->processes[i].comm, f->tgid);
        return;
    }
}

/* Where a key's unit begins; its end if it has none. */
static size_t stem_len(const char *key)
{
    static const char *const units[] = {"_ns", "_cnt", "_ratio"};
    const size_t len = strlen(key);

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const size_t unit = strlen(units[i]);
        if (len > unit && !strcmp(key + len - unit, units[i]))
            return len - unit;
    }
    return len;
}

/* The key in words: what it counts only where another one is called the same but for that. */
static void say_key(struct ct_sentence *s, const struct ct_finding *f, size_t which)
{
    const char *key = f->evidence[which].key;
    const size_t stem = stem_len(key);
    bool twice = false;

    for (size_t i = 0; i < which; i++)
        twice |= stem_len(f->evidence[i].key) == stem && !strncmp(f->evidence[i].key, key, stem);
    for (size_t i = 0; i < stem; i++)
        ct_tell(s, "%c", key[i] == '_' ? ' ' : key[i]);
    if (twice && key[stem])
        ct_tell(s, " %s", key[stem + 1] == 'n' ? "time" : key[stem + 1] == 'c' ? "count" : "ratio");
}

static bool is_time(const char *key)
{
    const size_t len = strlen(key);

    return len > 3 && !strcmp(key + len - 3, "_ns");
}

#define TEXT_COLUMNS 48 /* what a text of 64 bytes may take, once escaped */

static void say_text(struct ct_sentence *s, const struct ct_page *p, const struct ct_evidence *e)
{
    const size_t len = strnlen(e->text, sizeof(e->text));
    size_t fits = len;

    while (fits && ct_page_columns(p, e->text, fits) > TEXT_COLUMNS)
        fits--;
    ct_tell(s, " %.*s%s", (int)fits, e->text, fits < len ? ".." : "");
}

static void say_evidence(struct ct_sentence *s, const struct ct_page *p, const struct ct_finding *f,
                         size_t which)
{
    const struct ct_evidence *e = &f->evidence[which];
    char number[CT_NUMBER_LEN];

    say_key(s, f, which);
    if (e->kind == CT_EVIDENCE_TEXT) {
        say_text(s, p, e);
        return;
    }
    if (e->kind == CT_EVIDENCE_RATIO)
        ct_format_number(number, e->ratio, 2);
    else if (is_time(e->key))
        ct_format_ns(number, e->number);
    else
        ct_format_count(number, e->number);
    ct_tell(s, " %s", number);
}

#define INDENT 4

static void put_finding(struct ct_page *p, const struct ct_finding *f, bool led, bool explain)
{
#define X(upper, id) id,
    static const char *const ids[] = {CT_FINDINGS(X)};
#undef X
    struct ct_sentence s = {0};

    ct_page_to(p, 2);
    ct_page_ink(p, f->warning ? CT_INK_STRONG : CT_INK_PLAIN);
    ct_tell(&s, "%s", ids[f->id]);
    say_whom(&s, p->r, f);
    ct_tell(&s, ":");
    ct_page_flow(p, s.text, INDENT);
    ct_page_ink(p, CT_INK_PLAIN);
    if (!led)
        ct_page_flow(p, f->title, INDENT);
    if (explain)
        ct_page_flow(p, f->explanation, INDENT);
    ct_page_newline(p);
    if (f->advice) {
        ct_page_to(p, INDENT);
        ct_page_flow(p, "What helps:", INDENT);
        ct_page_flow(p, f->advice, INDENT);
        ct_page_newline(p);
    }
    s = (struct ct_sentence){0};
    for (size_t i = 0; i < f->evidence_cnt; i++) {
        ct_tell(&s, i ? ", " : "Evidence: ");
        say_evidence(&s, p, f, i);
    }
    ct_page_to(p, INDENT);
    ct_page_ink(p, CT_INK_FAINT);
    ct_page_flow(p, s.text, INDENT);
    ct_page_ink(p, CT_INK_PLAIN);
    ct_page_newline(p);
}

void ct_text_findings(struct ct_page *p, const struct ct_text_plan *plan)
{
    const size_t worth = worth_telling(p);
    const size_t shown = worth < plan->findings ? worth : plan->findings;

    if (!shown)
        return;
    ct_page_ink(p, CT_INK_STRONG);
    ct_page_put(p, "findings");
    ct_page_ink(p, CT_INK_PLAIN);
    if (shown < p->r->findings_cnt) {
        struct ct_sentence s = {0};
        ct_tell(&s, "%zu of %zu; -v shows all", shown, p->r->findings_cnt);
        ct_page_to(p, p->col + 2);
        ct_page_put(p, s.text);
    }
    ct_page_newline(p);
    for (size_t i = 0; i < shown; i++)
        put_finding(p, &p->r->findings[i], !i && ct_text_lead(p->r), i < plan->explained);
}
