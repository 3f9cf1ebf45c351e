"""A coroutine that fetches with a blocking client: the loop stands still during each."""
import asyncio
import os
import urllib.request

URL = os.environ["WORKLOAD_URL"]


async def ticks():
    for _ in range(20):
        await asyncio.sleep(0.02)


async def fetches():
    for _ in range(4):
        await asyncio.sleep(0.02)
        with urllib.request.urlopen(URL) as answer:
            answer.read()


async def main():
    await asyncio.gather(ticks(), fetches())


asyncio.run(main())
