"""From how a process ended to why the run failed, or that it did not."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.sandbox.streams import clean
from workers.sandbox.values import MIB, Failure, Limits
from workers.sandbox.watch import NOBODY, measure

# What the child itself may say of its script; everything else is for the kernel and us to say.
# A tuple: what is said may be a list, which no set can be asked for.
SAYABLE = (
    "script_error",
    "syntax_error",
    "memory_limit",
    "thread_limit",
    "disk_limit",
    "disk_full",
    "policy_violation",
)
CONFINEMENT_FAILED = 70
# The kernel enforces the limit by ticks and reports the exact time: on a busy machine a process
# that is on the processor at most ticks has much less.
TICKS_AGREE = 0.5
FULL_BYTES = 64 * MIB
TEXT_LENGTH = 20_000
MOST_LINES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The facts about a death: exit is negative for a signal, None when nobody could tell.

    Once released to the code, whatever the process says or returns is the code's own word.
    """

    killed_for: str | None
    released: bool
    exit: int | None
    cpu_seconds: float
    report: dict[str, Any]
    starved: bool = False  # of memory, in a cgroup of its own


def judge(ending: Ending, limits: Limits, directory: Path) -> Failure | None:
    """Return why a run failed, None when it succeeded; the kernel's word goes first."""
    if ending.killed_for is not None:
        return Failure(code=ending.killed_for, message=_limit_message(ending.killed_for, limits))
    if ending.exit is None:
        return _lost("The sandbox was restarted under the run.")
    if not ending.released:
        return _lost(f"The sandbox could not be set up: {_text(ending.report.get('sandbox'))}")
    if ending.exit < 0:
        return _signalled(-ending.exit, ending, limits)
    if ending.exit == 0:
        return None

    return _reported(ending, limits, directory)


def _limit_message(code: str, limits: Limits) -> str:
    wall, cpu = limits.wall.total_seconds(), limits.cpu.total_seconds()
    return {
        "timeout": f"The code ran longer than {wall:g} seconds and was stopped. "
        "Make the document smaller or the work simpler.",
        "memory_limit": f"The code needed more than {limits.memory_bytes // MIB} MiB of memory and "
        "was stopped. Build the document in smaller pieces.",
        "cpu_limit": f"The code used more than {cpu:g} seconds of CPU and was stopped. "
        "Look for an endless loop.",
        "disk_limit": f"The code wrote more than {limits.disk_bytes // MIB} MiB or "
        f"{limits.files} files and was stopped. Write less, and only what is needed.",
        "output_limit": f"The code printed more than {limits.output_bytes / MIB:g} MiB and was "
        "stopped. Print less.",
        "thread_limit": f"The code started more than {limits.threads} threads and was stopped. "
        "Use fewer.",
    }[code]


def _signalled(number: int, ending: Ending, limits: Limits) -> Failure:
    spent = ending.cpu_seconds / limits.cpu.total_seconds()
    enough = TICKS_AGREE if number == signal.SIGXCPU else 1.0
    if number in (signal.SIGXCPU, signal.SIGKILL) and spent >= enough:
        return Failure(code="cpu_limit", message=_limit_message("cpu_limit", limits))
    if number == signal.SIGSYS:
        return Failure(
            code="policy_violation",
            message="The code made a system call of another architecture, which is not allowed.",
        )
    if number == signal.SIGKILL and ending.starved:
        return Failure(code="memory_limit", message=_limit_message("memory_limit", limits))
    if number == signal.SIGKILL:
        return _lost("The code was killed from outside, most likely for want of memory.")

    name = signal.strsignal(number) or f"signal {number}"
    return Failure(code="crashed", message=f"The code crashed the interpreter: {name}.")


def _reported(ending: Ending, limits: Limits, directory: Path) -> Failure:
    said = ending.report.get("failure")
    if not isinstance(said, dict) or said.get("code") not in SAYABLE:
        return Failure(
            code="script_error", message=f"The code ended itself with exit code {ending.exit}."
        )

    if said["code"] == "disk_full":
        return _disk_full(limits, directory)

    line = said.get("line")
    is_line = type(line) is int and 0 < line < MOST_LINES
    return Failure(
        code=said["code"],
        type=_text(said.get("type"))[:200],
        message=_text(said.get("message")),
        line=line if is_line else None,
        traceback=_text(said.get("traceback")),
    )


def _disk_full(limits: Limits, directory: Path) -> Failure:
    # The code may only claim it, so look; and who filled it, where it is small.
    disk = os.statvfs(directory)
    is_full = disk.f_bavail * disk.f_frsize < FULL_BYTES
    if is_full and measure(directory, NOBODY, limits).disk_bytes < limits.disk_bytes / 2:
        return _lost("The disk of the worker is full.")

    return Failure(code="disk_limit", message="The code wrote more than there was space for.")


def _lost(message: str) -> Failure:
    return Failure(code="sandbox_lost", message=message)


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return clean(text.encode(errors="replace").decode())[:TEXT_LENGTH]
