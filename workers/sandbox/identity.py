"""Stops a run from acting as the worker: its own uid, no capabilities, no way to gain any."""

import ctypes
import os
import signal
from itertools import pairwise
from pathlib import Path

from workers.sandbox import kernel

FIRST_SLOT_UID = 60_000

SET_PDEATHSIG, SET_DUMPABLE, SET_NO_NEW_PRIVS, SET_CHILD_SUBREAPER = 1, 4, 38, 36
CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL = 47, 4
CAPSET = {"x86_64": 126, "aarch64": 91}
CAPABILITY_VERSION_3 = 0x20080522
# Made before there is a run: ctypes makes a type of each length when it is first asked for.
_HEADER = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
_NOTHING = (ctypes.c_uint32 * 6)()
CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID, SYS_PTRACE = 0, 1, 5, 6, 7, 19


def can_change_uid() -> bool:
    """Whether this process is a root that may hand each slot a uid of its own."""
    if os.geteuid() != 0 or not _maps(FIRST_SLOT_UID + 1000):
        return False

    return all(map(_holds, (CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID)))


def can_inspect(*, slot_uids: bool) -> bool:
    """Whether this process sees what its runs hold open; without it only their names count."""
    return not slot_uids or _holds(SYS_PTRACE)


def slot_uid(slot: int) -> int:
    """The uid (and gid) of a slot's runs."""
    return FIRST_SLOT_UID + slot


def become(uid: int) -> None:
    """Change to a uid for good; the uid that remains has no groups."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_capabilities() -> None:
    """Give up every capability; a plain user has none, a root without SETUID may have some."""
    kernel.prctl(CAP_AMBIENT, CAP_AMBIENT_CLEAR_ALL)
    kernel.syscall(CAPSET[os.uname().machine], _HEADER, _NOTHING)


def no_new_privileges() -> None:
    """Make setuid programs and file capabilities mean nothing from here on."""
    kernel.prctl(SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int) -> None:
    """Get SIGKILL when the parent dies; must follow become(), which forgets it."""
    kernel.prctl(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever a child might leave behind."""
    kernel.prctl(SET_CHILD_SUBREAPER, 1)


def allow_inspection(allowed: bool) -> None:
    """Say whether processes of the same uid may read this one's memory and descriptors."""
    kernel.prctl(SET_DUMPABLE, int(allowed))


def close_all_but(keep: set[int]) -> None:
    """Close every descriptor that is not named."""
    edges = [-1, *sorted(keep), os.sysconf("SC_OPEN_MAX")]
    for kept, next_kept in pairwise(edges):
        if kept + 1 < next_kept:  # closerange(0, 0) closes everything
            os.closerange(kept + 1, next_kept)


def _holds(capability: int) -> bool:
    return bool(int(_status_field("CapEff"), 16) >> capability & 1)


def _maps(uid: int) -> bool:
    rows = Path("/proc/self/uid_map").read_text().splitlines()
    ranges = [tuple(map(int, row.split())) for row in rows]
    return any(inside <= uid < inside + count for inside, _, count in ranges)


def _status_field(name: str) -> str:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1]

    return "0"
