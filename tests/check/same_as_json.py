#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""same_as_json.py TABLE.csv REPORT.json: the table says of each thread what the report says.

Every number equal, every name the report's but for what docs/csv.md tells.
"""
import csv
import json
import re
import sys
import unicodedata


def shown(name):
    name = re.sub("(^|[,;\"\t\r\n])(?=[=+\\-@\t\r\n])", r"\1'", name)
    return "".join(
        "\ufffd" if unicodedata.category(c) == "Cc" and c not in "\t\r\n" or c in
        "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" else c for c in name)


def cell(value):
    return "" if value is None else str(int(value))


def expected(thread, process):
    row = {"pid": process["pid"], "ppid": process["ppid"], "process": shown(process["comm"]), "tid": thread["tid"],
           "comm": shown(thread["comm"]), "alive": cell(thread["alive"])}
    for key in ("start_ns end_ns lifetime_ns running_ns user_ns kernel_ns irq_ns runnable_ns blocked_ns unknown_ns "
                "migrations wakeups").split():
        row[key] = cell(thread[key])
    for group, pattern in (("runnable", "runnable_%s_ns"), ("blocked", "blocked_%s_ns"), ("switches", "switches_%s")):
        for key, value in thread[group].items():
            row[pattern % key] = cell(value)
    for key, value in thread["sched_latency_ns"].items():
        row["sched_latency_" + (key if key == "count" else key + "_ns")] = cell(value)
    kernel = thread["kernel"] or dict.fromkeys(("cpu_ns", "voluntary", "involuntary", "run_delay_ns"))
    for key, value in kernel.items():
        row["kernel_" + key] = cell(value)
    return {key: str(value) for key, value in row.items()}


def main(table, report):
    with open(report, encoding="utf-8") as f:
        report = json.load(f)
    with open(table, encoding="utf-8", newline="") as f:
        head, *rows = csv.reader(f, strict=True)
    processes = {}
    for process in report["processes"]:
        processes.setdefault(process["pid"], []).append(process)
    if len(rows) != len(report["threads"]):
        sys.exit(f"{len(rows)} rows, {len(report['threads'])} threads")
    if len(set(head)) != len(head):
        sys.exit("a column stands there twice")
    for row, thread in zip(rows, report["threads"]):
        if len(row) != len(head):
            sys.exit(f"{len(row)} cells under {len(head)} names")
        found = dict(zip(head, row))
        wanted = [expected(thread, process) for process in processes[thread["pid"]]]
        if found not in wanted:
            odd = {k: (found.get(k), wanted[0].get(k)) for k in found.keys() | wanted[0].keys()
                   if found.get(k) != wanted[0].get(k)}
            sys.exit(f"thread {thread['tid']}: table and report differ: {odd}")


main(*sys.argv[1:])
