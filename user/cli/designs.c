/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Labels are what tells designs apart: the values of -L, or the words that no other command
 * line has.
 */
#include "user/cli/designs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/log.h"

#define LISTS_MOST CT_OPTIONS_LISTS_MAX

/* One value of each list. */
struct choice {
    const struct ct_options *o;
    char *values[LISTS_MOST]; /* NULL: the line does not hold it */
};

static int no_memory(void)
{
    ct_say("%s", strerror(ENOMEM));
    return -ENOMEM;
}

/* ---- lists ---- */

/* The value that begins at *at, up to a comma (`\,` is one that parts nothing); moves *at past it.
 */
static char *take_value(const char **at)
{
    char *value = malloc(strlen(*at) + 1), *to = value;

    if (!value)
        return NULL;
    for (; **at && **at != ','; ++*at) {
        if (**at == '\\' && (*at)[1] == ',')
            ++*at;
        *to++ = **at;
    }
    *to = '\0';
    *at = **at ? *at + 1 : NULL;
    return value;
}

/* Where {NAME} stands in text; NULL: nowhere. */
static const char *find_name(const char *text, const char *name)
{
    const size_t len = strlen(name);

    for (; (text = strchr(text, '{')); text++)
        if (!strncmp(text + 1, name, len) && text[1 + len] == '}')
            return text;
    return NULL;
}

/* ---- one design ---- */

/* The line with its values in the places of their names: what a value brings is not looked at. */
static char *filled_in(const char *line, const struct choice *choice)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    while (*line) {
        size_t took = 1;
        for (size_t i = 0; i < choice->o->lists_cnt; i++) {
            const char *name = choice->o->lists[i].name;
            if (choice->values[i] && find_name(line, name) == line) {
                fputs(choice->values[i], f);
                took = strlen(name) + 2;
                break;
            }
        }
        if (took == 1)
            fputc(*line, f);
        line += took;
    }
    if (!fclose(f))
        return text;
    free(text);
    return NULL;
}

/* "mode=threads tasks=4"; of a single list the value alone; empty: lines must tell. NULL: no
 * memory.
 */
static char *label_of(const struct choice *choice)
{
    size_t cnt = 0, size = 0;
    char *text = NULL;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    for (size_t i = 0; i < choice->o->lists_cnt; i++)
        cnt += choice->values[i] != NULL;
    for (size_t i = 0; i < choice->o->lists_cnt; i++) {
        if (!choice->values[i] || choice->o->command[1])
            continue;
        fputs(ftell(f) > 0 ? " " : "", f);
        if (cnt > 1)
            fprintf(f, "%s=", choice->o->lists[i].name);
        fputs(choice->values[i], f);
    }
    if (!fclose(f))
        return text;
    free(text);
    return NULL;
}

static int add(struct ct_comparison *c, const char *line, const struct choice *choice)
{
    if (c->designs_cnt == CT_DESIGNS_MAX) {
        ct_say("that makes more than %d designs to compare", CT_DESIGNS_MAX);
        return -EINVAL;
    }
    struct ct_design d = {.command = filled_in(line, choice), .label = label_of(choice)};
    if (!d.command || !d.label) {
        ct_design_fini(&d);
        return no_memory();
    }
    c->designs[c->designs_cnt++] = d;
    return 0;
}

/* All values of the lists from `list` on. */
static int combine(struct ct_comparison *c, const char *line, struct choice *choice, size_t list)
{
    if (list == choice->o->lists_cnt)
        return add(c, line, choice);
    if (!find_name(line, choice->o->lists[list].name))
        return combine(c, line, choice, list + 1);
    const char *at = choice->o->lists[list].values;
    int err = 0;
    while (at && !err) {
        choice->values[list] = take_value(&at);
        err = choice->values[list] ? combine(c, line, choice, list + 1) : no_memory();
        free(choice->values[list]);
        choice->values[list] = NULL;
    }
    return err;
}

/* ---- labels ---- */

