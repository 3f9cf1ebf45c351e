#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds conctrace's findings against a table of real programs (tests/findings/table.txt tells its form).

    hold_findings.py [--keep DIR] [--only REGEX] [--least N] [--no-syscalls] CONCTRACE WORKLOAD PROGRAMS TABLE

Traces each row's command and tells what was found; then how many rows ran, precision (of all that was
found, the part that is right) and recall (of all that had to be found, the part that was). A row whose
program is not installed does not run, is named, and does not count. With --no-syscalls conctrace knows less: then it may miss
things, but still tell nothing wrong. Exit status: 0 at least N rows were
judged and none is wrong, 1 otherwise.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

# What a machine with the packages of scripts/setup.sh may lack: too big to ask for.
BIG = ("node", "java")

# Rows that could not be judged at the first try, as others took that much.
TRIES = 3
TOO_MUCH = 0.4
# True on a busy machine, whatever the program: counts only where the row asks for it.
ALWAYS = {"outside-interference"}


@dataclass
class Row:
    name: str
    must: list  # of sets: one of each
    may: set
    beside: str
    command: str

    def program_lacks(self):
        first = self.command.split()[0]
        return first in BIG and not (shutil.which(first) and (first != "java" or shutil.which("javac")))

    def wrong(self, report):
        """What should not have been found, and what should have been."""
        found = ids_of(report)
        right = ALWAYS | self.may | set().union(*self.must)
        return found - right, [must for must in self.must if not must & found]


def ids_of(report):
    return {f["id"] for f in report["findings"]}


def taken(report):
    """Of the CPU time that the program had or wanted, what others took."""
    for f in report["findings"]:
        if f["id"] == "outside-interference":
            return f["evidence"]["taken_ns"] / (f["evidence"]["taken_ns"] + f["evidence"]["running_ns"])
    return 0


def ids(text):
    return [part.strip() for part in text.split(",") if part.strip()]


