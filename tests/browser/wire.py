"""A wire between browser and server that fails as networks do: it breaks, or it hoards bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

STREAM = b"content-type: text/event-stream"


class Wire:
    """Forwards to the server at `to`, until told otherwise."""

    def __init__(self, to: str) -> None:
        self.to = to
        self.url = ""
        self._open: set[asyncio.StreamWriter] = set()
        self._is_whole = True
        self._hoards = False

    def cut(self) -> None:
        """Hang up on everybody, and on whoever comes next."""
        self._is_whole = False
        self._hang_up()

    def mend(self) -> None:
        """Let everything through again, for who connects from now on."""
        self._is_whole = True
        self._hoards = False
        self._hang_up()

    def hoard(self) -> None:
        """Hold streams back, as a proxy does that waits for the end of an answer."""
        self._hoards = True
        self._hang_up()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, while it lasts."""
        if self._is_whole:
            await self._carry(reader, writer)
        else:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(self.to)
        try:
            back, forth = await asyncio.open_connection(target.hostname, target.port)
        except OSError:
            writer.transport.abort()
            return

        self._open |= {writer, forth}
        asked = asyncio.create_task(_pass_on(reader, forth), name="asked")
        await self._answer(back, writer)
        asked.cancel()
        for end in (writer, forth):
            end.transport.abort()
            self._open.discard(end)

    async def _answer(self, back: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await back.read(65536):
                if self._hoards and STREAM in data.lower():
                    data += await back.read()  # all of it, first
                writer.write(data)

    def _hang_up(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.transport.abort()


@asynccontextmanager
async def wired(to: str) -> AsyncIterator[Wire]:
    """A wire to a server, whole at first."""
    wire = Wire(to)
    listener = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        listener.close()
        wire.cut()
        await listener.wait_closed()
