"""Minding one run: its clock, its pipes, its disk and threads, until its process is dead."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from workers.sandbox.child import Child
from workers.sandbox.limits import packed
from workers.sandbox.progress import Lines, OnProgress
from workers.sandbox.streams import Ends
from workers.sandbox.values import Limits
from workers.sandbox.verdict import CONFINEMENT_FAILED, Ending
from workers.sandbox.watch import excess, measure

log = logging.getLogger(__name__)

T = TypeVar("T")

WATCH_SECONDS = 0.05
LONGEST_PAUSE = 0.25
CHUNK_BYTES = 64 * 1024
CONTROL_BYTES = 4 * 1024  # at once: the loop waits while these lines are parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of a run, from its start to its death."""

    ending: Ending
    stdout: str
    stderr: str
    seconds: float


async def supervise(
    child: Child, directory: Path, limits: Limits, on_progress: OnProgress | None
) -> Observed:
    """Let a child run its job and return when it is dead; cancelling kills it first."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    watched = _Watched(child, directory, limits, on_progress)
    timer = loop.call_later(limits.wall.total_seconds(), watched.kill_for, "timeout")
    watch = asyncio.create_task(watched.watch(), name=f"sandbox.watch {child.pid}")
    try:
        child.go(packed(limits))
        await child.wait()
    finally:
        timer.cancel()
        watch.cancel()
        child.kill()
        try:
            await undisturbed(child.wait())
        finally:
            watched.close()

    exit = await child.wait()
    return Observed(
        ending=Ending(
            killed_for=watched.killed_for,
            released=child.released,
            exit=None if exit is None else exit.status,
            cpu_seconds=0.0 if exit is None else exit.cpu_seconds,
            report=watched.lines.report,
            starved=exit is not None and exit.starved,
        ),
        stdout=watched.out.text(),
        stderr=watched.err.text(),
        seconds=loop.time() - begun,
    )


def nothing(reason: str) -> Observed:
    """What was seen of a run for which there was no child."""
    return Observed(
        ending=Ending(
            killed_for=None,
            released=False,
            exit=CONFINEMENT_FAILED,
            cpu_seconds=0.0,
            report={"sandbox": reason},
        ),
        stdout="",
        stderr="",
        seconds=0.0,
    )


async def undisturbed(work: Coroutine[Any, Any, T]) -> T:
    """Finish the work even when cancelled meanwhile; the cancellation is raised after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error

    result = task.result()
    if cancelled is not None:
        raise cancelled

    return result


class _Watched:
    def __init__(
        self, child: Child, directory: Path, limits: Limits, on_progress: OnProgress | None
    ) -> None:
        self.killed_for: str | None = None
        self.out, self.err, self.lines = Ends(), Ends(), Lines(on_progress)
        self._child, self._directory, self._limits = child, directory, limits
        self._pipes = [
            _Pipe(child.out, self._bounded(self.out.feed)),
            _Pipe(child.err, self._bounded(self.err.feed)),
            _Pipe(child.control, self._bounded(self.lines.feed), CONTROL_BYTES),
        ]

    def kill_for(self, reason: str) -> None:
        """Kill the run; the first reason stands."""
        self.killed_for = self.killed_for or reason
        self._child.kill()

    async def watch(self) -> None:
        """Poll what no rlimit bounds; a run that cannot be measured is killed."""
        loop = asyncio.get_running_loop()
        pause = WATCH_SECONDS
        while True:
            await asyncio.sleep(pause)
            asked = loop.time()
            try:
                usage = await asyncio.to_thread(
                    measure, self._directory, self._child.pid, self._limits
                )
            except Exception:  # whatever it was, nobody watches the run any more
                log.exception("sandbox.unmeasurable pid=%s", self._child.pid)
                return self._child.kill()
            if reason := excess(usage, self._limits):
                return self.kill_for(reason)
            # What takes long to measure is measured less often, and no less than this: how long it
            # takes is the script's doing.
            pause = min(max(WATCH_SECONDS, 5 * (loop.time() - asked)), LONGEST_PAUSE)

    def close(self) -> None:
        """Read what is left in the pipes."""
        for pipe in self._pipes:
            pipe.drain()
        self.lines.close()

    def _bounded(self, feed: Callable[[bytes], None]) -> Callable[[bytes], None]:
        def feed_bounded(chunk: bytes) -> None:
            feed(chunk)
            if self.out.seen + self.err.seen + self.lines.seen > self._limits.output_bytes:
                self.kill_for("output_limit")

        return feed_bounded


class _Pipe:
    def __init__(self, fd: int, feed: Callable[[bytes], None], most: int = CHUNK_BYTES) -> None:
        self._fd = fd
        self._feed = feed
        self._most = most
        asyncio.get_running_loop().add_reader(fd, self._read)

    def drain(self) -> None:
        # Whoever writes is dead, so what is there now is all, at most a pipe full.
        while self._read():
            continue
        asyncio.get_running_loop().remove_reader(self._fd)

    def _read(self) -> bool:
        try:
            chunk = os.read(self._fd, self._most)
        except BlockingIOError:
            return False
        if not chunk:
            asyncio.get_running_loop().remove_reader(self._fd)
            return False

        self._feed(chunk)
        return True
