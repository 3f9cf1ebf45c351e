"""A healthy event loop: twenty coroutines wait at once, each a few times."""
import asyncio


async def visit():
    for _ in range(5):
        await asyncio.sleep(0.1)


async def main():
    await asyncio.gather(*(visit() for _ in range(20)))


asyncio.run(main())
