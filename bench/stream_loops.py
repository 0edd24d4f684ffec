"""python -m bench.stream_loops NAME PORT: one frame to all who listen, by one loop or another.

`ours` is the loop of server.stream under the real application; `stock` is what the manual of
sse-starlette shows, a generator that reads a queue.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.app import Application
from server.stream import JobStream
from server.subscription import Frame, Subscription

JOB = UUID(int=1)
TEXT = '{"type":"status","text":"%s"}' % ("x" * 150)


class Shared(Frame):
    """A frame of 200 bytes at any seq."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.is_final = False
        self._bytes = ServerSentEvent(TEXT, id=str(seq), event="status", sep="\n").encode()

    def encoded(self, encode: object) -> bytes:
        return self._bytes


def ours() -> Starlette:
    """The loop of the server."""
    readers: set[Subscription] = set()
    last = Shared(1)

    async def listen(request: Request) -> Response:
        reader = Subscription(JOB, leave=readers.discard)
        readers.add(reader)
        return JobStream(reader, last, **edge_options())

    def broadcast() -> None:
        nonlocal last
        last = Shared(last.seq + 1)
        for reader in readers:
            reader.offer(last)

    return Application(routes=routes(listen, broadcast))


def stock() -> Starlette:
    """The loop that sse-starlette brings."""
    queues: set[asyncio.Queue[str]] = set()

    async def states(queue: asyncio.Queue[str]) -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(TEXT, id="1", event="status", sep="\n")
        try:
            while True:
                yield ServerSentEvent(await queue.get(), id="1", event="status", sep="\n")
        finally:
            queues.discard(queue)

    async def listen(request: Request) -> Response:
        queue: asyncio.Queue[str] = asyncio.Queue()
        queues.add(queue)
        return EventSourceResponse(states(queue), sep="\n")

    def broadcast() -> None:
        for queue in queues:
            queue.put_nowait(TEXT)

    return Starlette(routes=routes(listen, broadcast))


def edge_options() -> dict[str, object]:
    return {"is_named": True, "lifetime": timedelta(hours=1), "expires_at": None}


def routes(listen: Callable[..., object], broadcast: Callable[[], None]) -> list[Route]:
    async def tell(request: Request) -> Response:
        asyncio.get_running_loop().call_soon(broadcast)
        return Response(status_code=204)

    return [Route("/stream", listen), Route("/tell", tell, methods=["POST"])]


if __name__ == "__main__":
    app = {"ours": ours, "stock": stock}[sys.argv[1]]()
    uvicorn.run(
        app,
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        backlog=4096,
    )
