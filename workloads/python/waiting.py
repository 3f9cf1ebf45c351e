# SPDX-License-Identifier: GPL-2.0-only
"""The waiter of the five waiters_*.py, and the frame around each of them."""
import argparse
import asyncio
import time

BEGIN = time.monotonic()
SPEED = 1


def elapsed():
    return f"{time.monotonic() - BEGIN:.2f} s"


async def pause(seconds):
    await asyncio.sleep(seconds / SPEED)


async def waiter(number, blocks=0):
    """Waits for `number` seconds, and if it must, then blocks everybody for some more."""
    print(f"waiter {number}: waits {number / SPEED:g} s")
    await pause(number)
    if blocks:
        print(f"waiter {number}: blocks {blocks / SPEED:g} s")
        time.sleep(blocks / SPEED)
    print(f"waiter {number}: finished after {elapsed()}")
    return number


def run(body):
    global BEGIN, SPEED
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", type=float, default=1)
    SPEED = parser.parse_args().speed
    BEGIN = time.monotonic()
    print("started at", time.strftime("%X"))
    asyncio.run(body())
    print("finished at", time.strftime("%X"), "after", elapsed())
