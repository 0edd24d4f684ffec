"""The sign of life, from a thread and a connection of its own.

The worker's loop may be busy for longer than a lease, and its pool may be used up: neither is a
dead worker.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from db import patience
from db.jobs import Claim
from db.pool import OUTAGE, connect
from db.queue import Queue, Worker

BEAT = timedelta(seconds=1)

log = logging.getLogger(__name__)


class Heart:
    """Beats every second, and tells the worker's loop which claims are lost."""

    def __init__(
        self,
        url: str,
        worker: Worker,
        *,
        held: Callable[[], Sequence[Claim]],
        on_lost: Callable[[Sequence[Claim]], None],
    ) -> None:
        self._url = url
        self._worker = worker
        self._held = held
        self._on_lost = on_lost
        self._interval = min(BEAT, worker.lease / 4)
        self._patience = worker.lease / 3
        # After an outage: a connect that is given up, a rest, one that succeeds, and time to beat.
        self._return = self._patience + self._interval + worker.lease / 5
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hurry = asyncio.Event()
        self._is_ended = False
        self._steady_since = math.inf
        self.beaten_at: float | None = None

    @property
    def is_steady(self) -> bool:
        """Whether beats have come through for so long that all who are healthy have beaten too.

        After an outage the first to be back would take the others for dead.
        """
        if self.beaten_at is None or self._is_long_ago(self.beaten_at):
            return False

        return self._is_long_ago(self._steady_since)

    async def run(self) -> None:
        """Beat until cancelled."""
        body = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "heartbeat") as thread:
            beating = body.run_in_executor(thread, lambda: asyncio.run(self._live(body)))
            try:
                await asyncio.shield(beating)
            finally:
                self._is_ended = True
                self.beat_now()
                await asyncio.wait({beating})

    def beat_now(self) -> None:
        """Ask at once whether the claims are still held."""
        if self._loop:
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._hurry.set)

    async def _live(self, body: asyncio.AbstractEventLoop) -> None:
        self._loop = asyncio.get_running_loop()
        while not self._is_ended:
            try:
                await self._beat_on(body)
            except OUTAGE as error:
                self._steady_since = math.inf
                log.warning("heartbeat.failed error=%r", error)
                await self._rest()

    async def _beat_on(self, body: asyncio.AbstractEventLoop) -> None:
        async with asyncio.timeout(self._patience.total_seconds()):
            connection = await connect(self._url, name="pressroom heartbeat")
        try:
            queue = Queue(connection)
            while not self._is_ended:
                await self._beat(queue, body)
                await self._rest()
        finally:
            connection.terminate()

    async def _beat(self, queue: Queue, body: asyncio.AbstractEventLoop) -> None:
        async with asyncio.timeout(self._patience.total_seconds()):
            lost = await queue.heartbeat(self._worker, self._held())
        if self.beaten_at is None or self._is_long_ago(self.beaten_at):
            self._steady_since = math.inf  # the process itself stood still
        self.beaten_at = time.monotonic()
        self._steady_since = min(self._steady_since, self.beaten_at)
        if lost:
            body.call_soon_threadsafe(self._on_lost, lost)

    def _is_long_ago(self, moment: float) -> bool:
        """Whether all who are healthy have beaten since, if Postgres could be reached."""
        return time.monotonic() - moment > self._return.total_seconds()

    async def _rest(self) -> None:
        await patience.came(self._hurry, self._interval)
        self._hurry.clear()
