"""Stops a run that fills the disk, spawns threads or will not hear that its CPU is spent.

No rlimit counts the first two as a whole, and a death by the third looks like any other.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox.directories import DIRECTORY, Descriptor, walk
from workers.sandbox.values import MIB, Limits

DEEPEST = 64
BLOCK_BYTES = 512
MAPS_BYTES = 4 * MIB  # no document comes near
NOBODY = 0  # in place of a process that is dead
TICKS = os.sysconf("SC_CLK_TCK")


class Unreadable(Exception):
    """A run has so many mappings that reading them would hold the watch up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run holds at one moment."""

    disk_bytes: int
    files: int
    depth: int
    threads: int
    cpu_seconds: float


def excess(usage: Usage, limits: Limits) -> str | None:
    """Return the failure code of the limit that is exceeded, or None."""
    if usage.threads > limits.threads:
        return "thread_limit"
    if usage.cpu_seconds > limits.cpu.total_seconds():
        return "cpu_limit"

    full = usage.disk_bytes > limits.disk_bytes or usage.files > limits.files
    return "disk_limit" if full or usage.depth > DEEPEST else None


def measure(directory: Path, pid: int, limits: Limits) -> Usage:
    """Count a run's disk, entries, threads and CPU; stops counting where a limit is passed."""
    size, files, depth = unlinked_bytes(directory, pid, limits), 0, 0
    with Descriptor(os.open(directory, DIRECTORY)) as top:
        for entry in walk(top, DEEPEST + 1):
            size += entry.status.st_blocks * BLOCK_BYTES
            files += 1
            depth = max(depth, entry.depth)
            if size > limits.disk_bytes or files > limits.files or depth > DEEPEST:
                break

    threads, cpu_seconds = _process(pid)
    return Usage(
        disk_bytes=size, files=files, depth=depth, threads=threads, cpu_seconds=cpu_seconds
    )


def _process(pid: int) -> tuple[int, float]:
    """Return how many threads a process has and its CPU seconds, zeros when it is gone."""
    try:
        # Bytes, for the name in it is the script's choice.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0, 0.0

    return int(fields[17]), (int(fields[11]) + int(fields[12])) / TICKS


def unlinked_bytes(directory: Path, pid: int, limits: Limits) -> int:
    """Return the bytes of a run's files that have no name any more, where they can be seen."""
    thread = _living_thread(pid)
    if thread is None:
        return 0  # gone, or a root without CAP_SYS_PTRACE

    held = dict(_opened(thread))
    try:
        for place, inode in _mapped(thread, directory):
            if inode not in held:
                held[inode] = _mapped_bytes(f"/proc/{pid}/map_files/{place}", limits)
    except Unreadable:
        return limits.disk_bytes + 1

    return sum(held.values())


def _living_thread(pid: int) -> str | None:
    # The first thread may end before the others, and shows nothing of the process from then on.
    threads = (f"/proc/{pid}/task/{thread}" for thread in _listed(f"/proc/{pid}/task"))
    return next((thread for thread in threads if os.path.exists(f"{thread}/exe")), None)


def _opened(thread: str) -> Iterator[tuple[int, int]]:
    for fd in _listed(f"{thread}/fd"):
        try:
            status = os.stat(f"{thread}/fd/{fd}")
        except OSError:
            continue
        # Pipes and devices have no blocks; libraries are linked.
        if status.st_nlink == 0:
            yield status.st_ino, status.st_blocks * BLOCK_BYTES


def _mapped(thread: str, directory: Path) -> Iterator[tuple[str, int]]:
    """Yield the place and inode of each deleted file that is mapped, descriptor or not."""
    inside = os.fsencode(directory) + b"/"
    read = 0
    try:
        # Line by line: the script chooses how many there are and how long their paths.
        with open(f"{thread}/maps", "rb") as maps:
            for line in maps:
                read += len(line)
                if read > MAPS_BYTES:
                    raise Unreadable
                if line.endswith(b" (deleted)\n") and inside in line:
                    span, _, _, _, inode, _ = line.split(maxsplit=5)
                    edges = (f"{int(edge, 16):x}" for edge in span.split(b"-"))
                    yield "-".join(edges), int(inode)
    except OSError:
        return  # gone meanwhile


def _mapped_bytes(place: str, limits: Limits) -> int:
    try:
        status = os.stat(place)
    except OSError:
        return limits.file_bytes  # only a privileged worker may look, so expect the worst

    return status.st_blocks * BLOCK_BYTES if status.st_nlink == 0 else 0


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
