# SPDX-License-Identifier: GPL-2.0-only
"""A few processes that take the tasks from a queue."""
import multiprocessing
import os
import time

import work


def main():
    chosen = work.options(workers=len(os.sched_getaffinity(0)))
    start = time.monotonic()
    arguments = [(chosen.task, chosen.amount, chosen.speed)] * chosen.tasks
    with multiprocessing.Pool(chosen.workers) as pool:
        pool.starmap(work.some_activity, arguments, chunksize=1)
    work.tell(chosen, "pool", start)


if __name__ == "__main__":
    main()
