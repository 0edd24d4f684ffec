"""The worker's side of the sandbox: one script in, one dead process and its directory out."""

import asyncio
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from db.errors import SandboxMissing
from db.settings import Settings
from workers.sandbox import cgroups, folders, identity, selftest
from workers.sandbox.child import ParentLost
from workers.sandbox.confine import Layers, available, require, without
from workers.sandbox.directories import Scratch, remove
from workers.sandbox.generations import Generations
from workers.sandbox.parent import WarmParent
from workers.sandbox.progress import OnProgress
from workers.sandbox.script import JOB
from workers.sandbox.selftest import Inspect
from workers.sandbox.spares import Spare, Spares
from workers.sandbox.supervise import nothing, supervise, undisturbed
from workers.sandbox.values import Failure, Limits, Progress, Run, Script
from workers.sandbox.verdict import judge

log = logging.getLogger(__name__)


class Sandbox:
    """Slots in which scripts run, each in a confined child of a warm parent.

    `without` takes layers away to show what they stop; it is refused unless the settings allow
    running without a sandbox.
    """

    def __init__(
        self, settings: Settings, *, slots: int, without: Collection[str] = frozenset()
    ) -> None:
        if without and not settings.allow_unsandboxed:
            raise ValueError("without: layers go away only with PRESSROOM_ALLOW_UNSANDBOXED=1")

        self._settings = settings
        self._slots = slots
        self._without = frozenset(without)
        self._free: asyncio.LifoQueue[int] = asyncio.LifoQueue()
        self._report: dict[str, Any] = {}
        self._groups: cgroups.Groups | None = None
        self.refused: SandboxMissing | None = None  # why nothing may run any more
        self.on_refusal: Callable[[], object] = bool  # told when that is so
        self.runs: Counter[str] = Counter(none=0, sandbox_lost=0)  # by the code of their failure

    async def __aenter__(self) -> Self:
        """Start and prove it; SandboxMissing names the layer that is not there and the fix."""
        layers = self._layers()
        identity.allow_inspection(False)  # a run of the same uid may not read this process
        data_dir = self._settings.data_dir
        self._scratch = Scratch.open(data_dir, slot_uids=layers.slot_uids)
        if layers.cgroups:  # one more than there are slots: the self-test runs, too
            self._groups = cgroups.given(self._slots + 1, Limits.of(self._settings))
        layers = replace(layers, cgroups=self._groups is not None)
        self._generations = Generations(partial(self._proven, layers))
        self._spares = Spares(self._scratch, self._generations)
        for slot in range(self._slots):
            self._free.put_nowait(slot)
        try:
            await self._generations.present()
        except BaseException as error:
            await self.__aexit__()
            if isinstance(error, ParentLost):
                raise SandboxMissing("a run that works", str(error)) from None
            raise

        return self

    async def __aexit__(self, *_: object) -> None:
        """Kill what runs, end the warm parents, remove every directory."""
        await undisturbed(self._close())

    @property
    def report(self) -> dict[str, Any]:
        """Which layers hold, and what the self-test found."""
        return dict(self._report)

    @asynccontextmanager
    async def run(
        self, script: Script, limits: Limits, on_progress: OnProgress | None = None
    ) -> AsyncIterator[Run]:
        """Run a script; enters when its process is dead and removes its directory at the end.

        Cancelling kills the process and waits for its death.
        """
        slot = await self._free.get()
        try:
            spare = await self._claimed(slot)
            try:
                yield await self._ended(spare, slot, script, limits, on_progress)
            finally:
                await undisturbed(self._spares.discard(spare))
        finally:
            self._spares.prepare(slot)
            self._free.put_nowait(slot)

    def _layers(self) -> Layers:
        if sys.platform != "linux":
            raise SandboxMissing("Linux", "Run the worker in a container: docker compose up")

        layers = without(available(), self._without)
        if not self._settings.allow_unsandboxed:
            require(layers)

        return layers

    async def _proven(self, layers: Layers) -> WarmParent:
        scratch, preload = self._scratch.root, self._settings.preload
        parent = await WarmParent.start(layers, scratch, preload, self._groups)
        try:
            await self._prove(parent, replace(layers, namespaces=parent.has_namespaces))
        except BaseException as error:
            await undisturbed(parent.stop())
            if isinstance(error, SandboxMissing):
                self.refused = error
                self.on_refusal()
            raise

        return parent

    async def _prove(self, parent: WarmParent, layers: Layers) -> None:
        slot = self._slots  # one more than there are, so that no run is waited for
        uid = identity.slot_uid(slot) if layers.slot_uids else os.geteuid()
        other_run = self._scratch.new(0)
        try:
            probing = partial(self._probing, parent, slot)
            self._report = await selftest.prove(probing, layers, other_run, uid)
        finally:
            remove(other_run)
        log.info("sandbox.proven %s", self._report)
        if not self._report["failed"]:
            return
        if not self._settings.allow_unsandboxed:
            selftest.refuse(self._report)
        log.warning("sandbox.open failed=%s", self._report["failed"])

    @asynccontextmanager
    async def _probing(
        self, parent: WarmParent, slot: int, script: Script, limits: Limits, inspect: Inspect
    ) -> AsyncIterator[Run]:
        spare = await self._spares.fork(parent, slot)

        def look(_: Progress) -> None:
            inspect(spare.child.pid if spare.child else 0, spare.directory)

        try:
            yield await self._ended(spare, slot, script, limits, look)
        finally:
            await undisturbed(self._spares.discard(spare))

    async def _claimed(self, slot: int) -> Spare:
        try:
            return await self._spares.take(slot)
        except (ParentLost, SandboxMissing) as error:
            log.error("sandbox.lost slot=%s reason=%r", slot, str(error))
            return Spare(directory=self._scratch.new(slot), child=None, lost=str(error))

    async def _ended(
        self,
        spare: Spare,
        slot: int,
        script: Script,
        limits: Limits,
        on_progress: OnProgress | None,
    ) -> Run:
        if spare.child is None:
            observed = nothing(spare.lost)
        else:
            self._furnish(spare.directory, slot, script)
            observed = await supervise(spare.child, spare.directory, limits, on_progress)

        directory = spare.directory
        failure = judge(observed.ending, limits, directory)
        self.runs[failure.code if failure else "none"] += 1
        output = directory / folders.OUTPUT

        return Run(
            failure=failure and _without_path(failure, directory),
            directory=directory,
            output_directory=output,
            output_path=output / script.file_name,
            stdout=observed.stdout.replace(str(directory), "."),
            stderr=observed.stderr.replace(str(directory), "."),
            seconds=observed.seconds,
            report=self.report,
        )

    def _furnish(self, directory: Path, slot: int, script: Script) -> None:
        for name, content in script.inputs.items():
            self._scratch.write(directory / folders.INPUT / name, content, slot)
        job = {
            "code": script.code,
            "file_name": script.file_name,
            "title": script.title,
            "data": script.data,
            "inputs": list(script.inputs),
        }
        text = json.dumps(job)
        self._scratch.write(directory / JOB, text.encode(), slot)

    async def _close(self) -> None:
        await self._generations.close()
        await self._spares.close()
        await asyncio.to_thread(self._scratch.close)
        if self._groups is not None:
            await asyncio.to_thread(self._groups.close)


def _without_path(failure: Failure, directory: Path) -> Failure:
    # Where a run lay is of no use to its author, and differs each time.
    return replace(
        failure,
        message=failure.message.replace(str(directory), "."),
        traceback=failure.traceback.replace(str(directory), "."),
    )
