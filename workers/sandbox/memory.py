"""Stops slots that together could use more memory than their container has.

A container whose memory is full is killed whole on many platforms: the worker and every neighbour.
"""

import logging
from pathlib import Path

from db.settings import MIB

log = logging.getLogger(__name__)

# Of cgroup v2 and v1, as a container sees its own.
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
WORKER_BYTES = 256 * MIB  # the worker, and a warm parent whose memory its children share


def fitting(slots: int, slot_bytes: int, limit_bytes: int | None, *, scratch_bytes: int = 0) -> int:
    """Return how many of the slots fit, one at least; says so in the log when it is not all.

    scratch_bytes is what their files may take of the same memory.
    """
    if limit_bytes is None:
        return slots

    room = max(1, (limit_bytes - WORKER_BYTES - scratch_bytes) // slot_bytes)
    if room < slots:
        log.warning(
            "sandbox.memory slots=%d fit=%d limit_mib=%d: give the container more memory, or "
            "set PRESSROOM_WORKER_CONCURRENCY or PRESSROOM_JOB_MEMORY_MIB lower",
            slots,
            room,
            limit_bytes // MIB,
        )

    return min(slots, room)


def limit() -> int | None:
    """Return the memory that this container may use, in bytes; None when nothing limits it."""
    for path in LIMITS:
        try:
            return int(path.read_text())
        except (OSError, ValueError):  # not this version; or "max"
            continue

    return None
