"""One line for all cards of all tabs; what breaks it, and that nobody misses a state."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from playwright.async_api import BrowserContext, Page

from pressroom.up import System
from tests.browser.wire import Wire, wired
from tests.server.conftest import Program, program

# Milliseconds; the product's own are made for people, not for tests.
TIMING = {
    "firstByte": 20_000,
    "silence": 20_000,
    "doubt": 0,
    "reopen": {"first": 10, "most": 100},
    "poll": {"first": 20, "most": 100},
    "pollBeforeStream": 60_000,
    "question": 20_000,
    "answer": 20_000,
}

WATCH = """async ([jobIds, timing]) => {
    const { watch } = await import("/client/events.js");
    window.heard = {};
    window.states = [];
    window.stops = jobIds.map(jobId => watch(jobId, {
      onJob: job => (heard[jobId] ??= []).push(job.status),
      onConnection: state => states.push(state),
    }, { timing }));
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server behind a wire, and a caller who goes past the wire."""

    wire: Wire
    calls: httpx2.AsyncClient

    async def job(self) -> str:
        """A job that nobody begins."""
        asked = {"code": "pass", "documentType": "pdf", "delaySeconds": 3600}
        accepted = await self.calls.post("/api/jobs", json=asked)
        return str(accepted.json()["jobId"])

    async def cancel(self, *job_ids: str) -> None:
        for job_id in job_ids:
            await self.calls.post(f"/api/jobs/{job_id}/cancel", json={})

    async def streams(self) -> int:
        """How many the server has open."""
        figures = (await self.calls.get("/metrics")).text
        found = re.search(r"^pressroom_streams (\d+)", figures, re.MULTILINE)
        assert found
        return int(found[1])

    async def comes_to(self, streams: int) -> None:
        async with asyncio.timeout(20):
            while await self.streams() != streams:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def server(system: System) -> AsyncIterator[Program]:
    """A server whose streams are those of these tests."""
    async with program(system.database_url) as server:
        yield server


@pytest.fixture
async def place(server: Program) -> AsyncIterator[Place]:
    async with placed(server) as place:
        yield place


@asynccontextmanager
async def placed(server: Program) -> AsyncIterator[Place]:
    async with (
        wired(server.url) as wire,
        httpx2.AsyncClient(base_url=server.url, timeout=30) as calls,
    ):
        yield Place(wire=wire, calls=calls)


async def tab(context: BrowserContext, place: Place, *job_ids: str, **timing: Any) -> Page:
    """A tab that watches jobs, and has heard of each."""
    page = await context.new_page()
    await page.goto(place.wire.url + "/healthz")
    await page.evaluate(WATCH, [job_ids, {**TIMING, **timing}])
    for job_id in job_ids:
        await hears(page, job_id, "pending")

    return page


async def hears(page: Page, job_id: str, status: str) -> None:
    arrived = "([jobId, status]) => heard[jobId]?.at(-1) === status"
    await page.wait_for_function(arrived, arg=[job_id, status], polling=20)


async def is_in_state(page: Page, state: str) -> None:
    await page.wait_for_function("state => states.at(-1) === state", arg=state, polling=20)


async def test_tabs_share_one_stream_until_the_last_job_has_ended(
    context: BrowserContext, place: Place
) -> None:
    first, second, third = [await place.job() for _ in range(3)]

    one = await tab(context, place, first, second)
    other = await tab(context, place, second, third)
    await place.comes_to(1)
    await place.cancel(first, second, third)

    await hears(one, first, "cancelled")
    for page in (one, other):
        await hears(page, second, "cancelled")
    await hears(other, third, "cancelled")
    await place.comes_to(0)


async def test_lead_passes_on_when_its_tab_is_closed(context: BrowserContext, place: Place) -> None:
    first, second = await place.job(), await place.job()
    leader = await tab(context, place, first)
    heir = await tab(context, place, second)

    await leader.close()
    await place.cancel(second)

    await hears(heir, second, "cancelled")
    await place.comes_to(0)


async def test_lead_is_taken_from_a_tab_that_does_not_answer(
    context: BrowserContext, place: Place
) -> None:
    """Phones freeze tabs that nobody looks at."""
    streaming: set[Any] = set()
    context.on("request", lambda r: streaming.add(r.frame.page) if "/events" in r.url else None)
    first, second = await place.job(), await place.job()
    leader = await tab(context, place, first)
    heir = await tab(context, place, second, answer=200)

    devtools = await context.new_cdp_session(leader)
    await devtools.send("Debugger.enable")
    await devtools.send("Debugger.pause")
    asleep = asyncio.create_task(leader.evaluate("1"))
    await heir.evaluate("dispatchEvent(new Event('online'))")
    async with asyncio.timeout(20):
        while heir not in streaming:  # noqa: ASYNC110 - a busy leader may have lost it before
            await asyncio.sleep(0.02)
    await place.cancel(second)

    await hears(heir, second, "cancelled")
    await devtools.send("Debugger.disable")
    await asleep
    await place.cancel(first)
    await hears(leader, first, "cancelled")


async def test_killed_server_is_missed_quietly_and_the_next_one_found(
    context: BrowserContext, place: Place, system: System
) -> None:
    job_id = await place.job()
    async with program(system.database_url) as doomed, placed(doomed) as before:
        page = await tab(context, before, job_id)

        doomed.process.kill()
        await is_in_state(page, "reconnecting")
        await place.cancel(job_id)
        before.wire.to = place.wire.to

        await hears(page, job_id, "cancelled")


async def test_buffering_proxy_is_gone_round_by_asking_and_left_when_it_is_gone(
    context: BrowserContext, place: Place
) -> None:
    first, second = await place.job(), await place.job()
    place.wire.hoard()

    page = await tab(context, place, first, second, firstByte=300, pollBeforeStream=500)
    await is_in_state(page, "polling")
    await place.cancel(first)
    await hears(page, first, "cancelled")
    place.wire.mend()

    await is_in_state(page, "live")
    await place.cancel(second)
    await hears(page, second, "cancelled")


async def test_browser_that_was_offline_has_the_present_state_when_it_is_back(
    context: BrowserContext, place: Place
) -> None:
    job_id = await place.job()
    page = await tab(context, place, job_id)

    await context.set_offline(True)
    place.wire.cut()
    await is_in_state(page, "offline")
    await place.cancel(job_id)
    place.wire.mend()
    await context.set_offline(False)

    await hears(page, job_id, "cancelled")
    assert await page.evaluate("jobId => heard[jobId]", job_id) == ["pending", "cancelled"]


async def test_page_that_stops_watching_leaves_nothing_open(
    context: BrowserContext, place: Place
) -> None:
    job_id = await place.job()
    page = await tab(context, place, job_id)
    await place.comes_to(1)

    await page.evaluate("stops.forEach(stop => stop())")

    await place.comes_to(0)
    locks = "(async () => (await navigator.locks.query()).held.length)()"
    assert await page.evaluate(locks) == 0
