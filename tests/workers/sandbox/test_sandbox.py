"""What holds around the runs: cancelling, dying, restarting, refusing, cleaning up."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from db.errors import SandboxMissing
from db.settings import MIB, Settings
from tests.workers.sandbox.attacks import BOTH, LANDLOCK, SECCOMP
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import Progress, Run, Sandbox, Script, confine, memory, selftest
from workers.sandbox.child import ParentLost
from workers.sandbox.directories import Scratch
from workers.sandbox.generations import Generations
from workers.sandbox.parent import WarmParent

Weaken = Callable[[frozenset[str]], Awaitable[Sandbox]]

DOOMED_WORKER = """
import asyncio, sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from db.settings import load
from workers.sandbox import Limits, Sandbox, Script

CODE = "import os, time; progress(1, f'{os.getpid()} {os.getppid()} .'); time.sleep(60)"

async def main():
    settings = replace(load({}), data_dir=Path(sys.argv[1]))
    async with Sandbox(settings, slots=1) as sandbox:
        script = Script(code=CODE, file_name="a", title="")
        async with sandbox.run(script, Limits(), lambda p: print(p.message, flush=True)):
            pass

asyncio.run(main())
"""
WHERE = "import os, time\nprogress(1, f'{os.getpid()} {os.getppid()} {os.getcwd()}')\n"


async def test_cancelling_kills_the_process_and_removes_its_directory(sandbox: Sandbox) -> None:
    async with _running(sandbox, WHERE + "time.sleep(60)") as (task, where):
        task.cancel()
        await asyncio.wait([task])

    assert task.cancelled()
    assert not where.alive()
    assert not where.directory.exists()


async def test_cancelling_before_the_first_line_leaves_the_slot_usable(
    sandbox: Sandbox, run: Runs
) -> None:
    tasks = [asyncio.create_task(_run(sandbox, "while True: pass", None)) for _ in range(6)]
    await asyncio.wait(tasks, timeout=0.01)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    ended = await run("print('still here')")

    assert ended.stdout == "still here\n"


async def test_a_warm_parent_that_dies_ends_its_runs_as_lost_and_is_replaced(
    sandbox: Sandbox, run: Runs
) -> None:
    async with _running(sandbox, WHERE + "time.sleep(60)") as (task, where):
        os.kill(where.parent, signal.SIGKILL)
        lost = await task

    after = await run("print('again')")

    assert lost.failure is not None
    assert (lost.failure.code, lost.failure.retryable) == ("sandbox_lost", True)
    assert not where.alive()
    assert after.stdout == "again\n"


async def test_a_successor_that_does_not_hold_gets_no_job(
    sandbox_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()
    async with Sandbox(sandbox_settings, slots=1) as sandbox:
        sandbox.on_refusal = told.set
        async with _running(sandbox, WHERE + "time.sleep(60)") as (task, where):
            monkeypatch.setattr(selftest, "_failed", lambda outcomes: {"tcp": "open"})
            os.kill(where.parent, signal.SIGKILL)
            await task
        lost = await _run(sandbox, "print('not run')", None)

    assert told.is_set()
    assert sandbox.refused is not None
    assert "seccomp" in str(sandbox.refused)
    assert lost.failure is not None
    assert (lost.failure.retryable, lost.stdout) == (True, "")


async def test_a_parent_that_dies_while_it_is_proven_is_followed_by_another(
    sandbox_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = iter([ParentLost("died"), None])

    async def prove(*arguments: Any) -> dict[str, Any]:
        if error := next(attempts):
            raise error
        return {"failed": {}}

    monkeypatch.setattr(selftest, "prove", prove)
    async with Sandbox(sandbox_settings, slots=1) as sandbox:
        ended = await _run(sandbox, "print('run')", None)

    assert (ended.stdout, sandbox.refused) == ("run\n", None)


@pytest.mark.parametrize(
    ("limit_mib", "slots"), [(None, 4), (8192, 4), (3584, 3), (2048, 1), (512, 1)]
)
def test_slots_share_the_memory_of_the_container(limit_mib: int | None, slots: int) -> None:
    limit = None if limit_mib is None else limit_mib * MIB

    assert memory.fitting(4, 1024 * MIB, limit) == slots


async def test_a_run_killed_from_outside_may_be_tried_again(sandbox: Sandbox) -> None:
    async with _running(sandbox, WHERE + "time.sleep(60)") as (task, where):
        os.kill(where.pid, signal.SIGKILL)
        killed = await task

    assert killed.failure is not None
    assert killed.failure.retryable


async def test_two_runs_cannot_see_each_other(sandbox: Sandbox, run: Runs) -> None:
    code = """
