# SPDX-License-Identifier: GPL-2.0-only
"""A coroutine for each task, all in one thread. With --blocking-client=1 the fetches are the
blocking ones of the other programs: the loop stands still during each of them."""
import asyncio
import time
import urllib.parse

import work


async def fetch(url):
    """An HTTP GET that lets the others go on: what aiohttp does, at its smallest."""
    parts = urllib.parse.urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise OSError(f"{url} answered {answer[:40]!r}")
    return len(answer.split(b"\r\n\r\n", 1)[1])


async def some_activity(chosen):
    if chosen.task == "cpu":
        return work.compute(chosen.amount)
    if chosen.task == "net":
        return work.fetch(work.target()) if chosen.blocking_client else await fetch(work.target())
    return await asyncio.sleep(1 / chosen.speed)


async def run_all(chosen):
    await asyncio.gather(*(some_activity(chosen) for _ in range(chosen.tasks)))


def main():
    chosen = work.options(blocking_client=0)
    start = time.monotonic()
    asyncio.run(run_all(chosen))
    work.tell(chosen, "eventloop", start)


if __name__ == "__main__":
    main()
