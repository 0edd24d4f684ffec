"""Writes how far an attempt is: the latest word wins, four a second at most."""

import asyncio
import logging
from datetime import timedelta
from types import TracebackType
from typing import Any

from db import patience
from db.errors import ClaimLost
from db.jobs import Claim
from db.pool import OUTAGE
from db.queue import Queue
from workers.sandbox import Progress

INTERVAL = timedelta(milliseconds=250)

log = logging.getLogger(__name__)


class Reporter:
    """Coalesces the progress of one attempt; a write that fails is replaced by the next."""

    def __init__(self, queue: Queue, claim: Claim) -> None:
        self._queue = queue
        self._claim = claim
        self._latest: dict[str, Any] = {}
        self._news = asyncio.Event()
        self._closed = asyncio.Event()

    async def __aenter__(self) -> "Reporter":
        self._writing = asyncio.create_task(self._write(), name=f"progress {self._claim}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Not cancelled: to cancel a query costs a connection, to let it end a millisecond.
        self._closed.set()
        self._news.set()
        await self._writing

    def report(self, progress: Progress) -> None:
        """Take a word from the script."""
        self._take(
            percent=progress.percent,
            message=progress.message,
            total_files=progress.total_files,
            processed_files=progress.processed_files,
        )

    def enter_stage(self, stage: str) -> None:
        """Take a word from the worker itself."""
        self._take(stage=stage)

    def _take(self, **news: Any) -> None:
        self._latest |= {name: value for name, value in news.items() if value is not None}
        self._news.set()

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if self._closed.is_set():
                return

            latest, self._latest = self._latest, {}
            try:
                await self._queue.report_progress(self._claim, **latest)
            except ClaimLost:
                return  # the heartbeat tells the attempt
            except OUTAGE as error:
                log.warning("progress.failed job=%s attempt=%d error=%r", *self._claim, error)
            await patience.came(self._closed, INTERVAL)
