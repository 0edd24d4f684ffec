"""One feed of changes to many streams: state, not log.

A notice only marks a job dirty. One query a tick reads all dirty jobs, and every reader of a
job gets the same frame. A slow reader finds the latest frame, never a backlog.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

from db import changes, patience
from db.errors import JobNotFound
from db.jobs import Job
from db.pool import OUTAGE
from db.queue import Queue
from server.subscription import Frame, Subscription, draining

# How often all watched jobs are read though nobody gave notice, in polls: notices can be lost
# while the connection that listens is well.
SWEEP_POLLS = 5

log = logging.getLogger(__name__)


class _Watched:
    """A job that somebody watches."""

    __slots__ = ("frame", "readers")

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.readers: set[Subscription] = set()

    @property
    def seq(self) -> int:
        return self.frame.seq if self.frame else 0


class Hub:
    """Fans the changes of watched jobs out; reads a job once, whoever many watch it."""

    def __init__(
        self, queue: Queue, *, poll_interval: timedelta, is_listening: Callable[[], bool]
    ) -> None:
        self._queue = queue
        self._poll_interval = poll_interval
        self._is_listening = is_listening
        self._watched: dict[UUID, _Watched] = {}
        self._dirty: set[UUID] = set()
        self._newcomers: list[Subscription] = []
        self._work = asyncio.Event()
        self._swept_at = 0.0
        self.is_closed = False

    async def run(self) -> None:
        """Read dirty jobs and hand them out, until cancelled."""
        while True:
            await self._wait_for_work()
            try:
                await self.tick()
            except OUTAGE as error:
                log.warning("hub.waits error=%r streams=%d", error, self.streams)
                await asyncio.sleep(self._poll_interval.total_seconds())
            except Exception:
                log.exception("hub.unreadable jobs=%d", len(self._dirty))
                await self._isolate()

    async def tick(self) -> None:
        """Read all dirty jobs with one query; on an outage they stay dirty."""
        dirty, self._dirty = self._dirty, set()
        newcomers, self._newcomers = self._newcomers, []
        self._work.clear()
        try:
            await self._read(dirty)
        except BaseException:
            self._newcomers += newcomers
            self._mark(dirty)
            raise

        for subscription in newcomers:
            self._welcome(subscription)

    def subscribe(self, job_id: UUID) -> Subscription:
        """Watch a job. The first frame is read after this moment, so nothing falls between."""
        if self.is_closed:
            raise draining()

        subscription = Subscription(job_id, leave=self.unsubscribe)
        self._watched.setdefault(job_id, _Watched()).readers.add(subscription)
        self._newcomers.append(subscription)
        self._mark([job_id])

        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a reader, and the job with its last one."""
        watched = self._watched.get(subscription.job_id)
        if watched is None:
            return

        watched.readers.discard(subscription)
        if not watched.readers:
            del self._watched[subscription.job_id]

    def notice(self, channel: str, payload: str) -> None:
        """Mark the watched jobs of a notice dirty."""
        if channel != changes.CHANGES:
            return

        self._mark(
            change.job_id
            for change in changes.parse(payload)
            if change.job_id in self._watched and change.seq > self._watched[change.job_id].seq
        )

    def resync(self) -> None:
        """Mark every watched job dirty: notices may have been missed."""
        self._mark(self._watched)

    def close(self) -> None:
        """End every subscription, and accept no more."""
        if self.is_closed:
            return

        log.info("hub.drains streams=%d", self.streams)
        self.is_closed = True
        for watched in self._watched.values():
            for subscription in watched.readers:
                subscription.end(draining())

    @property
    def streams(self) -> int:
        """How many subscriptions are open."""
        return sum(len(watched.readers) for watched in self._watched.values())

    async def _wait_for_work(self) -> None:
        await patience.came(self._work, self._poll_interval)

        # By the clock, not by the silence: a busy hub can have missed a notice too.
        now = asyncio.get_running_loop().time()
        polls = SWEEP_POLLS if self._is_listening() else 1
        if now - self._swept_at >= polls * self._poll_interval.total_seconds():
            self._swept_at = now
            self.resync()

    async def _read(self, job_ids: Iterable[UUID]) -> None:
        known = {i: self._watched[i].seq for i in job_ids if i in self._watched}
        for job in await self._queue.get_newer(known) if known else []:
            self._publish(job)

    async def _isolate(self) -> None:
        """Read the dirty jobs one by one: a row that cannot be read ends its own streams only."""
        for job_id in list(self._dirty):
            try:
                await self._read([job_id])
            except OUTAGE:
                return
            except Exception:
                log.exception("hub.gives_up job=%s", job_id)
                self._dirty.discard(job_id)
                for subscription in self._readers(job_id):
                    subscription.end()

    def _readers(self, job_id: UUID) -> set[Subscription]:
        watched = self._watched.get(job_id)
        return watched.readers if watched else set()

    def _mark(self, job_ids: Iterable[UUID]) -> None:
        self._dirty.update(job_ids)
        if self._dirty:
            self._work.set()

    def _publish(self, job: Job) -> None:
        watched = self._watched.get(job.id)
        if watched is None:
            return

        watched.frame = Frame(job)
        for subscription in watched.readers:
            subscription.offer(watched.frame)

    def _welcome(self, subscription: Subscription) -> None:
        watched = self._watched.get(subscription.job_id)
        if watched is None or subscription not in watched.readers:
            return
        if watched.frame:
            subscription.offer(watched.frame)
        else:
            subscription.end(JobNotFound())
