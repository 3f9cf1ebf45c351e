"""The mend of async_blocks.py: what blocks goes to threads."""
import asyncio
import time


async def polite():
    for _ in range(30):
        await asyncio.sleep(0.02)


async def guest():
    for _ in range(3):
        await asyncio.to_thread(time.sleep, 0.2)


async def main():
    await asyncio.gather(polite(), polite(), guest(), guest())


asyncio.run(main())
