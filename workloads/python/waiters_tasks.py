# SPDX-License-Identifier: GPL-2.0-only
"""Three waiters started as tasks, then awaited: as long as the longest, 3 s."""
import asyncio

from waiting import run, waiter


async def main():
    tasks = [asyncio.create_task(waiter(number)) for number in (1, 2, 3)]
    for task in tasks:
        await task


run(main)
