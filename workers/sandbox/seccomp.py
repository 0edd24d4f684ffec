"""Stops every system call a document does not need: programs, processes, sockets, signals."""

import ctypes
import errno
import os
import signal
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from workers.sandbox import kernel
from workers.sandbox.syscalls import ABSENT, ALLOWED, ARCHITECTURES, CHECKED, PRETENDED, UNSUPPORTED

SET_SECCOMP, MODE_FILTER = 22, 2
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

LOAD, EQUAL, AT_LEAST, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06  # BPF, 32 bits wide
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCH, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

OWN_PID = -1
# CLONE_VM|FS|FILES|SIGHAND|THREAD|SYSVSEM|SETTLS|PARENT_SETTID|CHILD_CLEARTID: glibc's and
# musl's pthread_create, and nothing that makes a process or a namespace.
THREAD_FLAGS = (0x3D0F00, 0x7D0F00)
STREAM_FLAGS = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
# DUPFD, GETFD, SETFD, GETFL, SETFL, locks, OFD locks, DUPFD_CLOEXEC, GETPIPE_SZ. Not SETOWN and
# SETSIG: with O_ASYNC they send any signal to any process of the uid.
FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
F_SETFL, O_ASYNC = 4, 0o20000
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
IOCTL_REQUESTS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# None and CLOEXEC. Not UNSHARE: a thread with descriptors of its own has RLIMIT_NOFILE once more,
# and holds files where the watch does not look.
CLOSE_RANGE_FLAGS = (0, 4)
# GET_DUMPABLE, SET_NAME, GET_NAME. Not SET_PDEATHSIG, SET_DUMPABLE, SET_MM.
PRCTL_OPTIONS = (3, 15, 16)


@dataclass(frozen=True, slots=True)
class OneOf:
    """An argument, without the ignored bits, must be one of these values in all 64 bits."""

    argument: int
    values: tuple[int, ...]
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class NoneOf:
    """An argument must have none of these bits when the one before it is this command.

    With other commands the argument may be absent, and its register holds anything.
    """

    argument: int
    bits: int
    command: int


@dataclass(frozen=True, slots=True)
class NotOneOf:
    """An argument, of which the kernel reads 32 bits, must be none of these values."""

    argument: int
    values: tuple[int, ...]


Check = OneOf | NoneOf | NotOneOf
Instruction = tuple[int, int, int, int]

# A death by these is the word of the kernel or of the worker, and a stopped run is only held up.
NOT_OWN_SIGNALS = (signal.SIGKILL, signal.SIGSTOP, signal.SIGSYS)

SELF = OneOf(0, (0, OWN_PID))
CHECKS: dict[str, tuple[Check, ...]] = {
    "clone": (OneOf(0, THREAD_FLAGS),),
    # Datagram sockets reach any unix socket by address, without connect().
    "socketpair": (
        OneOf(0, (socket.AF_UNIX,)),
        OneOf(1, (socket.SOCK_STREAM,), ignored=STREAM_FLAGS),
    ),
    "sendto": (OneOf(4, (0,)),),
    "fcntl": (OneOf(1, FCNTL_COMMANDS), NoneOf(2, O_ASYNC, command=F_SETFL)),
    "ioctl": (OneOf(1, IOCTL_REQUESTS),),
    "prctl": (OneOf(0, PRCTL_OPTIONS),),
    "close_range": (OneOf(2, CLOSE_RANGE_FLAGS),),
    # Read, never set: a run that lowered its CPU seconds would die as if by a hand from outside.
    "prlimit64": (SELF, OneOf(2, (0,))),
    "kill": (OneOf(0, (OWN_PID,)), NotOneOf(1, NOT_OWN_SIGNALS)),
    "tgkill": (OneOf(0, (OWN_PID,)), NotOneOf(2, NOT_OWN_SIGNALS)),
    "sched_getaffinity": (SELF,),
    "sched_getparam": (SELF,),
    "sched_getscheduler": (SELF,),
}


def supported() -> bool:
    """Whether this machine can have the filter."""
    if os.uname().machine not in ARCHITECTURES:
        return False

    try:
        kernel.prctl(SET_SECCOMP, MODE_FILTER, 0)
    except OSError as error:
        return error.errno == errno.EFAULT  # the kernel went on to read the (absent) filter

    return False


