#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds the causes of blocked time against what tests/programs/waits.c measured of itself.

    causes.py CONCTRACE WAITS MS NAME...

Traces all the named waits in one run, with the system-call probes and then without. Of what each
measured, at least 95 % must stand under its cause in its main thread, and no other cause may have
more than 2 % of it; a wait of two parts is held to both. The report must fit the validator, and
nothing may be lost. A wait that does not hold is made once more, by itself: what else goes on in the
machine (a process can be held up in fork and exit too) does not hit twice, a wrong cause does. A
report that does not fit has no second chance. Prints a line for each violation, and with SHOW=1 in the environment one for
each wait. Exit status: 0 all hold, 1 some do not, 77 no wait could be made here.
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile

LEAST, MOST = 0.95, 0.02
MANY_WAITS = ("disk", "fault")  # what is measured of these is a difference, and may be too little
VALIDATOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "validate_report.py")


def rows(waits):
    listed = subprocess.run([waits, "--list"], check=True, capture_output=True, text=True)
    return {name: causes for name, *causes in map(str.split, listed.stdout.splitlines())}


def trace(conctrace, options, waits, ms, names, where):
    """All at once; each leaves its words in NAME.out, NAME.err, its status in NAME.status."""
    script = "".join(f"{{ {shlex.quote(waits)} {n} {ms} >{n}.out 2>{n}.err; echo $? >{n}.status; }} &\n"
                     for n in names) + "wait\n"
    done = subprocess.run([conctrace, "-q", *options, "--json", "report.json", "--", "sh", "-c", script],
                          cwd=where, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        return [f"conctrace ended with {done.returncode}: {done.stderr.strip()}"]
    checked = subprocess.run(["/usr/bin/python3", "-W", "ignore", VALIDATOR, "report.json"],
                             cwd=where, capture_output=True, text=True, check=False)
    return checked.stdout.splitlines() if checked.returncode not in (0, 77) else []


def read(where, name):
    with open(os.path.join(where, name), encoding="utf-8") as f:
        return f.read()


def lost(report):
    told = report["lost"]
    if any(told[k] for k in ("events", "late_events", "threads", "gaps")):
        yield f"lost: {told}"
    if report["summary"]["unknown_ns"]:
        yield f"unknown_ns is {report['summary']['unknown_ns']}"


def main_thread(report, name, ms):
    """Of the process that was started as this wait; a child it forks has the same argv."""
    kin = [p for p in report["processes"] if p["argv"][1:] == [name, ms]]
    pids = {p["pid"] for p in kin}
    first = [p["pid"] for p in kin if p["ppid"] not in pids]
    threads = [t for t in report["threads"] if first == [t["tid"]]]
    return threads[0] if len(threads) == 1 else None


def hold(name, causes, measured, thread):
    blocked = thread["blocked"]
    parts = dict(zip(causes, measured))
    for cause, ns in parts.items():
        if ns <= 0:
            yield f"{name}: measured only {ns} ns of {cause}"
        elif blocked[cause] < LEAST * ns:
            yield f"{name}: {blocked[cause]} ns under {cause}, of {ns} ns: {blocked}"
        elif cause not in MANY_WAITS and blocked[cause] > (1 + MOST) * ns + 2e6:
            yield f"{name}: {blocked[cause]} ns under {cause}, more than the {ns} ns: {blocked}"
    for cause, ns in blocked.items():
        if cause not in parts and ns > MOST * sum(measured):
            yield f"{name}: {ns} ns under {cause}, of {sum(measured)} ns for {' and '.join(parts)}"


def share(name, causes, measured, thread):
    told = [f"{c} {100 * thread['blocked'][c] / max(ns, 1):.2f} %" for c, ns in zip(causes, measured)]
    rest = sum(ns for c, ns in thread["blocked"].items() if c not in causes)
    return f"{name:26} {', '.join(told):32} others {100 * rest / max(sum(measured), 1):.3f} %"


def check(options, conctrace, waits, ms, names, table):
    """What is wrong with the report; then by name, with each wait that was made; None: well made."""
    with tempfile.TemporaryDirectory(prefix="waits.", dir=".") as where:
        wrong = trace(conctrace, options, waits, ms, names, where)
        if wrong:
            return wrong, {}
        report = json.loads(read(where, "report.json"))
        made = {}
        for name in names:
            status = int(read(where, name + ".status"))
            if status:
                said = read(where, name + ".err").strip()
                if status == 77:
                    print("# " + said)
                else:
                    made[name] = [f"{name}: {said} (status {status})"]
                continue
            measured = [int(w) for w in read(where, name + ".out").split()]
            thread = main_thread(report, name, ms)
            if thread is None or len(measured) != len(table[name]):
                wrong.append(f"{name}: is not in the report exactly once")
                continue
            made[name] = list(hold(name, table[name], measured, thread))
            if os.environ.get("SHOW"):
                print(f"# {share(name, table[name], measured, thread)} {' '.join(options)}")
        return wrong + list(lost(report)), made


def main(conctrace, waits, ms, *names):
    conctrace, waits = os.path.abspath(conctrace), os.path.abspath(waits)
    table = rows(waits)
    bad = cnt = 0
    for options in [], ["--no-syscalls"]:
        wrong, made = check(options, conctrace, waits, ms, names, table)
        cnt += len(made)
        for name, first in made.items():
            if first:
                print("# once more: " + first[0])
                also, again = check(options, conctrace, waits, ms, [name], table)
                wrong += also + again.get(name, first)
        for line in wrong:
            print(f"{' '.join(options) or 'plain'}: {line}")
            bad = 1
    return bad or (0 if cnt else 77)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        print(__doc__.strip())
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
