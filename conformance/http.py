"""HTTP/1.1 as bare as it gets: what the server really sent, cut where it really was cut."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True)
class Answer:
    """An answer whose body is still to come; `is_whole` once it has ended as it should."""

    status: int
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_whole: bool = field(default=False)

    async def read(self) -> bytes:
        """The next piece of the body as it arrives, nothing at its end."""
        if self.is_whole:
            return b""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            return await self._chunk()
        if "content-length" not in self.headers:
            return await self.reader.read(65536)

        self.is_whole = True
        return await self.reader.readexactly(int(self.headers["content-length"]))

    async def body(self) -> bytes:
        """All of it, and the connection closed."""
        pieces = []
        try:
            while piece := await self.read():
                pieces.append(piece)
        finally:
            self.close()

        return b"".join(pieces)

    async def json(self) -> Any:
        """The body as JSON, None when it is none."""
        with suppress(ValueError):
            return json.loads(await self.body())

        return None

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    async def _chunk(self) -> bytes:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            piece = (await self.reader.readexactly(size + 2))[:-2]
            self.is_whole = size == 0
            return piece

        return b""


class Http:
    """One origin; a connection for each request."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._base = parts.path.rstrip("/")
        self._headers = {"Host": parts.netloc.rpartition("@")[2], **headers}

    async def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """Send a request and read the head of its answer."""
        port = self._port or (443 if self._tls else 80)
        reader, writer = await asyncio.open_connection(self._host, port, ssl=self._tls, limit=2**22)
        try:
            writer.write(self._request(method, path, headers or {}, body))
            return await _head(reader, writer)
        except BaseException:
            writer.close()
            raise

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> bytes:
        data = b"" if body is None else json.dumps(body).encode()
        named = {**self._headers, **headers}
        if body is not None:
            named["Content-Type"] = "application/json"
        if method not in ("GET", "HEAD", "OPTIONS"):
            named["Content-Length"] = str(len(data))
        lines = [f"{method} {self._base}{path} HTTP/1.1", *(f"{k}: {v}" for k, v in named.items())]

        return "\r\n".join([*lines, "", ""]).encode() + data


async def _head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in filter(None, head[1:]):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()

    return Answer(int(head[0].split(" ")[1]), headers, reader, writer)
