"""`pressroom up` with tiny programs in the place of the server and the worker."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import pytest

from db import settings
from db.errors import SettingInvalid
from pressroom import up
from pressroom.up import Program, ProgramFailed, System
from tests.ends import gone

SERVER = """
import json, os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["DATABASE_URL"].encode())
    def log_message(self, *words): pass
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("pid", os.getpid())
address = os.environ["PRESSROOM_HOST"], int(os.environ["PRESSROOM_PORT"])
HTTPServer(address, Handler).serve_forever()
"""
IDLE = "import os, signal; print('pid', os.getpid()); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + IDLE.replace(
    "signal.pause()", "[signal.pause() for _ in iter(int, 1)]"
)
WITH_A_CHILD = "import subprocess; print('pid', subprocess.Popen(['sleep', '600']).pid)\n" + IDLE

# What `pressroom up` is to the test: a process of its own, that can be killed.
RUN = """
import sys
from dataclasses import replace
from pathlib import Path
from db import settings
from pressroom import up
from pressroom.up import Program
told = replace(settings.load({}), data_dir=Path(sys.argv[1]), port=0)
migrate = Program(name="migrate", arguments=("-c", "print('migrated')"))
server = Program(name="server", arguments=("-c", sys.argv[2]))
worker = Program(name="worker", arguments=("-c", sys.argv[3]))
sys.exit(up.run(told, migrate=migrate, programs=(server, worker)))
"""

ELSEWHERE = "postgresql://elsewhere/pressroom"


def program(name: str, code: str) -> Program:
    return Program(name=name, arguments=("-c", code))


@contextmanager
def running(worker: str, out: TextIO | None = None, migrate: str = "") -> Iterator[System]:
    told = replace(settings.load({}), database_url=ELSEWHERE, port=0, shutdown=timedelta(seconds=5))
    with up.running(
        told,
        migrate=program("migrate", migrate),
        programs=(program("server", SERVER), program("worker", worker)),
        out=out,
    ) as system:
        yield system


@pytest.fixture
def terminal() -> Iterator[tuple[TextIO, TextIO]]:
    reader, writer = os.pipe()
    with os.fdopen(reader) as lines, os.fdopen(writer, "w") as out:
        yield lines, out


def next_line(lines: TextIO, *words: str) -> str:
    return next(line for line in lines if all(word in line for word in words))


def pid_in(line: str) -> int:
    return int(line.split()[-1])


@contextmanager
def up_in_a_process(
    directory: Path, worker: str = IDLE
) -> Iterator["tuple[subprocess.Popen[str], list[int]]"]:
    """`up`, once it is up, and the pids of its programs and of its Postgres."""
    started = subprocess.Popen(
        [sys.executable, "-c", RUN, str(directory), SERVER, worker],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert started.stdout is not None
    with started, started.stdout as lines:
        pids = []
        for line in lines:
            if " pid " in line:
                pids.append(pid_in(line))
            if "Pressroom is up" in line:
                break
        while len(pids) < worker.count("pid'") + 1:
            pids.append(pid_in(next_line(lines, " pid ")))
        postmaster = next(directory.resolve().rglob("postmaster.pid"))
        pids.append(int(postmaster.read_text().split()[0]))
        yield started, pids
        started.kill()


def test_programs_get_a_free_port_and_the_database():
    with running(IDLE) as system, urllib.request.urlopen(system.url) as answer:
        told = answer.read().decode()

    assert told == system.database_url == ELSEWHERE
    assert system.url.startswith("http://127.0.0.1:")


def test_lines_carry_the_name_of_their_program(terminal: tuple[TextIO, TextIO]):
    lines, out = terminal

    with running("print('at work'); " + IDLE, out, migrate="print('one step')"):
        migrated = next_line(lines, "one step")
        worked = next_line(lines, "at work")

    assert (migrated, worked) == ("migrate  one step\n", "worker   at work\n")


def test_killed_program_is_named_and_started_again(terminal: tuple[TextIO, TextIO]):
    lines, out = terminal

    with running(IDLE, out) as system:
        first = pid_in(next_line(lines, "worker", "pid"))
        os.kill(first, signal.SIGKILL)
        said = next_line(lines, "worker", "ended")
        second = pid_in(next_line(lines, "worker", "pid"))
        assert system.pid("worker") == second

    assert "signal SIGKILL; starts again" in said
    assert gone([first, second])


def test_program_that_keeps_dying_ends_everything():
    with (
        pytest.raises(ProgramFailed, match=r"(?s)died 5 times within 30 s.*status 3.*no luck"),
        running("print('no luck'); raise SystemExit(3)") as system,
    ):
        threading.Event().wait()

    assert system.pid("server") is None


def test_configuration_error_is_not_tried_again():
    with (
        pytest.raises(ProgramFailed, match=r"(?s)cannot run as configured.*a secret is missing"),
        running("print('a secret is missing'); raise SystemExit(78)"),
    ):
        threading.Event().wait()


def test_failure_ends_a_block_that_waits_in_an_event_loop():
    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ProgramFailed), running("raise SystemExit(78)"):
        asyncio.run(wait_for_ever())


def test_failed_migration_shows_its_last_lines():
    broken = "print('relation exists'); raise SystemExit(1)"

    with (
        pytest.raises(ProgramFailed, match=r"(?s)migrate failed.*relation exists"),
        running(IDLE, migrate=broken),
    ):
        pytest.fail("it must not come up")


def test_children_of_a_program_end_with_it(terminal: tuple[TextIO, TextIO]):
    lines, out = terminal

    with running(WITH_A_CHILD, out):
        child = pid_in(next_line(lines, "worker", "pid"))

    assert gone([child])


def test_taken_port_is_told_before_anything_starts():
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        told = replace(settings.load({}), database_url=ELSEWHERE, port=taken)

        with pytest.raises(SettingInvalid, match=f"PRESSROOM_PORT={taken}"), up.running(told):
            pytest.fail("it must not come up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_leaves_no_process(tmp_path: Path, number: signal.Signals):
    with up_in_a_process(tmp_path) as (started, pids):
        started.send_signal(number)
        status = started.wait(timeout=20)

    assert status == 0
    assert gone(pids)


def test_kill_9_leaves_no_process(tmp_path: Path):
    with up_in_a_process(tmp_path, STUBBORN) as (started, pids):
        started.kill()

    assert len(pids) == 3
    assert gone(pids)


def test_second_interrupt_ends_what_ignores_the_first(tmp_path: Path):
    with up_in_a_process(tmp_path, STUBBORN) as (started, pids):
        assert started.stdout is not None
        started.send_signal(signal.SIGINT)
        next_line(started.stdout, "stopping")
        started.send_signal(signal.SIGINT)
        started.wait(timeout=10)

    assert gone(pids)


def test_killed_postgres_is_started_again(tmp_path: Path):
    with up_in_a_process(tmp_path) as (started, pids):
        assert started.stdout is not None
        os.kill(pids[-1], signal.SIGKILL)

        assert "SIGKILL" in next_line(started.stdout, "postgres", "starts again")
        assert next_line(started.stdout, "postgres", "is up again")
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=20) == 0
