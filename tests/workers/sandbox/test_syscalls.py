"""The embedded numbers of system calls beside those of the kernel's headers, for both machines."""

import re
from pathlib import Path

import pytest

from workers.sandbox import identity, landlock, namespaces
from workers.sandbox.syscalls import (
    ABSENT,
    ALLOWED,
    ARCHITECTURES,
    CHECKED,
    PRETENDED,
    UNSUPPORTED,
)

TABLES = (ALLOWED, CHECKED, PRETENDED, ABSENT, UNSUPPORTED)
HEADERS = {
    "x86_64": (
        "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "/usr/x86_64-linux-gnu/include/asm/unistd_64.h",
        "/usr/include/asm/unistd_64.h",
    ),
    # A machine without a table of its own has the generic one.
    "aarch64": (
        "/usr/aarch64-linux-gnu/include/asm/unistd_64.h",
        "/usr/aarch64-linux-gnu/include/asm-generic/unistd.h",
        "/usr/include/asm-generic/unistd.h",
    ),
}
NUMBERS = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)
# What is as wide as the machine, under the name that a machine of 64 bits has for it.
WIDE = re.compile(r"^#define __NR_(\w+) __NR3264_(\w+)$", re.MULTILINE)
ELSEWHERE = {"unshare": namespaces.UNSHARE, "capset": identity.CAPSET}
LANDLOCK = {
    "landlock_create_ruleset": landlock.CREATE_RULESET,
    "landlock_add_rule": landlock.ADD_RULE,
    "landlock_restrict_self": landlock.RESTRICT_SELF,
}


def kernels(machine: str) -> dict[str, int]:
    """The numbers by name as this machine's headers have them."""
    header = next((Path(path) for path in HEADERS[machine] if Path(path).exists()), None)
    if header is None:
        pytest.skip(f"no kernel headers for {machine} here (linux-libc-dev has them)")

    text = header.read_text()
    numbers = {name: int(number) for name, number in NUMBERS.findall(text)}
    wide = {name: numbers[other] for name, other in WIDE.findall(text) if other in numbers}

    return {**numbers, **wide}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_number_is_the_kernels(machine: str) -> None:
    theirs = kernels(machine)
    ours = {name: number for table in TABLES for name, number in table[machine].items()}
    ours |= {name: numbers[machine] for name, numbers in ELSEWHERE.items()} | LANDLOCK

    known = {name: number for name, number in ours.items() if name in theirs}

    assert known == {name: theirs[name] for name in known}
    assert len(known) > 0.95 * len(ours), set(ours) - set(known)  # old headers lack the newest


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_what_a_machine_does_not_have_the_kernel_does_not_know(machine: str) -> None:
    theirs = kernels(machine)
    other = next(name for name in ARCHITECTURES if name != machine)

    absent = {name for table in TABLES for name in table[other] if name not in table[machine]}

    assert absent & set(theirs) == set()


def test_the_generic_numbers_are_those_of_aarch64() -> None:
    """The twin: a table with the other machine's numbers does not pass."""
    theirs = kernels("aarch64")

    wrong = {name for name, number in ALLOWED["x86_64"].items() if theirs.get(name) != number}

    assert len(wrong) > 100
