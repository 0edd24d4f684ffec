"""Many streams from one process: bare connections that count frames, and what a server costs."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

FRAME_END = b"\n\n"
TICKS = os.sysconf("SC_CLK_TCK")


class Stream(asyncio.Protocol):
    """One GET: when its first byte came, how many frames so far, and how it ended."""

    def __init__(self, streams: "Streams", request: bytes) -> None:
        self._streams = streams
        self._request = request
        self._tail = b""
        self.asked_at = self.first_at = 0.0
        self.frames = 0
        self.is_open = False
        self.is_whole = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.is_open = True
        self.asked_at = time.perf_counter()
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.first_at = self.first_at or time.perf_counter()
        count = (self._tail[-1:] + data).count(FRAME_END)
        self._tail = (self._tail + data)[-8:]
        self.frames += count
        self._streams.heard(self, data, count)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.is_whole = self._tail.endswith(b"0\r\n\r\n") and exc is None
        self._streams.lost()


class Streams:
    """Opens streams and waits for what they hear."""

    def __init__(self, url: str, on_data: Callable[[Stream, bytes], None] | None = None) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.open: list[Stream] = []
        self.frames = 0
        self._on_data = on_data
        self._heard = asyncio.Event()

    async def add(self, path: str, count: int = 1, *, at_once: int = 100) -> list[Stream]:
        """Open streams of a path, so many at a time, and wait for the first byte of each."""
        made: list[Stream] = []
        while len(made) < count:
            made += await self._open(path, min(at_once, count - len(made)))

        return made

    async def _open(self, path: str, count: int) -> list[Stream]:
        batch = await asyncio.gather(*(self._connect(path) for _ in range(count)))
        await self.until(lambda: all(s.first_at or not s.is_open for s in batch))

        return batch

    async def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something holds of what was heard."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._heard.clear()
                await self._heard.wait()

    def heard(self, stream: Stream, data: bytes, frames: int) -> None:
        self.frames += frames
        if self._on_data:
            self._on_data(stream, data)
        self._heard.set()

    def lost(self) -> None:
        self._heard.set()

    def close(self) -> None:
        """Hang up all."""
        for stream in self.open:
            stream.transport.close()
        self.open.clear()

    async def _connect(self, path: str) -> Stream:
        host = f"{self.host}:{self.port}"
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(
            lambda: Stream(self, request), self.host, self.port
        )
        self.open.append(stream)

        return stream


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process has used: memory in KiB, CPU in seconds, open files."""

    memory_kib: int
    cpu_seconds: float
    files: int


def cost(pid: int) -> Cost:
    """Ask the kernel what a process has used so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()

    return Cost(
        int(memory),
        (int(fields[11]) + int(fields[12])) / TICKS,
        len(os.listdir(f"/proc/{pid}/fd")),
    )
