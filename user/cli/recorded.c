/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/recorded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user/base/log.h"
#include "user/cli/designs.h"
#include "user/cli/exits.h"
#include "user/cli/outputs.h"
#include "user/source/recording.h"

/* A file that is none, or cannot be looked into, is taken for a command line. */
static bool is_recording(const char *path)
{
    struct stat st;

    if (stat(path, &st) || !S_ISREG(st.st_mode)) /* opening a FIFO would wait */
        return false;
    FILE *f = fopen(path, "re");
    const bool is = f && ct_replay_recognizes(f);
    if (f)
        fclose(f);
    return is;
}

size_t ct_recorded_count(const struct ct_options *o)
{
    size_t cnt = 0;

    for (char **word = o->command; *word; word++)
        cnt += is_recording(*word);
    return cnt;
}

static int no_memory(void)
{
    ct_say("%s", strerror(ENOMEM));
    return CT_EXIT_FAILED;
}

/* Its words with blanks between them; NULL: no memory. */
static char *line_of(char *const *command)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    for (char *const *word = command; word && *word; word++)
        fprintf(f, "%s%s", word == command ? "" : " ", *word);
    if (!fclose(f))
        return text;
    free(text);
    return NULL;
}

int ct_recorded_keep(struct ct_recorded *to, const struct ct_options *o, FILE *in,
                     struct ct_result *r)
{
    struct ct_replay_intervals **more =
        realloc(to->all, (to->cnt + 1) * sizeof(struct ct_replay_intervals *));
    struct ct_replay_intervals *one = calloc(1, sizeof(*one));

    if (more)
        to->all = more;
    if (!more || !one) {
        free(one);
        fclose(in);
        return no_memory();
    }
    ct_replay_intervals(one, o, in, r);
    to->all[to->cnt++] = one;
    return 0;
}

void ct_recorded_close(struct ct_recorded *to)
{
    while (to->cnt) {
        struct ct_replay_intervals *one = to->all[--to->cnt];
        fclose(one->in);
        free(one);
    }
    free(to->all);
    to->all = NULL;
}

static int keep_again(struct ct_recorded *to, const struct ct_options *o, const char *path,
                      struct ct_result *r)
{
    FILE *in = fopen(path, "re");

    if (in)
        return ct_recorded_keep(to, o, in, r);
    ct_say("cannot read %s again: %s", path, strerror(errno));
    return CT_EXIT_FAILED;
}

static int load_one(struct ct_design *d, struct ct_recorded *to, const struct ct_options *o,
                    const char *path)
{
    const char *slash = strrchr(path, '/');
    int status = ct_replay_load(o, path, &d->samples[0].result);

    if (status)
        return status;
    d->samples_cnt = 1;
    if (ct_outputs_want_intervals(o))
        status = keep_again(to, o, path, d->samples[0].result);
    if (status)
        return status;
    d->command = line_of(d->samples[0].result->command);
    d->label = strdup(slash && slash[1] ? slash + 1 : path);
    return d->command && d->label ? 0 : no_memory();
}

int ct_recorded_load(struct ct_comparison *c, struct ct_recorded *to, const struct ct_options *o)
{
    int status = 0;

    c->recorded = true;
    c->runs_wanted = 1;
    c->designs = calloc(CT_DESIGNS_MAX, sizeof(*c->designs));
    if (!c->designs)
        return no_memory();
    for (char **path = o->command; *path && !status; path++) {
        if (c->designs_cnt == CT_DESIGNS_MAX) {
            ct_say("that makes more than %d recordings to compare", CT_DESIGNS_MAX);
            return CT_EXIT_USAGE;
        }
        struct ct_design *d = &c->designs[c->designs_cnt++];
        d->samples = calloc(1, sizeof(*d->samples));
        status = d->samples ? load_one(d, to, o, *path) : no_memory();
    }
    if (!status && ct_designs_part(c))
        status = CT_EXIT_FAILED;
    return status;
}
