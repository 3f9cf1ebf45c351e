/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The roof: makes the process fit to work in, reads the command line, hands over. All that becomes
 * an exit status does so here or in the verb that is called.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/base/version.h"
#include "user/cli/compare.h"
#include "user/cli/doctor.h"
#include "user/cli/exits.h"
#include "user/cli/options.h"
#include "user/cli/replay.h"
#include "user/cli/run.h"
#include "user/source/privileges.h"

/*
 * A standard stream that we were given closed must not become some probe's descriptor, into which a
 * report would then be written. It gets a stand-in that refuses, and that the command will not see.
 */
static void guard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

static int printed(int err)
{
    if (err)
        ct_say("cannot write to standard output: %m");
    return err ? CT_EXIT_FAILED : 0;
}

int main(int argc, char **argv)
{
    struct ct_options options;

    (void)argc;
    guard_streams();
    ct_environment_guard();  /* before setlocale, which obeys it */
    setlocale(LC_CTYPE, ""); /* the character set, and nothing that would change a number */
    if (ct_options_parse(&options, argv))
        return CT_EXIT_USAGE;
    switch (options.verb) {
    case CT_VERB_HELP:
        return printed(ct_options_help(stdout));
    case CT_VERB_VERSION:
        return printed(printf("conctrace %s\n", CT_VERSION) < 0 || fflush(stdout));
    case CT_VERB_REPORT:
        return ct_replay_report(&options);
    case CT_VERB_DOCTOR:
        return ct_doctor();
    case CT_VERB_COMPARE:
        return ct_compare(&options);
    case CT_VERB_RUN:
        break;
    }
    return ct_run(&options);
}