import os
seen = []
for attempt in (
    lambda: os.listdir(DATA["directory"]),
    lambda: os.kill(DATA["pid"], 0),
    lambda: os.listdir(".."),
    lambda: open(f"/proc/{DATA['pid']}/environ"),
):
    try: seen.append(attempt())
    except PermissionError: pass
print(seen)
"""
    async with _running(sandbox, WHERE + "time.sleep(60)") as (task, where):
        ended = await run(code, data={"directory": str(where.directory), "pid": where.pid})
        task.cancel()
        await asyncio.wait([task])

    assert ended.stdout == "[]\n", ended


async def test_nothing_of_a_run_reaches_the_next_one(sandbox: Sandbox, run: Runs) -> None:
    taint = """
import builtins, openpyxl, sys, json, os, atexit, tempfile
builtins.print = openpyxl.Workbook = json.dumps = None
sys.path.insert(0, "/taint"); os.environ["TAINT"] = "1"; tempfile.tempdir = "/taint"
atexit.register(lambda: None); sys.modules["taint"] = sys
"""
    check = """
import gc, openpyxl, os, sys, json
openpyxl.Workbook(), json.dumps(1)
assert "taint" not in sys.modules and "/taint" not in sys.path and "TAINT" not in os.environ
texts = [o for o in gc.get_objects() if isinstance(o, dict) and "TAINTED-DATA" in o]
print("clean" if not texts else texts)
"""

    await run(taint, data={"TAINTED-DATA": 1})
    ended = await run(check)

    assert ended.stdout == "clean\n", ended


async def test_the_code_never_passes_through_the_warm_parent(sandbox: Sandbox) -> None:
    secret = "s3cr3t" + "-of-a-job"
    async with _running(sandbox, WHERE + f"x = '{secret}'\ntime.sleep(60)") as (task, where):
        found = _memory_holds(where.parent, secret.encode())
        in_child = _memory_holds(where.pid, secret.encode())
        task.cancel()
        await asyncio.wait([task])

    assert (found, in_child) == (False, True)


async def test_runs_do_not_share_their_random_numbers(run: Runs) -> None:
    code = "import random, uuid\nprint(random.random(), uuid.uuid4())"
    first, second = await run(code), await run(code)

    assert not set(first.stdout.split()) & set(second.stdout.split())


async def test_a_worker_that_is_killed_takes_every_process_along(tmp_path: Path) -> None:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DOOMED_WORKER, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout
    where = Where((await worker.stdout.readline()).decode())
    deaths = [asyncio.create_task(_death(pid)) for pid in (where.pid, where.parent)]

    worker.kill()
    await worker.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(*deaths)


LITTER = {
    "deep": "import os\nfor n in range(3000):\n    os.mkdir('d')\n    os.chdir('d')",
    "long": "import os\nfor n in range(60):\n    os.mkdir('d' * 255)\n    os.chdir('d' * 255)",
    "closed": "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w')\nos.mkdir('z', 0)\n"
    "os.chdir('a')\nos.mkdir('y', 0o300)",
    "odd": "for name in ['\\n', '\\x1b[2J', '-rf', '*', 'x' * 255, b'\\xff\\xfe']:\n"
    "    open(name, 'w').close()",
}


@pytest.mark.parametrize("code", LITTER.values(), ids=LITTER.keys())
async def test_a_directory_is_removed_whatever_is_in_it(sandbox: Sandbox, code: str) -> None:
    script = Script(code=code, file_name="a.txt", title="")

    async with sandbox.run(script, LIMITS) as run:
        was_there = run.directory.exists()

    assert (was_there, run.directory.exists()) == (True, False)


async def test_layers_go_away_only_where_the_settings_allow_it(
    sandbox_settings: Settings,
) -> None:
    with pytest.raises(ValueError, match="PRESSROOM_ALLOW_UNSANDBOXED"):
        Sandbox(sandbox_settings, slots=1, without={"seccomp"})


@pytest.mark.skipif(os.geteuid() != 0, reason="without a uid of its own only")
@pytest.mark.parametrize(
    ("without", "named"), [(LANDLOCK, "Landlock"), (SECCOMP, "seccomp"), (BOTH, "Landlock")]
)
async def test_the_self_test_notices_a_layer_that_does_not_hold(
    weakened: Weaken, without: frozenset[str], named: str
) -> None:
    report = (await weakened(without)).report

    with pytest.raises(SandboxMissing, match=named):
        selftest.refuse(report)


@pytest.mark.parametrize("missing", ["seccomp", "landlock"])
def test_a_missing_layer_is_named_together_with_the_fix(missing: str) -> None:
    layers = confine.without(confine.available(), [missing])

    with pytest.raises(SandboxMissing, match="(?i)" + missing) as refused:
        confine.require(layers)

    assert refused.value.fix


async def test_the_report_says_what_holds(sandbox: Sandbox) -> None:
    report = sandbox.report

    assert report["failed"] == {}
    assert report["seccomp"] is True
    assert report["landlock_abi"] >= 1
    assert report["uid"] == ("slot" if os.geteuid() == 0 else "shared")


async def test_what_a_killed_worker_left_is_swept_and_what_lives_is_not(tmp_path: Path) -> None:
    living = Scratch.open(tmp_path, slot_uids=False)
    dead = living.root.parent / "dead"
    (dead / "run" / "output").mkdir(parents=True)
    (dead / "stray").write_text("x")
    (living.root.parent / "not-ours").write_text("x")

    other = Scratch.open(tmp_path, slot_uids=False)

    assert not dead.exists()
    assert living.root.exists()
    for scratch in (living, other):
        scratch.close()


async def test_a_warm_parent_is_replaced_after_its_share_of_runs(tmp_path: Path) -> None:
    scratch = Scratch.open(tmp_path, slot_uids=False)
    layers = replace(confine.available(), slot_uids=False)
    generations = Generations(partial(WarmParent.start, layers, scratch.root), runs=1)
    first = await generations.present()
    child = await first.child(scratch.new(0), 0)

    while (second := await generations.present()) is first:
        await asyncio.wait([asyncio.ensure_future(_succession(generations))])

    assert (second is not first, first.lost, child.alive) == (True, False, True)
    child.kill()
    await child.wait()
    child.close()
    await generations.close()
    assert first.lost
    scratch.close()


async def test_a_parent_that_cannot_start_is_lost_and_not_waited_for(tmp_path: Path) -> None:
    layers = replace(confine.available(), landlock_abi=99)
    parent = await WarmParent.start(layers, tmp_path)
    await parent.stop()

    with pytest.raises(ParentLost, match="dead"):
        await parent.child(tmp_path, 0)


class Where:
    """A run's process, its parent and its directory, as it says itself."""

    def __init__(self, message: str) -> None:
        pid, parent, directory = message.split(" ", 2)
        self.pid, self.parent, self.directory = int(pid), int(parent), Path(directory)

    def alive(self) -> bool:
        """Whether the process exists and is not only waiting for init to notice its death."""
        try:
            return " Z " not in Path(f"/proc/{self.pid}/stat").read_text()
        except FileNotFoundError:
            return False


