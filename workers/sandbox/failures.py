"""From the exception that ended a script to words that help to mend the script."""

import errno
import linecache
import locale
import os
import socket
from collections import deque
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from workers.sandbox import libraries

MESSAGE_LENGTH = 2_000
FRAMES = 8  # shown from either end of a long traceback
CHAIN = 5

NETWORK_MODULES = ("socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp")
ARGUMENT_MODULES = ("argparse", "click", "typer", "optparse")
PROGRAM_MODULES = ("subprocess", "multiprocessing", "pty")

NO_MEMORY = (
    "The code needed more memory than it may use. Build the document in smaller pieces, for "
    "example openpyxl's Workbook(write_only=True)."
)
NO_NETWORK = (
    "The code may not use the network. Put what it needs into the code or into DATA; "
    "images can be drawn with Pillow or reportlab."
)
NO_PROGRAMS = (
    "The code may not start programs or processes. Use the Python libraries instead: "
    "{libraries}; threads are fine."
)
NO_FILES = (
    "The code may not use {name!r}: it may read and write in its working directory only. "
    "Write the document to OUTPUT_PATH, and take values from DATA."
)
NO_MODULE = "{name} is not installed here. There are: {libraries}; pip install is not possible."
NO_ARGUMENTS = (
    "The code asks for command-line arguments, and there are none. Give each of them a default, or "
    "take the values from DATA."
)
NO_LOCALE = (
    "There is no locale but C.UTF-8. Format numbers and dates in the code, for example "
    'f"{amount:,.2f}".'
)
NO_INPUT = "There are no input files; send values in `data`, the code finds them as DATA."
NO_FOLDER = "There is no folder {folder!r}: to write there, make it first with os.makedirs."
NOT_ALLOWED = (
    "The code called something the sandbox does not allow: no network, no programs or "
    "processes, no files outside of its working directory. Write the document to OUTPUT_PATH."
)


def describe(error: BaseException, file_name: str) -> dict[str, Any]:
    """Return code, type, message, line and traceback of an exception out of the script."""
    code, message = _meaning(error)
    frames = list(_own_frames(error.__traceback__, file_name))

    return {
        "code": code,
        "type": type(error).__name__,
        "message": message,
        "line": frames[-1][1] if frames else None,
        "traceback": _traceback(frames, error),
    }


def describe_syntax(error: Exception, code: str) -> dict[str, Any]:
    """Return the same for code that does not compile, whatever the compiler choked on."""
    line = getattr(error, "lineno", None) or _line_of_nul(code)
    shown = linecache.getline("script.py", line or 0).rstrip()
    text = error.msg if isinstance(error, SyntaxError) else _reason_not_compiled(error)

    return {
        "code": "syntax_error",
        "type": type(error).__name__ if isinstance(error, SyntaxError) else "SyntaxError",
        "message": text.removesuffix(f" (detected at line {line})"),  # once is enough
        "line": line,
        "traceback": f'File "script.py", line {line}\n    {shown.strip()}' if line else "",
    }


def _meaning(error: BaseException) -> tuple[str, str]:
    match error:
        case SystemExit():
            return "script_error", _exit_message(error)
        case MemoryError():
            return "memory_limit", NO_MEMORY
        case ImportError() if "failed to map segment" in str(error):  # a library of C
            return "memory_limit", NO_MEMORY
        case RuntimeError() if "can't start new thread" in str(error):
            return "thread_limit", "The code started more threads than it may. Use fewer."
        case ModuleNotFoundError(name=str(name)) if "." not in name:
            return "script_error", _no_module(name)
        case locale.Error():
            return "script_error", f"{_text(error)}. {NO_LOCALE}"
        case _ if type(error).__name__ == "PackageNotFoundError":  # docx's and pptx's
            return "script_error", f"{_text(error)}. {NO_INPUT}"
        case EOFError() if "reading a line" in str(error):
            return "script_error", "input() has nobody to ask. Take the values from DATA."

    causes = [cause for cause in _chain(error) if isinstance(cause, OSError)]
    told = next(filter(None, map(_meaning_of_os_error, causes)), None)
    return told or ("script_error", ". ".join([_text(error), *_missing(error, causes)]))


