# SPDX-License-Identifier: GPL-2.0-only
"""Three waiters started half a second apart: 0.5 + 0.5 + 3 = 4 s."""
import asyncio

from waiting import pause, run, waiter


async def main():
    first = asyncio.create_task(waiter(1))
    await pause(0.5)
    second = asyncio.create_task(waiter(2))
    await pause(0.5)
    third = asyncio.create_task(waiter(3))
    await first
    await second
    await third


run(main)
