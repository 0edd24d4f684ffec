"""A confined child for each slot, forked before there is work for it."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox.child import Child
from workers.sandbox.directories import Scratch, remove
from workers.sandbox.generations import Generations
from workers.sandbox.parent import WarmParent


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """A child that waits in its directory for a job; None when no parent could fork it."""

    directory: Path
    child: Child | None
    lost: str = ""


class Spares:
    """The next child of each slot, ready or in the making."""

    def __init__(self, scratch: Scratch, generations: Generations) -> None:
        self._scratch = scratch
        self._generations = generations
        self._next: dict[int, asyncio.Task[Spare]] = {}
        generations.on_succession = self._renew

    async def take(self, slot: int) -> Spare:
        """Return a living child; ParentLost when there is no warm parent to fork one."""
        while True:
            self.prepare(slot)
            task = self._next[slot]
            # Not popped before it is there: a cancelled caller leaves it to the next one.
            await asyncio.wait([task])
            if self._next[slot] is not task:
                continue
            spare = self._next.pop(slot).result()
            if spare.child is not None and spare.child.alive:
                return spare
            await self.discard(spare)

    def prepare(self, slot: int) -> None:
        """Begin to fork the next child of a slot, unless that has begun."""
        if slot not in self._next:
            self._begin(slot, self._make(slot))

    async def discard(self, spare: Spare) -> None:
        """End a child, whatever became of it, and remove its directory."""
        if spare.child is not None:
            spare.child.kill()
            await spare.child.wait()
            spare.child.close()
        await asyncio.to_thread(remove, spare.directory)

    async def close(self) -> None:
        """Drop the children that nobody took; the warm parents must have ended."""
        for task in self._next.values():
            await asyncio.wait([task])
            if task.exception() is None:
                await self.discard(task.result())

    def _renew(self) -> None:
        # A child that nobody takes would keep its parent for as long, with all its memory.
        for slot, task in self._next.items():
            if task.done():
                self._begin(slot, self._remake(slot, task))

    def _begin(self, slot: int, making: Coroutine[None, None, Spare]) -> None:
        self._next[slot] = asyncio.create_task(making, name=f"sandbox.spare {slot}")

    async def _remake(self, slot: int, past: asyncio.Task[Spare]) -> Spare:
        if past.exception() is None:
            await self.discard(past.result())

        return await self._make(slot)

    async def _make(self, slot: int) -> Spare:
        return await self.fork(await self._generations.present(), slot)

    async def fork(self, parent: WarmParent, slot: int) -> Spare:
        """Return a child of this parent; ParentLost when it cannot have one."""
        directory = self._scratch.new(slot)
        try:
            child = await parent.child(directory, slot)
        except BaseException:
            remove(directory)
            raise

        return Spare(directory=directory, child=child)
