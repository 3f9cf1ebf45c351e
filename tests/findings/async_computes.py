"""One coroutine computes for long: nobody else gets on."""
import asyncio


async def polite():
    for _ in range(30):
        await asyncio.sleep(0.02)


async def busy():
    for _ in range(3):
        await asyncio.sleep(0.05)
        sum(i * i for i in range(3_000_000))


async def main():
    await asyncio.gather(polite(), polite(), busy())


asyncio.run(main())