/* Whether the word is one of the line's. */
static bool has_word(const char *line, const char *word, size_t len)
{
    while (*(line += strspn(line, " "))) {
        const size_t other = strcspn(line, " ");
        if (other == len && !memcmp(line, word, len))
            return true;
        line += other;
    }
    return false;
}

/* Lines beside this design's that have the word. */
static size_t others_with(const struct ct_comparison *c, size_t design, const char *word,
                          size_t len)
{
    size_t cnt = 0;

    for (size_t i = 0; i < c->designs_cnt; i++)
        cnt += i != design && has_word(c->designs[i].command, word, len);
    return cnt;
}

/* The words of the design's line that at most `others` have, into label. Returns their length. */
static size_t pick_words(const struct ct_comparison *c, size_t design, size_t others, char *label)
{
    const char *at = c->designs[design].command;
    size_t cnt = 0;

    while (*(at += strspn(at, " "))) {
        const size_t len = strcspn(at, " ");
        if (others_with(c, design, at, len) <= others) {
            if (cnt)
                label[cnt++] = ' ';
            memcpy(label + cnt, at, len);
            cnt += len;
        }
        at += len;
    }
    label[cnt] = '\0';
    return cnt;
}

/* The words that no other line has, or that not all have; all, if there are none. NULL: no memory.
 */
static char *words_of_its_own(const struct ct_comparison *c, size_t design)
{
    const size_t size = strlen(c->designs[design].command) + 1;
    char *label = malloc(size);

    if (!label || pick_words(c, design, 0, label) ||
        (c->designs_cnt > 1 && pick_words(c, design, c->designs_cnt - 2, label)))
        return label;
    memcpy(label, c->designs[design].command, size);
    return label;
}

static bool is_taken(const struct ct_comparison *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(c->designs[k].label, c->designs[i].label))
            return true;
    return false;
}

/* "true", "true (2)" */
static int part_labels(struct ct_comparison *c, size_t i)
{
    char *plain = c->designs[i].label;

    for (unsigned n = 2; is_taken(c, i); n++) {
        char *label = NULL;
        if (asprintf(&label, "%s (%u)", plain, n) < 0)
            label = NULL;
        if (c->designs[i].label != plain)
            free(c->designs[i].label);
        c->designs[i].label = label ? label : plain;
        if (!label)
            return no_memory();
    }
    if (c->designs[i].label != plain)
        free(plain);
    return 0;
}

int ct_designs_part(struct ct_comparison *c)
{
    int err = 0;

    for (size_t i = 0; i < c->designs_cnt && !err; i++)
        err = part_labels(c, i);
    return err;
}

static int label_all(struct ct_comparison *c)
{
    for (size_t i = 0; i < c->designs_cnt; i++) {
        struct ct_design *d = &c->designs[i];
        if (!*d->label) {
            free(d->label);
            d->label = words_of_its_own(c, i);
            if (!d->label)
                return no_memory();
        }
    }
    return ct_designs_part(c);
}

/* A list that no command line asks for is a slip of the pen. */
static int check_lists(const struct ct_options *o)
{
    for (size_t i = 0; i < o->lists_cnt; i++) {
        bool used = false;
        for (char **line = o->command; *line; line++)
            used |= find_name(*line, o->lists[i].name) != NULL;
        if (!used) {
            ct_say("-L %s: no command line holds {%s}", o->lists[i].name, o->lists[i].name);
            return -EINVAL;
        }
    }
    return 0;
}

int ct_designs_make(struct ct_comparison *c, const struct ct_options *o)
{
    struct choice choice = {.o = o};
    int err = check_lists(o);

    if (err)
        return err;
    c->designs_cnt = 0;
    c->designs = calloc(CT_DESIGNS_MAX, sizeof(*c->designs));
    if (!c->designs)
        return no_memory();
    for (char **line = o->command; *line && !err; line++)
        err = combine(c, *line, &choice, 0);
    return err ? err : label_all(c);
}
