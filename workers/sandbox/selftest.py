"""Proves the sandbox before the first claim: real attacks, through the path that jobs take."""

import json
import logging
import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import SandboxMissing
from workers.sandbox import identity, script
from workers.sandbox.collect import OutputInvalid, collect
from workers.sandbox.confine import Layers
from workers.sandbox.directories import DIRECTORY, Descriptor
from workers.sandbox.values import MIB, Limits, Run, Script

if TYPE_CHECKING:
    from workers.sandbox.runner import Sandbox

log = logging.getLogger(__name__)

PROBES = Path(__file__).with_name("probes.py")
CONTROLS = ("temporary_file", "thread", "workbook", "library_data")
# The layer that is missing when a probe gets through.
BLOCKED_BY = {
    "environment": "an environment of its own",
    "worker_environment": "Landlock",
    "worker_memory": "Landlock",
    "canary": "Landlock",
    "other_run": "Landlock",
    "write_outside": "Landlock",
    "tcp": "seccomp",
    "datagram": "seccomp",
    "fork": "seccomp",
    "exec": "seccomp",
    "kill": "seccomp",
    "limits_of_worker": "seccomp",
}
FIX = (
    "The layer is there and does not hold, which points at the container runtime or the kernel: "
    "run without ptrace-based tracing, on a kernel of 5.13 or newer."
)
LIBRARIES_FIX = (
    "Make Python and its packages readable to everybody (chmod -R go+rX), or run the worker as "
    "the user who owns them."
)


async def prove(sandbox: "Sandbox", layers: Layers, folder: Path) -> dict[str, Any]:
    """Attack the sandbox from within, with targets in a folder; return the report.

    SandboxMissing when nothing runs at all.
    """
    with _targets(folder) as targets:
        probes = Script(
            code=PROBES.read_text(), file_name="probe.xlsx", title="", data=targets.named
        )
        async with sandbox.run(probes, Limits(wall=timedelta(seconds=20))) as run:
            outcomes = {**_inside(run), **_outside(run, targets)}

    return {
        "landlock_abi": layers.landlock_abi,
        "seccomp": layers.seccomp,
        "uid": "slot" if layers.slot_uids else "shared",
        "userns": "off",
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
    listener: socket.socket
    datagrams: socket.socket
    outside: Path


@contextmanager
def _targets(folder: Path) -> Iterator[_Targets]:
    canary, outside = folder / "canary", folder / "planted"
    canary.write_text("a secret of the worker")
    with ExitStack() as open_now:
        listener = open_now.enter_context(socket.create_server(("127.0.0.1", 0)))
        datagrams = open_now.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        # A socket's path has 107 bytes at most: neither end may name the whole of it.
        top = open_now.enter_context(Descriptor(os.open(folder, DIRECTORY)))
        datagrams.bind(f"/proc/self/fd/{top}/bell")
        yield _Targets(
            named={
                "worker": os.getpid(),
                "names": list(script.ENVIRONMENT),
                "canary": str(canary),
                "other_run": str(folder),
                "outside": str(outside),
                "port": listener.getsockname()[1],
                "socket": f"../{folder.name}/bell",
            },
            listener=listener,
            datagrams=datagrams,
            outside=outside,
        )


def _inside(run: Run) -> dict[str, str]:
    expected = (*BLOCKED_BY, *CONTROLS)
    try:
        said = json.loads(run.stdout)
    except ValueError:
        reason = run.failure.message if run.failure else "the probes said nothing"
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
        **({"tcp": "open"} if _has_heard(targets.listener) else {}),
        **({"datagram": "open"} if _has_heard(targets.datagrams) else {}),
        **({"write_outside": "open"} if targets.outside.exists() else {}),
    }


def _has_heard(plug: socket.socket) -> bool:
    return bool(select.select([plug], [], [], 0)[0])


def _failed(outcomes: dict[str, str]) -> dict[str, str]:
    wanted = {**dict.fromkeys(BLOCKED_BY, "blocked"), **dict.fromkeys(CONTROLS, "open")}
    return {name: said for name, said in outcomes.items() if said != wanted[name]}
