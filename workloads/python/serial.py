# SPDX-License-Identifier: GPL-2.0-only
"""One task after another."""
import time

import work


def main():
    chosen = work.options()
    start = time.monotonic()
    for _ in range(chosen.tasks):
        work.some_activity(chosen.task, chosen.amount, chosen.speed)
    work.tell(chosen, "serial", start)


if __name__ == "__main__":
    main()
