"""One feed of changes to many streams: state, not log.

A notice only marks a job dirty. One query a tick reads all dirty jobs, and every reader of a
job gets the same frame. A slow reader finds the latest frame, never a backlog.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from uuid import UUID

from db import changes, patience
from db.jobs import Job
from db.pool import OUTAGE
from db.queue import Queue
from db.states import Scope, States
from server.audience import Audience
from server.feed import Feed
from server.subscription import Frame, Subscription, draining

# How often all watched jobs are read though nobody gave notice, in polls: notices can be lost
# while the connection that listens is well.
SWEEP_POLLS = 5

# For how long after a read the next newcomers wait for each other: thousands who come back after
# a restart then cost the database dozens of reads. A change waits for nobody.
CROWD = timedelta(milliseconds=20)

log = logging.getLogger(__name__)


class Hub:
    """Fans the changes of watched jobs out; reads a job once, whoever many watch it."""

    def __init__(
        self,
        queue: Queue,
        states: States,
        *,
        poll_interval: timedelta,
        is_listening: Callable[[], bool],
        most_per_owner: int = sys.maxsize,
    ) -> None:
        self._queue = queue
        self._states = states
        self._poll_interval = poll_interval
        self._is_listening = is_listening
        self._audience = Audience(most_per_owner)
        self._dirty: set[UUID] = set()
        self._newcomers: list[Subscription | Feed] = []
        self._work = asyncio.Event()
        self._is_changed = asyncio.Event()
        self._read_at = 0.0
        self._swept_at = 0.0
        self._is_behind = False
        self._searched_at = 0.0
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
        is_behind, self._is_behind = self._is_behind, False
        self._work.clear()
        self._is_changed.clear()
        begun = self._read_at = _now()
        try:
            found = await self._search(newcomers, is_behind=is_behind)
            dirty |= found
            await self._read(dirty)
        except BaseException:
            self._newcomers += newcomers
            self._is_behind |= is_behind
            self._mark(dirty)
            raise

        if is_behind:
            self._searched_at = begun
        self._show_again(found)
        self._audience.forget_unread(dirty)
        for reader in newcomers:
            self._welcome(reader)

    def subscribe(self, job_id: UUID, *, owner: str | None = None) -> Subscription:
        """Watch a job. The first frame is read after this moment, so nothing falls between."""
        subscription = Subscription(job_id, owner=owner, leave=self._audience.leave)
        self._admit(subscription)

        return subscription

    def follow(
        self,
        scope: Scope | None,
        named: Collection[UUID],
        *,
        sees: Callable[[Job], bool],
        owner: str | None = None,
    ) -> Feed:
        """Watch the named jobs and those of a scope, new ones included, as far as `sees` allows."""
        if not self._audience.scopes:
            self._searched_at = _now()
        feed = Feed(scope, named, sees=sees, owner=owner, leave=self._audience.leave)
        self._admit(feed)

        return feed

    def notice(self, channel: str, payload: str) -> None:
        """Mark the jobs of a notice dirty that somebody watches."""
        if channel != changes.CHANGES:
            return

        for change in changes.parse(payload):
            if self._audience.wants(change):
                self._audience.watch(change.job_id)
                self._mark([change.job_id])
                self._is_changed.set()

    def resync(self) -> None:
        """Mark every watched job dirty, and look for new ones: notices may have been missed."""
        self._is_behind = bool(self._audience.scopes)
        self._mark(self._audience.watched)

    def close(self) -> None:
        """End every subscription, and accept no more."""
        if self.is_closed:
            return

        log.info("hub.drains streams=%d", self.streams)
        self.is_closed = True
        for reader in self._audience:
            reader.end(draining())

    @property
    def streams(self) -> int:
        """How many readers there are."""
        return len(self._audience)

    def _admit(self, reader: Subscription | Feed) -> None:
        if self.is_closed:
            raise draining()

        self._mark(self._audience.join(reader))
        self._newcomers.append(reader)
        self._work.set()

    async def _wait_for_work(self) -> None:
        if await patience.came(self._work, self._poll_interval):
            alone = self._read_at + CROWD.total_seconds() - _now()
            await patience.came(self._is_changed, timedelta(seconds=max(alone, 0)))

        # By the clock, not by the silence: a busy hub can have missed a notice too.
        polls = SWEEP_POLLS if self._is_listening() else 1
        if _now() - self._swept_at >= polls * self._poll_interval.total_seconds():
            self._swept_at = _now()
            self.resync()

    async def _search(
        self, newcomers: Iterable[Subscription | Feed], *, is_behind: bool
    ) -> set[UUID]:
        """Find jobs that a feed was not shown; when behind, also such as have ended meanwhile."""
        scopes = {n.scope for n in newcomers if isinstance(n, Feed) and n in self._audience}
        wanted = set(self._audience.scopes) if is_behind else {s for s in scopes if s is not None}
        if not wanted:
            return set()

        gap = timedelta(seconds=_now() - self._searched_at) if is_behind else None
        seen = await self._states.find(wanted, ended_within=gap)
        found = {sighting.job_id for sighting in seen if self._audience.lacks(sighting)}
        for job_id in found:
            self._audience.watch(job_id)

        return found

    async def _read(self, job_ids: Iterable[UUID]) -> None:
        watched = self._audience.watched
        known = {i: watched[i].seq for i in job_ids if i in watched}
        for job in await self._queue.get_newer(known) if known else []:
            if job.id in watched:
                self._audience.show(Frame(job))

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
                self._audience.give_up(job_id)

    def _mark(self, job_ids: Iterable[UUID]) -> None:
        self._dirty.update(job_ids)
        if self._dirty:
            self._work.set()

    def _show_again(self, job_ids: Iterable[UUID]) -> None:
        """A job that others read already has not changed, but is news to a newcomer."""
        for job_id in job_ids:
            watched = self._audience.watched.get(job_id)
            if watched and watched.frame:
                self._audience.show(watched.frame)

    def _welcome(self, reader: Subscription | Feed) -> None:
        if reader in self._audience:
            reader.welcome(self._audience.frames(reader.named))


def _now() -> float:
    """Seconds of a clock that only goes on."""
    return asyncio.get_running_loop().time()
