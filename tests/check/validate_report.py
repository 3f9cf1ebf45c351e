#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validates JSON reports: against the schema, and against the laws that a schema cannot say.

    validate_report.py FILE...

Of a list longer than 2000 entries the schema sees 2000, spread evenly (it takes its time: 0.4 ms an
entry); the laws see all.

Prints one line for each violation. Exit status: 0 all are valid, 1 some are not, 77 the schema
library is absent.
"""
import json
import math
import os
import re
import sys
from collections import defaultdict

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/report.schema.json")
KERNEL_COUNTS = ("voluntary", "involuntary")
SCHEMA_SEES = 2000
PATH_STATES = ("running", "runnable", "blocked", "unknown")
LOOP_LONG_NS = 50_000_000


def total_calls(lists):
    total = {}
    for c in (c for one in lists for c in one or []):
        row = total.setdefault((c["name"], c["nr"], c["compat"]), [0] * 5)
        for i, key in enumerate(("calls", "errors", "total_ns", "blocked_ns", "runnable_ns")):
            row[i] += c[key]
    return total


class Laws:
    """A report that fits the schema, and what is wrong with it."""

    def __init__(self, report):
        self.r = report
        self.wall = report["wall_ns"]
        self.wrong = []
        lost = report["lost"]
        part = report.get("selection")
        self.part_of_time = part is not None and part["to_ns"] - part["from_ns"] < part["run_ns"]
        self.whole = not (lost["events"] or lost["late_events"] or lost["threads"] or lost["gaps"])

    def equal(self, where, name, got, expected):
        if got != expected:
            self.wrong.append(f"{where}: {name} is {got}, should be {expected}")

    def holds(self, where, what, truth):
        if not truth:
            self.wrong.append(f"{where}: {what}")

    def close(self, where, name, got, above, below):
        if (got is None) != (below == 0):
            self.wrong.append(f"{where}: {name} is {got}, with {below} to divide by")
        elif got is not None and not math.isclose(got, above / below, rel_tol=1e-12):
            self.wrong.append(f"{where}: {name} is {got}, should be {above / below}")

    def span(self, where, o):
        self.holds(where, f"start {o['start_ns']} <= end {o['end_ns']} <= wall {self.wall} does not hold",
                   o["start_ns"] <= o["end_ns"] <= self.wall)

    def exit(self, where, o):
        self.holds(where, "has both an exit code and a signal",
                   o["exit"]["code"] is None or o["exit"]["signal"] is None)

    def times(self, where, o):
        states = o["running_ns"] + o["runnable_ns"] + o["blocked_ns"] + o["unknown_ns"]
        self.equal(where, "lifetime_ns", o["lifetime_ns"], states)
        for state in ("runnable", "blocked"):
            self.equal(where, state + "_ns", o[state + "_ns"], sum(o[state].values()))
        known = self.r["summary"]["kernel_ns"] is not None
        self.holds(where, "user_ns and kernel_ns are known in one place and null in another",
                   (o["user_ns"] is not None) == known == (o["kernel_ns"] is not None))
        if o["user_ns"] is not None and o["kernel_ns"] is not None:
            self.equal(where, "user_ns + kernel_ns", o["user_ns"] + o["kernel_ns"], o["running_ns"])

    def latency(self, where, o):
        figures = [o[k] for k in ("mean", "p50", "p95", "p99", "max")]
        self.holds(where, "sched_latency_ns has figures of nothing, or none of something",
                   all((f is None) == (o["count"] == 0) for f in figures))
        if None not in figures:
            self.holds(where, "sched_latency_ns is not p50 <= p95 <= p99 <= max, mean <= max",
                       figures[1:] == sorted(figures[1:]) and o["mean"] <= o["max"])

    def threads(self):
        pids = {p["pid"] for p in self.r["processes"]}
        for i, t in enumerate(self.r["threads"]):
            where = f"threads[{i}]"
            self.span(where, t)
            self.times(where, t)
            self.equal(where, "lifetime_ns", t["lifetime_ns"], t["end_ns"] - t["start_ns"])
            self.latency(where, t["sched_latency_ns"])
            self.holds(where, f"pid {t['pid']} is none of the processes", t["pid"] in pids)
            self.holds(where, "is alive and has final kernel figures", not (t["alive"] and t["kernel"]))

    def processes(self):
        for i, p in enumerate(self.r["processes"]):
            self.span(f"processes[{i}]", p)
            self.times(f"processes[{i}]", p)
            self.exit(f"processes[{i}]", p)
        # A number may have been used again: what holds is the sum over all its users.
        users, members = defaultdict(list), defaultdict(list)
        for p in self.r["processes"]:
            users[p["pid"]].append(p)
        for t in self.r["threads"]:
            members[t["pid"]].append(t)
        for pid, ps in users.items():
            where, ts = f"pid {pid}", members[pid]
            self.equal(where, "threads", sum(p["threads"] for p in ps), len(ts))
            self.equal(where, "start_ns", min(p["start_ns"] for p in ps), min((t["start_ns"] for t in ts), default=None))
            self.equal(where, "end_ns", max(p["end_ns"] for p in ps), max((t["end_ns"] for t in ts), default=None))
            self.same_sums(where, ps, ts)

    def same_sums(self, where, these, those):
        a, b = sums(these), sums(those)
        for name in sorted(set(a) | set(b)):
            self.equal(where, name, a[name], b[name])

    def summary(self):
        s = self.r["summary"]
        self.times("summary", s)
        for name in ("processes", "threads"):
            self.equal("summary", name, s[name], len(self.r[name]))
            self.same_sums(f"summary against {name}", [s], self.r[name])
        self.holds("summary", "peak_threads is more than all threads", s["peak_threads"] <= s["threads"])
        self.close("summary", "demand", s["demand"], s["running_ns"] + s["runnable_ns"], self.wall)

    def parallelism(self):
        s, p = self.r["summary"], self.r["summary"]["parallelism"]
        at = p["time_at_ns"]
        self.close("parallelism", "average", p["average"], s["running_ns"], self.wall)
        self.equal("parallelism", "peak", p["peak"], max((k for k, ns in enumerate(at) if ns), default=0))
        if self.whole:
            self.holds("parallelism", "more threads ran at once than there were", p["peak"] <= s["peak_threads"])
            self.equal("parallelism", "sum of time_at_ns", sum(at), self.wall)
            self.equal("parallelism", "weighted sum of time_at_ns", sum(k * ns for k, ns in enumerate(at)),
                       s["running_ns"])
        else:
            self.holds("parallelism", "time_at_ns is more than the run", sum(at) <= self.wall)

    def cpus(self):
        cpus = self.r["cpus"]
        for i, c in enumerate(cpus):
            self.holds(f"cpus[{i}]", "runs traced threads longer than the run", c["traced_ns"] <= self.wall)
            if self.part_of_time:
                continue
            self.equal(f"cpus[{i}]", "sum", c["traced_ns"] + c["other_ns"] + c["idle_ns"], self.wall)
        self.equal("cpus", "different numbers", len({c["cpu"] for c in cpus}), len(cpus))
        if not (self.r["lost"]["threads"] or self.r["lost"]["recording_cut"]):  # what was not followed has no account, but had a CPU
            self.equal("cpus", "sum of traced_ns", sum(c["traced_ns"] for c in cpus),
                       self.r["summary"]["running_ns"])

    def lost(self):
        at = 0
        for i, gap in enumerate(self.r["lost"]["gaps"]):
            self.span(f"lost.gaps[{i}]", gap)
            self.holds(f"lost.gaps[{i}]", "begins before the last one ended", gap["start_ns"] >= at)
            at = gap["end_ns"]
        if self.whole and not self.r["attached"]:
            self.equal("summary", "unknown_ns where nothing was lost", self.r["summary"]["unknown_ns"], 0)

    def syscalls(self):
        """What threads called is what processes called is what the run called."""
        whole = total_calls([self.r["syscalls"]])
        for name in ("processes", "threads"):
            parts = [p["syscalls"] for p in self.r[name]]
            if self.r["syscalls"] is not None and None not in parts:
                self.holds(name, "their syscalls do not add up to the run's", total_calls(parts) == whole)

    def accuracy(self):
        a = self.r["accuracy"]
        final = [t for t in self.r["threads"] if t["kernel"]]
        self.close("accuracy", "cpu_ratio", a["cpu_ratio"], sum(t["running_ns"] - t["irq_ns"] for t in final),
                   sum(t["kernel"]["cpu_ns"] for t in final))
        for name in KERNEL_COUNTS:
            self.equal("accuracy", name + "_difference", a[name + "_difference"],
                       sum(t["switches"][name] - t["kernel"][name] for t in final))

    def speedups(self):
        s, p = self.r["summary"], self.r["summary"]["parallelism"]
        at, most = p["time_at_ns"], p["max_speedup"]
        self.close("parallelism", "serial_share", p["serial_share"], sum(at[1:2]), sum(at[1:]))
        self.close("parallelism", "max_speedup.demand", most["demand"], s["running_ns"] + s["runnable_ns"],
                   s["running_ns"])
        path = self.r["critical_path_summary"]
        self.close("parallelism", "max_speedup.critical_path", most["critical_path"], self.wall,
                   self.wall - path["runnable_ns"] if path else 0)

    def loops(self):
        for i, t in enumerate(self.r["threads"]):
            where, loop = f"threads[{i}].loop", t["loop"]
            if not loop:
                continue
            self.holds(where, "is known where system calls are not", self.r["syscalls"] is not None)
            self.holds(where, "has no returns", loop["returns"])
            self.holds(where, "has more absences of 50 ms than absences", loop["long_count"] <= loop["returns"])
            self.holds(where, "long_ns is less than 50 ms each", loop["long_ns"] >= loop["long_count"] * LOOP_LONG_NS)
            self.holds(where, "is not long_ns <= away_ns <= lifetime_ns",
                       loop["long_ns"] <= loop["away_ns"] <= t["lifetime_ns"])
            self.holds(where, "parts of long_ns are more than it",
                       loop["long_running_ns"] + loop["long_blocked_ns"] <= loop["long_ns"])
            self.equal(where, "there being a worst absence", loop["worst"] is not None, loop["long_count"] > 0)
            if loop["worst"]:
                self.worst_absence(where + ".worst", loop, loop["worst"], t)

    def worst_absence(self, where, loop, worst, t):
        self.holds(where, "is not 50 ms <= ns <= long_ns", LOOP_LONG_NS <= worst["ns"] <= loop["long_ns"])
        self.holds(where, "is less than the mean", worst["ns"] * loop["long_count"] >= loop["long_ns"])
        self.holds(where, "lies outside its thread's life",
                   t["start_ns"] <= worst["start_ns"] <= t["end_ns"] - worst["ns"])
        for name in ("running_ns", "blocked_ns"):
            self.holds(where, f"{name} is more than all", worst[name] <= loop["long_" + name])
        self.holds(where, "parts of ns are more than it", worst["running_ns"] + worst["blocked_ns"] <= worst["ns"])
        self.equal(where, "there being a longest call", worst["call"] is not None, worst["call_ns"] > 0)

    def locks(self):
        for i, lock in enumerate(self.r["locks"]):
            self.holds(f"locks[{i}]", "more waits timed out or were handed than there were",
                       lock["timed_out"] + lock["handed"] <= lock["waits"])

    def path_steps(self):
        """The steps tile the run; returns what they hold of each state, and of all together."""
        tids = {t["tid"] for t in self.r["threads"]}
        at, total = 0, defaultdict(int)
        for i, step in enumerate(self.r["critical_path"]):
            where, ns = f"critical_path[{i}]", step["end_ns"] - step["start_ns"]
            self.equal(where, "start_ns", step["start_ns"], at)
            self.holds(where, "is empty", ns > 0)
            at = step["end_ns"]
            self.holds(where, f"tid {step['tid']} is none of the threads", step["tid"] in tids | {None})
            for state, key in (("blocked", "cause"), ("runnable", "kind"), ("folded", "parts")):
                self.holds(where, f"has a {key} and is not {state}, or the other way round",
                           (step[key] is None) == (step["state"] != state))
            if step["parts"]:
                self.equal(where, "sum of parts", sum(step["parts"].values()), ns)
                for state in PATH_STATES:
                    total[state] += step["parts"][state + "_ns"]
            else:
                total[step["state"]] += ns
                total[step["state"], step["cause"] or step["kind"]] += ns
        self.equal("critical_path", "its end", at, self.wall)
        return total

    def critical_path(self):
        path = self.r["critical_path_summary"]
        for name in ("critical_path", "bound"):
            self.equal(name, "being known", self.r[name] is not None, path is not None)
        if path is None or self.r["critical_path"] is None:
            return
        where = "critical_path_summary"
        total = self.path_steps()
        self.equal(where, "sum", sum(path[state + "_ns"] for state in PATH_STATES), self.wall)
        for state in PATH_STATES:
            self.equal(where, state + "_ns", path[state + "_ns"], total[state])
            self.equal(where, f"{state}_ns of all threads", sum(t[state + "_ns"] for t in path["threads"]),
                       path[state + "_ns"])
        for state in ("runnable", "blocked"):
            self.equal(where, f"sum of {state}", sum(path[state].values()), path[state + "_ns"])
            for part, ns in path[state].items():  # what was folded is told by state alone
                self.holds(where, f"{state}.{part} is less than its steps", ns >= total[state, part])
        self.holds(where, "event_wait's parts are more than it",
                   sum(path["event_wait"].values()) <= path["blocked"]["event_wait"])
        lengths = [sum(t[state + "_ns"] for state in PATH_STATES) for t in path["threads"]]
        self.equal(where, "threads' order", lengths, sorted(lengths, reverse=True))
        self.path_shares(where, path["threads"])

    def path_shares(self, where, shares):
        """No thread has more of the path than of its life. A number may have been used again: all its users'."""
        lives, charged = defaultdict(lambda: defaultdict(int)), defaultdict(lambda: defaultdict(int))
        for entries, sums_of in ((self.r["threads"], lives), (shares, charged)):
            for t in entries:
                for state in PATH_STATES:
                    sums_of[t["tid"]][state] += t[state + "_ns"]
        for tid in set(charged) - {None}:
            self.holds(where, f"tid {tid} is none of the threads", tid in lives)
            for state in PATH_STATES:
                if self.whole and not self.r["attached"]:
                    self.holds(where, f"tid {tid} has more {state} on it than in its life",
                               charged[tid][state] <= lives[tid][state])

    def findings(self):
        pids, tids = ({e[k] for e in self.r[n]} for n, k in (("processes", "pid"), ("threads", "tid")))
        ranks = []
        for i, f in enumerate(self.r["findings"]):
            where = f"findings[{i}]"
            self.holds(where, f"pid {f['pid']} is none of the processes", f["pid"] in pids | {None})
            self.holds(where, f"tid {f['tid']} is none of the threads", f["tid"] in tids | {None})
            self.holds(where, "is a warning without advice", f["severity"] == "info" or f["advice"])
            ranks.append((f["severity"] == "info", -f["weight_ns"]))
        self.equal("findings", "their order", ranks, sorted(ranks))

    def selection(self):
        """What is not known of a part is null, or there is none of it."""
        part, r = self.r.get("selection"), self.r
        if part is None:
            return
        self.equal("selection", "wall_ns", self.wall, part["to_ns"] - part["from_ns"])
        self.holds("selection", "reaches beyond the run", part["to_ns"] <= part["run_ns"])
        self.equal("selection", "findings", r["findings"], [])
        if part["pids"]:
            self.holds("selection", "has other processes", {p["pid"] for p in r["processes"]} <= set(part["pids"]))
        if part["tids"]:
            self.holds("selection", "has other threads", {t["tid"] for t in r["threads"]} <= set(part["tids"]))
        if self.part_of_time:
            for name in ("locks", "preemptors"):
                self.equal("selection", name, r[name], [])
            known = [r["syscalls"], r["wakers"], r["stacks"], r["summary"]["kernel_ns"]] + [t["kernel"] for t in r["threads"]]
            known += [o["irq_ns"] for o in [r["summary"]] + r["threads"] + r["processes"]]
            self.holds("selection", "tells what is known of whole lives only", set(map(type, known)) == {type(None)})

    def check(self):
        self.selection()
        self.exit("exit", self.r)
        self.threads()
        self.processes()
        self.summary()
        self.parallelism()
        self.cpus()
        self.lost()
        self.syscalls()
        self.accuracy()
        self.critical_path()
        self.speedups()
        self.loops()
        self.locks()
        self.findings()
        return self.wrong


