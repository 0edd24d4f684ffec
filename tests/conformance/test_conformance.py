"""The suite passes here, and fails exactly where it should before servers that are broken."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import conformance.checks  # noqa: F401 - enters the checks
from conformance import suite
from conformance.frames import Parser
from conformance.target import QUICK, Target
from db.queue import Queue, Worker
from tests.conformance.breaking import Defect, breaking
from tests.server.conftest import ROOT, SECRET, bearer, program

PATIENCE = 10


@asynccontextmanager
async def working(queue: Queue, worker: Worker, *, fails: bool = False) -> AsyncIterator[None]:
    """Claim each job as soon as it is due, and complete the quick ones, or fail them."""

    async def work() -> None:
        while True:
            for job in (await queue.claim(worker, ["pdf"], 1))[0]:
                if job.payload["code"] != QUICK:
                    continue  # as long as it takes
                if fails:
                    await queue.fail(job.claim, {"code": "invalid_artifact"})
                else:
                    await queue.complete(job.claim, {"file_name": "x.pdf"})

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.fixture(scope="module")
async def pressed(migrated_url: str) -> AsyncIterator[str]:
    """A server for all that only look."""
    async with program(migrated_url) as server:
        yield server.url


async def failed(target: Target, only: str = "") -> set[str]:
    verdicts = [verdict async for verdict in suite.run(target, only=only)]
    return {verdict.check.name for verdict in verdicts if verdict.outcome == "failed"}


async def test_it_passes_here(database_url: str, queue: Queue, worker: Worker):
    async with program(database_url) as server, working(queue, worker):
        verdicts = [v async for v in suite.run(Target(server.url, patience=PATIENCE))]

    assert [f"{v.check.name}: {v.reason}" for v in verdicts if v.outcome == "failed"] == []
    passed = [v for v in verdicts if v.outcome == "passed"]
    assert len(passed) >= 60


async def test_a_job_that_fails_is_no_reason_to_skip(
    database_url: str, queue: Queue, worker: Worker
):
    async with program(database_url) as server, working(queue, worker, fails=True):
        target = Target(server.url, patience=PATIENCE)

        assert await failed(target, "final.completes") == {"final.completes-with-a-result"}


async def test_it_passes_here_with_a_token(database_url: str):
    token = bearer("ada")["Authorization"].removeprefix("Bearer ")
    guarded = {"PRESSROOM_AUTH": "token", "PRESSROOM_JWT_SECRET": SECRET}
    async with program(database_url, **guarded) as server:
        target = Target(server.url, token=token, patience=PATIENCE)
        verdicts = [v async for v in suite.run(target, only="access.")]

    assert {v.outcome for v in verdicts} == {"passed"}, verdicts


def again(data: bytes) -> bytes:
    """The final frame, twice."""
    return data * 2 if b'"final":true' in data else data


def cut_data(data: bytes) -> bytes:
    return data.replace(b',"status"', b'\ndata: ,"status"')


DEFECTS = {
    "wrong type": (
        Defect(headers={"content-type": "text/plain"}),
        "head.",
        {"head.media-type", "head.head-has-no-body"},
    ),
    "other charset": (
        Defect(headers={"content-type": "text/event-stream; charset=latin-1"}),
        "head.",
        {"head.charset"},
    ),
    "cached and compressed": (
        Defect(headers={"cache-control": "no-cache", "content-encoding": "gzip"}),
        "head.",
        {"head.no-store", "head.no-transform", "head.no-encoding"},
    ),
    "buffered": (Defect(headers={"x-accel-buffering": ""}), "head.", {"head.unbuffered"}),
    "open to all": (
        Defect(headers={"access-control-allow-origin": "*"}),
        "cors.",
        {"cors.foreign-pages-cannot-read"},
    ),
    "line ends of the net": (
        Defect(body=lambda data: data.replace(b"\n", b"\r\n")),
        "wire.",
        {"wire.one-line-end"},
    ),
    "no ids": (
        Defect(body=lambda data: re.sub(rb"id: \d+\n", b"", data)),
        "wire.",
        {"wire.every-state-has-an-id", "wire.ids-fit-a-header", "wire.ids-are-the-seq"},
    ),
    "no retry": (
        Defect(body=lambda data: data.replace(b"retry: 2000\n", b"")),
        "wire.retry",
        {"wire.retry-is-sent-first"},
    ),
    "torn at the end": (Defect(is_torn=True), "wire.ends", {"wire.ends-with-a-whole-body"}),
    "cut within the last frame": (
        Defect(body=lambda data: data[:-1] if b'"final":true' in data else data),
        "wire.ends",
        {"wire.ends-with-a-whole-frame"},
    ),
    "names of its own": (
        Defect(body=lambda data: data.replace(b"event: job-failed", b"event: failed")),
        "wire.",
        {"wire.known-events", "wire.type-is-the-event"},
    ),
    "data over lines": (Defect(body=cut_data), "wire.data-is", {"wire.data-is-one-line"}),
    "a byte order mark": (
        Defect(body=lambda data: b"\xef\xbb\xbf" + data),
        "wire.no-byte",
        {"wire.no-byte-order-mark"},
    ),
    "the end twice": (
        Defect(body=again),
        "final.is",
        {"final.is-the-last", "final.is-told-at-once"},
    ),
    "deaf to ids": (
        Defect(request=lambda data: re.sub(rb"(?i)last-?event-?id", b"X-Nothing", data)),
        "resume.",
        {"resume.nothing-more-is-204", "resume.the-query-says-it-too", "resume.a-204-is-empty"},
    ),
    "raw separators": (
        Defect(body=lambda data: data.replace(rb"\u2028", "\u2028".encode())),
        "text.",
        {"text.separators-are-escaped"},
    ),
    "an error of every refusal": (
        Defect(statuses={404: 500}),
        "access.",
        {"access.unknown-is-404", "access.malformed-is-404"},
    ),
    "ids on many": (
        Defect(body=lambda data: data.replace(b"event:", b"id: 1\nevent:")),
        "many.has",
        {"many.has-no-ids"},
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
async def test_it_fails_where_a_server_is_broken(pressed: str, name: str):
    defect, only, expected = DEFECTS[name]

    async with breaking(pressed, defect) as url:
        found = await failed(Target(url, patience=PATIENCE), only)

    assert found == expected


async def test_a_server_that_is_not_broken_passes_through_the_proxy(pressed: str):
    """The positive control: it is the defect that fails, not the proxy."""
    async with breaking(pressed, Defect()) as url:
        target = Target(url, patience=PATIENCE)
        groups = ("head.", "wire.ends", "resume.nothing", "text.separators", "access.")
        found = [await failed(target, group) for group in groups]

    assert found == [set()] * len(groups)


async def test_the_end_that_does_not_come_is_noticed(pressed: str):
    async with breaking(pressed, Defect(is_endless=True)) as url:
        found = await failed(Target(url, patience=0.5), "final.ends")

    assert found == {"final.ends-the-stream"}


async def test_the_command_says_what_came_of_it(pressed: str):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "conformance", pressed, "--only", "final.is-told", "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()

    report: dict[str, Any] = json.loads(told)
    assert process.returncode == 0
    assert report["counts"] == {"passed": 1}
    assert report["checks"][0]["name"] == "final.is-told-at-once"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_frames_are_found_wherever_the_bytes_are_torn(end: str):
    """The parser itself, by the standard: three line ends, any packets."""
    text = end.join([": hi", "data: a", "data: b", "id: 1", "", "event: x", "data", "", ""])
    for at in range(len(text)):
        parser = Parser()
        frames = parser.feed(text[:at].encode()) + parser.feed(text[at:].encode())

        assert [frame.data for frame in frames] == ["a\nb", None], at
        assert frames[0].field("id") == "1"
