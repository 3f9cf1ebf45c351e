# SPDX-License-Identifier: GPL-2.0-only
"""The second waiter blocks the thread for 5 s, and so the loop and the third: 7 s."""
import asyncio

from waiting import run, waiter


async def main():
    tasks = [
        asyncio.create_task(waiter(1)),
        asyncio.create_task(waiter(2, blocks=5)),
        asyncio.create_task(waiter(3)),
    ]
    for task in tasks:
        await task


run(main)
