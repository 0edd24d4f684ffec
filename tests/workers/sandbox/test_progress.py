"""A stranger's progress lines: any bytes at all, and only ever sane values out of them."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workers.sandbox.conftest import Runs
from workers.sandbox import Progress
from workers.sandbox.progress import Lines, merge
from workers.sandbox.streams import Ends, clean

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = PLAIN | st.lists(PLAIN, max_size=2) | st.just({"percent": 1})
FIELDS = st.sampled_from(["percent", "message", "total_files", "processed_files", "failure", "x"])
MESSAGES = st.dictionaries(FIELDS, VALUES, max_size=4)

# A busy machine is no finding.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)


@unhurried
@given(st.lists(st.binary(max_size=200)))
def test_any_bytes_are_survived(chunks: list[bytes]) -> None:
    heard: list[Progress] = []

    _feed(chunks, heard)

    assert all(_is_sane(progress) for progress in heard)


@unhurried
@given(st.lists(MESSAGES, max_size=8), st.integers(1, 50))
def test_any_json_gives_sane_values_however_it_is_cut(
    messages: list[dict[str, Any]], size: int
) -> None:
    line = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
    heard: list[Progress] = []

    _feed([line[n : n + size] for n in range(0, len(line), size)], heard)

    percents = [progress.percent for progress in heard if progress.percent is not None]
    assert all(_is_sane(progress) for progress in heard)
    assert percents == sorted(percents)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"percent": 150}, Progress(percent=100)),
        ({"percent": -3}, Progress(percent=0)),
        ({"percent": 41.9}, Progress(percent=41)),
        ({"percent": True}, Progress()),
        ({"percent": "50"}, Progress()),
        ({"percent": float("nan")}, Progress()),
        ({"percent": float("inf")}, Progress(percent=100)),
        ({"message": "\x1b[31mred\x1b[0m\n\n alert\x07"}, Progress(message="red alert")),
        ({"message": "x" * 999}, Progress(message="x" * 200)),
        ({"message": "\ud800"}, Progress(message="?")),
        ({"total_files": 3, "processed_files": 1}, Progress(total_files=3, processed_files=1)),
    ],
)
def test_a_message_becomes(message: dict[str, Any], expected: Progress) -> None:
    assert merge(Progress(), message) == expected


def test_what_a_message_does_not_say_stays() -> None:
    before = Progress(percent=30, message="rows", total_files=2)

    after = merge(before, {"percent": 10})

    assert after == before


async def test_a_line_that_is_too_long_is_dropped_and_the_next_one_heard() -> None:
    heard: list[Progress] = []
    lines = Lines(heard.append)

    for chunk in (b'{"message": "', b"x" * 100_000, b'"}\n{"percent": 7}\n'):
        lines.feed(chunk)
    lines.close()

    assert heard == [Progress(percent=7)]


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"{}\n"])
async def test_a_short_line_counts_as_the_work_that_it_makes(line: bytes) -> None:
    lines = Lines(None)

    lines.feed(line * 1000)

    assert lines.seen == 256_000


async def test_only_what_may_be_an_object_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr("workers.sandbox.progress.json.loads", lambda line: parsed.append(line))

    Lines(None).feed(b'\n[]\n1\n"x"\n{}\n')

    assert parsed == [b"{}"]


async def test_a_flood_of_lines_is_read_in_small_parts_and_ends_the_run(
    run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It held the loop of the worker for seconds, and every timer with it."""
    sizes: list[int] = []
    feed = Lines.feed

    def note(lines: Lines, chunk: bytes) -> None:
        sizes.append(len(chunk))
        feed(lines, chunk)

    monkeypatch.setattr(Lines, "feed", note)

    ended = await run("import os\nwhile True: os.write(3, b'{}\\n' * 20_000)")

    assert ended.failure is not None
    assert ended.failure.code == "output_limit"
    assert max(sizes) <= 4096


async def test_a_flood_is_delivered_as_its_latest_state() -> None:
    heard: list[Progress] = []
    lines = Lines(heard.append)

    for percent in range(101):
        lines.feed(json.dumps({"percent": percent}).encode() + b"\n")
    lines.close()

    assert [progress.percent for progress in heard] == [0, 100]


@unhurried
@given(st.lists(st.binary(max_size=40_000), max_size=8))
def test_a_stream_keeps_its_ends_and_stays_small(chunks: list[bytes]) -> None:
    ends = Ends()

    for chunk in chunks:
        ends.feed(chunk)

    assert ends.seen == sum(map(len, chunks))
    assert len(ends.text()) <= 70_000


@unhurried
@given(st.text())
def test_clean_text_has_no_control_characters(text: str) -> None:
    cleaned = clean(text)

    assert not [c for c in cleaned if c < " " and c not in "\n\t"]
    assert "\x1b" not in cleaned


def _feed(chunks: list[bytes], heard: list[Progress]) -> None:
    async def feed() -> None:
        lines = Lines(heard.append)
        for chunk in chunks:
            lines.feed(chunk)
        lines.close()

    asyncio.run(feed())


def _is_sane(progress: Progress) -> bool:
    counts = (progress.total_files, progress.processed_files)
    percent, message = progress.percent, progress.message
    return (
        (percent is None or (type(percent) is int and 0 <= percent <= 100))
        and (message is None or (len(message) <= 200 and message == clean(message)))
        and all(count is None or (type(count) is int and count >= 0) for count in counts)
    )
