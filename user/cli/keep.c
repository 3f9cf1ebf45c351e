/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/keep.h"

#include <errno.h>
#include <string.h>

#include "user/base/log.h"
#include "user/cli/exits.h"

int ct_keep_start(struct ct_keep *k, const struct ct_output *to, const struct ct_model_info *info)
{
    *k = (struct ct_keep){0};
    if (!to || !to->file)
        return 0;
    k->name = to->name;
    const int err = ct_recorder_start(&k->recorder, fileno(to->file), info);
    if (!err)
        return 0;
    ct_say("cannot begin the recording: %s", strerror(-err));
    return CT_EXIT_FAILED;
}

void ct_keep_tick(struct ct_keep *k)
{
    if (!k->recorder)
        return;
    ct_recorder_tick(k->recorder);
    if (ct_recorder_error(k->recorder))
        ct_keep_end(k, NULL);
}

void ct_keep_end(struct ct_keep *k, const struct ct_run_end *end)
{
    const int err = ct_recorder_finish(k->recorder, end);

    k->recorder = NULL;
    if (!err)
        return;
    k->failed = true;
    ct_say("the recording in %s ends before the run: %s", k->name,
           err == -ENOBUFS ? "it could not be written as fast as events came" : strerror(-err));
}
