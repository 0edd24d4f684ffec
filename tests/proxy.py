"""A TCP proxy on loopback that fails as networks do: it hangs up, or falls silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import SplitResult, parse_qs, urlsplit


class Proxy:
    """Forwards to a Postgres until told otherwise."""

    def __init__(self, url: SplitResult) -> None:
        self._url = url
        self._loop = asyncio.get_running_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._frozen: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Hang up on everybody. This and what follows may be called from any thread."""
        self._loop.call_soon_threadsafe(self._cut)

    def freeze(self) -> None:
        """Fall silent: what is open stays open, and nothing comes through, now or later."""
        self._loop.call_soon_threadsafe(self._freeze)

    def thaw(self) -> None:
        """Serve new connections; the frozen ones stay dead, as those of a lost host do."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    def _freeze(self) -> None:
        self._flows.clear()
        self._frozen |= self._open

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flows.wait()
        try:
            there_reader, there = await self._connect()
        except OSError:
            writer.transport.abort()
            return

        self._open |= {writer, there}
        try:
            async with asyncio.TaskGroup() as flows:
                flows.create_task(self._pump(reader, there))
                flows.create_task(self._pump(there_reader, writer))
        finally:
            self._open -= {writer, there}
            self._frozen -= {writer, there}
            for gone in (writer, there):
                gone.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self._url.query)
        if "host" in query:
            path = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
            return await asyncio.open_unix_connection(path)

        return await asyncio.open_connection(self._url.hostname, self._url.port or 5432)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if sink not in self._frozen:
                    sink.write(data)
                    await sink.drain()
        if sink not in self._frozen:
            sink.transport.abort()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before the Postgres of a url, and the url that leads through it."""
    parts = urlsplit(url)
    proxy = Proxy(parts)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    try:
        yield proxy, f"postgresql://{credentials}@127.0.0.1:{port}{parts.path}"
    finally:
        server.close()
        proxy.thaw()
        proxy.cut()
        await server.wait_closed()
