"""One coroutine sleeps the plain way: nobody else gets on."""
import asyncio
import time


async def polite():
    for _ in range(30):
        await asyncio.sleep(0.02)


async def rude():
    for _ in range(3):
        await asyncio.sleep(0.05)
        time.sleep(0.2)


async def main():
    await asyncio.gather(polite(), polite(), rude())


asyncio.run(main())
