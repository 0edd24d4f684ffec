"""The whole stack: what a developer gets from `docker compose up`, and what it lives through."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

import examples
from examples import Example
from pressroom.api import Api, Lost, Refused
from tests.compose.stack import End, Stack, run

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

INVARIANTS = (Path(__file__).parents[1] / "invariants.sql").read_text()
NOT_COMPLETED = "SELECT id, status FROM document_jobs WHERE status <> 'completed'"
WITHOUT_ONE_FILE = """
    SELECT id FROM document_jobs AS job
    WHERE (SELECT count(*) FROM document_job_artifacts WHERE job_id = job.id) <> 1"""
HOST_OF = """
    SELECT hostname FROM document_jobs AS job JOIN document_workers AS worker
    ON worker.id = job.worker_id WHERE job.id = '{}'"""
BUSY = "SELECT count(DISTINCT worker_id) FROM document_jobs WHERE status = 'processing'"
State = dict[str, Any]
GRACE = timedelta(seconds=40)
BROKEN = (httpx2.TransportError, Refused, Lost)

SLOW = """
import time
progress(10, "Slowly")
time.sleep({seconds})
from openpyxl import Workbook
book = Workbook()
book.active.append(["made"])
book.save(OUTPUT_PATH)
"""


async def test_the_four_examples_become_documents(stack: Stack):
    async with Api(stack.url) as api:
        made = await asyncio.gather(*(an_example(api, e) for e in examples.load()))

    assert [data[:4] for data in made] == [b"PK\x03\x04", b"PK\x03\x04", b"%PDF", b"PK\x03\x04"]
    assert_nothing_is_lost(stack)


async def test_a_job_survives_the_container_that_runs_it(stack: Stack):
    clock = asyncio.get_running_loop().time
    async with Api(stack.url) as api:
        job_id, states = await started(api, seconds=6)
        [victim] = stack.rows(HOST_OF.format(job_id))

        await asyncio.to_thread(run, "docker", "kill", victim)
        killed_at = clock()
        rescued = await until(states, lambda state: state["attempt"] == 2)
        seconds = clock() - killed_at
        final = await until(states, is_final)

    assert not rescued["final"]
    assert seconds < 15
    assert (final["status"], final["attempt"]) == ("completed", 2)
    assert_nothing_is_lost(stack)


async def test_open_streams_outlive_the_database(stack: Stack):
    stack.up("--scale", "worker=2")
    async with Api(stack.url) as api:
        streams = [await submitted(api, seconds=2) for _ in range(8)]
        await asyncio.gather(*(anext(states) for _, states in streams))

        await asyncio.to_thread(stack.compose, "restart", "postgres")
        # The same streams go on: `until` opens none.
        ended = await asyncio.gather(*(until(states, is_final) for _, states in streams))

    assert {(state["status"], state["attempt"]) for state in ended} == {("completed", 1)}
    assert_nothing_is_lost(stack)


async def test_four_workers_and_back_to_one(stack: Stack):
    stack.up("--scale", "worker=4")
    async with Api(stack.url) as api:
        streams = [await submitted(api, seconds=4) for _ in range(10)]
        await asyncio.gather(*(until(states, is_running) for _, states in streams[:8]))
        busy = stack.rows(BUSY)

        with stack.watched() as watch:
            await asyncio.to_thread(stack.up, "--scale", "worker=1")
            ends = watch.ends(3)
        ended = await asyncio.gather(*(until(states, is_final) for _, states in streams))

    assert busy == ["4"]
    assert len(stack.containers("worker")) == 1
    assert {(state["status"], state["attempt"]) for state in ended} == {("completed", 1)}
    assert_each_left_by_itself(ends)


async def test_server_and_workers_change_under_load(stack: Stack):
    stack.up("--scale", "worker=2")
    users = [User() for _ in range(6)]
    changed = asyncio.Event()
    async with asyncio.TaskGroup() as working:
        for user in users:
            working.create_task(user.work(stack.url, changed), name="user")
        await asyncio.gather(*(user.begun.wait() for user in users))

        with stack.watched() as watch:
            await asyncio.to_thread(next_version, stack)
            ends = watch.ends(3)
        changed.set()

    accepted = {job_id for user in users for job_id in user.accepted}
    ended = {state["jobId"] for user in users for state in user.ended}
    assert ended == accepted
    assert {state["status"] for user in users for state in user.ended} == {"completed"}
    assert [label(stack, service) for service in ("server", "worker")] == ["1", "1"]
    assert_each_left_by_itself(ends)
    assert_nothing_is_lost(stack)


async def test_every_container_stops_when_told(stack: Stack):
    stack.up("--scale", "worker=2")
    async with Api(stack.url) as api:
        _, states = await started(api, seconds=2)
        with stack.watched() as watch:
            await asyncio.to_thread(stack.compose, "stop")
            ends = watch.ends(4)
        with pytest.raises(Lost):
            await until(states, is_final)

    assert_each_left_by_itself(ends)
    stack.up()
    assert_nothing_is_lost(stack)


class User:
    """Sends one job after another and watches each to its end, until the change is over."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.accepted: list[str] = []
        self.ended: list[State] = []

    async def work(self, url: str, changed: asyncio.Event) -> None:
        async with Api(url) as api:
            while not changed.is_set():
                try:
                    answer = await submit(api, seconds=0.3)
                except BROKEN:
                    await changed.wait()
                    continue
                self.accepted.append(answer["jobId"])
                self.ended.append(await self._end(api, answer["eventsUrl"], changed))
                self.begun.set()

    async def _end(self, api: Api, events_url: str, changed: asyncio.Event) -> State:
        try:
            return await until(api.watch(events_url), is_final)
        except BROKEN:
            await changed.wait()
            return await until(api.watch(events_url), is_final)


