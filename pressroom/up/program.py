"""One program: started, read, started again when it dies, ended with everything under it."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from db.embedded.tether import tied
from db.errors import PressroomError
from pressroom.up.deaths import EX_CONFIG, Deaths, ProgramFailed, told
from pressroom.up.failure import Failure
from pressroom.up.terminal import Terminal

LAST_LINES = 15
LAST_WORDS_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start: this Python with these arguments."""

    name: str
    arguments: tuple[str, ...]


def run_once(program: Program, variables: Mapping[str, str], terminal: Terminal) -> None:
    """Run a program to its end; ProgramFailed with its last lines when it fails."""
    process = _start(program, variables)
    lines: deque[str] = deque(maxlen=LAST_LINES)
    try:
        _read(process, program.name, terminal, lines)
        status = process.wait()
    finally:
        _kill_group(process)
        process.wait()

    if status != 0:
        raise ProgramFailed(program.name, f"failed with {told(status)}:", lines, max(status, 1))


class Minder:
    """Keeps one program up, in a thread of its own."""

    def __init__(
        self,
        program: Program,
        variables: Mapping[str, str],
        terminal: Terminal,
        failure: Failure,
    ) -> None:
        self._program = program
        self._variables = variables
        self._terminal = terminal
        self._failure = failure
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process: subprocess.Popen[str] | None = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._mind, name=program.name, daemon=True)

    @property
    def last_lines(self) -> list[str]:
        """What the program wrote last."""
        return list(self._lines)

    @property
    def pid(self) -> int | None:
        """The process id, None while the program is down."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Start the program, and from now on whenever it dies."""
        self._thread.start()

    def ask_to_end(self) -> None:
        """Send SIGTERM, and start the program no more."""
        with self._starting:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()

    def wait_for_end(self, grace: timedelta) -> None:
        """Wait for the program's end, and no longer than the grace."""
        if self._thread.ident is not None:
            self._thread.join(grace.total_seconds())

    def kill(self) -> None:
        """End the program and all of its group at once."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            _kill_group(self._process)

        self.wait_for_end(timedelta(seconds=5))

    def _mind(self) -> None:
        deaths = Deaths(self._program.name)
        try:
            while (status := self._run()) is not None:
                self._pause(status, deaths)
        except PressroomError as reason:
            self._failure.report(reason)
        except Exception as error:
            self._failure.report(ProgramFailed(self._program.name, f"could not be run: {error!r}"))
            raise

    def _run(self) -> int | None:
        with self._starting:
            if self._stopping.is_set():
                return None
            self._process = process = _start(self._program, self._variables)

        reader = threading.Thread(
            target=_read,
            args=(process, self._program.name, self._terminal, self._lines),
            daemon=True,
        )
        reader.start()
        status = _end_of(process)
        # Bounded: one that left the group may hold the pipe open for as long as it likes.
        reader.join(LAST_WORDS_SECONDS)

        return None if self._stopping.is_set() else status

    def _pause(self, status: int, deaths: Deaths) -> None:
        name = self._program.name
        if status == EX_CONFIG:
            raise ProgramFailed(name, "cannot run as configured:", self.last_lines, EX_CONFIG)

        pause = deaths.count(told(status), self.last_lines).total_seconds()
        self._terminal.show(name, f"ended with {told(status)}; starts again in {pause} s")
        self._stopping.wait(pause)


def _start(program: Program, variables: Mapping[str, str]) -> subprocess.Popen[str]:
    # Killed, not asked, when we are gone: nobody is left to see that it obeys.
    command = tied([sys.executable, *program.arguments], signal.SIGKILL)

    return subprocess.Popen(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def _read(process: subprocess.Popen[str], name: str, terminal: Terminal, lines: deque[str]) -> None:
    if process.stdout is None:
        return

    with process.stdout as stdout:
        for line in stdout:
            lines.append(line.rstrip())
            terminal.show(name, line.rstrip())


def _end_of(process: subprocess.Popen[str]) -> int:
    # Its group goes before it is reaped, while the number cannot be another's.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    _kill_group(process)

    return process.wait()


def _kill_group(process: subprocess.Popen[str]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
