"""A proxy that breaks what passes through: each way of it is a server that somebody wrote."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from conformance.http import Answer, _head

Headers = dict[str, str]


def _same(data: bytes) -> bytes:
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """What is wrong with a server: in what it reads, in the head of an answer, in a stream."""

    request: Callable[[bytes], bytes] = _same
    headers: Headers = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    body: Callable[[bytes], bytes] = _same
    is_torn: bool = False
    is_endless: bool = False


class Breaking:
    """Passes requests on, and the defect with the answers."""

    def __init__(self, url: str, defect: Defect) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._defect = defect
        self.serving: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        there_reader, there = await asyncio.open_connection(self._host, self._port, limit=2**22)
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                there.write(self._defect.request(await _request(reader)))
                await self._answer(await _head(there_reader, there), reader, writer)
        finally:
            there.close()
            writer.close()
            self.serving.discard(asyncio.current_task())

    async def _answer(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        status = self._defect.statuses.get(answer.status, answer.status)
        is_stream = answer.headers.get("content-type", "").startswith("text/event-stream")
        broken = self._defect.headers if is_stream else {}
        headers = {**answer.headers, **broken, "connection": "close"}
        lines = [f"HTTP/1.1 {status} X", *(f"{k}: {v}" for k, v in headers.items() if v)]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        if not is_stream:
            writer.write(await answer.body() if "content-length" in answer.headers else b"")
            return

        pumping = asyncio.create_task(self._pump(answer, writer))
        gone = asyncio.create_task(reader.read())
        await asyncio.wait({pumping, gone}, return_when=asyncio.FIRST_COMPLETED)
        pumping.cancel()
        gone.cancel()
        await asyncio.wait({pumping, gone})

    async def _pump(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        while piece := await answer.read():
            broken = self._defect.body(piece)
            writer.write(b"%x\r\n%s\r\n" % (len(broken), broken) if broken else b"")
        if self._defect.is_endless:
            await asyncio.Event().wait()
        if not self._defect.is_torn:
            writer.write(b"0\r\n\r\n")


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@asynccontextmanager
async def breaking(url: str, defect: Defect) -> AsyncIterator[str]:
    """The address of a broken twin of a server."""
    proxy = Breaking(url, defect)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=2**22)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        tasks = [task for task in proxy.serving if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
