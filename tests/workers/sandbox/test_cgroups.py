"""Cgroups of the worker's own: given, used, given back. Where there are none, the tests say so."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest

from db.settings import MIB, Settings
from tests.workers.sandbox.conftest import LIMITS
from workers.sandbox import Limits, Run, Sandbox, Script, delegation, supervise
from workers.sandbox.cgroups import CONTROLLERS, RUNS, Groups
from workers.sandbox.delegation import Undelegated

FAMILY = ["sh", "-c", "sleep 300 & echo $! && wait"]
OPENER = """
import time
from workers.sandbox import Limits
from workers.sandbox.cgroups import Groups
groups = Groups.open(2, Limits(), controllers=())
print(groups[0].path.parent.name, flush=True)
time.sleep(300)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A cgroup that is given to this process, which is in it."""
    top = next(delegation._mounts(), None)
    if top is None:
        pytest.skip("there is no cgroup v2 here")
    own = top / delegation.path_of("self").strip("/")
    around = own / f"pressroom-test-{token_hex(4)}"  # not marked, whatever the one above is
    home = around / "home"
    try:
        home.mkdir(parents=True)
        (home / "cgroup.procs").write_text("0")
    except OSError as error:
        for made in filter(Path.exists, (home, around)):
            made.rmdir()
        pytest.skip(f"needs a cgroup v2 that this user may divide: {error}")

    os.setxattr(home, "user.delegate", b"1")
    given = [name for name in CONTROLLERS if _write(own / "cgroup.subtree_control", f"+{name}")]
    for name in given:
        (around / "cgroup.subtree_control").write_text(f"+{name}")
    yield home
    for name in given:
        (around / "cgroup.subtree_control").write_text(f"-{name}")
        (own / "cgroup.subtree_control").write_text(f"-{name}")
    for pid in (home / "cgroup.procs").read_text().split():
        (own / "cgroup.procs").write_text(pid)
    home.rmdir()
    around.rmdir()


@pytest.fixture
def limited(home: Path) -> Path:
    """The same, where memory and processes can be limited."""
    missing = set(CONTROLLERS) - set((home / "cgroup.controllers").read_text().split())
    if missing:
        pytest.skip(f"cgroup v2 has no controller for {' and '.join(sorted(missing))} here")

    return home


@pytest.fixture
def family() -> Iterator[tuple[int, int]]:
    """A process and its child, which would live on for long."""
    with subprocess.Popen(FAMILY, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        yield parent.pid, child
        for pid in (parent.pid, child):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_a_group_is_killed_with_all_that_was_born_in_it(
    home: Path, family: tuple[int, int]
) -> None:
    groups = Groups.open(2, Limits(), controllers=())
    for pid in family:
        os.write(groups[1].door, str(pid).encode())

    groups[0].kill()
    was_empty = groups[1].is_empty
    groups[1].kill()

    assert not was_empty
    assert groups[1].is_empty
    groups.close()


def test_the_last_sandbox_leaves_the_cgroup_as_the_first_one_found_it(home: Path) -> None:
    before = _seen(home)

    first = Groups.open(1, Limits(), controllers=())
    second = Groups.open(1, Limits(), controllers=())
    first.close()
    between = _seen(home)
    second.close()

    assert between["groups"] != before["groups"]
    assert _seen(home) == before


def test_what_a_killed_sandbox_left_is_removed_and_what_a_living_one_has_is_not(
    home: Path,
) -> None:
    living = Groups.open(1, Limits(), controllers=())
    with subprocess.Popen(
        [sys.executable, "-c", OPENER], stdout=subprocess.PIPE, text=True
    ) as dead:
        assert dead.stdout
        left = home / dead.stdout.readline().strip()
        dead.kill()
    was_left = left.exists()

    Groups.open(1, Limits(), controllers=()).close()

    assert was_left
    assert not left.exists()
    assert living[0].path.exists()
    living.close()


def test_a_cgroup_that_nobody_gave_is_not_touched(home: Path) -> None:
    os.removexattr(home, "user.delegate")
    before = _seen(home)

    with pytest.raises(Undelegated, match="not delegated"):
        Groups.open(1, Limits(), controllers=())

    assert _seen(home) == before


def test_a_cgroup_that_cannot_be_divided_is_left_as_it_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _seen(home)

    def refuse(self: Groups, slot: int, *_: object) -> None:
        raise PermissionError("not this one")

    monkeypatch.setattr(Groups, "_add", refuse)
    with pytest.raises(Undelegated, match="not this one"):
        Groups.open(1, Limits(), controllers=())

    assert _seen(home) == before


def test_a_controller_that_is_not_there_is_named(home: Path) -> None:
    with pytest.raises(Undelegated, match="no controller for wishes"):
        Groups.open(1, Limits(), controllers=("wishes",))


async def test_a_sandbox_says_whether_it_has_cgroups_and_leaves_none(
    limited: Path, sandbox_settings: Settings
) -> None:
    before = _seen(limited)

    async with Sandbox(sandbox_settings, slots=1) as sandbox:
        said = sandbox.report["cgroups"], sandbox.report["failed"]
        inside = _first_slots(limited)

    assert said == ("own", {})
    assert len(inside) == 1
    assert _seen(limited) == before


THREADS = """
import threading
threading.stack_size(65536)
end = threading.Event()
try:
    for n in range(200): threading.Thread(target=end.wait).start()
