#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Faults in live runs. Prints what is wrong, then "N faults, M wrong".

    live.py kill CNT | outputs | syscalls CNT

Whatever happens to conctrace, a command that has begun comes to its end, nothing is left behind, and
conctrace says in one line what failed, or gives whole reports. Random choices come from a fixed seed.
Exit status: 0 all held, 1 not, 77 something that it needs is absent.
"""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CONCTRACE = os.path.realpath(os.environ.get("CONCTRACE", "./conctrace"))
PATIENCE_S = 60
CODE = 7  # the command's
COMMAND = 'echo >"$0/begun"; i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i + 1)); done; sleep 0.01; echo >"$0/ended"; exit 7'
# What may fail in conctrace itself, and how. Not read and write, whose failures the other parts inject.
SYSCALLS = {"bpf": ("EPERM", "ENOMEM", "EINVAL"), "openat": ("EMFILE", "EACCES"), "mmap": ("ENOMEM",),
            "pipe2": ("EMFILE",), "clone": ("EAGAIN",), "clone3": ("EAGAIN",), "epoll_create1": ("EMFILE",),
            "epoll_ctl": ("ENOMEM",), "timerfd_create": ("EMFILE",), "timerfd_settime": ("EINVAL",),
            "signalfd4": ("EMFILE",), "pidfd_open": ("EMFILE",), "perf_event_open": ("EACCES", "EMFILE"),
            "fcntl": ("EMFILE",), "poll": ("ENOMEM",)}


class Place:
    """A directory for one fault, and the run in it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="conctrace-faults.")

    def at(self, name):
        return os.path.join(self.dir, name)

    def has(self, name):
        return os.path.exists(self.at(name))

    def start(self, options, before=(), **more):
        with open(self.at("said"), "wb") as said:  # no pipe, whose end a command left behind would hold
            return subprocess.Popen([*before, CONCTRACE, *options, "--", "sh", "-c", COMMAND, self.dir],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                                    start_new_session=True, **more)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def members(session):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(int(path.split("/")[2]))
    return found


def orphans():
    """The probes that no process holds: the kernel frees them a little after their last user."""
    shown = subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True, text=True, check=True).stdout
    return {p["id"] for p in json.loads(shown) if p.get("name", "").startswith("ct_") and not p.get("pids")}


