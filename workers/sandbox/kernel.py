"""The system calls that Python's standard library does not offer, with errors as OSError."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1
MADV_COLLAPSE = 25  # from Linux 6.1
UNCOUNTED_BYTES = 512 * 1024  # that malloc keeps for each thread, and calls used


class _Mallinfo(ctypes.Structure):
    _fields_ = [
        ("others", ctypes.c_size_t * 8),
        ("fordblks", ctypes.c_size_t),  # bytes that are free
        ("keepcost", ctypes.c_size_t),  # of them, those at the top
    ]


def prctl(option: int, *arguments: int) -> int:
    """Call prctl(2) with every argument at full width."""
    wide = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *wide), f"prctl {option}")


def syscall(number: int, *arguments: object) -> int:
    """Call syscall(2); pass pointers as ctypes objects."""
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_wide, arguments)), str(number))


def tune_malloc(*, arenas: int, keep_bytes: int) -> None:
    """Let threads share arenas, so that they fit in a run's address space; keep what is freed."""
    mallopt = getattr(_libc, "mallopt", None)  # musl has none, and no arenas either
    if mallopt is not None:
        mallopt(M_ARENA_MAX, arenas)
        mallopt(M_MMAP_THRESHOLD, keep_bytes)
        mallopt(M_TRIM_THRESHOLD, keep_bytes)


def plug() -> None:
    """Take what malloc has free between other memory, so that from now on it gives out new memory.

    A child of this process would write into those holes, and each has its own page to be copied.
    """
    count = getattr(_libc, "mallinfo2", None)  # glibc before 2.33 has none, and musl
    if count is None:
        return

    count.restype = _Mallinfo
    left = count().fordblks - count().keepcost + UNCOUNTED_BYTES
    for size in (*(2**n for n in range(20, 9, -1)), *range(1008, 0, -16)):
        top = count().keepcost
        # What changes the top is new. Bounded, for what malloc says may be of another malloc.
        while left > 0 and _libc.malloc(ctypes.c_size_t(size)) and count().keepcost == top:
            left -= size


def collapse(start: int, length: int) -> None:
    """Put memory of this process into huge pages, so that forking copies short page tables."""
    _checked(
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), MADV_COLLAPSE), "madvise"
    )


def _wide(argument: object) -> object:
    return ctypes.c_ulong(argument) if isinstance(argument, int) else argument


def _checked(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")

    return result
