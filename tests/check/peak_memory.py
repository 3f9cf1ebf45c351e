#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs conctrace and prints the most memory that it had at a time itself, in KiB.

    peak_memory.py REPORT CONCTRACE [ARG...]

The JSON report goes through a pipe to REPORT. While conctrace waits for us to take the next piece,
it still has all that the report is made of, so the last look at its own high-water mark comes after
the peak. (The mark that wait4 tells would include the command's.)
"""
import os
import subprocess
import sys


def high_water_kib(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            return max((int(line.split()[1]) for line in f if line.startswith("VmHWM:")), default=0)
    except OSError:
        return 0


def main(path, conctrace, *args):
    ours, theirs = os.pipe()
    command = [conctrace, "--json", f"/dev/fd/{theirs}", *args]
    most = 0
    with subprocess.Popen(command, pass_fds=[theirs], stdout=subprocess.DEVNULL) as p, open(path, "wb") as report:
        os.close(theirs)
        while piece := os.read(ours, 65536):
            most = max(most, high_water_kib(p.pid))
            report.write(piece)
    if p.returncode or not most:
        print(f"conctrace ended with {p.returncode}, its memory is {most} KiB")
        return 1
    print(most)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
