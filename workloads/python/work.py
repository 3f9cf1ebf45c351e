# SPDX-License-Identifier: GPL-2.0-only
"""The pieces of work that the programs beside this one organize in different ways.

Only the standard library is used, so that nothing has to be installed: urllib stands where a
larger program would use requests. The target of `fetch` comes from WORKLOAD_URL, as in
    ../../workload serve -- python3 threads.py --task=net
"""
import argparse
import os
import sys
import time
import urllib.request


def factorial(n):
    """By recursion and anew each time: the point is to keep a CPU busy."""
    return 1 if n < 2 else n * factorial(n - 1)


def sine(x):
    """The series of the sine up to x^11."""
    return sum((-1) ** (n // 2) * x**n / factorial(n) for n in range(1, 12, 2))


def compute(amount):
    """Work that only a CPU can do."""
    return sum(sine(i / amount) for i in range(amount))


def target():
    """Where to fetch from."""
    url = os.environ.get("WORKLOAD_URL")
    if not url:
        sys.exit("WORKLOAD_URL is not set: start this with `workload serve -- python3 ...`")
    return url


def fetch(url):
    """One HTTP GET that blocks; no proxy stands between two programs of one machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url) as answer:
        return len(answer.read())


def options(**more):
    """The options that all programs here share; `more` are further ones with their defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", choices=("cpu", "net", "sleep"), default="cpu")
    parser.add_argument("--tasks", type=int, default=10)
    parser.add_argument("--amount", type=int, default=20000)
    parser.add_argument("--speed", type=float, default=1)
    for name, default in more.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default)
    return parser.parse_args()


def some_activity(task, amount, speed):
    """One task, whichever kind was asked for."""
    if task == "cpu":
        return compute(amount)
    if task == "net":
        return fetch(target())
    time.sleep(1 / speed)
    return 0


def tell(chosen, mode, start):
    """The last line of each program."""
    seconds = time.monotonic() - start
    print(f"{chosen.tasks} {chosen.task} tasks, mode {mode}: {seconds:.2f} s")
