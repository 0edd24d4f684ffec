"""What a dead run left: read without following a path, believed in nothing but its bytes."""

import heapq
import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count, islice

from workers.sandbox import folders
from workers.sandbox.directories import (
    DIRECTORY,
    NOTHING,
    Descriptor,
    Entry,
    open_directory,
    walk,
)
from workers.sandbox.values import MIB, Run

MOST_OUTPUTS = 20
MOST_ENTRIES = 20_000  # looked at; a run that keeps to its limits has no more
SHOWN_LENGTH = 200
NAME_BYTES = 255
NAMED = 5  # of the other files, in a message

SAVE = {
    ".xlsx": "Save the workbook with workbook.save(OUTPUT_PATH).",
    ".docx": "Save the document with document.save(OUTPUT_PATH).",
    ".pptx": "Save the presentation with presentation.save(OUTPUT_PATH).",
    ".pdf": "Build the PDF there: SimpleDocTemplate(OUTPUT_PATH).build(story).",
}

# In a name none is harmless: not a newline, nor what turns the direction of the text.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
)


class OutputInvalid(Exception):
    """The run left no file that can be served; the message says what was found and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file that a run made."""

    name: str
    data: bytes


def collect(run: Run, suffix: str, limit_bytes: int) -> list[Output]:
    """Return the files of a dead run, the main one first, limit_bytes in all.

    OUTPUT_PATH and what lies beside it with the suffix, else such files anywhere in the working
    directory. OutputInvalid with no_output, empty_output, not_a_file, output_too_large or
    too_many_outputs.
    """
    with Descriptor(os.open(run.directory, DIRECTORY)) as top:
        main = f"{folders.OUTPUT}/{run.output_path.name}"
        outputs: list[Output] = []
        room = limit_bytes
        for path in _chosen(top, main, suffix):
            taken = {output.name for output in outputs}
            outputs.append(_unique(_read(top, path, room, limit_bytes), taken, suffix))
            room -= len(outputs[-1].data)
        if outputs:
            return outputs

        raise OutputInvalid("no_output", _nothing_there(top, suffix))


def collect_named(run: Run, name: str, limit_bytes: int) -> Output:
    """Return one file that lies beside OUTPUT_PATH. OutputInvalid when it cannot be served."""
    with Descriptor(os.open(run.directory, DIRECTORY)) as top:
        try:
            return _read(top, f"{folders.OUTPUT}/{name}", limit_bytes, limit_bytes)
        except (FileNotFoundError, NotADirectoryError):
            raise OutputInvalid("no_output", f"{name} was not written.") from None


def _chosen(top: int, main: str, suffix: str) -> list[str]:
    first = [main] if _is_there(top, main) else []
    candidates = (e for e in _found(top) if e.path != main and _is_candidate(e, suffix))
    # Only the best are held at any time: the script chooses how many there are, and how long.
    ranked = heapq.nsmallest(MOST_OUTPUTS + 1 - len(first), map(_rank, candidates))
    anywhere = not first and all(is_elsewhere for is_elsewhere, _, _ in ranked)
    chosen = first + [path for is_elsewhere, _, path in ranked if anywhere or not is_elsewhere]
    if len(chosen) > MOST_OUTPUTS:
        raise OutputInvalid("too_many_outputs", _too_many(suffix))

    return chosen


def _is_there(top: int, path: str) -> bool:
    try:
        with _Opened(top, path):
            return True
    except (FileNotFoundError, NotADirectoryError):
        return False


def _found(top: int) -> Iterator[Entry]:
    return islice(walk(top), MOST_ENTRIES)


def _rank(entry: Entry) -> tuple[bool, int, str]:
    is_elsewhere = not entry.path.startswith(f"{folders.OUTPUT}/")
    return is_elsewhere, entry.depth if is_elsewhere else 0, entry.path


def _is_candidate(entry: Entry, suffix: str) -> bool:
    right_typed = entry.name.lower().endswith(suffix.lower()) and not entry.name.startswith("~$")
    return right_typed and stat.S_ISREG(entry.status.st_mode) and not _is_input(entry)


