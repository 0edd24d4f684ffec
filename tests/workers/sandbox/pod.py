"""python -m tests.workers.sandbox.pod COMMAND: run it as under a container runtime's own filter.

What Docker and containerd refuse by default to a container without capabilities, as far as a
sandbox could want it: namespaces, mounts, io_uring, descriptors of another process.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator

from workers.sandbox import identity, kernel
from workers.sandbox.seccomp import (
    ALLOW,
    AND,
    ARGUMENTS,
    EQUAL,
    ERRNO,
    LOAD,
    MODE_FILTER,
    NUMBER,
    RETURN,
    SET_SECCOMP,
    Instruction,
)

NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
CLONE = {"x86_64": 56, "aarch64": 220}
REFUSED = {
    # unshare setns mount umount2 pivot_root userfaultfd pidfd_getfd bpf perf_event_open
    "x86_64": (272, 308, 165, 166, 155, 323, 438, 321, 298),
    "aarch64": (97, 268, 40, 39, 41, 282, 438, 280, 241),
}
UNKNOWN = (435, 425, 426, 427)  # clone3 and io_uring: as if the kernel were older


def main() -> None:
    """Put the filter on and become the command."""
    identity.no_new_privileges()
    program = list(_program(os.uname().machine))
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    )
    kernel.prctl(SET_SECCOMP, MODE_FILTER, ctypes.addressof(header))
    os.execv(sys.argv[1], sys.argv[1:])


def _program(machine: str) -> Iterator[Instruction]:
    yield (LOAD, 0, 0, NUMBER)
    for numbers, answer in ((REFUSED[machine], errno.EPERM), (UNKNOWN, errno.ENOSYS)):
        for number in numbers:
            yield (EQUAL, 0, 1, number)
            yield (RETURN, 0, 0, ERRNO | answer)
    yield (EQUAL, 0, 4, CLONE[machine])
    yield (LOAD, 0, 0, ARGUMENTS)
    yield (AND, 0, 0, NAMESPACES)
    yield (EQUAL, 1, 0, 0)
    yield (RETURN, 0, 0, ERRNO | errno.EPERM)
    yield (RETURN, 0, 0, ALLOW)


if __name__ == "__main__":
    main()
