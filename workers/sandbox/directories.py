"""The directories that runs live in: made, walked and removed without following a path."""

import fcntl
import itertools
import logging
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from db.errors import SandboxMissing
from workers.sandbox import folders, identity

log = logging.getLogger(__name__)

PARENT_MODE = 0o711  # a run may pass through and not list
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NOTHING = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


class Scratch:
    """The directories of one sandbox; the lock on its root says that the sandbox lives."""

    def __init__(self, root: Path, *, slot_uids: bool) -> None:
        self.root = root
        self._slot_uids = slot_uids
        self._lock = os.open(root, DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @classmethod
    def open(cls, data_dir: Path, *, slot_uids: bool) -> "Scratch":
        """Make a fresh root under data_dir and remove those of sandboxes that died."""
        base = _reachable(data_dir.resolve() / "scratch", slot_uids)
        _make(base)
        with Descriptor(os.open(base, DIRECTORY)) as fd:
            _check_owner(base, fd)
            os.fchmod(fd, PARENT_MODE)
            # Between the making of a root and its lock nobody else may sweep.
            fcntl.flock(fd, fcntl.LOCK_EX)
            _sweep(base)
            root = base / secrets.token_hex(16)
            root.mkdir()
            root.chmod(PARENT_MODE)

            return cls(root, slot_uids=slot_uids)

    def new(self, slot: int) -> Path:
        """Make the directory of a run, owned by whoever will run in it."""
        directory = self.root / secrets.token_hex(16)
        directory.mkdir(0o700)
        for name in (folders.OUTPUT, folders.INPUT, folders.SCRATCH):
            (directory / name).mkdir(0o700)
            self._give(directory / name, slot)
        self._give(directory, slot)

        return directory

    def write(self, path: Path, content: bytes, slot: int) -> None:
        """Write a file into the directory of a run that has not begun."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(fd, "wb") as file:
            file.write(content)
        self._give(path, slot)

    def close(self) -> None:
        """Remove everything and give up the lock."""
        remove(self.root)
        os.close(self._lock)

    def _give(self, path: Path, slot: int) -> None:
        if self._slot_uids:
            uid = identity.slot_uid(slot)
            os.chown(path, uid, uid, follow_symlinks=False)


def remove(directory: Path) -> None:
    """Remove a directory, whatever a script left in it: depth, odd names, modes."""
    try:
        top = open_directory(str(directory))
    except FileNotFoundError:
        return

    with Descriptor(top):
        names = itertools.count()
        while folders_left := _remove_files(top, top):
            for name in folders_left:
                _hoist(top, name, names)
    directory.rmdir()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing found by walk(): its folder is open while the walk stands at it."""

    folder_fd: int
    name: str
    path: str
    status: os.stat_result
    depth: int

    @property
    def is_folder(self) -> bool:
        """Whether the walk goes on inside of it."""
        return stat.S_ISDIR(self.status.st_mode)


def walk(top: int, deepest: int = 64) -> Iterator[Entry]:
    """Yield everything beneath an open directory; never follows a link, never recurses."""
    stack = [(top, "", iter(_listed(top)))]
    try:
        while stack:
            folder, prefix, names = stack[-1]
            name = next(names, None)
            if name is None:
                stack.pop()
                if folder != top:
                    os.close(folder)
                continue
            entry = _entry(folder, prefix, name, len(stack))
            if entry is None:
                continue
            yield entry
            if entry.is_folder and len(stack) < deepest:
                # The script may still be running, and take the folder away meanwhile, or put a
                # closed one in its place: an error here would make its run look lost.
                with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                    inner = open_directory(name, folder)
                    stack.append((inner, entry.path + "/", iter(_listed(inner))))
    finally:
        for folder, _, _ in stack:
            if folder != top:
                os.close(folder)


def open_directory(name: str, folder: int | None = None) -> int:
    """Open a directory that its owner may have closed to everyone; links are refused."""
    try:
        return os.open(name, DIRECTORY, dir_fd=folder)
    except PermissionError:
        make_accessible(name, folder, 0o700)
        return os.open(name, DIRECTORY, dir_fd=folder)


def make_accessible(name: str, folder: int | None, mode: int) -> None:
    """Change the mode of exactly this entry, which may not be a link."""
    with Descriptor(os.open(name, NOTHING, dir_fd=folder)) as fd:
        if stat.S_ISLNK(os.fstat(fd).st_mode):
            raise PermissionError(f"{name!r} is a link")
        os.chmod(f"/proc/self/fd/{fd}", mode)


class Descriptor:
    """A file descriptor that closes itself."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def __enter__(self) -> int:
        return self._fd

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


def _remove_files(folder: int, top: int) -> list[str]:
    names = _listed(folder)
    left = []
    for name in names:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            left.append(name)
        else:
            os.unlink(name, dir_fd=folder)

    return left


def _hoist(top: int, name: str, names: Iterator[int]) -> None:
    # Inner folders move to the top instead of being descended into: no path gets long, no
    # recursion gets deep, and two descriptors are enough for any tree.
    with Descriptor(open_directory(name, top)) as folder:
        for inner in _remove_files(folder, top):
            _move_up(inner, folder, top, f".{secrets.token_hex(8)}-{next(names)}")
    os.rmdir(name, dir_fd=top)


def _move_up(name: str, folder: int, top: int, unique: str) -> None:
    try:
        os.rename(name, unique, src_dir_fd=folder, dst_dir_fd=top)
    except PermissionError:  # moving a folder writes to it: its own ".." changes
        make_accessible(name, folder, 0o700)
        os.rename(name, unique, src_dir_fd=folder, dst_dir_fd=top)


def _entry(folder: int, prefix: str, name: str, depth: int) -> Entry | None:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None  # the script may still be running

    return Entry(folder_fd=folder, name=name, path=prefix + name, status=status, depth=depth)


def _listed(folder: int) -> list[str]:
    return os.listdir(folder)


def _reachable(base: Path, slot_uids: bool) -> Path:
    if not slot_uids or _all_may_enter(base):
        return base

    elsewhere = Path(tempfile.gettempdir()).resolve() / "pressroom-scratch"
    if _all_may_enter(elsewhere):
        return elsewhere

    raise SandboxMissing(
        "a scratch directory",
        f"{base} lies in a folder that only root may enter, and so does {elsewhere}: "
        "set PRESSROOM_DATA_DIR to one that everybody may enter (chmod o+x)",
    )


def _make(base: Path) -> None:
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SandboxMissing(
            "a scratch directory",
            f"{base} cannot be made ({error.strerror}): set PRESSROOM_DATA_DIR to a folder that "
            "the worker may write to",
        ) from None


def _check_owner(base: Path, fd: int) -> None:
    if os.fstat(fd).st_uid != os.geteuid():
        raise SandboxMissing(
            "a scratch directory",
            f"{base} belongs to another user: set PRESSROOM_DATA_DIR to a folder of the worker's",
        )


def _all_may_enter(base: Path) -> bool:
    return all(not p.exists() or p.stat().st_mode & stat.S_IXOTH for p in base.parents)


def _sweep(base: Path) -> None:
    for root in base.iterdir():
        try:
            with Descriptor(os.open(root, DIRECTORY)) as fd:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(root)
        except BlockingIOError:
            continue  # its sandbox lives
        except OSError:
            log.exception("sandbox.not_swept path=%s", root)  # no reason not to start
