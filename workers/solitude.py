"""Lets a job that was there when two workers died run alone: a third takes no neighbour along."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.jobs import MAX_LOST, Job


class Solitude:
    """Who runs beside whom in one worker: all others together, a suspect by itself."""

    def __init__(self) -> None:
        self._running = 0
        self._suspects = 0
        self._changed = asyncio.Condition()

    @property
    def wait_for_a_suspect(self) -> bool:
        """Whether one runs or waits to, so that nothing new should begin."""
        return self._suspects > 0

    @asynccontextmanager
    async def kept(self, job: Job) -> AsyncIterator[None]:
        """Wait until the job may begin; hold off, until it ends, what may not run beside it."""
        is_suspect = job.lost_count >= MAX_LOST - 1
        self._suspects += is_suspect
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._may_begin(is_suspect))
                self._running += 1
            try:
                yield
            finally:
                self._running -= 1
        finally:
            self._suspects -= is_suspect
            async with self._changed:
                self._changed.notify_all()

    def _may_begin(self, is_suspect: bool) -> bool:
        return self._running == 0 if is_suspect else self._suspects == 0