def read_table(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.strip() or line.startswith("#"):
                continue
            name, must, may, beside, command = (part.strip() for part in line.split("|", 4))
            rows.append(Row(name, [set(i.split("/")) for i in ids(must)], set(ids(may)), beside, command))
    return rows


def prepare(args, rows):
    """What the rows want to find in the environment: the programs, a text, and later a server's URL."""
    here = os.path.dirname(os.path.abspath(__file__))
    env = dict(os.environ, PATH="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL="C",
               T=os.path.join(os.path.dirname(here), "findings"), P=os.path.abspath(args.programs),
               W=os.path.abspath(args.workload), MANY=str(8 * os.cpu_count()), SHARED=tempfile.mkdtemp(prefix="findings."))
    with open(f"{env['SHARED']}/text", "wb") as f:
        f.write(b"".join(b"%d squared is %d\n" % (i, i * i) for i in range(700_000)))
    classes = [row.command.split()[-1] for row in rows if row.command.startswith("java ")]
    if classes and shutil.which("javac"):
        subprocess.run(["javac", "-d", env["SHARED"]] + [f"{env['T']}/{c}.java" for c in classes], check=True)
    return env


def serve(env):
    """A server outside of what is traced. It ends with our end of the pipe, however we end."""
    server = subprocess.Popen([env["W"], "serve", "--delay-ms=150", "--until-eof"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    env["WORKLOAD_URL"] = re.search(r"http://\S+", server.stdout.readline())[0]
    return server


def run_row(row, conctrace, env, json_path):
    """The report's findings; the command's own output goes nowhere."""
    env = dict(env, D=tempfile.mkdtemp(dir=env["SHARED"]))
    beside = None
    if row.beside:
        beside = subprocess.Popen(["sh", "-c", "exec " + row.beside], env=env, stdout=subprocess.DEVNULL)
        time.sleep(0.1)
    words = shlex.split(expand(row.command, env))
    try:
        traced = subprocess.run(conctrace + ["-q", "--json", json_path, "--"] + words, env=env, cwd=env["SHARED"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
    finally:
        if beside:
            beside.terminate()
            beside.wait()
    if traced.returncode not in (0, 124): # timeout's
        raise RuntimeError(f"{row.name} ended with {traced.returncode}: {traced.stderr.decode(errors='replace')}")
    with open(json_path, encoding="utf-8") as f:
        return json.load(f)


def expand(text, env):
    """The variables that the table's head names; all other dollars are the command's own."""
    return re.sub(r"\$(T|D|P|W|SHARED|MANY|WORKLOAD_URL)\b", lambda m: env[m[1]], text)


@dataclass
class Score:
    right: int = 0
    false: int = 0
    missed: int = 0
    ran: int = 0
    wrong: int = 0
    names: list = field(default_factory=list)

    def add(self, row, report, false, missed):
        found = ids_of(report)
        self.ran += 1
        self.right += len(found - false - ALWAYS) + len(found & ALWAYS & set().union(*row.must))
        self.false += len(false)
        self.missed += len(missed)
        self.wrong += bool(false or missed)


def show(row, report, false, missed, took):
    said = ", ".join(sorted(ids_of(report))) or "-"
    print(f"{'WRONG' if false or missed else 'ok':5} {row.name:20} {took:4.1f} s  {said}", flush=True)
    for must in missed:
        print(f"      missed: {'/'.join(sorted(must))}")
    if false or missed:
        for f in report["findings"]:
            print(f"      {f['id']}: {f['title']} {json.dumps(f['evidence'])}")


def run_and_show(row, conctrace, env, json_path, score):
    """
    What is missed is looked for again: the machine may have been at fault, so two of three runs decide. Runs in which
    others had most of the CPU time do not count, as the program was hardly there to be seen. What is found, must be
    right however busy the machine is.
    """
    misses = counted = 0
    for _ in range(TRIES):
        began = time.monotonic()
        report = run_row(row, conctrace, env, json_path)
        false, missed = row.wrong(report)
        seen = bool(false or not missed or taken(report) < TOO_MUCH)
        counted += seen
        misses += seen and bool(missed)
        if false or misses >= 2 or counted - misses > misses:
            break
        print(f"again {row.name:20} missed: {', '.join('/'.join(sorted(must)) for must in missed) or 'nothing'}")
    if not counted:
        print(f"busy  {row.name:20} not judged: others took {taken(report):.0%} of the CPU time")
        return
    score.add(row, report, false, missed)
    if false or missed:
        score.names.append(row.name)
    show(row, report, false, missed, time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep")
    parser.add_argument("--only", default="")
    parser.add_argument("--least", type=int, default=1)
    parser.add_argument("--no-syscalls", action="store_true")
    parser.add_argument("conctrace")
    parser.add_argument("workload")
    parser.add_argument("programs")
    parser.add_argument("table")
    args = parser.parse_args()
    conctrace = [os.path.abspath(args.conctrace)] + ["--no-syscalls"] * args.no_syscalls
    # Before whatever else the machine does, so that a program's own troubles come first.
    os.nice(-15)
    score = Score()
    rows = [row for row in read_table(args.table) if re.search(args.only, row.name)]
    absent = [row.name for row in rows if row.program_lacks()]
    for row in rows if args.no_syscalls else []:
        row.may |= set().union(*row.must)
        row.must = []
    env = prepare(args, rows)
    keep = os.path.abspath(args.keep or env["SHARED"])
    os.makedirs(keep, exist_ok=True)
    try:
        with serve(env) as server:
            for row in rows:
                if row.name not in absent:
                    run_and_show(row, conctrace, env, f"{keep}/{row.name}.json", score)
            server.stdin.close()
    finally:
        shutil.rmtree(env["SHARED"])
    for name in absent:
        print(f"did not run, as its program is not installed: {name}")
    told = score.right + score.false
    hoped = score.right + score.missed
    if score.names:
        print(f"wrong: {', '.join(score.names)}")
    print(f"{score.ran} programs, {score.wrong} wrong; precision {score.right}/{told}, recall {score.right}/{hoped}")
    return 1 if score.wrong or score.ran < args.least else 0


if __name__ == "__main__":
    sys.exit(main())
