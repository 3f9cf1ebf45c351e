/* SPDX-License-Identifier: GPL-2.0-only */
/* The truth as JSON: integer nanoseconds, one record a line so that a reader's eye and grep work.
 */
#include "truth.h"

#include <inttypes.h>
#include <stdbool.h>
#include <sys/wait.h>

static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20 || *c >= 0x7f)
            fprintf(out, "\\u%04x", *c); /* bytes, not code points: errors are ASCII anyway */
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void write_usage(FILE *out, const struct wl_usage *usage)
{
    fprintf(out,
            "\"start_ns\": %" PRIu64 ", \"end_ns\": %" PRIu64 ", \"wall_ns\": %" PRIu64
            ", \"cpu_ns\": %" PRIu64 ", \"voluntary\": %" PRId64 ", \"involuntary\": %" PRId64,
            usage->start_ns, usage->end_ns, usage->end_ns - usage->start_ns, usage->cpu_ns,
            usage->voluntary, usage->involuntary);
}

static const char *status_name(enum wl_task_status status)
{
    switch (status) {
    case WL_TASK_OK:
        return "ok";
    case WL_TASK_FAILED:
        return "failed";
    case WL_TASK_PENDING:
        break;
    }
    return "pending";
}

static void write_task(FILE *out, const struct wl_truth *truth, size_t i)
{
    const struct wl_task_record *task = &truth->tasks[i];

    fprintf(out, "{\"index\": %zu, \"pid\": %d, \"tid\": %d, ", i, task->pid, task->tid);
    write_usage(out, &task->usage);
    fprintf(out, ", \"status\": \"%s\", \"result\": %.17g, \"error\": ", status_name(task->status),
            task->result);
    if (task->status == WL_TASK_FAILED)
        write_string(out, task->error);
    else
        fputs("null", out);
    fputc('}', out);
}

static void write_thread(FILE *out, const struct wl_truth *truth, size_t i)
{
    const struct wl_thread_record *thread = &truth->threads[i];

    fprintf(out, "{\"tid\": %d, \"pid\": %d, \"name\": ", thread->tid, thread->pid);
    write_string(out, thread->name);
    fputs(", ", out);
    write_usage(out, &thread->usage);
    fputc('}', out);
}

static void write_exit(FILE *out, int status)
{
    if (WIFSIGNALED(status))
        fprintf(out, "{\"code\": null, \"signal\": %d}", WTERMSIG(status));
    else
        fprintf(out, "{\"code\": %d, \"signal\": null}", WEXITSTATUS(status));
}

static void write_process(FILE *out, const struct wl_truth *truth, size_t i)
{
    const struct wl_process_record *process = &truth->processes[i];

    fprintf(out, "{\"pid\": %d, \"ppid\": %d, \"name\": ", process->pid, process->ppid);
    write_string(out, process->name);
    fputs(", ", out);
    write_usage(out, &process->usage);
    fprintf(out,
            ", \"user_ns\": %" PRIu64 ", \"system_ns\": %" PRIu64 ", \"exit\": ", process->user_ns,
            process->system_ns);
    write_exit(out, process->wait_status);
    fputc('}', out);
}

typedef void write_row(FILE *out, const struct wl_truth *truth, size_t i);

static void write_array(FILE *out, const struct wl_truth *truth, const char *name, write_row *row,
                        size_t count)
{
    fprintf(out, ",\n\"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ",\n  " : "\n  ", out);
        row(out, truth, i);
    }
    fputs("\n]", out);
}

void wl_truth_write(const struct wl_truth *truth, const struct wl_truth_label *label, FILE *out)
{
    fprintf(out,
            "{\"schema\": \"workload.truth/1\",\n\"mode\": \"%s\", \"task\": \"%s\", "
            "\"workers\": %u, \"amount\": %" PRIu64 ", \"speed\": %g, \"gil\": %s,\n",
            label->mode, label->task, label->workers, label->amount, label->speed,
            label->gil ? "true" : "false");
    if (label->server_pid)
        fprintf(out, "\"server\": {\"pid\": %d},\n", label->server_pid);
    else
        fputs("\"server\": null,\n", out);
    fprintf(out, "\"start_ns\": %" PRIu64 ", \"end_ns\": %" PRIu64 ", \"wall_ns\": %" PRIu64,
            truth->start_ns, truth->end_ns, truth->end_ns - truth->start_ns);
    write_array(out, truth, "tasks", write_task, truth->tasks_cnt);
    write_array(out, truth, "threads", write_thread, truth->threads_cnt);
    write_array(out, truth, "processes", write_process, truth->processes_cnt);
    fputs("\n}\n", out);
}
