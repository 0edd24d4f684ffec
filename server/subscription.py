"""What one open stream of a job holds: where it is, the latest frame, and how it is woken."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from db.errors import JobNotFound, PressroomError
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


class Reader:
    """Somebody whom the hub gives frames to: a bell, and an end."""

    __slots__ = ("_bell", "_leave", "is_closed", "owner", "reason")

    def __init__(self, *, owner: str | None = None, leave: Callable[[Any], None]) -> None:
        self._leave = leave
        self.owner = owner
        self._bell: Callable[[], None] | None = None
        self.reason: PressroomError | None = None
        self.is_closed = False

    def offer(self, frame: Frame) -> None:
        """Put a frame before the reader."""
        raise NotImplementedError

    def end(self, reason: PressroomError | None = None) -> None:
        """No more frames will come, for this reason; one that waits can still be taken."""
        self.reason = self.reason or reason
        self.is_closed = True
        self._ring()

    def close(self) -> None:
        """Leave the hub; nothing of the reader stays there."""
        self._leave(self)
        self.end()

    def listen(self, bell: Callable[[], None] | None) -> None:
        """Call this whenever there is something to take, or nothing more to wait for."""
        self._bell = bell

    async def _rung(self, patience: timedelta) -> None:
        # A bare future and timer: an Event and a timeout cost as much again.
        loop = asyncio.get_running_loop()
        rung = loop.create_future()

        def ring() -> None:
            if not rung.done():
                rung.set_result(None)

        timer = loop.call_later(patience.total_seconds(), ring)
        self._bell = ring
        try:
            await rung
        finally:
            timer.cancel()
            self._bell = None

    def _ring(self) -> None:
        if self._bell:
            self._bell()


class Subscription(Reader):
    """A reader of one job: a cursor and the latest frame."""

    __slots__ = ("_latest", "_seq", "job_id")

    def __init__(
        self, job_id: UUID, *, owner: str | None = None, leave: Callable[[Any], None]
    ) -> None:
        super().__init__(owner=owner, leave=leave)
        self._latest: Frame | None = None
        self._seq = 0
        self.job_id = job_id

    async def first(self, patience: timedelta) -> Frame:
        """The state read after subscribing. Raises why there is none, or Problem 503."""
        frame = await self.next(patience)
        if frame:
            return frame

        raise self.reason or unanswered()

    async def next(self, patience: timedelta) -> Frame | None:
        """The latest frame not yet seen; None when patience ended or the subscription did."""
        if self._latest is None and not self.is_closed:
            await self._rung(patience)

        return self.take()

    def take(self) -> Frame | None:
        """The latest frame if it has not been seen yet."""
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

    @property
    def named(self) -> tuple[UUID]:
        """The job, as feeds name theirs."""
        return (self.job_id,)

    known = named

    def welcome(self, frames: Iterable[Frame]) -> None:
        """Take the present state; there is none when there is no such job."""
        for frame in frames:
            return self.offer(frame)

        return self.end(JobNotFound())

    def offer(self, frame: Frame) -> None:
        """Put a frame before the reader: the newest wins, but nothing follows a final one."""
        if frame.seq <= self._seq or (self._latest and self._latest.is_final):
            return

        self._latest = frame
        self._seq = frame.seq
        self._ring()


def unanswered() -> Problem:
    """What a caller is told when the database does not answer in time."""
    return Problem(
        503,
        "database_unavailable",
        "The database does not answer; try again.",
        headers={"Retry-After": "1"},
    )


def draining() -> Problem:
    """What new streams are told while the server goes away."""
    return Problem(
        503,
        "draining",
        "The server is restarting; try again.",
        headers={"Retry-After": "1", "Connection": "close"},
    )
