/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/report/html_parts.h"

#include <errno.h>
#include <string.h>

#include "user/core/syscalls.h"
#include "user/report/json_parts.h"

/* ---- JSON in a page ---- */

/* A cookie_write_function_t. */
static ssize_t write_safe(void *cookie, const char *bytes, size_t len)
{
    FILE *out = cookie;

    for (size_t at = 0; at < len;) {
        const char *less = memchr(bytes + at, '<', len - at);
        const size_t plain = less ? (size_t)(less - bytes) - at : len - at;
        fwrite(bytes + at, 1, plain, out);
        if (less)
            fputs("\\u003c", out);
        at += plain + (less != NULL);
    }
    return ferror(out) ? 0 : (ssize_t)len;
}

int ct_html_put_json(FILE *out, const char *what, ct_html_write_fn write, void *ctx)
{
    FILE *safe = fopencookie(out, "w", (cookie_io_functions_t){.write = write_safe});

    if (!safe)
        return -ENOMEM;
    fprintf(out, "<script type=\"application/json\" class=\"%s\">", what);
    int err = write(ctx, safe);
    if (fclose(safe) && !err)
        err = -EIO;
    fputs("</script>\n", out);
    return err ? err : ferror(out) ? -EIO : 0;
}

static int write_about(void *ctx, FILE *out)
{
    const struct ct_html_lanes *l = ctx;
    char name[CT_SYSCALL_NAME_LEN];
    struct ct_json j;

    ct_json_begin(&j, out);
    ct_json_object(&j, CT_JSON_LINE);
    ct_json_put_bool(&j, "coarse", l->coarse);
    ct_json_put_u64(&j, "intervals", l->intervals);
    ct_json_put_u64(&j, "items", l->items);
    ct_json_put_u64(&j, "fold_ns", l->fold_ns);
    ct_json_key(&j, "calls");
    ct_json_array(&j, CT_JSON_LINE);
    for (size_t i = 0; i < l->calls_cnt; i++)
        ct_json_text(&j, ct_syscall_label(l->calls[i], name));
    ct_json_close(&j);
    ct_json_close(&j);
    return ct_json_end(&j);
}

int ct_html_put_about(const struct ct_html_lanes *l, FILE *out)
{
    return ct_html_put_json(out, "about", write_about, (void *)l);
}

/* ---- base64 ---- */

static void put_four(FILE *out, const uint8_t three[3], unsigned cnt)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint32_t bits = (uint32_t)three[0] << 16 | (uint32_t)three[1] << 8 | three[2];

    for (unsigned i = 0; i < 4; i++)
        putc(i <= cnt ? digits[bits >> (18 - 6 * i) & 63] : '=', out);
}

void ct_base64_put(struct ct_base64 *b, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        b->rest[b->rest_cnt++] = bytes[i];
        if (b->rest_cnt < 3)
            continue;
        put_four(b->out, b->rest, 3);
        b->rest_cnt = 0;
    }
}

void ct_base64_end(struct ct_base64 *b)
{
    for (unsigned i = b->rest_cnt; i < 3; i++)
        b->rest[i] = 0;
    if (b->rest_cnt)
        put_four(b->out, b->rest, b->rest_cnt);
    b->rest_cnt = 0;
}
