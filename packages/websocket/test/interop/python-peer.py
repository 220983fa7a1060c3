"""An echoing peer on Python's websockets (10 or newer): a server, or a client of a URL.

Answers every message with the same message, but for three texts: "close CODE REASON" makes it
close, "fragments" makes it send a message in parts, "bye" ends a client that is to close first.
"""
import asyncio
import sys

import websockets

LIMITS = {"max_size": 17 * 1024 * 1024, "max_queue": 4, "ping_interval": None}


async def echo(socket):
    try:
        async for message in socket:
            if isinstance(message, str) and message.startswith("close "):
                _, code, reason = message.split(" ", 2)
                await socket.close(int(code), reason)
            elif message == "fragments":
                await socket.send(["in ", "", "three \U0001f44b parts"])
            else:
                await socket.send(message)
    except websockets.exceptions.ConnectionClosedError:
        pass
    await socket.wait_closed()
    print(f"closed {socket.close_code} {socket.close_reason}", flush=True)


async def serve(compression):
    async with websockets.serve(echo, "127.0.0.1", 0, compression=compression, **LIMITS) as server:
        print(f"port {server.sockets[0].getsockname()[1]}", flush=True)
        # The end of our standard input is the end of the test.
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def connect(compression, url):
    async with websockets.connect(url, compression=compression, **LIMITS) as socket:
        await echo(socket)


role, compression, *rest = sys.argv[1:]
compression = None if compression == "none" else compression
asyncio.run(serve(compression) if role == "serve" else connect(compression, *rest))
