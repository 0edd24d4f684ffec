"""A worker: wait for work, claim what the free slots can take, drain when told to."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import uuid4

from db import changes, patience, queue
from db.artifacts import Artifacts
from db.changes import Listener
from db.jobs import Claim, Job, Status
from db.pool import OUTAGE, Pool, cut
from db.queue import Queue
from db.settings import Settings
from workers import maintenance, metrics
from workers.attempt import Attempt
from workers.handlers import HANDLERS
from workers.heart import Heart
from workers.outcomes import Lost, Release
from workers.sandbox import Sandbox
from workers.solitude import Solitude

# Of the drain's grace, what is kept for releasing the attempts that did not end.
RELEASE_TIME = timedelta(seconds=3)

log = logging.getLogger(__name__)


class Worker:
    """Runs attempts in `settings.worker_concurrency` slots until drained."""

    def __init__(
        self, settings: Settings, pool: Pool, sandbox: Sandbox, *, listen_url: str
    ) -> None:
        self._settings = settings
        self._queue = Queue(pool)
        self._artifacts = Artifacts(pool)
        self._sandbox = sandbox
        self._me = queue.Worker(
            id=uuid4(),
            hostname=socket.gethostname(),
            pid=os.getpid(),
            slots=settings.worker_concurrency,
            lease=settings.lease,
            sandbox=sandbox.report,
        )
        self.listener = Listener(
            listen_url,
            name="pressroom worker",
            on_notice=self._noticed,
            on_resync=self._resync,
            on_silence=lambda: cut(pool),
        )
        self._attempts: dict[Claim, Attempt] = {}
        self._settling: set[Claim] = set()  # their work is done, and their slots are free
        self._solitude = Solitude()
        self._wake = asyncio.Event()  # there may be work, or a free slot
        self._heart = Heart(
            listen_url, self._me, held=lambda: tuple(self._attempts), on_lost=self._lose
        )
        self._draining = False
        self.idle = asyncio.Event()  # no attempt runs
        self.idle.set()

    async def run(self) -> None:
        """Work until drained, then let the attempts end within the grace."""
        log.info("worker.started worker=%s slots=%d", self._me.id, self._me.slots)
        await self._introduce()
        async with asyncio.TaskGroup() as tasks:
            minders = [
                tasks.create_task(self.listener.run(), name="listener"),
                tasks.create_task(self._heart.run(), name="heart"),
                tasks.create_task(self._keep_house(), name="maintain"),
            ]
            async with asyncio.TaskGroup() as attempts:
                await self._claim_until_drained(attempts)
                release = asyncio.get_running_loop().call_later(self._grace, self._release_all)
            release.cancel()
            for minder in minders:
                minder.cancel()
        await self._leave()

    @property
    def slots(self) -> int:
        """How many attempts may run at once."""
        return self._me.slots

    @property
    def busy(self) -> int:
        """How many attempts run."""
        return len(self._attempts) - len(self._settling)

    @property
    def unready(self) -> str | None:
        """Why the worker takes no jobs now; None while it does."""
        if self._draining:
            return "The worker is draining."
        if self._heart.beaten_at is None:
            return "The database has not answered yet."

        silence = time.monotonic() - self._heart.beaten_at
        if silence > self._me.lease.total_seconds():
            return f"The database has not taken a heartbeat for {silence:.0f} s."

        return None

    def drain(self) -> None:
        """Stop claiming; `run` returns when the attempts have ended or were released."""
        log.info("worker.drains running=%d", len(self._attempts))
        self._draining = True
        self._wake.set()

    async def _claim_until_drained(self, attempts: asyncio.TaskGroup) -> None:
        while not self._draining:
            self._wake.clear()  # before the claim, so that no notice falls between
            due_in = await self._claim(attempts)
            await self._wait_for_work(due_in)

    async def _claim(self, attempts: asyncio.TaskGroup) -> timedelta | None:
        free = self._me.slots - self.busy
        if free <= 0 or self._solitude.wait_for_a_suspect:
            return None

        try:
            jobs, due_in = await self._queue.claim(
                self._me,
                tuple(HANDLERS),
                free,
                user_limit=self._settings.running_per_user,
                type_limits=self._settings.running_per_type,
            )
        except OUTAGE as error:
            log.warning("claim.failed error=%r", error)
            return None

        for job in jobs:
            self._start(job, attempts)

        return due_in

    def _start(self, job: Job, attempts: asyncio.TaskGroup) -> None:
        log.info("attempt.started job=%s attempt=%d job_type=%s", *job.claim, job.job_type)
        metrics.count_claim(job)
        attempt = Attempt(
            job,
            queue=self._queue,
            artifacts=self._artifacts,
            sandbox=self._sandbox,
            settings=self._settings,
            on_settling=partial(self._settles, job.claim),
        )
        self._attempts[attempt.claim] = attempt
        self.idle.clear()
        task = attempts.create_task(self._run(attempt, job), name=f"attempt {attempt.claim}")
        task.add_done_callback(partial(self._ended, attempt.claim))

    async def _run(self, attempt: Attempt, job: Job) -> None:
        async with self._solitude.kept(job):
            await attempt.run()

    def _settles(self, claim: Claim) -> None:
        """Let the claim of the next job be written together with the result of this one."""
        self._settling.add(claim)
        self._wake.set()

    def _ended(self, claim: Claim, _task: "asyncio.Task[None]") -> None:
        del self._attempts[claim]
        self._settling.discard(claim)
        if not self._attempts:
            self.idle.set()
        self._wake.set()

    async def _wait_for_work(self, due_in: timedelta | None) -> None:
        wait = self._settings.poll_interval
        if due_in is not None:
            wait = min(wait, max(due_in, timedelta(0)))
        await patience.came(self._wake, wait)

    async def _introduce(self) -> None:
        """Be known before the first claim, which records what this row says."""
        try:
            await self._queue.heartbeat(self._me, ())
        except OUTAGE as error:
            log.warning("heartbeat.failed error=%r", error)

    async def _keep_house(self) -> None:
        await maintenance.run(
            self._queue,
            self._artifacts,
            may_rescue=lambda: self._heart.is_steady,
            job_types=tuple(HANDLERS),
            type_limits=self._settings.running_per_type,
            user_limit=self._settings.running_per_user,
        )

    def _lose(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            if claim in self._attempts:
                self._attempts[claim].stop(Lost())

    def _noticed(self, channel: str, payload: str) -> None:
        if channel == changes.WAKE:
            self._wake.set()
        elif self._attempts:
            held = {claim.job_id for claim in self._attempts}
            if any(
                change.job_id in held and change.status is not Status.PROCESSING
                for change in changes.parse(payload)
            ):
                self._heart.beat_now()

    def _resync(self) -> None:
        self._wake.set()
        self._heart.beat_now()

    @property
    def _grace(self) -> float:
        return max(self._settings.shutdown - RELEASE_TIME, timedelta(0)).total_seconds()

    def _release_all(self) -> None:
        for attempt in self._attempts.values():
            attempt.stop(Release())

    async def _leave(self) -> None:
        try:
            await self._queue.unregister(self._me)
        except OUTAGE as error:
            log.warning("unregister.failed error=%r", error)
        log.info("worker.stopped worker=%s", self._me.id)
