/* SPDX-License-Identifier: GPL-2.0-only */
/* serial: one task after another in the main thread. */
#include "run.h"

static int run_serial(struct wl_run *run)
{
    wl_run_share(run, 0, 1);
    return 0;
}

const struct wl_mode wl_mode_serial = {
    .name = "serial",
    .summary = "one task after another in one thread",
    .run = run_serial,
};
