#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""hold_trace.py QUERY_PROGRAM PACKAGE TRACE REPORT.json: what Google's trace_processor finds in the trace
is what the report says: of each thread, of each CPU, of the path and the findings; and no error in it.
"""
import collections
import json
import subprocess
import sys

TID_MOST = 4194304
QUERIES = {
    "errors": "select name, severity, value from stats where value > 0 and severity != 'info'",
    "states": "select t.tid, p.pid, t.name, sum(s.dur) ns, min(s.dur) least,"
              " case when s.blocked_function = 'unknown' then 'unknown' else s.state end state"
              " from thread_state s"
              " join thread t using (utid) join process p using (upid) where s.state != 'Z'"
              " group by t.tid, p.pid, 6, t.utid",
    "cpus": "select cpu, sum(dur) ns from sched group by cpu",
    "path": "select sum(dur) ns from slice s join track t on s.track_id = t.id where t.name = 'Critical path'",
    "findings": "select s.name from slice s join track t on s.track_id = t.id where t.name = 'Findings' order by s.ts, s.id",
    "wakers": "select w.tid waker, t.tid, count(*) n from thread_state s join thread t on t.utid = s.utid"
              " join thread w on w.utid = s.waker_utid where w.tid > 0"
              " and s.id not in (select min(id) from thread_state group by utid) group by 1, 2",
    "processes": "select distinct p.pid, p.name from process p join thread t using (upid)"
                 " join thread_state s using (utid)",
    "calls": "select sum(s.dur) ns from slice s join thread_track k on s.track_id = k.id",
}


def ask(program, package, trace):
    out = subprocess.run(["node", program, package, trace, *QUERIES.values()], check=True, capture_output=True, text=True)
    return dict(zip(QUERIES, map(json.loads, out.stdout.splitlines())))


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: the trace has\n{found}\nthe report\n{wanted}")


def hold_states(found, report):
    """Of the threads of one tid together: both tools keep their lives apart, but in no common order."""
    sums, births = collections.defaultdict(collections.Counter), collections.Counter()
    for row in found:
        if row["least"] < 0:
            sys.exit(f"a state that never ends: {row}")
        kind = {"Running": "running", "R": "runnable", "unknown": "unknown"}.get(row["state"], "blocked")
        sums[row["pid"]][kind] += row["ns"]
    wanted = collections.defaultdict(collections.Counter)
    for thread in report["threads"]:
        births[thread["pid"]] += 1
        for kind in ("running", "runnable", "blocked", "unknown"):
            wanted[thread["pid"]][kind] += thread[kind + "_ns"]
    for pid, want in wanted.items():
        for kind, ns in want.items():
            # a birth that led to a CPU at once is shown as a nanosecond of waiting
            slack = births[pid] if kind == "runnable" else 0
            if not 0 <= sums[pid][kind] - ns <= slack:
                sys.exit(f"process {pid}, {kind}: {sums[pid][kind]} ns in the trace, {ns} in the report")
    same("processes", set(sums), set(wanted))


def main(program, package, trace, path):
    with open(path, encoding="utf-8") as f:
        report = json.load(f)
    found = ask(program, package, trace)
    same("errors", found["errors"], [])
    hold_states(found["states"], report)
    same("threads", sorted({(r["tid"], r["name"]) for r in found["states"] if r["tid"] < TID_MOST}),
         sorted({(t["tid"], t["comm"]) for t in report["threads"]
                 if t["lifetime_ns"]}))
    same("CPUs", {r["cpu"]: r["ns"] for r in found["cpus"]},
         {c["cpu"]: c["traced_ns"] for c in report["cpus"] if c["traced_ns"]})
    if report["critical_path"]:
        same("path", found["path"], [{"ns": report["wall_ns"]}])
    same("findings", [r["name"] for r in found["findings"]], [f["id"] for f in report["findings"]])
    same("names of processes", {r["pid"]: r["name"] for r in found["processes"]},
         {p["pid"]: p["comm"] for p in report["processes"]})
    # a thread's table of wakers has 16 rows: where it is full, some are not told
    wakes = {(w["waker_tid"], w["tid"]) for w in report["wakers"] or []}
    rows = collections.Counter(tid for _, tid in wakes)
    told = {(r["waker"], r["tid"]) for r in found["wakers"] if max(r["waker"], r["tid"]) < TID_MOST}
    odd = {pair for pair in told - wakes if rows[pair[1]] < 15}
    if odd:
        sys.exit(f"wakers that the report has not: {odd}")


main(*sys.argv[1:])