@asynccontextmanager
async def _running(sandbox: Sandbox, code: str) -> AsyncIterator[tuple["asyncio.Task[Run]", Where]]:
    heard: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_run(sandbox, code, heard.set_result))
    try:
        yield task, Where((await heard).message or "")
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _run(sandbox: Sandbox, code: str, on_progress: Any) -> Run:
    script = Script(code=code, file_name="a.txt", title="")
    async with sandbox.run(script, LIMITS, on_progress) as run:
        return run


async def _succession(generations: Generations) -> None:
    starting = generations._starting
    if starting is not None:
        await asyncio.wait([starting])


def _death(pid: int) -> Coroutine[Any, Any, None]:
    return _ending(os.pidfd_open(pid))  # now, for when it is awaited there may be no such process


async def _ending(pidfd: int) -> None:
    dead: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(pidfd, dead.set_result, None)
    try:
        await dead
    finally:
        asyncio.get_running_loop().remove_reader(pidfd)
        os.close(pidfd)


def _memory_holds(pid: int, needle: bytes) -> bool:
    if os.geteuid() != 0:
        pytest.skip("reading another process's memory needs root")

    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        return any(needle in part for part in _parts(pid, memory))


def _parts(pid: int, memory: Any) -> Any:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, *_ = line.split()
        start, end = (int(edge, 16) for edge in span.split("-"))
        if rights.startswith("rw"):
            memory.seek(start)
            yield memory.read(end - start)