def times_names():
    """Members of TIMES: those that a thread and the summary share."""
    with open(SCHEMA, encoding="utf-8") as f:
        top = json.load(f)["properties"]
    return set(top["summary"]["properties"]) & set(top["threads"]["items"]["properties"])


def sums(entries):
    total = defaultdict(int)
    for entry in entries:
        for name in TIMES:
            value = entry[name]
            if isinstance(value, dict):
                for part, ns in value.items():
                    total[f"{name}.{part}"] += ns
            else:
                total[name] += value or 0
    return total


def no_twins(pairs):
    keys = [k for k, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key is there twice: {sorted(k for k in keys if keys.count(k) > 1)[0]}")
    return dict(pairs)


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def sample(report):
    """The report with its long lists thinned out."""
    if not isinstance(report, dict):
        return report
    return {k: v[::-(-len(v) // SCHEMA_SEES)] if isinstance(v, list) and len(v) > SCHEMA_SEES else v
            for k, v in report.items()}


def violations(path, schema):
    try:
        with open(path, "rb") as f:
            text = f.read().decode("utf-8", errors="strict")
        report = json.loads(text, object_pairs_hook=no_twins, parse_constant=no_constant)
    except (OSError, ValueError) as e:
        return [str(e)]
    wrong = []
    for e in schema.iter_errors(sample(report)):
        where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in e.absolute_path).lstrip(".")
        wrong.append(f"{where or 'report'}: {e.message[:200]}")
    try:
        return wrong or Laws(report).check()
    except (KeyError, TypeError) as e:
        return [f"an entry that the schema was not shown does not fit it: {e!r}"]


def main(paths):
    if not paths:
        print(__doc__.strip())
        return 2
    with open(SCHEMA, encoding="utf-8") as f:
        schema = jsonschema.Draft7Validator(json.load(f))
    bad = 0
    for path in paths:
        for line in violations(path, schema):
            print(f"{path}: " + re.sub(r"[^\x20-\x7e]", "?", line))
            bad = 1
    return bad


TIMES = times_names()

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
