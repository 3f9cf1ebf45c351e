#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds a report's accounts against what the kernel said to others about the same run.

    hold_account.py [--clean] [--kernel] [--truth FILE] [--usage FILE] REPORT

--kernel  each thread against the kernel's own figures for it, read as it died: the same counts; the same
          CPU time but for 0.1 % and 50 us (it is the same to the nanosecond, where we miss nothing);
          the wait for a CPU of all of them within 5 % and 20 ms (mostly the same to the nanosecond;
          but the kernel takes other moments where a thread changes its queue, and a hypervisor may
          stretch what lies between)
--clean   nothing lost, nothing unknown, timeline equal to the accounts
--usage   against wait4's word on the command (tests/programs/reap)
--truth   against what the threads measured of themselves (workload --truth); needs --usage

Prints one line for each violation; exit status 0: none.

Which direction, and how far:

- CPU time: within 1 % and 2 ms, the promise. Without irq_ns, where a hypervisor may have stolen any
  amount of it: the kernel's clocks of CPU time stand still meanwhile. A thread's own reading comes before its death, so ours
  is also never less than it but for the grain of two clocks (0.2 % and 100 us).
- Voluntary switches of a thread against its own reading: at least one more, as dying is a switch
  that the kernel counts as voluntary. At most two more: between its reading and its death a thread
  frees its stack, where it may have to wait for the lock of the address space.
- Involuntary ones: none less; at most one more: it may be preempted on that short way.
- Against wait4, a process of n threads: the kernel adds a thread's counts to its process before
  the thread's last switch, so each of the n - 1 others lacks exactly one; the first thread lacks
  its last one only if its parent was faster in reaping it. So n - 1 or n more. (Summed over the
  processes that the command waited for.) No preemption happens on that way but in one place, so the
  involuntary ones are equal, or one a thread more.
- The first thread of a process has a long way to go from its own reading to its death: the truth is
  written to its file, the memory is freed. There, what it read is only the lower limit, and wait4's
  word, which comes after its death, is the upper one.
