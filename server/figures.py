"""Figures that many pages ask for and the database is asked for seldom."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

from db.history import History, Lately, Ran

T = TypeVar("T")

# Durations change by the hour, a chart moves every two seconds.
RAN_FRESH = timedelta(seconds=60)
LATELY_FRESH = timedelta(seconds=2)


class Kept(Generic[T]):
    """An answer that is good for a while; of those who ask at once, one asks the database."""

    def __init__(self, ask: Callable[[], Awaitable[T]], fresh: timedelta) -> None:
        self._ask = ask
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._good_until = 0.0
        self._answer: T

    async def __call__(self) -> T:
        """The answer, asked for when the last one is too old."""
        async with self._asking:
            if time.monotonic() >= self._good_until:
                self._answer = await self._ask()
                self._good_until = time.monotonic() + self._fresh.total_seconds()

            return self._answer


class Figures:
    """What the history tells, at the pace at which it changes."""

    def __init__(self, history: History) -> None:
        self.ran: Kept[dict[str, Ran]] = Kept(history.ran, RAN_FRESH)
        self.lately: Kept[Lately] = Kept(history.lately, LATELY_FRESH)
