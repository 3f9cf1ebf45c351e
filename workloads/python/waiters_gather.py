# SPDX-License-Identifier: GPL-2.0-only
"""One waiter awaited, then two gathered: 1 + 3 = 4 s; results in the order of the call."""
import asyncio

from waiting import run, waiter


async def main():
    await waiter(1)
    second, third = await asyncio.gather(waiter(2), waiter(3))
    print(f"gathered: {second} and {third}")


run(main)
