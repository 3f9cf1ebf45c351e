/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HTML report: one file that holds everything and asks nobody for anything. The page is the
 * same for every run (user/report/html/, put together when conctrace is built); a run adds its
 * JSON report and its lanes, as data that no browser takes for markup or script. The page's
 * policy lets only its own script and style take effect, by their hashes.
 */
#include <errno.h>

#include "html_page.h"
#include "user/report/compare.h"
#include "user/report/html_parts.h"
#include "user/report/report.h"

static int put_page(const unsigned char *bytes, size_t len, FILE *out)
{
    return fwrite(bytes, 1, len, out) == len ? 0 : -EIO;
}

static int put_lanes(const struct ct_result *r, uint64_t most, FILE *out)
{
    struct ct_html_lanes lanes;
    int err = ct_html_lanes_init(&lanes, r, most);

    if (!err)
        err = ct_html_lanes_write(&lanes, out);
    ct_html_lanes_fini(&lanes);
    return err;
}

static int write_report(void *ctx, FILE *out)
{
    return ct_report_json(ctx, &(struct ct_report_style){0}, out);
}

static int write_comparison(void *ctx, FILE *out)
{
    return ct_compare_json(ctx, &(struct ct_report_style){0}, out);
}

static int finish(int err, FILE *out)
{
    if (!err)
        err = put_page(ct_html_after, sizeof(ct_html_after), out);
    errno = 0;
    if (fflush(out) || ferror(out))
        return err ? err : errno ? -errno : -EIO;
    return err;
}

int ct_report_html(const struct ct_result *r, const struct ct_report_style *style, FILE *out)
{
    int err = put_page(ct_html_before, sizeof(ct_html_before), out);

    (void)style;
    if (!err)
        err = ct_html_put_json(out, "report", write_report, (void *)r);
    if (!err)
        err = put_lanes(r, CT_HTML_ITEMS_MAX, out);
    return finish(err, out);
}

int ct_compare_html(const struct ct_comparison *c, const struct ct_report_style *style, FILE *out)
{
    int err = put_page(ct_html_before, sizeof(ct_html_before), out);

    (void)style;
    if (!err)
        err = ct_html_put_json(out, "comparison", write_comparison, (void *)c);
    for (size_t i = 0; i < c->designs_cnt && !err; i++) {
        const struct ct_result *r = ct_comparison_median(c, i);
        if (r)
            err = put_lanes(r, CT_HTML_ITEMS_MAX / c->designs_cnt, out);
    }
    return finish(err, out);
}
