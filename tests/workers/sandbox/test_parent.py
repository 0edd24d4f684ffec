"""The warm parent ends with its worker and with its last child, and says why it cannot start."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from db.errors import SandboxMissing
from db.settings import Settings
from tests.ends import gone
from tests.workers.sandbox import preloads
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import Sandbox, Script
from workers.sandbox.generations import Generations
from workers.sandbox.parent import PROJECT, WarmParent

ENDLESS = f"{preloads.__name__}.endless"
DOOMED = """
import asyncio, sys
from pathlib import Path
sys.path.append(sys.argv[1])
from workers.sandbox import confine
from workers.sandbox.parent import WarmParent
asyncio.run(WarmParent.start(confine.available(), Path(sys.argv[2]), [sys.argv[3]]))
"""
OWN_MODULES = """
for name in ("db", "examples"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        print(error)
    open(name + ".py", "w").write("ROWS = [1]")
from db import ROWS
from examples import ROWS as more
print(ROWS + more)
"""


async def test_one_that_is_not_warm_yet_dies_with_its_worker(tmp_path: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DOOMED, str(PROJECT), str(tmp_path), ENDLESS),
        stdout=asyncio.subprocess.PIPE,
    )
    assert worker.stdout
    parent = int(await worker.stdout.readline())

    worker.kill()
    await worker.wait()

    is_gone = await asyncio.to_thread(gone, [parent], 5)
    if not is_gone:
        os.kill(parent, signal.SIGKILL)
    assert is_gone


async def test_what_it_fails_of_is_in_the_refusal(
    sandbox_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sandbox.generations.BACKOFF_SECONDS", (0,))
    settings = replace(sandbox_settings, preload=(f"{preloads.__name__}.broken",))

    with pytest.raises(SandboxMissing, match=r"RuntimeError: it is worn out"):
        async with Sandbox(settings, slots=1):
            pass


async def test_a_slot_that_nobody_uses_keeps_none_alive(sandbox_settings: Settings) -> None:
    async with Sandbox(sandbox_settings, slots=2) as sandbox:
        first = await sandbox._generations.present()
        await asyncio.gather(_used(sandbox), _used(sandbox))

        second = await _succeeded(sandbox._generations)
        async with asyncio.timeout(10):
            await asyncio.to_thread(first._process.wait)
        await asyncio.gather(_used(sandbox), _used(sandbox))

        assert (first.lost, second.lost) == (True, False)


async def test_a_spare_that_is_renewed_as_it_is_taken_is_waited_for(sandbox: Sandbox) -> None:
    spares = sandbox._spares
    spares.prepare(0)
    first = spares._next[0]
    first.add_done_callback(lambda _: spares._renew())

    taken = await spares.take(0)

    assert taken.child is not None
    assert (taken.child.alive, taken is first.result()) == (True, False)
    await spares.discard(taken)


async def test_scripts_may_call_their_modules_as_we_call_ours(run: Runs) -> None:
    ended = await run(OWN_MODULES)

    assert ended.failure is None
    assert ended.stdout == "No module named 'db'\nNo module named 'examples'\n[1, 1]\n"


async def _used(sandbox: Sandbox) -> None:
    async with sandbox.run(Script(code="", file_name="a.txt", title=""), LIMITS) as run:
        assert run.failure is None


async def _succeeded(generations: Generations) -> WarmParent:
    generations._runs = 0
    await generations.present()
    generations._runs = 1000
    assert generations._starting
    await asyncio.wait([generations._starting])

    return await generations.present()
