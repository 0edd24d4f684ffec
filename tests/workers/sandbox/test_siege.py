"""Runs that attack each other, every slot under attack at once, and kills in every phase."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from db.settings import Settings
from tests.workers.sandbox.attacks.files import FILES
from tests.workers.sandbox.attacks.processes import PROCESSES
from tests.workers.sandbox.attacks.suite import JUDGE
from tests.workers.sandbox.conftest import LIMITS, SECOND
from workers.sandbox import Limits, Progress, Run, Sandbox, Script, collect, haste, identity
from workers.sandbox.values import MIB

PREY = ("canary", "prey", "doomed", "moved", "stolen")
WHERE = "import os, time\nprogress(1, f'{os.getpid()} {os.getcwd()}')\n"
# Both must be there before either can be told of the other, and until both are done.
FEUD = f"""
{WHERE}
for name in {PREY}:
    open(name, "w").write("a secret")
os.mkdir("empty")
def wait_for(word):
    while not os.path.exists(f"input/{{word}}"):
        time.sleep(0.005)
wait_for("target")
DATA["targets"] = eval(open("input/target").read())
{JUDGE}
progress(50)
wait_for("end")
"""
AGAINST_A_RUN = {
    name: attack.code for name, attack in (FILES | PROCESSES).items() if "uid" in attack.by.split()
}


class Living:
    """A run that goes on while the test looks at it."""

    def __init__(self) -> None:
        self.pid = 0
        self.directory = Path()
        self.halfway = asyncio.Event()
        self.born = asyncio.Event()
        self.task: asyncio.Task[Run]

    def hear(self, progress: Progress) -> None:
        if progress.message and not self.born.is_set():
            pid, directory = progress.message.split(" ", 1)
            self.pid, self.directory = int(pid), Path(directory)
            self.born.set()
        if progress.percent == 50:
            self.halfway.set()

    def tell(self, word: str, text: str = "") -> None:
        """Leave a file for it, whole from the first moment."""
        (self.directory / "input" / f".{word}").write_text(text)
        (self.directory / "input" / f".{word}").chmod(0o644)
        (self.directory / "input" / f".{word}").rename(self.directory / "input" / word)


@asynccontextmanager
async def _living(
    sandbox: Sandbox, code: str, limits: Limits = LIMITS, data: object = None
) -> AsyncIterator[Living]:
    living = Living()
    living.task = asyncio.create_task(_run(sandbox, code, limits, living, data))
    try:
        await living.born.wait()
        yield living
    finally:
        living.task.cancel()
        await asyncio.wait([living.task])


async def _run(
    sandbox: Sandbox, code: str, limits: Limits, living: Living | None, data: object
) -> Run:
    script = Script(code=code, file_name="out.xlsx", title="", data=data)
    async with sandbox.run(script, limits, living and living.hear) as run:
        if run.failure is None and run.output_path.exists():
            assert collect(run, ".xlsx", MIB)
        return run


async def test_two_runs_that_attack_each_other_get_nothing(sandbox: Sandbox) -> None:
    data = {"attacks": AGAINST_A_RUN}
    async with (
        _living(sandbox, FEUD, data=data) as one,
        _living(sandbox, FEUD, data=data) as other,
    ):
        for run, target in ((one, other), (other, one)):
            paths = {name: f"{target.directory}/{name}" for name in (*PREY, "empty")}
            named = {**paths, "victim": target.pid, "other": str(target.directory)}
            run.tell("target", repr(named))
        for run in (one, other):
            await run.halfway.wait()
        prey = [(run.directory / name).read_text() for run in (one, other) for name in PREY]
        for run in (one, other):
            run.tell("end")
        said = [json.loads((await run.task).stdout) for run in (one, other)]

    assert [{n: s for n, s in outcomes.items() if s != "refused"} for outcomes in said] == [{}, {}]
    assert len(AGAINST_A_RUN) > 30
    assert prey == ["a secret"] * 2 * len(PREY)


SIEGE = {
    "timeout": "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n"
    "    except OSError: pass\nwhile True: pass",
    "memory_limit": "held = []\nwhile True: held.append(bytearray(16 << 20))",
    "disk_limit": "n = 0\nwhile True:\n    n += 1\n    open(str(n), 'wb').write(bytes(1 << 20))",
    "output_limit": "while True: print('x' * 65536)",
    "thread_limit": "import threading, time\nthreading.stack_size(65536)\n"
    "while True: threading.Thread(target=time.sleep, args=(60,)).start()",
}
NEIGHBOUR = "import openpyxl\nopenpyxl.Workbook().save(OUTPUT_PATH)"
LEASE_SECONDS = 10
BESIEGED = replace(
    LIMITS, wall=60 * SECOND, memory_bytes=512 * MIB, disk_bytes=32 * MIB, output_bytes=8 * MIB
)


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.soak)])
@pytest.mark.timeout(600)
async def test_attacks_in_every_slot_at_once_stop_neither_the_loop_nor_the_neighbours(
    sandbox_settings: Settings, rounds: int
) -> None:
    async with Sandbox(sandbox_settings, slots=len(SIEGE) + 1) as sandbox:
        heart = Heart()
        beating = asyncio.create_task(heart.beat())
        for _ in range(rounds):
            attackers = [
                asyncio.create_task(_run(sandbox, code, _limits(name), None, None))
                for name, code in SIEGE.items()
            ]
            neighbour = await _run(sandbox, NEIGHBOUR, LIMITS, None, None)
            ended = [await attacker for attacker in attackers]

            assert neighbour.failure is None, neighbour
            assert [run.failure and run.failure.code for run in ended] == list(SIEGE)
        beating.cancel()
        await asyncio.wait([beating])

    assert heart.latest < LEASE_SECONDS / 2


def _limits(name: str) -> Limits:
    return replace(BESIEGED, wall=SECOND) if name == "timeout" else BESIEGED


class Heart:
    """Beats in the loop that minds the runs, as the worker's does."""

    latest = 0.0  # seconds after its time

    async def beat(self) -> None:
        """Beat on until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.1
            await asyncio.sleep(0.1)
            self.latest = max(self.latest, loop.time() - due)


PHASES = {
    "sleeping": WHERE + "time.sleep(60)",
    "spinning": WHERE + "while True: pass",
    "deaf": WHERE + "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
    "while True: pass",
    "threads": WHERE + "import threading\n"
    "for n in range(20): threading.Thread(target=time.sleep, args=(60,)).start()",
    "writing": WHERE
    + "n = 0\nwhile True:\n    n += 1\n    open(str(n % 50), 'wb').write(bytes(99999))",
    "talking": WHERE + "while True: print('x' * 999); progress(2)",
}
ORDER_SECONDS = 0.05
SYS_NICE = 23


@pytest.mark.parametrize("kills", [12, pytest.param(1000, marks=pytest.mark.soak)])
@pytest.mark.timeout(600)
async def test_killed_runs_leave_nothing(sandbox_settings: Settings, kills: int) -> None:
    """The soak also holds the time: from the order to the death of the process."""
    codes = list(PHASES.values())
    seconds = []
    async with Sandbox(sandbox_settings, slots=1) as sandbox:
        await _killed(sandbox, codes[0])
        await _at_rest(sandbox)
        before = _held(sandbox)
        for n in range(kills):
            seconds.append(await _killed(sandbox, codes[n % len(codes)]))

        await _at_rest(sandbox)
        assert _held(sandbox) == before
    if kills > 100:
        assert max(seconds) < ORDER_SECONDS, (sorted(seconds)[-10:], os.getloadavg())


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_killed_run_is_gone_in_time_on_a_busy_machine(
    sandbox_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died at its own priority, the least, in 0.1 to 0.6 s."""
    if not identity._holds(SYS_NICE):
        pytest.skip("needs CAP_SYS_NICE: nobody else may put the dying first")

    codes = list(PHASES.values())
    async with Sandbox(sandbox_settings, slots=1) as sandbox:
        with _busy():
            hasty = [await _killed(sandbox, codes[n % len(codes)]) for n in range(60)]
            monkeypatch.setattr(haste, "let_die", lambda pid: None)
            patient = [await _killed(sandbox, codes[n % len(codes)]) for n in range(60)]

    assert statistics.median(hasty) < statistics.median(patient) / 2
    assert max(hasty) < ORDER_SECONDS, sorted(hasty)[-10:]