finally:
    end.set()
"""


@pytest.mark.parametrize("without", [frozenset[str](), frozenset({"cgroups"})])
async def test_threads_are_bounded_before_the_watch_looks(
    limited: Path,
    sandbox_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    without: frozenset[str],
) -> None:
    monkeypatch.setattr(supervise, "WATCH_SECONDS", 60)

    ended = await _run(THREADS, sandbox_settings, without)

    assert (ended.failure and ended.failure.code) == (None if without else "thread_limit")


async def test_a_run_whose_group_is_out_of_memory_has_passed_its_limit(
    limited: Path, sandbox_settings: Settings
) -> None:
    async with Sandbox(sandbox_settings, slots=1) as sandbox:
        [group] = _first_slots(limited)
        (group / "memory.max").write_text(str(100 * MIB))
        script = Script(code="held = bytearray(300 << 20)", file_name="a.txt", title="")
        async with sandbox.run(script, LIMITS) as ended:
            ...
        async with sandbox.run(replace(script, code="print(1)"), LIMITS) as next_one:
            ...

    assert ended.failure is not None
    assert (ended.failure.code, ended.failure.retryable) == ("memory_limit", False)
    assert next_one.failure is None


DAEMON = """
import os, time
pid = os.fork()
if pid == 0:
    os.setsid()
    os.closerange(1, 5)
    time.sleep(300)
print(pid)
"""


@pytest.mark.parametrize("without", [frozenset({"seccomp"}), frozenset({"seccomp", "cgroups"})])
async def test_what_outlives_a_run_is_killed_with_its_group(
    limited: Path, sandbox_settings: Settings, without: frozenset[str]
) -> None:
    allowing = replace(sandbox_settings, allow_unsandboxed=True)
    async with Sandbox(allowing, slots=1, without=without) as sandbox:
        script = Script(code=DAEMON, file_name="a.txt", title="")
        async with sandbox.run(script, LIMITS) as ended:
            pid = int(ended.stdout)
        lives_on = _lives(pid)
        if lives_on:
            os.kill(pid, signal.SIGKILL)

    assert lives_on is ("cgroups" in without)


async def _run(code: str, settings: Settings, without: frozenset[str]) -> Run:
    allowing = replace(settings, allow_unsandboxed=True)
    script = Script(code=code, file_name="a.txt", title="")
    async with (
        Sandbox(allowing, slots=1, without=without) as sandbox,
        sandbox.run(script, LIMITS) as ended,
    ):
        return ended


def _first_slots(home: Path) -> list[Path]:
    return list(home.glob(f"{RUNS}*/0"))


def _lives(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/exe")  # which a dead process has not


def _write(path: Path, text: str) -> bool:
    try:
        path.write_text(text)
    except OSError:
        return False

    return True


def _seen(home: Path) -> dict[str, object]:
    return {
        "groups": sorted(path.name for path in home.iterdir() if path.is_dir()),
        "divided": (home / "cgroup.subtree_control").read_text(),
        "processes": (home / "cgroup.procs").read_text().split(),
    }
