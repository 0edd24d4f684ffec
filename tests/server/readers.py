"""Streams held by hand, as plain ASGI: httpx would wait for the end of the body."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette

from db.jobs import Job

SOON = timedelta(seconds=20)  # a bound, not a wait


def parse(text: str) -> list[dict[str, str]]:
    """The frames of a stream, field by field; comments as field ''."""
    assert text.endswith("\n\n"), "cut within a frame"
    assert "\r" not in text
    frames = text.removesuffix("\n\n").split("\n\n")
    return [dict(line.split(": ", 1) for line in frame.split("\n")) for frame in frames]


class Reader:
    """An ASGI connection: what was sent, and a cable to pull."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.unplugged = asyncio.Event()
        self.flows = asyncio.Event()
        self.flows.set()
        self._frames: list[dict[str, str]] = []

    async def send(self, message: Any) -> None:
        self.sent.put_nowait(message)
        if message.get("more_body") is False:
            self.unplugged.set()
        await self.flows.wait()

    async def receive(self) -> dict[str, Any]:
        await self.unplugged.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(SOON.total_seconds()):
            return await self.sent.get()

    async def frame(self) -> dict[str, str]:
        """The next frame, wherever the writes were cut."""
        if not self._frames:
            self._frames = parse((await self.next())["body"].decode())

        return self._frames.pop(0)

    async def state(self) -> tuple[str, str, int]:
        """The next frame as (type, job, seq)."""
        data = json.loads((await self.frame())["data"])
        return data["type"], data.get("jobId", ""), data.get("seq", 0)

    async def states_until_ready(self) -> dict[str, int]:
        """The snapshots: job and seq."""
        return await self._states(lambda kind, _: kind == "ready")

    async def states_until(self, job: Job) -> dict[str, int]:
        """What comes until a job does, it included."""
        return await self._states(lambda _, job_id: job_id == str(job.id))

    async def _states(self, is_last: Callable[[str, str], bool]) -> dict[str, int]:
        seen = {}
        while True:
            kind, job_id, seq = await self.state()
            if job_id:
                seen[job_id] = seq
            if is_last(kind, job_id):
                return seen


@asynccontextmanager
async def asking(app: Starlette, path: str, **headers: str) -> AsyncIterator[Reader]:
    """GET a path; the reader has the answer's body before it, the caller its end."""
    path, _, query = path.partition("?")
    named = {"Host": "127.0.0.1:8000", **headers}
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
    }
    reader = Reader()
    answering = asyncio.create_task(app(scope, reader.receive, reader.send))
    try:
        start = await reader.next()
        assert start["status"] == 200, (await reader.next())["body"]
        yield reader
    finally:
        reader.unplugged.set()
        reader.flows.set()
        await answering
