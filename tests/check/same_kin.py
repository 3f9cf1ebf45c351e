#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds a report's threads and processes against the list that the program itself printed.

    same_kin.py REPORT LIST

LIST has lines `process PID PPID COMM CODE SIGNAL [LAST_ARGUMENT]`, `thread TID PID` and `alias TID
PID` (tests/programs/kin.h): as another thread execs, it takes the first one's number, and the first one
is known by TID in its last moments. All of them must be in the report and nothing else. Prints one line for each
difference; exit status 0: none.
"""
import json
import sys
from collections import Counter


def listed(path):
    processes, threads, aliases = Counter(), Counter(), set()
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split()
            if words[:1] == ["process"]:
                pid, ppid, comm, code, signal = words[1:6]
                last = words[6] if len(words) > 6 else None
                processes[int(pid), int(ppid), comm, int(code) if code != "-1" else None,
                          int(signal) or None, last] += 1
            elif words[:1] == ["thread"]:
                threads[int(words[1]), int(words[2])] += 1
            elif words[:1] == ["alias"]:
                aliases.add((int(words[1]), int(words[2])))
    return processes, threads, aliases


def reported(report, aliases):
    own = report["command"]
    processes = Counter(
        (p["pid"], p["ppid"], p["comm"], p["exit"]["code"], p["exit"]["signal"],
         p["argv"][-1] if p["argv"] != own and p["argv"] else None) for p in report["processes"])
    threads = Counter((t["pid"] if (t["tid"], t["pid"]) in aliases else t["tid"], t["pid"])
                      for t in report["threads"])
    return processes, threads


def main(report_path, list_path):
    with open(report_path, encoding="utf-8") as f:
        report = json.load(f)
    bad = 0
    *true_kin, aliases = listed(list_path)
    for what, true, told in zip(("process (pid, ppid, comm, code, signal, argument)", "thread (tid, pid)"),
                                true_kin, reported(report, aliases)):
        if not true:
            print(f"the list names no {what}")
            bad = 1
        for entry in sorted((true - told).elements(), key=repr):
            print(f"missing in the report: {what} {entry}")
            bad = 1
        for entry in sorted((told - true).elements(), key=repr):
            print(f"only in the report: {what} {entry}")
            bad = 1
    alive = [t["tid"] for t in report["threads"] if t["alive"]]
    if alive:
        print(f"reported alive, though all had ended: {alive}")
        bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
