"""One warm parent after another: started, restarted with back-off, recycled in the background."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from workers.sandbox.child import ParentLost
from workers.sandbox.parent import WarmParent

log = logging.getLogger(__name__)

# Children of one parent share its memory layout, so none serves forever.
RUNS = 2000
AGE = timedelta(minutes=30)
BACKOFF_SECONDS = (0.0, 0.1, 0.4, 1.6)

# Returns a parent that is warm and proven; ParentLost when it should be tried again.
Start = Callable[[], Awaitable[WarmParent]]


class Generations:
    """The present warm parent, its successor in the making, and those that still have children."""

    def __init__(self, start: Start, *, runs: int = RUNS) -> None:
        self.on_succession: Callable[[], object] = bool  # told when there is a new one
        self._begin = start
        self._runs = runs
        self._present: WarmParent | None = None
        self._born_at = 0.0
        self._past: list[WarmParent] = []
        self._closed = False
        self._starting: asyncio.Task[WarmParent] | None = None

    async def present(self) -> WarmParent:
        """Return a living warm parent; ParentLost when none comes up, and what start raises."""
        if self._closed:
            raise ParentLost("the sandbox is closed")
        if self._present is None or self._present.lost:
            return await self._successor()
        if self._is_old(self._present):
            self._start()

        return self._present

    async def close(self) -> None:
        """End all of them, with every child."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        for parent in self._living():
            await parent.stop()

    async def _successor(self) -> WarmParent:
        starting = self._start()
        await asyncio.wait([starting])
        if starting.cancelled():
            raise ParentLost("the sandbox was closed")

        return starting.result()

    def _start(self) -> "asyncio.Task[WarmParent]":
        if self._starting is None:
            self._starting = asyncio.create_task(self._succeed(), name="sandbox.start")
            self._starting.add_done_callback(self._started)

        return self._starting

    async def _succeed(self) -> WarmParent:
        parent = await self._tried()
        if self._present is not None:
            self._present.retire()
            self._past.append(self._present)
        self._present = parent
        self._born_at = asyncio.get_running_loop().time()
        self.on_succession()
        await self._bury()

        return parent

    async def _bury(self) -> None:
        ended = [parent for parent in self._past if parent.lost]
        self._past = [parent for parent in self._past if not parent.lost]
        for parent in ended:
            await parent.stop()

    async def _tried(self) -> WarmParent:
        for pause in BACKOFF_SECONDS:
            await asyncio.sleep(pause)
            try:
                return await self._begin()
            except ParentLost as error:
                log.warning("sandbox.parent_lost reason=%r", str(error))
                last = error

        raise last

    def _started(self, task: "asyncio.Task[WarmParent]") -> None:
        self._starting = None
        if not task.cancelled() and task.exception() is not None:
            log.error("sandbox.no_parent reason=%r", str(task.exception()))

    def _is_old(self, parent: WarmParent) -> bool:
        age = asyncio.get_running_loop().time() - self._born_at
        return parent.asked >= self._runs or age > AGE.total_seconds()

    def _living(self) -> Iterator[WarmParent]:
        yield from self._past
        if self._present is not None:
            yield self._present
