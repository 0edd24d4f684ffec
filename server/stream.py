"""The SSE edge: what a reader of the hub is given goes out at once, in whole frames.

A frame is written from the very call that offers it: waking a task for each of two thousand
streams costs more than the write. Only a stream whose peer reads too slowly has a task, until the
peer has caught up; what changes meanwhile waits in the hub, where newer states replace older ones.
"""

import asyncio
import logging
import random
import types
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from server import frames, metrics
from server.feed import Feed
from server.subscription import Frame, Reader, Subscription

PING = timedelta(seconds=15)
SNAPSHOT_PATIENCE = timedelta(seconds=5)
SEND_PATIENCE = timedelta(seconds=30)
# How far from the set lifetime a stream may end, so that those of one deploy part ways.
SPREAD = 0.2

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}
RAW_HEADERS = MutableHeaders(HEADERS).raw
# Where in its scope a request leaves the stream that answers it.
STREAM = "pressroom.stream"

log = logging.getLogger(__name__)


class EventStream(EventSourceResponse):
    """An endless answer. One task waits for the reader to leave; the rest are calls."""

    def __init__(
        self,
        reader: Reader,
        *,
        is_named: bool,
        lifetime: timedelta,
        expires_at: datetime | None,
    ) -> None:
        # Not the inherited constructor: what it builds is for the inherited loop.
        self._reader = reader
        self._is_named = is_named
        self._loop = asyncio.get_running_loop()
        self._lives, self._is_expiring = _lifetime(lifetime, expires_at)
        self._prefix = frames.RETRY
        self._slow: asyncio.Task[None] | None = None
        self._is_over = False
        self._frames = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin the answer; the application runs the stream when routing is over."""
        await send({"type": "http.response.start", "status": 200, "headers": RAW_HEADERS})
        if scope["method"] == "HEAD":
            self._reader.close()
            await send(_body(b"", is_last=True))
        else:
            scope[STREAM] = self

    async def run(self, receive: Receive, send: Send) -> None:
        """Send the body, state by state; whatever ends it, the reader leaves the hub with it."""
        self._send = send
        self._sent_at = self._loop.time()
        self._ends_at = self._sent_at + self._lives
        self._wind(self._sent_at)
        try:
            self._reader.listen(self._flush)
            self._flush()
            while (await receive())["type"] != "http.disconnect":
                continue
        finally:
            self._is_over = True
            self._timer.cancel()
            self._reader.listen(None)
            self._reader.close()
            self._count()
            if self._slow:
                self._slow.cancel()

    def _flush(self) -> None:
        """Send what there is, unless the peer has yet to take what went before."""
        while not self._slow and not self._is_over:
            chunk = self._take()
            if chunk:
                self._push(chunk)
            elif self._reader.is_closed:
                self._is_over = True
                self._push(frames.farewell())
            else:
                return

    def _take(self) -> bytes:
        """What to send next; nothing when there is no news. Knows what is the last."""
        raise NotImplementedError

    def _push(self, chunk: bytes) -> None:
        """Write now; what the server cannot take at once is finished by a task."""
        self._sent_at = self._loop.time()
        if self._prefix:
            chunk, self._prefix = self._prefix + chunk, b""
        steps = self._send(_body(chunk, is_last=self._is_over)).__await__()
        try:
            waits_for = next(steps)
        except StopIteration:
            return
        except Exception:
            log.exception("stream.broken")
            self._is_over = True
            return

        self._slow = self._loop.create_task(self._finish(waits_for, steps), name="slow stream")

    async def _finish(self, waits_for: Any, steps: Iterator[Any]) -> None:
        await _resumed(waits_for, steps)
        self._slow = None
        self._flush()

    def _look_at_the_clock(self) -> None:
        now = self._loop.time()
        if now >= self._ends_at:
            self._end()
        elif self._slow:
            self._give_up_after(now - self._sent_at)
        elif now - self._sent_at >= PING.total_seconds():
            self._push(frames.COMMENT)
        self._count()
        if not self._is_over:
            self._wind(now)

    def _wind(self, now: float) -> None:
        ping = now if self._slow else self._sent_at
        due = min(ping + PING.total_seconds(), max(self._ends_at, now))
        self._timer = self._loop.call_at(due, self._look_at_the_clock)

    def _give_up_after(self, seconds: float) -> None:
        """A peer that takes nothing is cut off by the kernel; the hub need not wait for it."""
        if seconds >= SEND_PATIENCE.total_seconds():
            self._reader.close()

    def _end(self) -> None:
        """The time is up: of the token, or of a stream that makes room for its successor."""
        if not self._slow and self._is_expiring:
            self._is_over = True
            self._push(frames.expired(is_named=self._is_named))
        self._reader.end()

    def _count(self) -> None:
        """Counted here and there, not with each frame: that would cost a tenth of it."""
        metrics.FRAMES.inc(self._frames)
        self._frames = 0


class JobStream(EventStream):
    """The states of one job; the final one ends it."""

    def __init__(self, subscription: Subscription, first: Frame, **manners: Any) -> None:
        super().__init__(subscription, **manners)
        self._subscription = subscription
        self._first: Frame | None = first
        self._wording = frames.named if self._is_named else frames.unnamed

    def _take(self) -> bytes:
        frame = self._first or self._subscription.take()
        if frame is None:
            return b""

        self._first = None
        self._frames += 1
        self._is_over = frame.is_final

        return frame.encoded(self._wording)


class FeedStream(EventStream):
    """The states of many jobs: first what there is, then `ready`, then what comes."""

    def __init__(self, feed: Feed, **manners: Any) -> None:
        super().__init__(feed, **manners)
        self._feed = feed
        self._is_begun = feed.is_open
        self._is_ready = False
        self._wording = frames.named_of_many if self._is_named else frames.unnamed_of_many

    def _take(self) -> bytes:
        if not self._is_begun:  # the database is away; a reader who hears nothing calls it a proxy
            self._is_begun = True
            return frames.COMMENT

        found = self._feed.take()
        self._frames += len(found)
        if not found and self._feed.is_open and not self._is_ready:
            self._is_ready = True
            return self._end_of_snapshots()

        return b"".join([frame.encoded(self._wording) for frame in found])

    def _end_of_snapshots(self) -> bytes:
        missing = [frames.missing(i, is_named=self._is_named) for i in self._feed.unseen]
        return b"".join([*missing, frames.ready(is_named=self._is_named)])


@types.coroutine
def _resumed(waits_for: Any, steps: Iterator[Any]) -> Generator[Any, Any, None]:
    """Go on with an awaitable that has been begun and waits for something."""
    yield waits_for
    yield from steps


def _lifetime(lifetime: timedelta, expires_at: datetime | None) -> tuple[float, bool]:
    """How many seconds a stream may live, and whether it is its token that ends it."""
    most = lifetime.total_seconds() * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311
    if expires_at is None:
        return most, False

    left = max((expires_at - datetime.now(UTC)).total_seconds(), 0)
    return min(most, left), left <= most


def _body(data: bytes, *, is_last: bool) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": not is_last}
