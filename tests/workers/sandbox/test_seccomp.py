"""The filter's program, run by a small machine of our own, for both architectures."""

import errno
import struct

import pytest

from workers.sandbox import seccomp
from workers.sandbox.syscalls import ABSENT, ALLOWED, ARCHITECTURES, CHECKED, PRETENDED

ALLOW, KILL = seccomp.ALLOW, seccomp.KILL
REFUSE = seccomp.ERRNO | errno.EPERM
OWN = 4242


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_table_gets_the_answer_it_stands_for(machine: str) -> None:
    for table, answer in (
        (ALLOWED, ALLOW),
        (PRETENDED, seccomp.ERRNO),
        (ABSENT, seccomp.ERRNO | errno.ENOSYS),
    ):
        answers = {_answer(machine, number) for number in table[machine].values()}
        assert answers == {answer}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_a_number_that_no_table_has_is_refused(machine: str) -> None:
    tables = (ALLOWED, PRETENDED, ABSENT, CHECKED, seccomp.UNSUPPORTED)
    named = {number for table in tables for number in table[machine].values()}

    answers = {_answer(machine, number) for number in range(600) if number not in named}

    assert answers == {REFUSE}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_another_architecture_is_fatal(machine: str) -> None:
    other = next(name for name in ARCHITECTURES if name != machine)

    assert _answer(machine, 0, arch=seccomp.AUDIT_ARCH[other]) == KILL
    assert _answer("x86_64", seccomp.X32_BIT | 39) == KILL


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("call", "arguments", "allowed"),
    [
        ("clone", (0x3D0F00,), True),
        ("clone", (17,), False),  # a process
        ("clone", (0x3D0F00 | 0x10000000,), False),  # a user namespace
        ("clone", (0x3D0F00 | 1 << 40,), False),
        ("socketpair", (1, 1), True),
        ("socketpair", (1, 1 | 0o2004000), True),
        ("socketpair", (1, 2), False),
        ("socketpair", (2, 1), False),
        ("sendto", (3, 0, 0, 0, 0), True),
        ("sendto", (3, 0, 0, 0, 1), False),
        ("sendto", (3, 0, 0, 0, 1 << 32), False),
        ("fcntl", (3, 2, 1), True),
        ("fcntl", (3, 3, 0o20000), True),
        ("fcntl", (3, 4, 0o4000), True),
        ("fcntl", (3, 4, 0o20000), False),
        ("fcntl", (3, 8, OWN), False),
        ("fcntl", (3, 10, 9), False),
        ("ioctl", (3, 0x5401), True),
        ("ioctl", (3, 0x5412), False),  # TIOCSTI
        ("prctl", (15,), True),
        ("prctl", (1,), False),
        ("close_range", (5, 9, 0), True),
        ("close_range", (5, 9, 4), True),
        ("close_range", (5, 9, 2), False),  # a table of its own for this thread
        ("close_range", (5, 9, 6), False),
        ("prlimit64", (0, 7), True),
        ("prlimit64", (OWN, 7), True),
        ("prlimit64", (OWN, 7, 0x7FFF0000), False),
        ("prlimit64", (OWN, 7, 1 << 32), False),
        ("prlimit64", (OWN + 1, 7), False),
        ("kill", (OWN,), True),
        ("kill", (0,), False),
        ("kill", (0xFFFFFFFF,), False),
        ("kill", (OWN | 1 << 32,), False),
        ("tgkill", (OWN, 7), True),
        ("tgkill", (1, 1), False),
        ("sched_getaffinity", (1,), False),
        ("truncate", (), False),
    ],
)
def test_an_argument_decides(
    machine: str, call: str, arguments: tuple[int, ...], allowed: bool
) -> None:
    answer = _answer(machine, CHECKED[machine][call], *arguments)

    assert answer == (ALLOW if allowed else REFUSE)


def _answer(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    arch = seccomp.AUDIT_ARCH[machine] if arch is None else arch
    memory = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    program = list(seccomp._program(machine, seccomp.CHECKS))
    place = register = 0
    while True:
        code, yes, no, k = program[place]
        k = OWN if k == seccomp.OWN_PID else k
        assert max(yes, no) < 256
        place += 1
        match code:
            case seccomp.LOAD:
                (register,) = struct.unpack_from("<I", memory, k)
            case seccomp.AND:
                register &= k
            case seccomp.EQUAL:
                place += yes if register == k else no
            case seccomp.AT_LEAST:
                place += yes if register >= k else no
            case seccomp.RETURN:
                return k
