/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workload: the same tasks, run one after another, in threads, in processes or on an event loop,
 * so that a tracer has something to show. Floors, a file including lower ones only:
 *   clock diag names limits truth gil   what needs nothing
 *   options job series loop fiber       the task contract, the loop, the machine's context switch
 *   async generator target net          coroutines, where to fetch from, transfers
 *   task_* tasks, cert server serve     what is done, and the server
 *   run mode_* modes scenario*          who does it
 *   list main                           the roof
 */
#include <stdio.h>

#include "diag.h"
#include "list.h"
#include "options.h"
#include "run.h"
#include "serve.h"

#ifndef WL_VERSION
#define WL_VERSION "0.1.0"
#endif

static int dispatch(const struct wl_options *options)
{
    if (options->help) {
        wl_options_help(options->serve);
        return 0;
    }
    if (options->version) {
        puts("workload " WL_VERSION);
        return 0;
    }
    if (options->list) {
        wl_list_print();
        return 0;
    }
    return options->serve ? wl_serve_main(options) : wl_run_main(options);
}

int main(int argc, char **argv)
{
    struct wl_options options;
    int status;

    if (wl_options_parse(&options, argc, argv))
        return WL_EXIT_USAGE;
    setvbuf(stdout, NULL, _IOLBF, 0); /* a scenario is watched line by line, through pipes too */
    status = dispatch(&options);
    if (fflush(stdout) || ferror(stdout)) {
        wl_error("standard output cannot be written");
        return WL_EXIT_FAILURE;
    }
    return status;
}
