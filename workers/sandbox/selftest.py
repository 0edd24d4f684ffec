"""Proves a warm parent before its first job: real attacks, through the path that jobs take."""

import json
import os
import resource
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from db.errors import SandboxMissing
from workers.sandbox import cgroups, folders, identity, script, tmpfs
from workers.sandbox.child import ParentLost
from workers.sandbox.collect import OutputInvalid, collect
from workers.sandbox.confine import Layers
from workers.sandbox.directories import DIRECTORY, Descriptor
from workers.sandbox.values import MIB, Limits, Run, Script

PROBES = Path(__file__).with_name("probes.py")
LIMITS = Limits(wall=timedelta(seconds=20))
SEEN = "seen"
WATCHED_LIMITS = (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_AS)
CONTROLS = ("temporary_file", "thread", "workbook", "library_data")
# The layer that is missing when a probe gets through.
_LANDLOCK = """
own_environment worker_environment worker_memory root root_by_descriptor canary other_run remove
move write_outside
"""
_SECCOMP = """
symbolic_link hard_link fifo mode tcp tcp_server udp unix datagram fork exec memory_file kill
kill_all signal_by_descriptor trace limits_of_worker limits_of_its_own worker kernel
"""
BLOCKED_BY = {
    "environment": "an environment of its own",
    **dict.fromkeys(_LANDLOCK.split(), "Landlock"),
    **dict.fromkeys(_SECCOMP.split(), "seccomp"),
    "memory": "rlimits",
    "descriptors": "closed descriptors",
}
FIX = (
    "The layer is there and does not hold, which points at the container runtime or the kernel: "
    "run without ptrace-based tracing, on a kernel of 5.13 or newer."
)
LIBRARIES_FIX = (
    "Make Python and its packages readable to everybody (chmod -R go+rX), or run the worker as "
    "the user who owns them."
)

# Runs a script in a child of the parent to be proven, and tells of its progress and its pid.
RunProbes = Callable[[Script, Limits, "Inspect"], AbstractAsyncContextManager[Run]]
Inspect = Callable[[int, Path], None]


async def prove(run_probes: RunProbes, layers: Layers, folder: Path, uid: int) -> dict[str, Any]:
    """Attack a warm parent's child from within, with targets in a folder; return the report.

    uid is the one that the child must have. SandboxMissing when nothing runs at all.
    """
    seen: dict[str, str] = {}

    def inspect(pid: int, directory: Path) -> None:
        seen["kernel"] = _confirmed(pid, layers, uid)
        (directory / folders.INPUT / SEEN).touch()

    with _targets(folder) as targets:
        probes = Script(
            code=PROBES.read_text(), file_name="probe.xlsx", title="", data=targets.named
        )
        async with run_probes(probes, LIMITS, inspect) as run:
            outcomes = {**_inside(run), **seen, **_outside(run, targets)}

    return {
        "landlock_abi": layers.landlock_abi,
        "seccomp": layers.seccomp,
        "uid": "slot" if layers.slot_uids else "shared",
        "namespaces": "own" if layers.namespaces else "off",
        "cgroups": "own" if layers.cgroups else "off",
        "scratch": tmpfs.described(folder),
        "unlinked": "counted" if identity.can_inspect(slot_uids=layers.slot_uids) else "unseen",
        "probes": len(outcomes),
        "failed": _failed(outcomes),
        "seconds": round(run.seconds, 3),
    }


def refuse(report: dict[str, Any]) -> None:
    """Raise SandboxMissing for the first probe that did not end as it must."""
    for name, outcome in report["failed"].items():
        if name in BLOCKED_BY:
            raise SandboxMissing(BLOCKED_BY[name], f"Self-test: {name} is {outcome}. {FIX}")
        raise SandboxMissing("working libraries", f"Self-test: {name}: {outcome}. {LIBRARIES_FIX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Targets:
    named: dict[str, Any]
    plugs: dict[str, socket.socket]
    folder: Path
    before: object

    def now(self) -> object:
        """What only a run that got through would have changed."""
        canary = self.folder / "canary"
        return (
            canary.exists() and (canary.read_text(), canary.stat().st_mode),
            sorted(os.listdir(self.folder)),
            os.getpriority(os.PRIO_PROCESS, 0),
            os.sched_getaffinity(0),
            [resource.getrlimit(limit) for limit in WATCHED_LIMITS],
        )


@contextmanager
def _targets(folder: Path) -> Iterator[_Targets]:
    for name in ("canary", "prey"):
        (folder / name).write_text("a secret of the worker")
        (folder / name).chmod(0o600)
    with ExitStack() as open_now:
        tcp = open_now.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = open_now.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        bell = open_now.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        # A socket's path has 107 bytes at most: neither end may name the whole of it.
        top = open_now.enter_context(Descriptor(os.open(folder, DIRECTORY)))
        bell.bind(f"/proc/self/fd/{top}/bell")
        targets = _Targets(
            named={
                "worker": os.getpid(),
                "names": list(script.ENVIRONMENT),
                "canary": str(folder / "canary"),
                "prey": str(folder / "prey"),
                "other_run": str(folder),
                "outside": str(folder / "planted"),
                "tcp": tcp.getsockname()[1],
                "udp": udp.getsockname()[1],
                "socket": f"../{folder.name}/bell",
                "seen": f"{folders.INPUT}/{SEEN}",
            },
            plugs={"tcp": tcp, "udp": udp, "datagram": bell},
            folder=folder,
            before=None,
        )
        yield replace(targets, before=targets.now())


def _inside(run: Run) -> dict[str, str]:
    expected = (*BLOCKED_BY, *CONTROLS)
    try:
        said = json.loads(run.stdout)
    except ValueError:
        reason = run.failure.message if run.failure else "the probes said nothing"
        if run.failure and run.failure.retryable:
            raise ParentLost(reason) from None
        raise SandboxMissing("a run that works", f"Self-test: {reason}") from None

    # What was not tried is not known, and what is not known has failed.
    return {name: str(said.get(name, "not tried")) for name in expected}


def _outside(run: Run, targets: _Targets) -> dict[str, str]:
    try:
        collect(run, ".xlsx", MIB)
        made = "open"
    except OutputInvalid as problem:
        made = problem.message

    return {
        "workbook": made,
        "worker": "blocked" if targets.now() == targets.before else "open",
        **{name: "open" for name, plug in targets.plugs.items() if _has_heard(plug)},
    }


def _confirmed(pid: int, layers: Layers, uid: int) -> str:
    """Ask the kernel, not the run, how it is confined."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError as error:
        return f"not known: {error.strerror}"

    status = dict(line.split(":\t", 1) for line in lines)
    wanted = {
        "NoNewPrivs": "1",
        "Seccomp": "2",
        "CapEff": f"{0:016x}",
        "CapPrm": f"{0:016x}",
        "Uid": "\t".join([str(uid)] * 4),
    }
    wrong = [f"{name} {status.get(name)}" for name in wanted if status.get(name) != wanted[name]]
    wrong += ["cgroup"] if layers.cgroups and not cgroups.holds(pid) else []
    return ", ".join(wrong) or "blocked"


def _has_heard(plug: socket.socket) -> bool:
    return bool(select.select([plug], [], [], 0)[0])


def _failed(outcomes: dict[str, str]) -> dict[str, str]:
    wanted = {**dict.fromkeys(BLOCKED_BY, "blocked"), **dict.fromkeys(CONTROLS, "open")}
    return {name: said for name, said in outcomes.items() if said != wanted[name]}
