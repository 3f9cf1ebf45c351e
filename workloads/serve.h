/* SPDX-License-Identifier: GPL-2.0-only */
/* "workload serve": the server by itself, or for as long as a command runs. */
#ifndef WL_SERVE_H
#define WL_SERVE_H

#include "options.h"

int wl_serve_main(const struct wl_options *options); /* an exit status */

#endif
