"""What one open stream holds: where it is, the latest frame, and how it is woken."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from db.errors import PressroomError
from db.jobs import Job
from server.problems import Problem

Encoder = Callable[[Job], bytes]


class Frame:
    """A job at one seq, and its bytes: each wording is encoded once, for all readers."""

    __slots__ = ("_encoded", "is_final", "job", "seq")

    def __init__(self, job: Job) -> None:
        self.job = job
        self.seq = job.seq
        self.is_final = job.status.is_final
        self._encoded: dict[Encoder, bytes] = {}

    def encoded(self, encode: Encoder) -> bytes:
        """The frame in the wording of `encode`."""
        if encode not in self._encoded:
            self._encoded[encode] = encode(self.job)

        return self._encoded[encode]


class Subscription:
    """One reader of one job: a cursor, the latest frame, and a bell."""

    __slots__ = ("_bell", "_latest", "_leave", "_reason", "_seq", "is_closed", "job_id")

    def __init__(self, job_id: UUID, *, leave: "Callable[[Subscription], None]") -> None:
        self._leave = leave
        self._latest: Frame | None = None
        self._seq = 0
        self._bell: asyncio.Future[None] | None = None
        self.job_id = job_id
        self._reason: PressroomError | None = None
        self.is_closed = False

    async def first(self, patience: timedelta) -> Frame:
        """The state read after subscribing. Raises why there is none, or Problem 503."""
        frame = await self.next(patience)
        if frame:
            return frame

        raise self._reason or Problem(
            503,
            "database_unavailable",
            "The database does not answer; try again.",
            headers={"Retry-After": "1"},
        )

    async def next(self, patience: timedelta) -> Frame | None:
        """The latest frame not yet seen; None when patience ended or the subscription did."""
        if self._latest is None and not self.is_closed:
            await self._ring_within(patience)

        frame, self._latest = self._latest, None
        return frame

    async def final(self, patience: timedelta) -> Job | None:
        """The job when it ends within `patience`, else None."""
        deadline = asyncio.get_running_loop().time() + patience.total_seconds()
        while not self.is_closed:
            left = deadline - asyncio.get_running_loop().time()
            frame = await self.next(timedelta(seconds=max(left, 0)))
            if frame and frame.is_final:
                return frame.job
            if left <= 0:
                return None

        return None

    def offer(self, frame: Frame) -> None:
        """Put a frame before the reader: the newest wins, but nothing follows a final one."""
        if frame.seq <= self._seq or (self._latest and self._latest.is_final):
            return

        self._latest = frame
        self._seq = frame.seq
        self._ring()

    def end(self, reason: PressroomError | None = None) -> None:
        """No more frames will come, for this reason; one that waits can still be taken."""
        self._reason = self._reason or reason
        self.is_closed = True
        self._ring()

    def close(self) -> None:
        """Leave the hub; nothing of the subscription stays there."""
        self._leave(self)
        self.end()

    async def _ring_within(self, patience: timedelta) -> None:
        # A bare future and timer: an Event and a timeout cost a stream a kilobyte more.
        loop = asyncio.get_running_loop()
        self._bell = loop.create_future()
        timer = loop.call_later(patience.total_seconds(), self._ring)
        try:
            await self._bell
        finally:
            timer.cancel()
            self._bell = None

    def _ring(self) -> None:
        if self._bell and not self._bell.done():
            self._bell.set_result(None)


def draining() -> Problem:
    """What new streams are told while the server goes away."""
    return Problem(
        503, "draining", "The server is restarting; try again.", headers={"Retry-After": "1"}
    )
