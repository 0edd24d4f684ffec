"""The SSE edge: frames go out by a plain loop until the last one, the end, or the reader's."""

import asyncio
from datetime import UTC, datetime, timedelta

from sse_starlette import EventSourceResponse
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from server import frames, metrics
from server.feed import Feed
from server.subscription import Frame, Reader, Subscription

PING = timedelta(seconds=15)
SNAPSHOT_PATIENCE = timedelta(seconds=5)

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}
RAW_HEADERS = MutableHeaders(HEADERS).raw
# Where in its scope a request leaves the stream that answers it.
STREAM = "pressroom.stream"


class EventStream(EventSourceResponse):
    """Sends shared frames by a plain loop; the inherited one costs a stream four tasks."""

    def __init__(self, reader: Reader, *, is_named: bool, expires_at: datetime | None) -> None:
        # Not the inherited constructor: what it builds is for the inherited loop.
        self._start = {"type": "http.response.start", "status": 200, "headers": RAW_HEADERS}
        self._reader = reader
        self._is_named = is_named
        self._expires_at = expires_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer HEAD; a stream is left to the application, which runs it when routing is over."""
        if scope["method"] == "HEAD":
            self._reader.close()
            await send(self._start)
            await send(_body(b"", is_last=True))
        else:
            scope[STREAM] = self

    async def run(self, receive: Receive, send: Send) -> None:
        """Send states until the end; whatever ends it, the reader leaves the hub with it."""
        gone = asyncio.create_task(self._leave_with(receive), name="disconnect")
        prefix = frames.RETRY
        is_last = False
        try:
            await send(self._start)
            while not is_last:
                chunk, is_last = await self._next_chunk()
                await send(_body(prefix + chunk, is_last=is_last))
                prefix = b""
        finally:
            gone.cancel()
            self._reader.close()

    async def _next_chunk(self) -> tuple[bytes, bool]:
        """What to send next, and whether it is the last."""
        states, is_last = await self._next_states(min(PING, self._time_left()))
        if states:
            return states, is_last
        if self._reader.is_closed:
            return frames.farewell(), True
        if self._time_left() <= timedelta(0):
            return frames.expired(is_named=self._is_named), True

        return frames.COMMENT, False

    async def _next_states(self, patience: timedelta) -> tuple[bytes, bool]:
        raise NotImplementedError

    async def _leave_with(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

        self._reader.close()

    def _time_left(self) -> timedelta:
        if self._expires_at is None:
            return PING

        return max(self._expires_at - datetime.now(UTC), timedelta(0))


class JobStream(EventStream):
    """The states of one job; the final one ends it."""

    def __init__(
        self,
        subscription: Subscription,
        first: Frame,
        *,
        is_named: bool,
        expires_at: datetime | None,
    ) -> None:
        super().__init__(subscription, is_named=is_named, expires_at=expires_at)
        self._subscription = subscription
        self._first: Frame | None = first
        self._wording = frames.named if is_named else frames.unnamed

    async def _next_states(self, patience: timedelta) -> tuple[bytes, bool]:
        frame = self._first or await self._subscription.next(patience)
        self._first = None
        if frame is None:
            return b"", False

        metrics.FRAMES.inc()
        return frame.encoded(self._wording), frame.is_final


class FeedStream(EventStream):
    """The states of many jobs: first what there is, then `ready`, then what comes."""

    def __init__(self, feed: Feed, *, is_named: bool, expires_at: datetime | None) -> None:
        super().__init__(feed, is_named=is_named, expires_at=expires_at)
        self._feed = feed
        self._is_begun = feed.is_open
        self._is_ready = False
        self._wording = frames.named_of_many if is_named else frames.unnamed_of_many

    async def _next_states(self, patience: timedelta) -> tuple[bytes, bool]:
        if not self._is_begun:  # the database is away; a reader who hears nothing calls it a proxy
            self._is_begun = True
            return frames.COMMENT, False
        if self._feed.is_open and not self._feed.has_news and not self._is_ready:
            self._is_ready = True
            return self._end_of_snapshots(), False

        found = await self._feed.next(patience)
        metrics.FRAMES.inc(len(found))

        return b"".join([frame.encoded(self._wording) for frame in found]), False

    def _end_of_snapshots(self) -> bytes:
        missing = [frames.missing(i, is_named=self._is_named) for i in self._feed.unseen]
        return b"".join([*missing, frames.ready(is_named=self._is_named)])


def _body(data: bytes, *, is_last: bool) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": not is_last}