"""
import argparse
import json
import sys
from collections import Counter


def near(ours, theirs):
    return abs(ours - theirs) <= theirs // 100 + 2_000_000


def cpu(o):
    """What the kernel charges: it takes off what interrupts and the hypervisor took."""
    return o["running_ns"] - o["irq_ns"]


class Check:
    def __init__(self, report):
        self.r = report
        self.wrong = []

    def holds(self, truth, what):
        if not truth:
            self.wrong.append(what)

    def within(self, where, name, value, low, high):
        self.holds(low <= value <= high, f"{where}: {name} is {value}, should be {low} to {high}")

    def clean(self):
        r = self.r
        self.holds(not any(r["lost"].values()), f"lost: {r['lost']}")
        self.holds(r["summary"]["unknown_ns"] == 0, f"unknown_ns is {r['summary']['unknown_ns']}")
        self.holds(r["accuracy"]["stream_difference_ns"] == 0,
                   f"stream_difference_ns is {r['accuracy']['stream_difference_ns']}")

    def kernel(self):
        """Whole run and thread by thread: there, differences cannot cancel out."""
        a = self.r["accuracy"]
        dead = [t for t in self.r["threads"] if not t["alive"]]
        self.holds(dead, "no thread has ended")
        self.holds(a["voluntary_difference"] == 0 and a["involuntary_difference"] == 0, f"accuracy: {a}")
        ours = sum(cpu(t) for t in dead)
        theirs = sum(t["kernel"]["cpu_ns"] for t in dead)
        self.holds(near(ours, theirs), f"CPU time {ours} ns, the kernel says {theirs}")
        ours = sum(t["runnable_ns"] for t in dead)
        theirs = sum(t["kernel"]["run_delay_ns"] for t in dead)
        # The kernel's is an upper bound: a sleeper that is moved to another CPU before it is off the
        # queue for good (delayed dequeue, from 6.12 on) counts as queueing until it is woken.
        self.holds(ours <= theirs + theirs // 20 + 20_000_000 + sum(t["irq_ns"] for t in dead),
                   f"runnable {ours} ns, the kernel says {theirs}")
        alike = [t for t in dead if abs(t["runnable_ns"] - t["kernel"]["run_delay_ns"])
                 <= t["kernel"]["run_delay_ns"] // 20 + 2_000_000 + t["irq_ns"]]
        self.holds(2 * len(alike) >= len(dead),
                   f"runnable as the kernel says in {len(alike)} of {len(dead)} threads only")
        for t in dead:
            where, k = f"thread {t['tid']} {t['comm']}", t["kernel"]
            self.holds(abs(cpu(t) - k["cpu_ns"]) <= k["cpu_ns"] // 1000 + 50_000,
                       f"{where}: CPU time {cpu(t)} ns, the kernel says {k['cpu_ns']}")
            for name in ("voluntary", "involuntary"):
                self.holds(t["switches"][name] == k[name],
                           f"{where}: {name} switches {t['switches'][name]}, the kernel says {k[name]}")

    def usage(self, u):
        """All but the reaper itself."""
        ps = [p for p in self.r["processes"] if p["pid"] != u["reaper"]]
        threads = sum(p["threads"] for p in ps)
        voluntary = sum(p["switches"]["voluntary"] for p in ps)
        involuntary = sum(p["switches"]["involuntary"] for p in ps)
        ours, theirs = sum(cpu(p) for p in ps), u["user_ns"] + u["system_ns"]
        # each thread's last 5 us come after the kernel has added it to its process
        self.holds(near(ours, theirs) or 0 <= ours - theirs <= 2_000_000 + 10_000 * threads,
                   f"CPU time {ours} ns, wait4 says {theirs}")
        self.within("against wait4", "voluntary switches", voluntary - u["voluntary"], threads - len(ps), threads)
        self.within("against wait4", "involuntary switches", involuntary - u["involuntary"], 0, threads)
        first = [p for p in ps if p["pid"] == u["pid"]]
        self.holds(len(first) == 1, f"process {u['pid']} is {len(first)} times in the report")
        for p in first:
            self.holds((p["exit"]["code"], p["exit"]["signal"]) ==
                       ((None, u["signal"]) if u["signal"] else (u["code"], None)),
                       f"exit {p['exit']}, wait4 says {u['code']} {u['signal']}")

    def truth(self, truth, u):
        threads = {t["tid"]: t for t in self.r["threads"] if t["pid"] != u["reaper"]}
        told = Counter((t["tid"], t["pid"], t["comm"]) for t in threads.values())
        true = Counter((t["tid"], t["pid"], t["name"]) for t in truth["threads"])
        self.holds(told == true, f"threads differ: {sorted((told - true) | (true - told))}")
        told = {(p["pid"], p["ppid"]): p for p in self.r["processes"] if p["pid"] != u["reaper"]}
        true = {(p["pid"], p["ppid"]): p for p in truth["processes"]}
        self.holds(set(told) == set(true), f"processes differ: {sorted(set(told) ^ set(true))}")
        for key in set(told) & set(true):
            self.holds(told[key]["exit"] == true[key]["exit"],
                       f"process {key[0]}: exit {told[key]['exit']}, should be {true[key]['exit']}")
        for t in truth["threads"]:
            if t["tid"] in threads:
                self.thread_truth(threads[t["tid"]], t, t["tid"] == t["pid"])
        self.wall(truth, threads, u)

    def thread_truth(self, t, true, first):
        where = f"thread {t['tid']} {t['comm']}"
        used, own, forced = true["cpu_ns"], true["voluntary"], true["involuntary"]
        slack = used // 500 + 100_000
        inf = float("inf")  # wait4's word is the upper limit
        self.within(where, "CPU time", cpu(t), used - slack, inf if first else used + used // 100 + 2_000_000)
        self.within(where, "voluntary switches", t["switches"]["voluntary"], own + 1, inf if first else own + 2)
        self.within(where, "involuntary switches", t["switches"]["involuntary"], forced, inf if first else forced + 1)
        # It lived at least from its first reading to its last, and was on no CPU for as long as it says.
        wall = true["wall_ns"]
        off = t["lifetime_ns"] - t["running_ns"]
        self.within(where, "lifetime", t["lifetime_ns"], wall - wall // 1000 - 100_000, inf)
        self.within(where, "time off the CPU", off, wall - used - t["irq_ns"] - slack - wall // 1000 - 2_000_000, inf)

    def wall(self, truth, threads, u):
        """Between the command's own reading and the reaper's; two clocks drift by up to 0.1 %."""
        first = threads.get(u["pid"])
        if first:
            low, high = truth["wall_ns"], u["wall_ns"]
            self.within("the command", "lifetime", first["lifetime_ns"], low - low // 1000 - 100_000,
                        high + high // 1000 + 10_000_000)
        self.within("the run", "wall", self.r["wall_ns"], u["wall_ns"] - u["wall_ns"] // 1000 - 1_000_000,
                    float("inf"))


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--clean", action="store_true")
    p.add_argument("--kernel", action="store_true")
    p.add_argument("--truth")
    p.add_argument("--usage")
    p.add_argument("report")
    o = p.parse_args()
    check = Check(load(o.report))
    usage = load(o.usage) if o.usage else None
    if o.clean:
        check.clean()
    if o.kernel:
        check.kernel()
    if usage:
        check.usage(usage)
    if o.truth:
        check.truth(load(o.truth), usage)
    for line in check.wrong:
        print(line)
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
