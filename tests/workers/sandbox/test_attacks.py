"""Hostile scripts, judged from outside; and proof that each layer is what stops them."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.workers.sandbox.attacks import Attack
from tests.workers.sandbox.attacks.processes import ALONE
from tests.workers.sandbox.attacks.suite import ATTACKS, JUDGE, TOGETHER, missing, runs
from tests.workers.sandbox.attacks.targets import Targets
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import OutputInvalid, Progress, Sandbox, Script, collect

Weaken = Callable[[frozenset[str]], Awaitable[Sandbox]]


@pytest.fixture
def targets(tmp_path: Path) -> Iterator[Targets]:
    with ExitStack() as stack:
        yield Targets(tmp_path, stack)


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) == sum(map(len, TOGETHER.values())) + len(ALONE)
    assert len(ATTACKS) >= 120


@pytest.mark.parametrize("group", TOGETHER.values(), ids=TOGETHER.keys())
async def test_every_attack_is_refused_and_changes_nothing(
    run: Runs, targets: Targets, group: dict[str, Attack]
) -> None:
    before = targets.seen_from_outside()

    outcomes = await _attack(run, targets, group)

    assert {name: said for name, said in outcomes.items() if said != "refused"} == {}
    assert targets.seen_from_outside() == before


@pytest.mark.parametrize("name", ALONE)
async def test_an_attack_that_changes_its_process_is_refused(
    run: Runs, targets: Targets, name: str
) -> None:
    outcomes = await _attack(run, targets, {name: ALONE[name]})

    assert outcomes == {name: "refused"}


REMOVED = (
    frozenset({"landlock"}),
    frozenset({"seccomp"}),
    frozenset({"uid"}),
    frozenset({"namespaces"}),
    frozenset({"landlock", "uid"}),
    frozenset({"seccomp", "uid"}),
    frozenset({"seccomp", "uid", "namespaces"}),
    frozenset({"landlock", "seccomp", "uid", "namespaces"}),
)


@pytest.mark.parametrize("removed", REMOVED, ids=lambda layers: "+".join(sorted(layers)))
async def test_without_some_layers_exactly_their_attacks_get_through(
    run: Runs, sandbox: Sandbox, weakened: Weaken, targets: Targets, removed: frozenset[str]
) -> None:
    weak = await weakened(removed)
    absent, abi = removed | missing(sandbox.report), sandbox.report["landlock_abi"]

    outcomes: dict[str, str] = {}
    for group in runs():
        outcomes |= await _attack(run, targets, group, sandbox=weak)

    wrong = {
        name: said
        for name, said in outcomes.items()
        if ATTACKS[name].gets_through(absent, abi) not in (None, said == "open")
    }
    assert wrong == {}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="32-bit calls are x86's")
@pytest.mark.parametrize(
    "machine_code",
    ["b8 14 00 00 00 cd 80 c3", "b8 27 00 00 40 0f 05 c3"],
    ids=["int80_getpid", "x32_getpid"],
)
async def test_calls_of_another_architecture_end_the_run(run: Runs, machine_code: str) -> None:
    code = f"""
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes.fromhex("{machine_code}"))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""

    ended = await run(code)

    assert ended.failure is not None
    assert ended.failure.code == "policy_violation"


async def test_an_argument_that_a_call_does_not_take_is_not_looked_at(run: Runs) -> None:
    """F_GETFL was refused now and then: its third register holds anything, O_ASYNC included."""
    code = """
import ctypes, fcntl, os
libc, asynchronous = ctypes.CDLL(None), 0o20000
print(libc.fcntl(1, fcntl.F_GETFL, asynchronous) >= 0)
print(libc.fcntl(1, fcntl.F_SETFL, asynchronous))
"""

    ended = await run(code)

    assert ended.stdout == "True\n-1\n"


async def test_the_only_descriptors_are_pipes_and_folders_of_libraries(run: Runs) -> None:
    code = """
import os, stat
for fd in range(5, 4096):
    try: mode = os.fstat(fd).st_mode
    except OSError: continue
    assert stat.S_ISDIR(mode), (fd, mode)
    try: os.listdir(fd)
    except OSError as error: assert error.errno == 9, error  # O_PATH: names, and reads nothing
    else: raise AssertionError(fd)
"""

    ended = await run(code)

    assert ended.failure is None, ended.failure


async def test_the_kernel_confirms_the_layers(sandbox: Sandbox) -> None:
    code = "import os, time\nprogress(1, str(os.getpid()))\ntime.sleep(60)"
    heard: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(_run(sandbox, code, heard.set_result))
    pid = int((await heard).message or 0)

    status, oom = _status(pid)
    running.cancel()
    await asyncio.wait([running])

    assert (status["NoNewPrivs"], status["Seccomp"], int(status["CapEff"], 16)) == ("1", "2", 0)
    assert (oom.strip(), status["Threads"]) == ("1000", "1")
    if sandbox.report["uid"] == "slot":
        assert all(60_000 <= int(uid) < 60_100 for uid in status["Uid"].split())
        assert status["Groups"].strip() == ""


async def test_a_folder_closed_to_a_plain_user_is_a_missing_output(sandbox: Sandbox) -> None:
    """It looked like a fault of the worker, and was tried again."""
    code = "import os\nos.rmdir('output')\nos.mkdir('output', 0o400)"
    script = Script(code=code, file_name="out.txt", title="")

    async with sandbox.run(script, LIMITS) as ended:
        assert ended.failure is None, ended.failure
        with pytest.raises(OutputInvalid) as refused:
            collect(ended, ".txt", 1000)

    assert refused.value.code == "no_output"


async def test_only_threads_of_its_own_may_be_signalled(run: Runs) -> None:
    code = (
        "import os, signal\nsignal.signal(10, lambda *_: print('heard'))\nos.kill(os.getpid(), 10)"
    )

    ended = await run(code)

    assert ended.stdout == "heard\n"


async def _run(sandbox: Sandbox, code: str, on_progress: Callable[[Progress], None]) -> None:
    script = Script(code=code, file_name="a.txt", title="")
    async with sandbox.run(script, LIMITS, on_progress):
        pass


def _status(pid: int) -> tuple[dict[str, str], str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    oom = Path(f"/proc/{pid}/oom_score_adj").read_text()
    return dict(line.split(":\t", 1) for line in lines), oom


async def _attack(
    run: Runs, targets: Targets, group: dict[str, Attack], **where: Sandbox
) -> dict[str, str]:
    codes = {name: attack.code for name, attack in group.items()}
    ended = await run(JUDGE, data={"attacks": codes, "targets": targets.named}, **where)
    if ended.failure is None and not ended.stdout:
        return dict.fromkeys(group, "open")  # it became something else

    assert ended.failure is None, ended
    said: dict[str, str] = json.loads(ended.stdout)
    return said
