#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds the reports of a run's parts, one behind the other, against the whole run's: thread by thread.

    hold_parts.py WHOLE PART...

States and counts of all parts must add up to the whole's. Prints what does not; exit status 1 then.
"""
import json
import sys
from collections import defaultdict

SUMMED = ("lifetime_ns", "running_ns", "runnable_ns", "runnable", "blocked_ns", "blocked", "unknown_ns", "switches",
          "migrations", "wakeups")


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def sums(reports):
    total = defaultdict(int)
    for thread in (t for r in reports for t in r["threads"]):
        for name in SUMMED:
            parts = thread[name].items() if isinstance(thread[name], dict) else [("", thread[name])]
            for part, value in parts:
                total[thread["tid"], name, part] += value
        total[thread["tid"], "latencies", ""] += thread["sched_latency_ns"]["count"]
    return total


whole, parts = load(sys.argv[1]), [load(p) for p in sys.argv[2:]]
expected, got = sums([whole]), sums(parts)
wrong = [f"{key}: parts {got[key]}, whole {expected[key]}" for key in sorted(set(expected) | set(got))
         if got[key] != expected[key]]
if sum(p["wall_ns"] for p in parts) != whole["wall_ns"]:
    wrong.append("the parts' wall times are not the whole's")
at = 0
for p in parts:
    if p["selection"]["from_ns"] != at:
        wrong.append(f"a part begins at {p['selection']['from_ns']}, the one before ended at {at}")
    at = p["selection"]["to_ns"]
for line in wrong[:20]:
    print(line)
sys.exit(bool(wrong))
