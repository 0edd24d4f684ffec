"""`pressroom up`: start the database and the programs, mind them, leave nothing behind."""

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import TextIO

from db.errors import PressroomError, SettingInvalid
from db.settings import Settings, child_environment
from pressroom.up import postgres
from pressroom.up.deaths import EX_CONFIG, ProgramFailed
from pressroom.up.failure import Failure
from pressroom.up.program import Minder, Program, run_once
from pressroom.up.terminal import Terminal

MIGRATE = Program(name="migrate", arguments=("-m", "pressroom", "migrate"))
PROGRAMS = (
    Program(name="server", arguments=("-m", "server")),
    Program(name="worker", arguments=("-m", "workers")),
)
START = timedelta(seconds=60)
AFTER_GRACE = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What is up: the server's base url, the database's url, and who runs behind them."""

    url: str
    database_url: str
    minders: Mapping[str, Minder]

    def pid(self, name: str) -> int | None:
        """Return the process id of `server` or `worker`, None while it is down."""
        return self.minders[name].pid


def run(
    settings: Settings, *, migrate: Program = MIGRATE, programs: Sequence[Program] = PROGRAMS
) -> int:
    """Keep everything up until Ctrl-C, SIGTERM or SIGHUP; return the exit status."""
    try:
        with running(settings, migrate=migrate, programs=programs, out=sys.stdout) as system:
            print(f"\n  Pressroom is up: {system.url}   (Ctrl-C stops it)\n", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except ProgramFailed as failure:
        print(f"pressroom up: {failure}", file=sys.stderr)
        return failure.status
    except PressroomError as error:
        print(f"pressroom up: {error}", file=sys.stderr)
        return EX_CONFIG

    return 0


@contextmanager
def running(
    settings: Settings,
    *,
    migrate: Program = MIGRATE,
    programs: Sequence[Program] = PROGRAMS,
    environment: Mapping[str, str] | None = None,
    out: TextIO | None = None,
) -> Iterator[System]:
    """Have all of it up and ready within the block; for the main thread.

    ProgramFailed says what could not be kept up, and also ends a block that waits.
    `environment` goes to the programs on top of ours; their lines go to `out`, if given.
    """
    terminal = Terminal(out)
    failure = Failure()
    port = _port(settings.host, settings.port)
    with _interruptible(failure), postgres.up(settings, terminal, failure) as database_url:
        told = {
            "DATABASE_URL": database_url,
            "PRESSROOM_HOST": settings.host,
            "PRESSROOM_PORT": str(port),
            "PRESSROOM_METRICS_PORT": "",  # one port cannot serve two programs
            "PYTHONUNBUFFERED": "1",
        }
        variables = child_environment(**{**(environment or {}), **told})
        run_once(migrate, variables, terminal)

        minders = {p.name: Minder(p, variables, terminal, failure) for p in programs}
        grace = settings.shutdown + AFTER_GRACE
        with _minded(list(minders.values()), grace, terminal):
            host = _reachable(settings.host)
            _wait_until_ready(host, port, minders)
            yield System(
                url=f"http://{_in_url(host)}:{port}", database_url=database_url, minders=minders
            )


@contextmanager
def _interruptible(failure: Failure) -> Iterator[None]:
    # One way out of whatever the block waits for: Ctrl-C, SIGTERM, a failure, a closed terminal.
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # which is what nohup sets
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        if failure.reason is not None:
            raise failure.reason from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _minded(minders: Sequence[Minder], grace: timedelta, terminal: Terminal) -> Iterator[None]:
    try:
        for minder in minders:
            minder.start()
        yield
    finally:
        terminal.show("up", "stopping; Ctrl-C again ends it at once")
        try:
            for minder in minders:
                minder.ask_to_end()
            for minder in minders:
                minder.wait_for_end(grace)
        finally:
            # Also when a second Ctrl-C cuts the wait short.
            for minder in minders:
                minder.kill()


def _port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingInvalid(
                f"cannot listen on PRESSROOM_HOST={host}, PRESSROOM_PORT={port}: {error.strerror}; "
                "stop the program that does, or name another port (0 takes a free one)"
            ) from None

        return int(probe.getsockname()[1])


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _wait_until_ready(host: str, port: int, minders: Mapping[str, Minder]) -> None:
    deadline = time.monotonic() + START.total_seconds()
    while not _answers(host, port):
        if time.monotonic() > deadline:
            lines = [line for minder in minders.values() for line in minder.last_lines]
            raise ProgramFailed("server", f"is not ready after {START.seconds} s:", lines)

        time.sleep(0.05)


def _answers(host: str, port: int) -> bool:
    # No urllib here: it would ask a proxy.
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
