"""The cgroup that somebody gave this worker to divide (v2): found, emptied, and given back."""

import fcntl
import os
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workers.sandbox.directories import DIRECTORY

REST = "pressroom-rest"  # where all else goes: a group that is divided may have no processes
ROUNDS = 20
ANSWER_SECONDS = 3


class Undelegated(Exception):
    """This machine gives the worker no cgroup; says why."""


def find(needed: Collection[str]) -> Path:
    """Return the cgroup of this process, or the one around it, if it is ours; or Undelegated."""
    top = next(_mounts(), None)
    if top is None:
        raise Undelegated("there is no cgroup v2 here")

    own = top / path_of("self").strip("/")
    home = next((path for path in (own, own.parent) if _is_ours(path, top)), None)
    if home is None:
        raise Undelegated(f"{own} is not delegated to this user, or is read-only")
    missing = set(needed) - set((home / "cgroup.controllers").read_text().split())
    if missing:
        raise Undelegated(f"{home} has no controller for {' and '.join(sorted(missing))}")

    return home


def path_of(process: int | str) -> str:
    """Return where the kernel says that a process is, below the top; empty without cgroup v2."""
    lines = Path(f"/proc/{process}/cgroup").read_text().splitlines()
    return next((line[3:] for line in lines if line.startswith("0::")), "")


def divide(group: Path, needed: Collection[str]) -> None:
    """Let the groups within have limits; nothing but those may be in it from here on."""
    _move(group, group / REST)
    for name in set(needed) - set(_divided(group)):
        (group / "cgroup.subtree_control").write_text(f"+{name}")


def give_back(home: Path) -> None:
    """Leave a group as it was before it was divided; no other groups may be in it."""
    for name in _divided(home):
        (home / "cgroup.subtree_control").write_text(f"-{name}")
    if (home / REST).exists():
        _move(home / REST, home)
        (home / REST).rmdir()


@contextmanager
def alone(group: Path) -> Iterator[None]:
    """Let one sandbox at a time divide a group, or give it back."""
    fd = lock(group)
    try:
        yield
    finally:
        os.close(fd)


def lock(group: Path, how: int = 0) -> int:
    """Lock a group's folder for as long as the descriptor is open; BlockingIOError by LOCK_NB."""
    fd = os.open(group, DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | how)
    except BlockingIOError:
        os.close(fd)
        raise

    return fd


def _mounts() -> Iterator[Path]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place, kind = line.split(" - ")
        if kind.startswith("cgroup2 "):
            yield Path(place.split()[4])


def _is_ours(path: Path, top: Path) -> bool:
    # Root may write to everybody's: only what somebody gave away is taken.
    if not os.access(path / "cgroup.subtree_control", os.W_OK):
        return False

    # The machine's own top has no type; a container's, which sees nothing above, has.
    is_containers = path == top and (path / "cgroup.type").exists()
    return is_containers or _is_marked(path) or _is_users(path)


def _is_marked(path: Path) -> bool:
    try:
        return os.getxattr(path, "user.delegate") == b"1"  # by the machine's systemd
    except OSError:
        return False


def _is_users(path: Path) -> bool:
    # A user's systemd marks nothing, and has units of its own that look the same: so it is asked.
    if os.geteuid() == 0 or path.suffix not in (".scope", ".service"):
        return False

    try:
        told = subprocess.run(
            ["systemctl", "--user", "show", "--property=Delegate", "--value", path.name],
            capture_output=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False

    return told.stdout == b"yes\n"


def _divided(group: Path) -> list[str]:
    return (group / "cgroup.subtree_control").read_text().split()


def _move(source: Path, target: Path) -> None:
    # Whoever is moved may just have forked: again until nobody is left.
    for _ in range(ROUNDS):
        pids = (source / "cgroup.procs").read_text().split()
        if not pids:
            return
        target.mkdir(exist_ok=True)
        for pid in pids:
            with suppress(ProcessLookupError):
                (target / "cgroup.procs").write_text(pid)

    raise BlockingIOError(f"{source} does not become empty")
