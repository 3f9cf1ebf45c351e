# SPDX-License-Identifier: GPL-2.0-only
"""What a process can say of itself: its number, how many threads it has, and their names."""
import os
import threading

THREADS = 3


def tell():
    threads = threading.enumerate()
    print(f"process {os.getpid()} has {len(threads)} thread{'s' if len(threads) > 1 else ''}:")
    for thread in sorted(threads, key=lambda t: t.native_id):
        print(" ", thread.native_id, thread.name)


def stand_by(may_go):
    may_go.wait()


def main():
    tell()
    may_go = threading.Event()
    threads = [
        threading.Thread(target=stand_by, name=f"worker-{i}", args=(may_go,))
        for i in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    tell()
    may_go.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