async def submit(api: Api, *, seconds: float) -> dict[str, Any]:
    return await api.submit(SLOW.format(seconds=seconds), "spreadsheet", "Slow")


async def submitted(api: Api, *, seconds: float) -> tuple[str, AsyncIterator[State]]:
    """Send a job that takes so long; its id and its stream."""
    answer = await submit(api, seconds=seconds)
    return answer["jobId"], api.watch(answer["eventsUrl"])


async def started(api: Api, *, seconds: float) -> tuple[str, AsyncIterator[State]]:
    """The same, once its code runs."""
    job_id, states = await submitted(api, seconds=seconds)
    await until(states, is_running)
    return job_id, states


async def an_example(api: Api, example: Example) -> bytes:
    answer = await api.submit(example.code, example.document_type, example.title)
    final = await until(api.watch(answer["eventsUrl"]), is_final)
    return await api.download(final["result"]["download_url"])


async def until(states: AsyncIterator[State], holds: Callable[[State], bool]) -> State:
    """Read on in a stream to the first state of which something holds."""
    async with asyncio.timeout(90):
        async for state in states:
            if holds(state):
                return state

    raise AssertionError("the stream has ended")


def is_final(state: State) -> bool:
    return bool(state["final"])


def is_running(state: State) -> bool:
    return bool(state["progress"] >= 10)


def next_version(stack: Stack) -> None:
    stack.up("--scale", "worker=2", version=f"{stack.version}-next")


def label(stack: Stack, service: str) -> str:
    """What the image of a service's first container is marked with."""
    container = stack.containers(service)[0]
    return run("docker", "inspect", "-f", '{{index .Config.Labels "next"}}', container).strip()


def assert_nothing_is_lost(stack: Stack) -> None:
    for query in (INVARIANTS, NOT_COMPLETED, WITHOUT_ONE_FILE):
        assert stack.rows(query) == []


def assert_each_left_by_itself(ends: Sequence[End]) -> None:
    for end in ends:
        assert end.status == 0, end
        assert len(end.signals) <= 1, end
        assert end.took < GRACE, end