def _meaning_of_os_error(error: OSError) -> tuple[str, str] | None:
    if isinstance(error, socket.gaierror):
        return "policy_violation", NO_NETWORK
    if error.errno in (errno.EPERM, errno.EACCES):
        return "policy_violation", _refusal(error)
    if error.errno == errno.EFBIG:
        return "disk_limit", "The code wrote a file larger than it may. Write less, or split it."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full", "There was no space left on the disk."

    return None


def _refusal(error: OSError) -> str:
    modules = _modules(error)
    if modules & set(PROGRAM_MODULES):
        return NO_PROGRAMS.format(libraries=libraries.present())
    if type(error.filename) in (str, bytes):  # else it is whatever the code raised it with
        return NO_FILES.format(name=error.filename)
    if modules & set(NETWORK_MODULES):
        return NO_NETWORK

    return NOT_ALLOWED


def _modules(error: BaseException) -> set[str]:
    frames = (frame for frame, _ in _frames(error.__traceback__))
    return {str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame in frames}


def _missing(error: BaseException, causes: list[OSError]) -> list[str]:
    # Libraries raise an OSError of their own; any other kind may be about something else.
    names = [cause.filename for cause in causes if isinstance(cause, FileNotFoundError)]
    named = [os.fsdecode(name) for name in names if type(name) in (str, bytes)]
    if not isinstance(error, OSError) or not named:
        return []

    folder = os.path.dirname(named[0])
    if not folder or os.path.isdir(folder):
        return [NO_INPUT]

    return [NO_FOLDER.format(folder=folder) + " " + NO_INPUT]


def _no_module(name: str) -> str:
    said = NO_MODULE.format(name=name, libraries=libraries.present())
    return f"{said} {NO_NETWORK}" if name in NETWORK_MODULES else said


def _exit_message(error: SystemExit) -> str:
    if isinstance(error.code, int) and _modules(error) & set(ARGUMENT_MODULES):
        return NO_ARGUMENTS
    if isinstance(error.code, int):
        return f"The code ended itself with exit code {error.code}."

    return _text(error.code)


def _reason_not_compiled(error: Exception) -> str:
    if isinstance(error, (RecursionError, MemoryError)):
        return "The code is nested too deeply. Split the expression."
    if isinstance(error, UnicodeError):
        return "The code holds characters that are not valid Unicode text."

    return _text(error)


def _line_of_nul(code: str) -> int | None:
    before, found, _ = code.partition("\0")
    return before.count("\n") + 1 if found else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(CHAIN):
        if seen is None:
            return
        yield seen
        reason = getattr(seen, "reason", None)  # urllib keeps the cause there
        if isinstance(reason, OSError):
            yield reason
        seen = seen.__cause__ or seen.__context__


def _own_frames(traceback: TracebackType | None, name: str) -> Iterator[tuple[FrameType, int]]:
    first: list[tuple[FrameType, int]] = []
    last: deque[tuple[FrameType, int]] = deque(maxlen=FRAMES)
    for frame, line in _frames(traceback):
        if frame.f_code.co_filename == name:
            (first if len(first) < FRAMES else last).append((frame, line))

    yield from first
    yield from last


def _frames(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _traceback(frames: list[tuple[FrameType, int]], error: BaseException) -> str:
    lines = ["Traceback (most recent call last):"]
    for frame, line in frames:
        lines.append(f'  File "script.py", line {line}, in {frame.f_code.co_name}')
        lines.append("    " + linecache.getline(frame.f_code.co_filename, line).strip()[:200])

    return "\n".join([*lines, f"{type(error).__name__}: {_text(error)}"])


def _text(value: object) -> str:
    # The class is the stranger's: its __str__ may raise or answer with anything.
    try:
        return str(value)[:MESSAGE_LENGTH]
    except BaseException as failure:
        return f"(its message could not be made: {type(failure).__name__})"
