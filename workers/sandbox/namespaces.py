"""Stops, where the machine lets it, a run from even seeing a network or another's shared memory.

An outer layer: seccomp refuses the same calls. Containers mostly forbid it, and are not needed
for it; then it is reported as off.
"""

import os
from pathlib import Path

from workers.sandbox import kernel

UNSHARE = {"x86_64": 272, "aarch64": 97}
NEW_USER, NEW_IPC, NEW_NET = 0x10000000, 0x08000000, 0x40000000


def leave() -> bool:
    """Move this process to namespaces of its own; False where that is not allowed.

    Must come while it has one thread and may be inspected.
    """
    uid, gid = os.geteuid(), os.getegid()
    mine = 0 if uid == 0 else NEW_USER
    try:
        kernel.syscall(UNSHARE[os.uname().machine], NEW_NET | NEW_IPC | mine)
    except (OSError, KeyError):
        return False

    if mine:
        _remain(uid, gid)
    return True


def _remain(uid: int, gid: int) -> None:
    # In a user namespace without a map everybody is nobody.
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{uid} {uid} 1")
    (own / "gid_map").write_text(f"{gid} {gid} 1")
