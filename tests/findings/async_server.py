"""async_server.py FILE: a healthy server on an event loop. Otherwise as http_server.py."""
import asyncio
import os
import sys


async def main():
    ended = asyncio.Event()

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.01)
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
        await writer.drain()
        writer.close()
        if head.startswith(b"GET /end"):
            ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with open(sys.argv[1] + ".new", "w", encoding="ascii") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    await ended.wait()


asyncio.run(main())
