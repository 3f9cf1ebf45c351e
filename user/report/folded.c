/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks in the form that flame graphs are drawn from: a line each, `comm;cause;frame;frame... ns`.
 * A semicolon in a name becomes a colon, as perf's own tools have it; what is not printable is
 * escaped as in the text report, so that a line is always one line.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "user/report/format.h"
#include "user/report/report.h"
#include "user/report/stack_tree.h"

static void put(FILE *out, const char *name, bool unicode)
{
    const char *end = name + strlen(name);
    struct ct_glyph g;

    while (name < end) {
        name = ct_glyph_next(name, end, unicode, &g);
        if (g.len == 1 && g.bytes[0] == ';')
            g.bytes[0] = ':';
        fwrite(g.bytes, 1, g.len, out);
    }
}

int ct_report_folded(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    errno = 0;
    for (size_t i = 0; i < r->stacks_cnt; i++) {
        const struct ct_stack *s = &r->stacks[i];
        put(out, s->process < r->processes_cnt ? r->processes[s->process].comm : "?",
            style->unicode);
        fprintf(out, ";%s", ct_state_word(s->state));
        for (const char *f = s->frames; f < s->frames + s->frames_len; f += strlen(f) + 1) {
            fputc(';', out);
            put(out, f, style->unicode);
        }
        fprintf(out, " %" PRIu64 "\n", s->ns);
    }
    return fflush(out) || ferror(out) ? (errno ? -errno : -EIO) : 0;
}
