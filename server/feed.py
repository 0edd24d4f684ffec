"""What one open stream of many jobs holds: a cursor for each, and what is not yet sent."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from db.jobs import Job
from db.states import Scope
from server.subscription import Frame, Reader

# A newcomer's snapshots go out in pieces, so that no write holds a megabyte.
FRAMES_AT_ONCE = 50


class Feed(Reader):
    """A reader of named jobs, of a scope's jobs, or of both.

    The newest state of a job wins over an older one that still waits; a final state waits on
    beside the newer ones of a job that was reopened.
    """

    __slots__ = ("_ends", "_latest", "_sees", "_seqs", "is_open", "named", "scope")

    def __init__(
        self,
        scope: Scope | None,
        named: Collection[UUID],
        *,
        sees: Callable[[Job], bool],
        owner: str | None = None,
        leave: Callable[[Any], None],
    ) -> None:
        super().__init__(owner=owner, leave=leave)
        self.scope = scope
        self.named = frozenset(named)
        self._sees = sees
        self._seqs: dict[UUID, int] = {}
        self._latest: dict[UUID, Frame] = {}
        self._ends: dict[UUID, Frame] = {}
        self.is_open = False

    async def opened(self, patience: timedelta) -> bool:
        """Wait until what there is has been offered; say whether that came in time."""
        if not self.is_open and not self.is_closed:
            await self._rung(patience)

        return self.is_open

    async def next(self, patience: timedelta) -> Sequence[Frame]:
        """What has not been seen yet, or a part of it; nothing when patience ended or the feed."""
        if not self.has_news and not self.is_closed:
            await self._rung(patience)

        return self.take()

    def take(self) -> Sequence[Frame]:
        """Of what has not been seen yet, a part."""
        return self._part(self._ends) or self._part(self._latest)

    @property
    def has_news(self) -> bool:
        """Whether something waits."""
        return bool(self._latest or self._ends)

    @property
    def unseen(self) -> list[UUID]:
        """The named jobs that there are not, for this reader."""
        return [job_id for job_id in self.named if job_id not in self._seqs]

    @property
    def known(self) -> Collection[UUID]:
        """The jobs that it may be a reader of."""
        return self.named | self._seqs.keys()

    def lacks(self, job_id: UUID, seq: int) -> bool:
        """Whether this state of a job would be news."""
        return seq > self._seqs.get(job_id, 0)

    def offer(self, frame: Frame) -> None:
        """Put a frame beside those that wait, in the place of an older one of its job."""
        job_id = frame.job.id
        if not self.lacks(job_id, frame.seq) or not self._sees(frame.job):
            return

        waiting = self._latest.get(job_id)
        if waiting and waiting.is_final:
            self._ends[job_id] = waiting
        self._latest[job_id] = frame
        self._seqs[job_id] = frame.seq
        if self.is_open:
            self._ring()

    def welcome(self, frames: Iterable[Frame]) -> None:
        """Take the present states of the named jobs; those of the scope have been offered."""
        for frame in frames:
            self.offer(frame)
        self.is_open = True
        self._ring()

    @staticmethod
    def _part(waiting: dict[UUID, Frame]) -> list[Frame]:
        return [waiting.pop(job_id) for job_id in list(islice(waiting, FRAMES_AT_ONCE))]
