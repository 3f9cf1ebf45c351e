/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/option_checks.h"

#include <errno.h>

#include "user/base/log.h"

static int wrong_unless_null(const char *wrong)
{
    if (!wrong)
        return 0;
    ct_say("%s", wrong);
    return -EINVAL;
}

static const char only_report[] = "--from, --to, --pid, --tid and --comm choose a part of a "
                                  "recording: they are for conctrace report";

int ct_options_check_compare(const struct ct_options *o)
{
    const char *wrong = NULL;

    if (ct_choice_any(&o->choice))
        wrong = only_report;
    else if (o->pids_cnt || o->duration_ns)
        wrong = "compare runs command lines; it cannot attach to processes (-p, -d)";
    else if (o->perfetto_file)
        wrong = "compare writes no --perfetto; report --perfetto writes that of one recording";
    else if (o->csv_file)
        wrong = "compare writes no --csv: its numbers are in --json, and report --csv tells of one "
                "recording";
    else if (o->stacks || o->folded_file || o->record_file)
        wrong = "compare knows no --stacks, --folded and --record; trace one command for them";
    else if (!*o->command)
        wrong = "compare wants command lines, each as one word: conctrace compare [OPTIONS] "
                "[-n RUNS] [-L VAR A,B,C] 'COMMAND LINE'..., or recordings: conctrace compare "
                "[OPTIONS] FILE FILE...";
    return wrong_unless_null(wrong);
}

int ct_options_check_recorded(const struct ct_options *o)
{
    const bool to_come =
        o->runs || o->lists_cnt || o->output_dir || o->user || o->ring_bytes || o->no_syscalls;

    return wrong_unless_null(to_come ? "recordings are of runs that are over; -n, -L, -u, "
                                       "--no-syscalls, --ring-size and --output-dir are for those "
                                       "to come"
                                     : NULL);
}

/* The run is over: what says how to trace comes too late. */
int ct_options_check_report(struct ct_options *o)
{
    const char *wrong = NULL;

    if (o->pids_cnt || o->duration_ns || o->user || o->ring_bytes || o->no_syscalls || o->stacks ||
        o->record_file || o->runs || o->lists_cnt || o->output_dir)
        wrong = "report tells of a run that is over; -p, -d, -u, --stacks, --no-syscalls, "
                "--ring-size and --record are for one to come";
    else if (o->choice.to_ns && o->choice.to_ns <= o->choice.from_ns)
        wrong = "--to must be later than --from";
    else if (o->folded_file && ct_choice_of_time(&o->choice))
        wrong = "stacks are of the whole run: --folded goes with no --from and no --to";
    else if (!o->command[0] || o->command[1])
        wrong = "report wants one recording: conctrace report [OPTIONS] FILE";
    else
        o->input_file = o->command[0];
    return wrong_unless_null(wrong);
}

/* -p stands in the place of a command. */
static int check_attaching(const struct ct_options *o)
{
    const char *wrong = NULL;

    if (!o->pids_cnt)
        wrong = "-d goes with -p: how long to stay attached";
    else if (*o->command)
        wrong = "either attach to processes (-p) or run a command, not both";
    else if (o->user)
        wrong = "-u says who runs a command; with -p there is none";
    if (!wrong)
        return 0;
    ct_say("%s", wrong);
    return -EINVAL;
}

int ct_options_check_run(const struct ct_options *o)
{
    if (ct_choice_any(&o->choice)) {
        ct_say("%s", only_report);
        return -EINVAL;
    }
    if (o->runs || o->lists_cnt || o->output_dir) {
        ct_say("-n, -L and --output-dir are for conctrace compare");
        return -EINVAL;
    }
    if (o->folded_file && !o->stacks) {
        ct_say("--folded writes what --stacks takes: give both");
        return -EINVAL;
    }
    if (o->pids_cnt || o->duration_ns)
        return check_attaching(o);
    if (*o->command)
        return 0;
    ct_say("which command shall be traced? conctrace [OPTIONS] [--] COMMAND [ARG...]; "
           "see conctrace --help");
    return -EINVAL;
}
