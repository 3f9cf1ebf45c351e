/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/cli/screen.h"

/* Two of them in one place would write over one another. */
static int check_places(const struct ct_outputs *out)
{
    const struct ct_output *const all[] = {&out->text, &out->json,     &out->csv,   &out->folded,
                                           &out->html, &out->perfetto, &out->record};
    const size_t cnt = sizeof(all) / sizeof(all[0]);

    for (size_t i = 0; i < cnt; i++) {
        for (size_t k = i + 1; k < cnt; k++) {
            if (!ct_output_same(all[i], all[k]))
                continue;
            ct_say("the %s and the %s both go to %s", all[i]->what, all[k]->what, all[k]->name);
            return CT_EXIT_USAGE;
        }
    }
    return 0;
}

bool ct_outputs_want_intervals(const struct ct_options *o)
{
    return o->html_file || o->perfetto_file;
}

/* A recording that is only for our own use needs no name. */
static int open_record(struct ct_output *out, const struct ct_options *o,
                       const struct ct_identity *invoker)
{
    const char *const what = "recording";
    struct stat st;

    if (!o->record_file && o->verb == CT_VERB_RUN && ct_outputs_want_intervals(o))
        return ct_output_temporary(out, what);
    if (!o->record_file)
        return 0;
    const int err = ct_output_open(out, what, NULL, o->record_file, invoker);
    if (err || !ct_outputs_want_intervals(o))
        return err;
    if (!fstat(fileno(out->file), &st) && S_ISREG(st.st_mode) &&
        (fcntl(fileno(out->file), F_GETFL) & O_ACCMODE) == O_RDWR)
        return 0;
    ct_say("--html and --perfetto read the recording again: %s cannot be; name a file after "
           "--record",
           out->name);
    return -EINVAL;
}

int ct_outputs_open(struct ct_outputs *out, const struct ct_options *o)
{
    struct ct_identity invoker;
    char why[256];

    if (ct_identity_resolve(&invoker, NULL, why, sizeof(why))) {
        ct_say("%s", why);
        return CT_EXIT_FAILED;
    }
    if ((o->text_file || !o->quiet) &&
        ct_output_open(&out->text, "text report", ct_report_text, o->text_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->json_file &&
        ct_output_open(&out->json, "JSON report", ct_report_json, o->json_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->csv_file && ct_output_open(&out->csv, "CSV table", ct_report_csv, o->csv_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->folded_file &&
        ct_output_open(&out->folded, "folded stacks", ct_report_folded, o->folded_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->html_file &&
        ct_output_open(&out->html, "HTML report", ct_report_html, o->html_file, &invoker))
        return CT_EXIT_FAILED;
    if (o->perfetto_file && ct_output_open(&out->perfetto, "Perfetto trace", ct_report_perfetto,
                                           o->perfetto_file, &invoker))
        return CT_EXIT_FAILED;
    if (open_record(&out->record, o, &invoker))
        return CT_EXIT_FAILED;
    return check_places(out);
}

int ct_outputs_write(struct ct_outputs *out, const struct ct_options *o, const struct ct_result *r)
{
    struct ct_output *const all[] = {&out->text,   &out->json, &out->csv,
                                     &out->folded, &out->html, &out->perfetto};
    int err = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!all[i]->file)
            continue;
        const struct ct_report_style style =
            ct_screen_style(fileno(all[i]->file), o->color, o->verbose);
        err |= ct_output_write(all[i], r, &style);
    }
    return err ? CT_EXIT_FAILED : 0;
}

void ct_outputs_fini(struct ct_outputs *out)
{
    ct_output_fini(&out->text);
    ct_output_fini(&out->json);
    ct_output_fini(&out->perfetto);
    ct_output_fini(&out->csv);
    ct_output_fini(&out->folded);
    ct_output_fini(&out->html);
    ct_output_fini(&out->record);
}
