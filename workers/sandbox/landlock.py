"""Stops a run from opening any file but the libraries and its own directory."""

import ctypes
import os
from collections.abc import Iterable
from dataclasses import dataclass

from workers.sandbox import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on x86_64 and aarch64
VERSION_FLAG = 1
RULE_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
REFER, TRUNCATE = 1 << 13, 1 << 14
# A right that the kernel handles and no rule grants is denied: this is what each ABI can handle.
FILE_RIGHTS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NET_RIGHTS = 0b11  # bind and connect by TCP, from ABI 4
SCOPES = 0b11  # abstract unix sockets and signals, from ABI 6

READ_TREE = READ_FILE | READ_DIR
# REFER lets a file move between two folders of the run's own directory, and nowhere else.
OWN_TREE = (
    READ_TREE | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One file or directory, held open as O_PATH, and the rights beneath it."""

    fd: int
    rights: int


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("fd", ctypes.c_int32))


def abi() -> int:
    """The Landlock version of this kernel, 0 when it is off or unknown."""
    try:
        return kernel.syscall(CREATE_RULESET, ctypes.c_void_p(), 0, VERSION_FLAG)
    except OSError:
        return 0


def ruleset(rules: Iterable[Rule], version: int) -> int:
    """Build a ruleset of everything this ABI can deny, minus the rules; the caller closes it."""
    handled = (1 << FILE_RIGHTS_BITS[min(version, 5)]) - 1
    attributes = _RulesetAttributes(
        fs=handled,
        net=NET_RIGHTS if version >= 4 else 0,
        scoped=SCOPES if version >= 6 else 0,
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset_fd = kernel.syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)
    for rule in rules:
        _allow(ruleset_fd, rule, handled)

    return ruleset_fd


def restrict(ruleset_fd: int) -> None:
    """Hold this process to the ruleset for the rest of its life; needs no_new_privs."""
    kernel.syscall(RESTRICT_SELF, ruleset_fd, 0)
    os.close(ruleset_fd)


def _allow(ruleset_fd: int, rule: Rule, handled: int) -> None:
    beneath = _PathBeneath(rights=rule.rights & handled, fd=rule.fd)
    kernel.syscall(ADD_RULE, ruleset_fd, RULE_PATH_BENEATH, ctypes.byref(beneath), 0)
