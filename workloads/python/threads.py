# SPDX-License-Identifier: GPL-2.0-only
"""A thread for each task. Computing, they take turns under the interpreter lock; waiting, they
give it up, and the waits overlap."""
import threading
import time

import work


def main():
    chosen = work.options()
    start = time.monotonic()
    arguments = (chosen.task, chosen.amount, chosen.speed)
    threads = [
        threading.Thread(target=work.some_activity, args=arguments) for _ in range(chosen.tasks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work.tell(chosen, "threads", start)


if __name__ == "__main__":
    main()