def _read(top: int, path: str, room: int, limit_bytes: int) -> Output:
    with _Opened(top, path) as (fd, status):
        shown = _shown(os.path.basename(path))
        if not stat.S_ISREG(status.st_mode):
            raise OutputInvalid(
                "not_a_file",
                f"{shown} is {_kind(status)}, not a file. Write the document itself there.",
            )
        if status.st_nlink != 1:
            raise OutputInvalid("not_a_file", f"{shown} is a hard link. Write a file of its own.")
        if status.st_size == 0:
            raise OutputInvalid(
                "empty_output", f"{shown} is empty. Save the document before the code ends."
            )
        if status.st_size > room:
            raise OutputInvalid("output_too_large", _too_large(shown, status.st_size, limit_bytes))

        return Output(name=shown, data=_content(fd, status.st_size))


class _Opened:
    """An entry held as O_PATH: opening it reads nothing, blocks on nothing, follows nothing."""

    def __init__(self, top: int, path: str) -> None:
        *self._folders, self._name = path.split("/")
        self._top = top
        self._fds: list[int] = []

    def __enter__(self) -> tuple[int, os.stat_result]:
        folder = self._top
        try:
            for name in self._folders:
                folder = open_directory(name, folder)
                self._fds.append(folder)
            fd = _held(self._name, folder)
        except BaseException:
            self.__exit__()
            raise

        self._fds.append(fd)
        return fd, os.fstat(fd)

    def __exit__(self, *_: object) -> None:
        for fd in self._fds:
            os.close(fd)


def _held(name: str, folder: int) -> int:
    try:
        return os.open(name, NOTHING, dir_fd=folder)
    except PermissionError:
        with suppress(PermissionError):  # a mode of 400 was the script's
            os.fchmod(folder, 0o700)
    try:
        return os.open(name, NOTHING, dir_fd=folder)
    except PermissionError:
        shown = _shown(name)
        raise OutputInvalid("not_a_file", f"{shown} lies in a folder that is closed.") from None


def _content(fd: int, size: int) -> bytes:
    # By the descriptor, so it is the file that was checked; a mode of 000 was the script's.
    name = f"/proc/self/fd/{fd}"
    if not os.access(name, os.R_OK):
        os.chmod(name, 0o600)
    with open(name, "rb") as file:
        return file.read(size)


def _shown(name: str) -> str:
    # A name is any bytes; Postgres and JSON take text only. No longer than it was and with the
    # suffix that was asked for, so that it still is a name, and of the same type.
    return CONTROLS.sub("_", name.encode(errors="replace").decode())


def _unique(output: Output, taken: Collection[str], suffix: str) -> Output:
    # Several names may be shown as the same.
    stem = output.name[: -len(suffix)]
    numbered = (_shortened(stem, f"-{n}{output.name[-len(suffix) :]}") for n in count(2))
    names = chain([output.name], numbered)
    return replace(output, name=next(name for name in names if name not in taken))


def _shortened(stem: str, end: str) -> str:
    return stem.encode()[: NAME_BYTES - len(end.encode())].decode(errors="ignore") + end


def _kind(status: os.stat_result) -> str:
    return next((words for test, words in KINDS if test(status.st_mode)), "a device")


def _too_large(name: str, size: int, limit_bytes: int) -> str:
    return (
        f"{name} has {size / MIB:.1f} MiB; a job may return {limit_bytes / MIB:g} MiB in all. "
        "Use fewer or smaller pictures, or fewer rows."
    )


def _too_many(suffix: str) -> str:
    return (
        f"The code wrote more than {MOST_OUTPUTS} {suffix} files; a job may return {MOST_OUTPUTS}. "
        "Put them together into fewer files, or run a job for each part."
    )


def _nothing_there(top: int, suffix: str) -> str:
    number = count()
    names = heapq.nsmallest(NAMED, (name for name, _ in zip(_written(top), number, strict=False)))
    shown = ", ".join(_end(_shown(name)) for name in names)
    others = next(number) - len(names)
    more = f" and {others} more" if others else ""
    wrote = f"It wrote: {shown}{more}. " if names else "It wrote no file. "

    return (
        f"The code ended without writing OUTPUT_PATH. {wrote}"
        f"{SAVE.get(suffix, 'Write the document to OUTPUT_PATH.')}"
    )


def _end(name: str) -> str:
    return name if len(name) <= SHOWN_LENGTH else f"…{name[-SHOWN_LENGTH:]}"


def _written(top: int) -> Iterator[str]:
    for entry in _found(top):
        if not entry.is_folder and not _is_input(entry):
            yield entry.path.removeprefix(f"{folders.OUTPUT}/")


def _is_input(entry: Entry) -> bool:
    return entry.path.startswith(f"{folders.INPUT}/")
