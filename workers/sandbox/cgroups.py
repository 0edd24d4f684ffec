"""Stops, where the machine gives the worker a cgroup (v2), what no rlimit of one process counts.

That is what the kernel holds for a run, files in memory, threads from the first one too many, and
whatever might live on after it. An outer layer: containers mostly mount cgroups read-only, and are
not in need of it; then it is reported as off.
"""

import fcntl
import logging
import os
import secrets
import select
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from workers.sandbox import delegation
from workers.sandbox.delegation import Undelegated
from workers.sandbox.values import MIB, Limits

log = logging.getLogger(__name__)

CONTROLLERS = ("memory", "pids")
RUNS = "pressroom-runs-"
KERNEL_BYTES = 64 * MIB  # page tables, pipes, names: a document takes a few MiB of them
DEATH_SECONDS = 1.0
EVENTS_BYTES = 256


class Group:
    """The cgroup of a slot: one run after the other lives in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._starved = 0
        self.door = os.open(path / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        self._events = os.open(path / "cgroup.events", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def is_empty(self) -> bool:
        """Whether nothing lives in it."""
        return b"populated 0" in os.pread(self._events, EVENTS_BYTES, 0)

    def kill(self) -> None:
        """Kill all that lives in it, and wait until nothing does."""
        (self.path / "cgroup.kill").write_text("1")
        poll = select.poll()
        poll.register(self._events, select.POLLPRI)
        while not self.is_empty:
            if not poll.poll(DEATH_SECONDS * 1000):
                raise TimeoutError(f"{self.path} does not become empty")

    def has_starved(self) -> bool:
        """Whether a process in it has died for want of memory since this was last asked."""
        lines = (self.path / "memory.events").read_text().splitlines()
        before, self._starved = self._starved, int(dict(map(str.split, lines))["oom_kill"])

        return self._starved > before

    def close(self) -> None:
        """Let go of it."""
        os.close(self.door)
        os.close(self._events)


class Groups:
    """The cgroups of a sandbox's slots; the lock on their folder says that the sandbox lives."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / f"{RUNS}{secrets.token_hex(8)}"
        self._folder.mkdir()
        self._lock = delegation.lock(self._folder)
        self._slots: list[Group] = []

    @classmethod
    def open(
        cls, slots: int, limits: Limits, *, controllers: Collection[str] = CONTROLLERS
    ) -> "Groups":
        """Make a group for each slot, and remove those of sandboxes that died; or Undelegated."""
        home = delegation.find(controllers)
        with delegation.alone(home):
            _sweep(home)
            groups = cls(home)  # from here on nobody gives the cgroup back
        try:
            delegation.divide(home, controllers)
            delegation.divide(groups._folder, controllers)
            for slot in range(slots):
                groups._add(slot, limits, controllers)
        except OSError as error:
            groups.close()
            raise Undelegated(str(error)) from error

        return groups

    def __getitem__(self, slot: int) -> Group:
        return self._slots[slot]

    def close(self) -> None:
        """Remove them all; the last sandbox leaves the cgroup as the first one found it."""
        with delegation.alone(self._home):
            for group in self._slots:
                group.close()
            _remove(self._folder)
            os.close(self._lock)
            if not any(self._home.glob(f"{RUNS}*")):
                delegation.give_back(self._home)

    def _add(self, slot: int, limits: Limits, controllers: Collection[str]) -> None:
        path = self._folder / str(slot)
        path.mkdir()
        self._slots.append(Group(path))
        if "memory" in controllers:
            # Files of the run count, too, where they are in memory.
            most = limits.memory_bytes + limits.disk_bytes + KERNEL_BYTES
            (path / "memory.max").write_text(str(most))
            (path / "memory.oom.group").write_text("1")
            with suppress(FileNotFoundError):  # this kernel counts no swap
                (path / "memory.swap.max").write_text("0")
        if "pids" in controllers:
            (path / "pids.max").write_text(str(limits.threads))


def given(slots: int, limits: Limits) -> Groups | None:
    """Return a group for each slot, or say in the log why there is none."""
    try:
        return Groups.open(slots, limits)
    except (Undelegated, OSError) as reason:
        log.info("sandbox.no_cgroups reason=%r", str(reason))
        return None


def holds(pid: int) -> bool:
    """Whether the kernel says that a process is in a slot's group."""
    return RUNS in delegation.path_of(pid)


def _sweep(home: Path) -> None:
    for folder in home.glob(f"{RUNS}*"):
        try:
            lock = delegation.lock(folder, fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # its sandbox lives
        try:
            _remove(folder)
        except OSError:
            log.exception("sandbox.not_swept path=%s", folder)  # no reason not to start
        finally:
            os.close(lock)


def _remove(folder: Path) -> None:
    all_of_them = Group(folder)
    all_of_them.kill()
    all_of_them.close()
    for slot in folder.glob("*/"):
        slot.rmdir()
    folder.rmdir()
