/* SPDX-License-Identifier: GPL-2.0-only */
#include "run.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "diag.h"
#include "net.h"
#include "scenarios.h"
#include "tasks.h"

struct wl_job wl_run_job(const struct wl_run *run, unsigned index)
{
    return (struct wl_job){
        .task = run->task,
        .options = run->options,
        .gil = run->gil,
        .net = run->net,
        .record = &run->truth->tasks[index],
    };
}

bool wl_run_one(const struct wl_run *run, unsigned index)
{
    struct wl_job job = wl_run_job(run, index);

    wl_job_run(&job, &wl_blocking_waiter, NULL);
    return job.record->status == WL_TASK_OK;
}

void wl_run_share(const struct wl_run *run, unsigned first, unsigned stride)
{
    for (unsigned i = first; i < run->tasks; i += stride)
        if (!wl_run_one(run, i))
            break;
}

static unsigned cpus_cnt(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

static unsigned choose_workers(const struct wl_run *run)
{
    unsigned workers = (unsigned)run->options->workers;

    if (run->mode->workers == WL_WORKERS_NONE)
        return 0;
    if (!workers)
        workers = run->mode->workers == WL_WORKERS_PER_CPU ? cpus_cnt() : run->tasks;
    return workers < run->tasks ? workers : run->tasks;
}

static int no_such(const char *kind, const char *name, wl_name_at *names)
{
    wl_error("there is no %s '%s'; did you mean '%s'? (--list shows all)", kind, name,
             wl_name_nearest(name, names));
    return -1;
}

static int choose_scenario(struct wl_run *run)
{
    const char *name = run->options->scenario;

    run->scenario = wl_scenario_find(name);
    if (!run->scenario)
        return no_such("scenario", name, wl_scenario_name_at);
    run->body = run->scenario->run;
    run->workers = run->scenario->workers;
    return 0;
}

static int choose(struct wl_run *run)
{
    const char *mode = run->options->mode ? run->options->mode : "serial";
    const char *task = run->options->task ? run->options->task : "cpu";

    run->mode = wl_mode_find(mode);
    if (!run->mode)
        return no_such("mode", mode, wl_mode_name_at);
    run->task = wl_task_find(task);
    if (!run->task)
        return no_such("task", task, wl_task_name_at);
    run->tasks = (unsigned)run->options->tasks;
    run->body = run->mode->run;
    run->workers = choose_workers(run);
    return 0;
}

/* One process and one thread more than there are workers: the first ones. */
static int prepare(struct wl_run *run)
{
    run->truth = wl_truth_new(run->tasks, run->workers + 1, run->workers + 1);
    if (!run->truth)
        return wl_error("no memory for %u tasks: %s", run->tasks, strerror(errno));
    if (run->task && run->task->needs_server) {
        run->net = wl_net_new(run->options);
        if (!run->net)
            return -1;
    }
    return 0;
}

static int execute(struct wl_run *run)
{
    struct wl_process_record *process = wl_process_begin(run->truth, "workload");
    struct wl_thread_record *thread = wl_thread_begin(run->truth, NULL);
    struct rusage usage;
    int rc;

    process->pid = getpid();
    process->ppid = getppid();
    run->truth->start_ns = wl_now_ns();
    rc = run->body(run);
    run->truth->end_ns = wl_now_ns();
    wl_thread_end(thread);
    getrusage(RUSAGE_SELF, &usage);
    wl_process_end(process, &usage);
    return rc;
}

/* One line for the first failure and the number of the others: a thousand lines tell no more. */
static int judge_tasks(const struct wl_run *run)
{
    const struct wl_task_record *tasks = run->truth->tasks;
    unsigned failed = 0, pending = 0, first = 0;

    for (unsigned i = run->tasks; i-- > 0;) {
        failed += tasks[i].status == WL_TASK_FAILED;
        pending += tasks[i].status == WL_TASK_PENDING;
        if (tasks[i].status == WL_TASK_FAILED)
            first = i;
    }
    if (failed)
        return wl_error("task %u: %s (%u of %u failed, %u did not end)", first, tasks[first].error,
                        failed, run->tasks, pending);
    return pending ? wl_error("%u of %u tasks did not end", pending, run->tasks) : 0;
}

static int write_truth(const struct wl_run *run, FILE *out)
{
    const struct wl_options *options = run->options;
    struct wl_truth_label label = {
        .mode = run->scenario ? "scenario" : run->mode->name,
        .task = run->scenario ? run->scenario->name : run->task->name,
        .workers = run->workers,
        .amount = options->amount,
        .speed = options->speed,
        .gil = options->gil,
        .server_pid = wl_net_server_pid(run->net),
    };

    wl_truth_write(run->truth, &label, out);
    if (fflush(out) || ferror(out))
        return wl_error("the truth cannot be written to %s: %s", options->truth, strerror(errno));
    return 0;
}

static void print_summary(const struct wl_run *run)
{
    double wall = (double)(run->truth->end_ns - run->truth->start_ns) / (double)WL_NS_PER_S;

    printf("%u %s task%s, mode %s", run->tasks, run->task->name, run->tasks == 1 ? "" : "s",
           run->mode->name);
    if (run->workers)
        printf(", %u worker%s", run->workers, run->workers == 1 ? "" : "s");
    printf(": %.2f s\n", wall);
}

/* The truth's file is opened first: a wrong name must not cost a whole run. */
static FILE *open_truth(const char *path)
{
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

    if (!out)
        wl_error("%s: %s", path, strerror(errno));
    return out;
}

static int run_and_tell(struct wl_run *run)
{
    const struct wl_options *options = run->options;
    FILE *out = NULL;
    int rc;

    if (options->truth && !(out = open_truth(options->truth)))
        return -1;
    rc = execute(run);
    if (judge_tasks(run))
        rc = -1;
    if (!rc && !run->scenario && !options->quiet && out != stdout)
        print_summary(run);
    if (out && write_truth(run, out))
        rc = -1;
    if (out && out != stdout)
        fclose(out);
    return rc;
}

int wl_run_main(const struct wl_options *options)
{
    struct wl_run run = {.options = options};
    int rc;

    if (options->scenario ? choose_scenario(&run) : choose(&run))
        return WL_EXIT_USAGE;
    rc = prepare(&run);
    if (!rc)
        rc = run_and_tell(&run);
    wl_net_free(run.net);
    wl_truth_free(run.truth);
    return rc ? WL_EXIT_FAILURE : 0;
}
