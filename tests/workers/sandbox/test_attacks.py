"""Hostile scripts, judged from outside; and proof that each layer is what stops them."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.workers.sandbox.attacks import ATTACKS, FORBIDDEN_CALLS, Attack
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import Progress, Sandbox, Script
from workers.sandbox.parent import PROJECT

Weaken = Callable[[frozenset[str]], Awaitable[Sandbox]]

JUDGED = """
import errno
try:
{attack}
except OSError as error:
    print("refused", errno.errorcode.get(error.errno))
except BaseException as error:
    print(repr(error))
else:
    print("open")
"""
# A root that still has them is out of reach for a run that has not, whatever the layers.
_WITHOUT_CAPABILITIES = (
    ("/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
)
REFUSED = ("refused EPERM\n", "refused EACCES\n", "refused ENOSYS\n")


class Targets:
    """What attackers are after, and whether they got it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.prey = folder / "prey"
        self.prey.write_text("precious")
        self.prey.chmod(0o600)
        (folder / "canary").write_text("a secret")
        self.listeners = {
            "tcp": stack.enter_context(socket.create_server(("127.0.0.1", 0))),
            "udp": _bound(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "stream": _bound(stack, socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
            "datagram": _bound(stack, socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "d")),
            "abstract": _bound(stack, socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder}"),
        }
        self.listeners["stream"].listen()
        self.listeners["abstract"].listen()
        self.victim = stack.enter_context(_echoing())
        # Spelled so that nothing leads an attacker elsewhere: /tmp is a folder of the run's own.
        self.named = {
            "canary": f"/.{folder}/canary",
            "other": f"/.{folder}",
            "prey": f"/.{self.prey}",
            "victim": self.victim.pid,
            "source": f"/.{PROJECT}/db/settings.py",
            "tcp": self.listeners["tcp"].getsockname()[1],
            "udp": self.listeners["udp"].getsockname()[1],
            "stream": str(folder / "s"),
            "datagram": str(folder / "d"),
            "abstract": f"\0{folder}",
        }

    def seen_from_outside(self) -> dict[str, Any]:
        """Everything an attack might have changed."""
        status = Path(f"/proc/{self.victim.pid}/stat").read_text().split()
        return {
            "files": sorted(os.listdir(self.prey.parent)),
            "prey": (self.prey.read_text(), self.prey.stat().st_mode),
            "victim": (self.victim.poll(), status[18]),
            "cores": os.sched_getaffinity(self.victim.pid),
            "heard": [name for name, plug in self.listeners.items() if _has_heard(plug)],
        }


@pytest.fixture
def targets(tmp_path: Path) -> Iterator[Targets]:
    with ExitStack() as stack:
        yield Targets(tmp_path, stack)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_an_attack_is_refused_and_changes_nothing(
    run: Runs, targets: Targets, attack: Attack
) -> None:
    before = targets.seen_from_outside()

    ended = await run(_judged(attack), data=targets.named)

    assert ended.stdout in REFUSED, ended
    assert targets.seen_from_outside() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="shares a uid with root-owned targets")
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_the_attack_succeeds_without_the_layers_that_stop_it(
    run: Runs, targets: Targets, weakened: Weaken, attack: Attack
) -> None:
    weak = await weakened(attack.stopped_by)

    ended = await run(_judged(attack), data=targets.named, sandbox=weak)

    assert ended.stdout == "open\n", ended


@pytest.mark.parametrize("numbers", FORBIDDEN_CALLS.values(), ids=FORBIDDEN_CALLS.keys())
async def test_a_forbidden_call_is_refused_by_number(run: Runs, numbers: tuple[int, int]) -> None:
    number = numbers[os.uname().machine == "aarch64"]
    code = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"print(libc.syscall({number}, -1, 0, 0, 0, 0, 0), ctypes.get_errno())"
    )

    ended = await run(code)

    assert ended.stdout in ("-1 1\n", "-1 38\n"), ended


async def test_mode_and_times_of_another_run_stay_whatever_the_answer(
    run: Runs, targets: Targets
) -> None:
    code = "import os\nos.chmod(DATA['prey'], 0o777)\nos.utime(DATA['prey'], (1, 1))\nprint('said')"
    before = targets.prey.stat()

    ended = await run(code, data=targets.named)

    assert ended.stdout == "said\n"
    after = targets.prey.stat()
    assert (after.st_mode, after.st_mtime) == (before.st_mode, before.st_mtime)


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


def _judged(attack: Attack) -> str:
    lines = attack.code.splitlines()
    return JUDGED.format(attack="\n".join(f"    {line}" for line in lines))


@contextmanager
def _echoing() -> Iterator["subprocess.Popen[bytes]"]:
    command = [*_WITHOUT_CAPABILITIES, "cat"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={"SECRET": "1"}, stdin=pipe, stdout=pipe) as cat:
        assert cat.stdin
        assert cat.stdout
        cat.stdin.write(b"!")
        cat.stdin.flush()
        cat.stdout.read(1)  # by now the capabilities are gone
        yield cat
        cat.kill()


def _bound(stack: ExitStack, family: int, kind: int, address: Any) -> socket.socket:
    plug = stack.enter_context(socket.socket(family, kind))
    plug.bind(address)
    return plug


def _has_heard(plug: socket.socket) -> bool:
    plug.setblocking(False)
    try:
        if plug.type == socket.SOCK_STREAM:
            plug.accept()[0].close()
        else:
            plug.recv(1)
    except BlockingIOError:
        return False

    return True
