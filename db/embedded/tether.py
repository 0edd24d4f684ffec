"""Tie a program to its parent: run as a script, become the program that dies when the parent does.

A script, because only the last step before the exec may ask for the signal: every change of
credentials forgets it. And because code between fork and exec is unsafe beside threads.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1

SAME = "same"


def tied(command: Sequence[str], parting: signal.Signals, identity: str = SAME) -> list[str]:
    """Return the command that runs `command` and sends it `parting` when the calling thread ends.

    The identity is `same`, `mapped:UID` (a user namespace in which the caller is UID) or
    `dropped:UID:GID` (for good; needs root).
    """
    own = [sys.executable, "-I", "-S", __file__]

    return [*own, str(os.getpid()), str(parting.value), identity, *command]


def main(parent: str, parting: str, identity: str, *command: str) -> None:
    """Take the identity, ask for the signal, become the program."""
    _take(identity)
    _libc_call("prctl", PR_SET_PDEATHSIG, int(parting))
    if os.getppid() != int(parent):
        sys.exit("the parent has ended already")

    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


def _take(identity: str) -> None:
    kind, *numbers = identity.split(":")
    if kind == "mapped":
        _map_to(int(numbers[0]))
    if kind == "dropped":
        _drop_to(*map(int, numbers))


def _map_to(uid: int) -> None:
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    _libc_call("unshare", CLONE_NEWUSER)

    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {outer_gid} 1")


def _drop_to(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _libc_call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(*sys.argv[1:])
