"""Hostile scripts, judged from outside; and proof that each layer is what stops them."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.workers.sandbox.attacks import Attack
from tests.workers.sandbox.attacks.calls import CALLS
from tests.workers.sandbox.attacks.files import FILES
from tests.workers.sandbox.attacks.processes import ALONE, PROCESSES
from tests.workers.sandbox.attacks.sockets import SOCKETS
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import OutputInvalid, Progress, Sandbox, Script, collect
from workers.sandbox.parent import PROJECT

Weaken = Callable[[frozenset[str]], Awaitable[Sandbox]]

TOGETHER = {"files": FILES, "sockets": SOCKETS, "processes": PROCESSES, "calls": CALLS}
ATTACKS = {name: attack for group in (*TOGETHER.values(), ALONE) for name, attack in group.items()}

# One run makes many attacks; each is judged by the error that the kernel gave it.
JUDGE = """
import errno, json, warnings
warnings.simplefilter("ignore")
def judged(name, code):
    space = {**globals(), "DATA": DATA["targets"]}
    try:
        exec(compile(code, name, "exec"), space)
    except OSError as error:
        return "refused" if error.errno in REFUSED else repr(error)
    except BaseException as error:
        return repr(error)
    return "open"
REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EXDEV, errno.EROFS)
print(json.dumps({name: judged(name, code) for name, code in DATA["attacks"].items()}))
"""
# A root that still has them is out of reach for a run that has not, whatever the layers.
_WITHOUT_CAPABILITIES = (
    ("/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
)


class Targets:
    """What attackers are after, and whether they got it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        for name in ("canary", "prey", "doomed", "moved", "stolen"):
            (folder / name).write_text("a secret")
            (folder / name).chmod(0o600)
        (folder / "empty").mkdir()
        self.listeners = {
            "tcp": stack.enter_context(socket.create_server(("127.0.0.1", 0))),
            "udp": _bound(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "stream": _bound(stack, socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
            "datagram": _bound(stack, socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "d")),
            "abstract": _bound(stack, socket.AF_UNIX, socket.SOCK_STREAM, f"\0{folder}"),
            "abstract_bell": _bound(stack, socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{folder}/b"),
        }
        self.listeners["stream"].listen()
        self.listeners["abstract"].listen()
        self.victim = stack.enter_context(_echoing())

    @property
    def named(self) -> dict[str, Any]:
        """Their names, spelled so that nothing leads an attacker elsewhere: /tmp is a run's own."""
        files = ("canary", "prey", "doomed", "moved", "stolen", "empty")
        return {
            **{name: f"/proc/..{self.folder}/{name}" for name in files},
            "other": f"/proc/..{self.folder}",
            "victim": self.victim.pid,
            "source": f"/proc/..{PROJECT}/db/settings.py",
            "tcp": self.listeners["tcp"].getsockname()[1],
            "udp": self.listeners["udp"].getsockname()[1],
            "stream": str(self.folder / "s"),
            "datagram": str(self.folder / "d"),
            "abstract": f"\0{self.folder}",
            "abstract_bell": f"\0{self.folder}/b",
        }

    def seen_from_outside(self) -> dict[str, Any]:
        """Everything an attack might have changed."""
        status = Path(f"/proc/{self.victim.pid}/stat").read_text().split()
        paths = sorted(self.folder.iterdir())
        return {
            "files": [(path.name, path.stat().st_mode, path.stat().st_mtime) for path in paths],
            "texts": [path.read_text() for path in paths if path.is_file()],
            "victim": (self.victim.poll(), status[18], status[40]),
            "limits": Path(f"/proc/{self.victim.pid}/limits").read_text(),
            "cores": os.sched_getaffinity(self.victim.pid),
            "heard": [name for name, plug in self.listeners.items() if _has_heard(plug)],
        }


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
    absent, abi = removed | _not_here(sandbox), sandbox.report["landlock_abi"]

    outcomes: dict[str, str] = {}
    for group in (*TOGETHER.values(), *({name: attack} for name, attack in ALONE.items())):
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


def _not_here(sandbox: Sandbox) -> set[str]:
    absent = {
        "uid": sandbox.report["uid"] == "shared",
        "namespaces": sandbox.report["namespaces"] == "off",
    }
    return {layer for layer, is_absent in absent.items() if is_absent}


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
