"""The absolute folders that LLMs know, as the run's own, wherever a path is used.

No layer, only a kindness: code that goes round it, by C or by another spelling, meets the kernel.
"""

import builtins
import functools
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Collection
from types import ModuleType
from typing import Any

from workers.sandbox import fonts

OUTPUT, INPUT, SCRATCH, WORK = "output", "input", "tmp", ""

# Longest first where one begins with another.
KNOWN = {
    "/mnt/user-data/outputs": OUTPUT,
    "/mnt/user-data/uploads": INPUT,
    "/mnt/user-data": WORK,
    "/mnt/outputs": OUTPUT,
    "/mnt/data": OUTPUT,
    "/tmp/outputs": OUTPUT,  # noqa: S108
    "/tmp/output": OUTPUT,  # noqa: S108
    "/tmp/inputs": INPUT,  # noqa: S108
    "/tmp": SCRATCH,  # noqa: S108
    "/var/tmp": SCRATCH,  # noqa: S108
    "/output": OUTPUT,
    "/outputs": OUTPUT,
    "/home/claude": WORK,
    "/home/sandbox": WORK,
    "/home/user": WORK,
    "/workspace": WORK,
    "/content": WORK,
    "/app/output": OUTPUT,
    "/app/outputs": OUTPUT,
    "/home/jovyan": WORK,
    "/home/ubuntu": WORK,
    "/home/oai": WORK,
    "/data": OUTPUT,
    "/reports": OUTPUT,
}
_KNOWN = re.compile(rf"(?:{'|'.join(map(re.escape, KNOWN))})(?=/|\Z)")
# Where a person keeps documents, on the machine that the code was written for.
_OWN = "(?:Desktop|Documents|Downloads)"
_HOME = re.compile(rf"/{_OWN}(?=/|\Z)")
_PERSONAL = re.compile(
    rf"/(?:home|Users)/[^/]+/{_OWN}(?=/|\Z)|/Users/[^/]+(?=/|\Z)|[A-Za-z]:(?=[\\/])(?:.*(?=[\\/]))?"
)

_LIBRARIES = tuple(f"{path}/" for path in {sys.prefix, sys.base_prefix, *sys.path} if path)

# The names of the path parameters, which come first in each of these calls. What the document
# libraries, pathlib, shutil and zipfile do with files comes down to them.
_OF_OS = (
    *("open", "stat", "lstat", "access", "statvfs", "readlink", "listdir", "scandir", "chdir"),
    *("mkdir", "rmdir", "remove", "unlink", "truncate", "utime", "chmod"),
    *("listxattr", "getxattr", "setxattr"),
)
PATHS: dict[ModuleType, dict[str, tuple[str, ...]]] = {
    builtins: {"open": ("file",)},
    io: {"open": ("file",)},
    os: {
        **dict.fromkeys(_OF_OS, ("path",)),
        **dict.fromkeys(("rename", "replace"), ("src", "dst")),
    },
    # It keeps the unlink() that there was when it was imported. (dir comes by name; what comes
    # first is a mode, which leads nowhere.)
    tempfile: {"NamedTemporaryFile": ("dir",)},
}


# Opened by C, which asks none of these; where the module is loaded.
OF_C: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite3": {"connect": ("database",)},
    "lxml.etree": {"parse": ("source",)},
}


# The run's directory and the names of its inputs; the warm parent has none.
_run: tuple[str, Collection[str]] | None = None


def install() -> None:
    """Let the calls of this process that take a path ask where it leads, before any run forks."""
    of_c = {sys.modules[name]: calls for name, calls in OF_C.items() if name in sys.modules}
    for module, calls in {**PATHS, **of_c}.items():
        for name, parameters in calls.items():
            call = getattr(module, name)
            led = _led(call, parameters)
            setattr(module, name, led)
            for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
                if call in able:
                    able.add(led)


def lead_inside(directory: str, inputs: Collection[str]) -> None:
    """Find the known folders in the directory from here on."""
    global _run
    _run = directory, inputs


def _own(path: Any) -> Any:
    return path if _run is None else own_path(path, *_run)


def own_path(path: Any, directory: str, inputs: Collection[str]) -> Any:
    """Return the path in the directory; what is no path or not in a known folder, itself."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        return path  # a descriptor, None, or what the call itself refuses

    text = os.fsdecode(path)
    if text.startswith(fonts.SHARE):
        return fonts.reachable(text)  # matplotlib keeps the real paths of fonts
    found = _known(text, directory)
    if found is None:
        return path

    folder, rest = found
    # One folder serves both ways elsewhere: an upload is read where the result is written.
    if folder == OUTPUT and rest.strip("/") in inputs:
        folder = INPUT
    own = "/".join(filter(None, (directory, folder))) + rest

    return os.fsencode(own) if isinstance(os.fspath(path), bytes) else own


def _known(text: str, directory: str) -> tuple[str, str] | None:
    """Return the folder of the run that is meant, and the rest of the path."""
    # The directory and the libraries may lie in a known folder; such paths are meant as they are.
    if text.startswith(_LIBRARIES):
        return None
    if text.startswith(os.path.dirname(directory) + "/"):
        at_home = text.removeprefix(directory)
        found = _HOME.match(at_home)
        return (OUTPUT, at_home[found.end() :]) if found else None
    if found := _KNOWN.match(text):
        return KNOWN[found[0]], text[found.end() :]
    if found := _PERSONAL.match(text):
        return OUTPUT, text[found.end() :].replace("\\", "/")

    return None


def _led(call: Callable[..., Any], parameters: tuple[str, ...]) -> Callable[..., Any]:
    count = len(parameters)

    @functools.wraps(call)
    def led(*given: Any, **named: Any) -> Any:
        inside = {
            name: _own(value) if name in parameters else value for name, value in named.items()
        }
        try:
            return call(*map(_own, given[:count]), *given[count:], **inside)
        except OSError as error:
            _show_as_written(error, (*given[:count], *named.values()))
            raise

    return led


def _show_as_written(error: OSError, written: tuple[Any, ...]) -> None:
    """Let the error name the paths that the code knows."""
    names = {_own(path): os.fspath(path) for path in written if _own(path) is not path}
    if error.filename in names:
        error.filename = names[error.filename]
    if error.filename2 in names:
        error.filename2 = names[error.filename2]