class Filter:
    """The policy as a BPF program, assembled once; each run only writes its own pid into it."""

    def __init__(self, *, truncate_is_confined: bool) -> None:
        checks = dict(CHECKS)
        if truncate_is_confined:
            checks["truncate"] = ()

        program = list(_program(os.uname().machine, checks))
        self._own_pid_at = [8 * n + 4 for n, (_, _, _, k) in enumerate(program) if k == OWN_PID]
        self._code = ctypes.create_string_buffer(
            b"".join(struct.pack("<HBBI", code, yes, no, max(k, 0)) for code, yes, no, k in program)
        )
        self._program = ctypes.create_string_buffer(
            struct.pack("HxxxxxxP", len(program), ctypes.addressof(self._code))
        )

    def install(self) -> None:
        """Hold this process to the policy for the rest of its life; needs no_new_privs."""
        for offset in self._own_pid_at:
            struct.pack_into("<I", self._code, offset, os.getpid())

        kernel.prctl(SET_SECCOMP, MODE_FILTER, ctypes.addressof(self._program))


def _program(machine: str, checks: dict[str, tuple[Check, ...]]) -> Iterator[Instruction]:
    yield (LOAD, 0, 0, ARCH)
    yield (EQUAL, 1, 0, AUDIT_ARCH[machine])
    yield (RETURN, 0, 0, KILL)
    yield (LOAD, 0, 0, NUMBER)
    if machine == "x86_64":
        yield (AT_LEAST, 0, 1, X32_BIT)
        yield (RETURN, 0, 0, KILL)

    for first, last in _ranges(ALLOWED[machine].values()):
        yield (AT_LEAST, 0, 2, first)
        yield (AT_LEAST, 1, 0, last + 1)
        yield (RETURN, 0, 0, ALLOW)
    for answers, code in ((PRETENDED, 0), (ABSENT, errno.ENOSYS), (UNSUPPORTED, errno.ENOTSUP)):
        for number in answers[machine].values():
            yield from _answer(number, ERRNO | code)
    for name, number in CHECKED[machine].items():
        if name in checks:
            yield from _checked(number, checks[name])

    yield (RETURN, 0, 0, ERRNO | errno.EPERM)


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbours together: the kernel goes through the program once for each call there is."""
    ordered = sorted(numbers)
    gaps = [n for n, (one, next_one) in enumerate(pairwise(ordered), 1) if next_one > one + 1]
    for begin, end in pairwise([0, *gaps, len(ordered)]):
        yield ordered[begin], ordered[end - 1]


def _answer(number: int, answer: int) -> Iterator[Instruction]:
    yield (EQUAL, 0, 1, number)
    yield (RETURN, 0, 0, answer)


def _checked(number: int, checks: tuple[Check, ...]) -> Iterator[Instruction]:
    body = [step for check in checks for step in _check(check)]
    body.append((RETURN, 0, 0, ALLOW))
    yield (EQUAL, 0, len(body), number)
    yield from body


def _check(check: Check) -> Iterator[Instruction]:
    low = ARGUMENTS + 8 * check.argument
    deny = (RETURN, 0, 0, ERRNO | errno.EPERM)
    match check:
        case NoneOf(bits=bits, command=command):
            yield (LOAD, 0, 0, low - 8)
            yield (EQUAL, 0, 4, command)
            yield (LOAD, 0, 0, low)
            yield (AND, 0, 0, bits)
            yield (EQUAL, 1, 0, 0)
            yield deny
        case NotOneOf(values=values):
            yield (LOAD, 0, 0, low)
            for left, value in zip(reversed(range(len(values))), values, strict=True):
                yield (EQUAL, left, 0 if left else 1, value)
            yield deny
        case OneOf(values=values, ignored=ignored):
            yield (LOAD, 0, 0, low + 4)
            yield (EQUAL, 1, 0, 0)
            yield deny
            yield (LOAD, 0, 0, low)
            yield (AND, 0, 0, ~ignored & 0xFFFFFFFF)
            for place, value in enumerate(values):
                yield (EQUAL, len(values) - place, 0, value)
            yield deny
