"""Many programs, one terminal: whole lines, each with the name of who wrote it."""

import threading
from contextlib import suppress
from typing import TextIO

from db.settings import child_environment

COLOURS = {"postgres": 34, "migrate": 35, "server": 36, "worker": 33}


class Terminal:
    """Where the programs' lines go; nowhere without a stream."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._colours = out is not None and out.isatty() and "NO_COLOR" not in child_environment()

    def show(self, name: str, line: str) -> None:
        """Write one line of a program."""
        if self._out is None:
            return

        # A closed terminal must not keep the programs from being shut down.
        with self._lock, suppress(OSError, ValueError):
            self._out.write(f"{self._prefix(name)} {line}\n")
            self._out.flush()

    def _prefix(self, name: str) -> str:
        padded = f"{name:<8}"

        return f"\x1b[{COLOURS.get(name, 32)}m{padded}\x1b[0m" if self._colours else padded
