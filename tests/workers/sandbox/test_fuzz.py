"""Whatever a run prints, claims or leaves: what comes out is sane, and nothing is left over."""

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.workers.sandbox.conftest import LIMITS
from workers.sandbox import OutputInvalid, Run, collect, watch
from workers.sandbox.directories import remove
from workers.sandbox.progress import Lines
from workers.sandbox.streams import END_BYTES, Ends
from workers.sandbox.values import MIB
from workers.sandbox.verdict import SAYABLE, TEXT_LENGTH, Ending, judge

# A busy machine is no finding.
unhurried = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)

NASTY = [b"\x1b[2J", b"\x1b]0;title\x07", b"\r", b"\x00", b"\xff\xfe", "\u202e".encode(), b"\n"]
CHUNKS = st.lists(st.binary(max_size=300) | st.sampled_from(NASTY), max_size=12)
SECRET = b"a secret of the worker"


@unhurried
@given(CHUNKS, st.integers(0, 3 * END_BYTES), st.integers(1, 9999))
def test_what_a_run_prints_is_bounded_and_harmless_however_it_is_cut(
    chunks: list[bytes], flood: int, size: int
) -> None:
    whole = b"".join(chunks) + b"x" * flood + b"".join(reversed(chunks))
    at_once, in_parts = Ends(), Ends()

    at_once.feed(whole)
    for n in range(0, len(whole), size):
        in_parts.feed(whole[n : n + size])

    text = at_once.text()
    assert text == in_parts.text()
    assert at_once.seen == len(whole)
    assert len(text.encode()) <= 3 * 2 * END_BYTES + 100  # of a bad byte becomes three
    assert not set(text) & {"\x1b", "\x00", "\x07", "\r", "\u202e"}


SAID = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
REPORTS = st.fixed_dictionaries(
    {},
    optional={
        "failure": SAID
        | st.fixed_dictionaries(
            {},
            optional={
                "code": st.sampled_from([*SAYABLE, "sandbox_lost", "timeout"]) | SAID,
                **dict.fromkeys(("type", "message", "line", "traceback"), SAID),
            },
        ),
        "sandbox": SAID,
        "percent": SAID,
    },
)


@unhurried
@given(st.lists(REPORTS, max_size=3), st.binary(max_size=50), st.integers(0, 255))
@example([{"failure": {"code": "sandbox_lost"}}], b"", 70)
@example([{"sandbox": "it broke"}], b"", 70)
@example([{"failure": {"code": []}}], b"", 1)
def test_no_word_of_a_run_makes_its_failure_ours(
    reports: list[object], noise: bytes, status: int
) -> None:
    told = b"\n".join([noise, *(json.dumps(said).encode() for said in reports), b""])
    report = asyncio.run(_heard(told))
    ending = Ending(killed_for=None, released=True, exit=status, cpu_seconds=0.0, report=report)

    failure = judge(ending, LIMITS, Path("/"))

    assert (failure is None) == (status == 0)
    if failure is not None:
        assert failure.code in SAYABLE
        assert not failure.retryable
        assert failure.line is None or failure.line > 0
        for text in (failure.message, failure.traceback, failure.type or ""):
            assert len(text) <= TEXT_LENGTH
            text.encode()


async def _heard(told: bytes) -> dict[str, Any]:
    lines = Lines(None)
    lines.feed(told)
    return lines.report


def _file(path: bytes, content: bytes = b"content", mode: int = 0o600) -> None:
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
        file.write(content)


def _plug(path: bytes) -> None:
    folder = os.open(os.path.dirname(path), os.O_PATH)
    try:
        with socket.socket(socket.AF_UNIX) as plug:
            plug.bind(f"/proc/self/fd/{folder}/".encode() + os.path.basename(path))
    finally:
        os.close(folder)


def _hole(path: bytes) -> None:
    _file(path)
    os.truncate(path, 1 << 40)


LEAVE: dict[str, Callable[[bytes], None]] = {
    "file": _file,
    "empty": lambda path: _file(path, b""),
    "closed": lambda path: _file(path, mode=0o000),
    "hole": _hole,
    "folder": os.mkdir,
    "closed_folder": lambda path: os.mkdir(path, 0o000),
    "fifo": os.mkfifo,
    "socket": _plug,
    "link": lambda path: os.symlink(b"../secret", path),
    "link_to_itself": lambda path: os.symlink(os.path.basename(path), path),
    "link_to_all": lambda path: os.symlink(b"/", path),
    "hard_link": lambda path: os.link(b"secret", path),
}
NAMES = st.sampled_from(
    [
        *b"out.xlsx a.xlsx .xlsx ~$a.xlsx b.XLSX \xff.xlsx \x1b[2J.xlsx -rf * d".split(),
        *(b"\n", b"x" * 255, b"x" * 250 + b".xlsx"),
    ]
)
FOLDERS = st.sampled_from([b"", b"output/", b"input/", b"tmp/", b"output/d/", b"d/", b"d/d/"])
LITTER = st.lists(st.tuples(FOLDERS, NAMES, st.sampled_from(list(LEAVE))), max_size=14)


@unhurried
@given(LITTER)
@example([(b"output/", b"out.xlsx", "link")])
@example([(b"output/", b"out.xlsx", "hard_link")])
@example([(b"output/", b"out.xlsx", "fifo")])
@example([(b"output/", b"out.xlsx", "hole")])
def test_whatever_a_run_leaves_only_its_own_files_are_taken_and_all_is_removed(
    litter: list[tuple[bytes, bytes, str]],
) -> None:
    with _left(litter) as run:
        watch.measure(run.directory, os.getpid(), LIMITS)
        try:
            outputs = collect(run, ".xlsx", MIB)
        except OutputInvalid as refused:
            refused.message.encode()
        else:
            assert {output.data for output in outputs} <= {b"content"}
            assert all(0 < len(output.name.encode()) <= 255 for output in outputs)
            assert not any("/" in output.name or "\x1b" in output.name for output in outputs)

        remove(run.directory)
        assert not run.directory.exists()


@contextmanager
def _left(litter: list[tuple[bytes, bytes, str]]) -> Iterator[Run]:
    with tempfile.TemporaryDirectory() as top:
        secret, directory = Path(top) / "secret", Path(top) / "run"
        secret.write_bytes(SECRET)
        for name in ("output", "input", "tmp"):
            (directory / name).mkdir(parents=True)
        for folder, name, kind in litter:
            with suppress(OSError):  # two may want one name, or a folder that is none
                _leave(directory, secret, folder + name, kind)
        yield Run(
            failure=None,
            directory=directory,
            output_directory=directory / "output",
            output_path=directory / "output" / "out.xlsx",
            stdout="",
            stderr="",
            seconds=0.0,
            report={},
        )
        assert secret.read_bytes() == SECRET


def _leave(directory: Path, secret: Path, path: bytes, kind: str) -> None:
    whole = os.fsencode(directory) + b"/" + path
    if kind == "hard_link":
        os.link(secret, whole)
    elif kind == "link":
        os.symlink(os.fsencode(secret), whole)
    else:
        LEAVE[kind](whole)
