"""Stops a run that eats the machine: memory, CPU seconds, file sizes, open files, core dumps."""

import math
import resource
import struct
from contextlib import suppress

from workers.sandbox.values import Limits

STACK_BYTES = 8 * 1024 * 1024
GRACE_SECONDS = 5
# Numbers of the worker's own: the word that lets a child go on is read before it is sealed.
_WORD = struct.Struct("<dQQQ")
WORD_BYTES = _WORD.size


def packed(limits: Limits) -> bytes:
    """Return what a child has to know of its limits, in WORD_BYTES."""
    return _WORD.pack(
        limits.cpu.total_seconds(), limits.memory_bytes, limits.file_bytes, limits.open_files
    )


def apply(word: bytes) -> None:
    """Set hard and soft limits alike, as packed() named them."""
    cpu_seconds, memory_bytes, file_bytes, open_files = _WORD.unpack(word)
    # SIGXCPU names the reason. Whoever ignores it is killed by the worker, which knows its own
    # hand; the kernel's SIGKILL tells nobody why, and comes only when the worker does not.
    seconds = max(1, math.ceil(cpu_seconds))
    _lower(resource.RLIMIT_CPU, seconds, 2 * seconds + GRACE_SECONDS)

    for name, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_STACK, STACK_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _lower(name, value, value)


def die_first() -> None:
    """When the machine runs out of memory, let the kernel take this process, not the worker."""
    # A preference, not a layer: some runtimes make /proc read-only.
    with suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"1000")


def _lower(name: int, soft: int, hard: int) -> None:
    # The container may already allow less; raising a hard limit is refused and not wanted.
    ceiling = resource.getrlimit(name)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)

    resource.setrlimit(name, (soft, hard))