def await_that(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def aftermath(place, session):
    """What is wrong once conctrace is gone, whatever ended it."""
    if not await_that(lambda: not members(session)):
        for pid in members(session):
            os.kill(pid, signal.SIGKILL)
        return ["processes are left behind"]
    if place.has("begun") and not place.has("ended"):
        return ["the command has not come to its end"]
    left = orphans()
    if left and not await_that(lambda: not left & orphans()):
        return [f"probes are left behind: {left}"]
    return []


def json_wrong(path):
    try:
        with open(path, encoding="utf-8") as f:
            report = json.load(f)
    except (OSError, ValueError) as err:
        return [f"the JSON report is not whole: {err}"]
    t = report["summary"]
    whole = t["running_ns"] + t["runnable_ns"] + t["blocked_ns"] + t["unknown_ns"] == t["lifetime_ns"]
    return [] if whole and report["exit"]["code"] == CODE else ["the JSON report is wrong"]


def one_line(said):
    lines = said.splitlines()
    return [] if len(lines) == 1 and lines[0].startswith("conctrace: ") else [f"it says {lines}"]


def finish(place, process):
    """(status, what it said); a hang is status None."""
    try:
        status = process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        status = None
        process.kill()
        process.wait()
    with open(place.at("said"), encoding="utf-8", errors="replace") as f:
        return status, f.read()


# ---- killed ----

def kill_once(place, chance):
    rec = place.at("rec")
    p = place.start(["-q", "--record", rec])
    time.sleep(chance.uniform(0, 1.2))
    p.kill()
    p.wait()
    wrong = aftermath(place, p.pid)
    if not os.path.exists(rec):
        return wrong
    report = subprocess.run([CONCTRACE, "report", "--json", place.at("json"), "-o", place.at("text"), rec],
                            capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if report.returncode == 0 and report.stderr:
        return wrong + ([] if "is cut short" in report.stderr else one_line(""))
    if report.returncode == 0:  # it had come to its end before
        return wrong + json_wrong(place.at("json"))
    if report.returncode != 125 or place.has("begun"):
        wrong.append(f"the recording cannot be read: {report.returncode}, {report.stderr}")
    return wrong + one_line(report.stderr)


def kills(cnt):
    chance = random.Random(1)
    return [("kill -9", lambda place: kill_once(place, chance))] * cnt


# ---- outputs ----

def formats():
    told = subprocess.run([CONCTRACE, "--help"], capture_output=True, text=True, check=True).stdout
    return ["-o"] + [o for o in ("--json", "--record", "--folded", "--csv", "--html", "--perfetto") if o in told]


def mounted(place, size, fill):
    path = place.at("disk")
    os.mkdir(path)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", path], check=True)
    if fill:
        try:
            with open(os.path.join(path, "filler"), "wb", buffering=0) as f:
                while f.write(b"x" * 4096):
                    pass
        except OSError:
            pass
    return path


def output_once(place, option, target):
    others = {"--json": place.at("json"), "-o": place.at("text"), "--record": place.at("rec")}
    others.pop(option, None)
    disk, fds = None, []
    try:
        if target == "full device":
            path = "/dev/full"
        elif target == "closed pipe":
            ours, theirs = os.pipe()
            os.close(ours)
            fds, path = [theirs], f"/dev/fd/{theirs}"
        else:
            disk = mounted(place, "64k", target == "full disk")
            path = os.path.join(disk, "file")
            if target == "read-only":
                subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        options = [word for pair in others.items() for word in pair] + [option, path]
        p = place.start((["--stacks"] if option == "--folded" else []) + options, pass_fds=fds)
        status, said = finish(place, p)
        wrong = aftermath(place, p.pid)
    finally:
        for fd in fds:
            os.close(fd)
        if disk:
            subprocess.run(["umount", disk], check=True)
    if status != 125:
        wrong.append(f"it ended with {status}")
    wrong += one_line(said)
    if target == "read-only":  # found out before the command would begin
        return wrong + (["the command was run"] if place.has("begun") else [])
    if not place.has("ended"):
        wrong.append("the command was not run")
    if "--json" in others:
        wrong += json_wrong(others["--json"])
    if "-o" in others and not os.path.getsize(others["-o"]):
        wrong.append("the text report is missing")
    return wrong


def outputs():
    return [(f"{option}, {target}", lambda place, o=option, t=target: output_once(place, o, t))
            for option in formats() for target in ("full device", "full disk", "read-only", "closed pipe")]


# ---- system calls ----

def calls_made(place, words):
    log = place.at("calls")
    subprocess.run(["strace", "-qq", "-o", log, "-e", "trace=" + ",".join("?" + s for s in SYSCALLS), *words],
                   stdin=subprocess.DEVNULL, capture_output=True, check=False)
    with open(log, encoding="utf-8", errors="replace") as f:
        names = [line.split("(")[0] for line in f]
    return {s: names.count(s) for s in SYSCALLS}


def syscall_once(place, name, nth, error):
    options = ["-o", place.at("text"), "--json", place.at("json"), "--record", place.at("rec")]
    p = place.start(options, before=["strace", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e",
                                     f"inject={name}:error={error}:when={nth}"])
    status, said = finish(place, p)
    wrong = aftermath(place, p.pid)
    if status == 125:
        return wrong + one_line(said)
    if status != CODE:
        return wrong + [f"it ended with {status} and said {said}"]
    return wrong + json_wrong(place.at("json"))


def syscalls(cnt):
    place = Place()
    options = ["-o", place.at("text"), "--json", place.at("json"), "--record", place.at("rec")]
    before = calls_made(place, [CONCTRACE, "--version"])  # the loader's own
    made = calls_made(place, [CONCTRACE, *options, "sh", "-c", COMMAND, place.dir])
    place.remove()
    every = [(s, n, e) for s in SYSCALLS for n in range(before[s] + 1, made[s] + 1) for e in SYSCALLS[s]]
    chosen = random.Random(1).sample(every, min(cnt, len(every)))
    return [(f"{s} number {n} fails with {e}", lambda place, f=(s, n, e): syscall_once(place, *f))
            for s, n, e in chosen]


def main(part, cnt="0"):
    for tool in ("bpftool", "strace"):
        if not shutil.which(tool):
            print(f"{tool} is not installed")
            return 77
    if os.geteuid():
        print("needs root")
        return 77
    cases = {"kill": lambda: kills(int(cnt)), "outputs": outputs, "syscalls": lambda: syscalls(int(cnt))}[part]()
    bad = 0
    for name, run in cases:
        place = Place()
        wrong = run(place)
        place.remove()
        bad += bool(wrong)
        for what in wrong:
            print(f"{name}: {what}", flush=True)
    print(f"{len(cases)} faults, {bad} wrong")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
