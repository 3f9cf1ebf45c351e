# SPDX-License-Identifier: GPL-2.0-only
"""A process for each task: every one has an interpreter, and a lock, of its own."""
import multiprocessing
import time

import work


def main():
    chosen = work.options()
    start = time.monotonic()
    arguments = (chosen.task, chosen.amount, chosen.speed)
    processes = [
        multiprocessing.Process(target=work.some_activity, args=arguments)
        for _ in range(chosen.tasks)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    work.tell(chosen, "processes", start)


if __name__ == "__main__":
    main()
