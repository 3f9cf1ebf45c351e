/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/json_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "user/report/utf8.h"

static void put(struct ct_json *j, const char *bytes, size_t len)
{
    if (j->err || !len)
        return;
    errno = 0; /* the error flag may outlive its errno, so it is taken at the write itself */
    /* glibc may count bytes as written that a line-buffered stream has just failed to write */
    if (fwrite(bytes, 1, len, j->out) != len || ferror(j->out))
        j->err = errno ? -errno : -EIO;
}

static void put_text(struct ct_json *j, const char *text)
{
    put(j, text, strlen(text));
}

static void misuse(struct ct_json *j)
{
    if (!j->err)
        j->err = -EINVAL;
}

static struct ct_json_level *innermost(struct ct_json *j)
{
    return j->depth ? &j->levels[j->depth - 1] : NULL;
}

static void new_line(struct ct_json *j)
{
    put_text(j, "\n");
    for (unsigned i = 0; i < j->depth; i++)
        put_text(j, "  ");
}

/* What comes before a member of the innermost container. */
static void separate(struct ct_json *j, struct ct_json_level *in)
{
    if (in->begun)
        put_text(j, in->lines ? "," : ", ");
    if (in->lines)
        new_line(j);
    in->begun = true;
}

/* Before any value. false: no value may stand here, and nothing is to be written. */
static bool value_begins(struct ct_json *j)
{
    struct ct_json_level *in = innermost(j);

    if (j->done || (in && in->object && !j->keyed))
        misuse(j);
    if (j->err)
        return false;
    if (in && !in->object)
        separate(j, in);
    j->keyed = false;
    j->done = !in; /* a container takes this back until it is closed */
    return true;
}

void ct_json_begin(struct ct_json *j, FILE *out)
{
    *j = (struct ct_json){.out = out};
}

int ct_json_end(struct ct_json *j)
{
    if (!j->done)
        misuse(j);
    put_text(j, "\n");
    errno = 0;
    if ((fflush(j->out) || ferror(j->out)) && !j->err)
        j->err = errno ? -errno : -EIO;
    return j->err;
}

static void container(struct ct_json *j, bool object, enum ct_json_layout layout)
{
    const struct ct_json_level *in = innermost(j);
    const bool lines = layout == CT_JSON_LINES && (!in || in->lines);

    if (j->depth == CT_JSON_DEPTH)
        misuse(j);
    if (!value_begins(j))
        return;
    put_text(j, object ? "{" : "[");
    j->done = false;
    j->levels[j->depth++] = (struct ct_json_level){.object = object, .lines = lines};
}

void ct_json_object(struct ct_json *j, enum ct_json_layout layout)
{
    container(j, true, layout);
}

void ct_json_array(struct ct_json *j, enum ct_json_layout layout)
{
    container(j, false, layout);
}

void ct_json_close(struct ct_json *j)
{
    if (!j->depth || j->keyed)
        misuse(j);
    if (j->err)
        return;
    const struct ct_json_level in = j->levels[--j->depth];
    if (in.lines && in.begun)
        new_line(j);
    put_text(j, in.object ? "}" : "]");
    j->done = !j->depth;
}

void ct_json_null(struct ct_json *j)
{
    if (value_begins(j))
        put_text(j, "null");
}

void ct_json_bool(struct ct_json *j, bool value)
{
    if (value_begins(j))
        put_text(j, value ? "true" : "false");
}

void ct_json_u64(struct ct_json *j, uint64_t value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, value);
    if (value_begins(j))
        put_text(j, digits);
}

void ct_json_i64(struct ct_json *j, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRId64, value);
    if (value_begins(j))
        put_text(j, digits);
}

void ct_json_double(struct ct_json *j, double value)
{
    char digits[32];

    if (!isfinite(value)) {
        ct_json_null(j);
        return;
    }
    /* main() sets the character set's locale alone, so the decimal point is a point */
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof(digits), "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    if (value_begins(j))
        put_text(j, digits);
}

/* ---- strings ---- */

/* The escape of the well-formed sequence at s; NULL: it may stand as it is. */
static const char *escape_of(const unsigned char *s, char buffer[8])
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, its letter */
    const unsigned control = s[0] == 0xc2 && s[1] < 0xa0 ? s[1] : s[0]; /* c2 80 .. c2 9f: C1 */

    for (size_t i = 0; i + 1 < sizeof(shorts); i += 2)
        if (s[0] == (unsigned char)shorts[i]) {
            snprintf(buffer, 8, "\\%c", shorts[i + 1]);
            return buffer;
        }
    if (ct_utf8_turns_text(s)) {
        snprintf(buffer, 8, "\\u%04x", 0x2000U | (s[1] & 3U) << 6 | (s[2] & 0x3fU));
        return buffer;
    }
    if (control >= 0x20 && control != 0x7f && control == s[0])
        return NULL;
    snprintf(buffer, 8, "\\u%04x", control);
    return buffer;
}

static void put_quoted(struct ct_json *j, const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t from = 0, at = 0; /* from: the first byte that is not written yet */

    put_text(j, "\"");
    while (at < len) {
        char buffer[8];
        bool whole;
        const size_t span = ct_utf8_span(s + at, len - at, &whole);
        const char *instead = whole ? escape_of(s + at, buffer) : CT_UTF8_INSTEAD;
        if (instead) {
            put(j, bytes + from, at - from);
            put_text(j, instead);
            from = at + span;
        }
        at += span;
    }
    put(j, bytes + from, len - from);
    put_text(j, "\"");
}

void ct_json_key(struct ct_json *j, const char *key)
{
    struct ct_json_level *in = innermost(j);

    if (!in || !in->object || j->keyed)
        misuse(j);
    if (j->err)
        return;
    separate(j, in);
    put_quoted(j, key, strlen(key));
    put_text(j, ": ");
    j->keyed = true;
}

void ct_json_bytes(struct ct_json *j, const char *bytes, size_t len)
{
    if (value_begins(j))
        put_quoted(j, bytes, len);
}

void ct_json_text(struct ct_json *j, const char *text)
{
    if (text)
        ct_json_bytes(j, text, strlen(text));
    else
        ct_json_null(j);
}
