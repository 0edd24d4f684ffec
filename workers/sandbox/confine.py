"""Every layer between a stranger's code and this machine, in the order they go on."""

import fcntl
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from db.errors import SandboxMissing
from workers.sandbox import identity, landlock, limits, seccomp

OUT, ERR, CONTROL, GO = 1, 2, 3, 4
FIRST_HIGH = 16
NICENESS = 10

# What a document library reads outside of Python's own folders: shared libraries, fonts, zones.
SYSTEM_PATHS = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/fontconfig",
    "/usr/share/mime",
    "/usr/share/zoneinfo",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/dev/urandom",
    "/dev/zero",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Which layers go on; 0 or False is a layer that is missing or was taken away.

    Namespaces are tried by the warm parent, cgroups by the sandbox; each then says whether it has
    them.
    """

    landlock_abi: int
    seccomp: bool
    slot_uids: bool
    namespaces: bool
    cgroups: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every run is confined to, prepared once: it holds no run's data."""

    layers: Layers
    rules: tuple[landlock.Rule, ...]
    filter: seccomp.Filter | None
    library_fds: frozenset[int]
    parent: int


def available() -> Layers:
    """The layers that this machine, container and user can have."""
    return Layers(
        landlock_abi=landlock.abi(),
        seccomp=seccomp.supported(),
        slot_uids=identity.can_change_uid(),
        namespaces=True,
        cgroups=True,
    )


def without(layers: Layers, names: Collection[str]) -> Layers:
    """Take layers away by name: landlock, seccomp, uid, namespaces, cgroups."""
    unknown = set(names) - {"landlock", "seccomp", "uid", "namespaces", "cgroups"}
    if unknown:
        raise ValueError(f"without: no such layer: {', '.join(sorted(unknown))}")

    return Layers(
        landlock_abi=0 if "landlock" in names else layers.landlock_abi,
        seccomp=layers.seccomp and "seccomp" not in names,
        slot_uids=layers.slot_uids and "uid" not in names,
        namespaces=layers.namespaces and "namespaces" not in names,
        cgroups=layers.cgroups and "cgroups" not in names,
    )


def require(layers: Layers) -> None:
    """Raise SandboxMissing for the first mandatory layer that is not there."""
    if not layers.seccomp:
        raise SandboxMissing(
            "seccomp",
            "Run on x86_64 or aarch64 Linux with CONFIG_SECCOMP_FILTER; under gVisor or an "
            "emulator, use a native node.",
        )
    if not layers.landlock_abi:
        raise SandboxMissing(
            "Landlock",
            "Use a kernel of 5.13 or newer with landlock in its list of security modules "
            "(boot with lsm=landlock,…), and a container runtime that lets landlock_* through.",
        )


def prepare(layers: Layers, home: int, packages: Sequence[int]) -> Ground:
    """Open and assemble in the warm parent what its children only have to apply."""
    python = [f"/proc/self/fd/{home}/{name}" for name in ("lib", "lib64")]
    trees = [*packages, *_opened(python), *_opened(SYSTEM_PATHS)]
    rules = [_readable(fd) for fd in trees]
    rules += [
        landlock.Rule(fd=fd, rights=landlock.READ_FILE | landlock.WRITE_FILE)
        for fd in _opened(["/dev/null"])
    ]
    confined = layers.landlock_abi >= 3

    return Ground(
        layers=layers,
        rules=tuple(rules),
        filter=seccomp.Filter(truncate_is_confined=confined) if layers.seccomp else None,
        library_fds=frozenset({home, *packages}),
        parent=os.getpid(),
    )


def confine(ground: Ground, slot: int, directory: int, pipes: Sequence[int]) -> None:
    """Leave this process the directory and nothing else; pipes are out, err, control, go."""
    os.setsid()
    os.fchdir(directory)
    _wire(pipes)
    ruleset = _own_ruleset(ground)
    identity.close_all_but({0, OUT, ERR, CONTROL, GO, *ground.library_fds, *ruleset})

    os.nice(NICENESS)
    os.umask(0o077)
    if ground.layers.slot_uids:
        identity.become(identity.slot_uid(slot))
    identity.drop_capabilities()
    identity.allow_inspection(True)  # by the worker, which counts unlinked files
    limits.die_first()
    identity.die_with_parent(ground.parent)
    identity.no_new_privileges()

    for fd in ruleset:
        landlock.restrict(fd)


def seal(ground: Ground, word: bytes) -> None:
    """Put on what cannot be changed afterwards: the limits of the job, then the filter.

    Only the worker's word has been read by now, nothing of the job.
    """
    limits.apply(word)
    if ground.filter is not None:
        ground.filter.install()


def _wire(pipes: Sequence[int]) -> None:
    # First out of the way: a pipe may have arrived on a number that another one needs.
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, FIRST_HIGH) for fd in pipes]
    for fd, target in zip(high, (OUT, ERR, CONTROL, GO), strict=True):
        os.dup2(fd, target)


def _own_ruleset(ground: Ground) -> list[int]:
    if not ground.layers.landlock_abi:
        return []

    own = landlock.Rule(fd=os.open(".", os.O_PATH), rights=landlock.OWN_TREE)
    return [landlock.ruleset([*ground.rules, own], ground.layers.landlock_abi)]


def _opened(paths: Sequence[str]) -> list[int]:
    return [_opened_high(path) for path in paths if os.path.exists(path)]


def _opened_high(path: str) -> int:
    # Clear of the numbers that a child gives to its pipes.
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_HIGH)
    finally:
        os.close(fd)


def _readable(fd: int) -> landlock.Rule:
    is_folder = os.path.isdir(f"/proc/self/fd/{fd}")
    return landlock.Rule(fd=fd, rights=landlock.READ_TREE if is_folder else landlock.READ_FILE)
