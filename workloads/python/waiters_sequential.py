# SPDX-License-Identifier: GPL-2.0-only
"""Three waiters awaited one after another: the sum of all, 6 s."""
from waiting import run, waiter


async def main():
    for number in (1, 2, 3):
        await waiter(number)


run(main)