async def test_a_kill_puts_the_dying_first_where_that_is_allowed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int, int]] = []

    def refuse(*what: int) -> None:
        asked.append(what)
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    async with _living(sandbox, PHASES["sleeping"]) as living:
        ...

    assert asked == [(os.PRIO_PGRP, living.pid, haste.FIRST)]


@contextmanager
def _busy() -> Iterator[None]:
    """Eight programs that spin for each processor."""
    spin = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for _ in range(8 * (os.cpu_count() or 1)):
            hog = stack.enter_context(subprocess.Popen(spin, start_new_session=True))
            stack.callback(hog.kill)
        yield


async def _killed(sandbox: Sandbox, code: str) -> float:
    """Seconds from the order to cancel until the kernel says that the process is dead."""
    loop = asyncio.get_running_loop()
    async with _living(sandbox, code) as living:
        pidfd = os.pidfd_open(living.pid)
        dead = asyncio.Event()
        loop.add_reader(pidfd, dead.set)
        ordered = loop.time()
        living.task.cancel()
        await dead.wait()
        seconds = loop.time() - ordered
        loop.remove_reader(pidfd)
        os.close(pidfd)

    assert not living.directory.exists()
    return seconds


async def _at_rest(sandbox: Sandbox) -> None:
    await asyncio.wait(sandbox._spares._next.values())  # the child that is there anyway


def _held(sandbox: Sandbox) -> tuple[int, int, int]:
    """What could be left over: directories, processes, descriptors of the worker."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    grandchildren = [
        Path(f"/proc/{pid}/task/{pid}/children").read_text().split() for pid in children
    ]
    return (
        len(list(sandbox._scratch.root.iterdir())),
        sum(map(len, grandchildren)),
        len(os.listdir("/proc/self/fd")),
    )
