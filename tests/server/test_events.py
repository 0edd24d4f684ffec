"""The stream: its frames, its ends, its manners; the endless ones as plain ASGI, step by step."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from db.jobs import Job
from db.queue import Queue
from db.settings import Settings
from server import stream
from server.hub import Hub
from server.stream import JobStream
from tests.server.conftest import NOBODYS_ID, Served, bearer, serving
from tests.server.readers import SOON, Reader, asking, parse

HOURS = timedelta(hours=9)


@asynccontextmanager
async def streaming(
    hub: Hub,
    job: Job,
    *,
    is_named: bool = True,
    lifetime: timedelta = HOURS,
    expires_at: datetime | None = None,
) -> AsyncIterator[tuple[Reader, "asyncio.Task[None]"]]:
    subscription = hub.subscribe(job.id)
    first = await subscription.first(SOON)
    answer = JobStream(
        subscription, first, is_named=is_named, lifetime=lifetime, expires_at=expires_at
    )
    reader = Reader()
    task = asyncio.create_task(answer.run(reader.receive, reader.send))
    try:
        yield reader, task
    finally:
        reader.unplugged.set()
        await task


@pytest.fixture
def hub(local_app: Served) -> Hub:
    found: Hub = local_app.app.state.parts.hub
    return found


async def test_states_come_in_order_and_the_final_one_ends_the_body(
    hub: Hub, claim: Any, queue: Queue
):
    job = await claim(title="Q3")

    async with streaming(hub, job) as (reader, task):
        first = await reader.frame()
        await queue.report_progress(job.claim, percent=45, message="Sheet 2 of 4")
        second = await reader.frame()
        await queue.complete(job.claim, {"file_name": "q3.pdf"})
        last = await reader.next()
        await task

    (final,) = parse(last["body"].decode())
    assert (first["retry"], first["id"], first["event"]) == ("2000", "2", "status")
    assert (second["id"], second["event"]) == ("3", "status")
    assert "retry" not in second
    assert json.loads(second["data"])["message"] == "Sheet 2 of 4"
    assert (final["id"], final["event"]) == ("4", "job-complete")
    assert json.loads(final["data"])["result"] == {"file_name": "q3.pdf"}
    assert last["more_body"] is False
    assert hub.streams == 0


async def test_a_disconnect_frees_everything_at_once(hub: Hub, enqueue: Any):
    job = await enqueue()

    async with streaming(hub, job) as (reader, task):
        await reader.frame()
        reader.unplugged.set()
        async with asyncio.timeout(1):
            await task

    assert hub.streams == 0


async def test_a_drain_ends_the_stream_at_a_frame_boundary(served: Served, enqueue: Any):
    hub: Hub = served.app.state.parts.hub
    job = await enqueue()

    async with streaming(hub, job) as (reader, task):
        await reader.frame()
        hub.close()
        last = await reader.next()
        await task

    (farewell,) = parse(last["body"].decode())
    assert 500 <= int(farewell.pop("retry")) <= 4000
    assert farewell == {}, "nothing but the delay"
    assert last["more_body"] is False


async def test_a_token_that_runs_out_ends_the_stream_with_an_error(hub: Hub, enqueue: Any):
    job = await enqueue()
    expires_at = datetime.now(UTC) + timedelta(milliseconds=30)

    async with streaming(hub, job, expires_at=expires_at) as (reader, task):
        await reader.frame()
        last = await reader.next()
        await task

    (frame,) = parse(last["body"].decode())
    data = json.loads(frame["data"])
    assert frame["event"] == "error"
    assert (data["type"], data["code"]) == ("error", "token_expired")
    assert last["more_body"] is False


async def test_an_old_stream_makes_room_for_its_successor(hub: Hub, enqueue: Any):
    job = await enqueue()

    async with streaming(hub, job, lifetime=timedelta(milliseconds=30)) as (reader, task):
        await reader.frame()
        last = await reader.next()
        await task

    (farewell,) = parse(last["body"].decode())
    assert list(farewell) == ["retry"]
    assert last["more_body"] is False
    assert hub.streams == 0


async def test_a_peer_that_does_not_read_gets_the_latest_state_and_then_the_end(
    hub: Hub, claim: Any, queue: Queue
):
    job = await claim()

    async with streaming(hub, job) as (reader, task):
        await reader.frame()
        reader.flows.clear()
        for percent in (10, 20, 30):
            await queue.report_progress(job.claim, percent=percent)
            await hub_reads(hub, job, percent)
        await queue.complete(job.claim, {})
        await hub_reads(hub, job, 100)
        reader.flows.set()
        frames = [await reader.frame() for _ in range(2)]
        await task

    assert [json.loads(frame["data"])["progress"] for frame in frames] == [10, 100]
    assert frames[1]["event"] == "job-complete"


async def test_who_reads_nothing_for_long_leaves_the_hub(
    hub: Hub, claim: Any, queue: Queue, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "PING", timedelta(milliseconds=20))
    monkeypatch.setattr(stream, "SEND_PATIENCE", timedelta(milliseconds=20))
    job = await claim()

    async with streaming(hub, job) as (reader, _):
        await reader.frame()
        reader.flows.clear()
        await queue.report_progress(job.claim, percent=10)
        async with asyncio.timeout(SOON.total_seconds()):
            while hub.streams:
                await queue.get(job.id)


async def hub_reads(hub: Hub, job: Job, percent: int) -> None:
    """Wait until the hub has read this progress; a second reader is told with the first."""
    witness = hub.subscribe(job.id)
    while (await witness.next(SOON)).job.progress != percent:  # type: ignore[union-attr]
        continue
    witness.close()


async def test_silence_is_broken_by_a_comment(
    hub: Hub, enqueue: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "PING", timedelta(milliseconds=20))
    job = await enqueue()

    async with streaming(hub, job) as (reader, _):
        await reader.frame()
        comments = [(await reader.next())["body"] for _ in range(2)]

    assert comments == [b": \n\n"] * 2


async def test_a_final_job_gets_its_final_event_at_once(
    client: httpx2.AsyncClient, hub: Hub, complete: Any
):
    job = await complete()

    answer = await client.get(f"/api/jobs/{job.id}/events")

    (frame,) = parse(answer.text)
    assert (frame["event"], frame["id"]) == ("job-complete", str(job.seq))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert hub.streams == 0


async def test_a_cancelled_job_is_a_failed_one_that_says_so(
    client: httpx2.AsyncClient, enqueue: Any, queue: Queue
):
    job = await queue.cancel((await enqueue()).id)

    (frame,) = parse((await client.get(f"/api/jobs/{job.id}/events")).text)

    data = json.loads(frame["data"])
    assert (frame["event"], data["type"], data["status"]) == (
        "job-failed",
        "job-failed",
        "cancelled",
    )
    assert data["error"]["code"] == "cancelled"


async def test_unnamed_frames_carry_the_same_data(client: httpx2.AsyncClient, complete: Any):
    job = await complete()
    path = f"/api/jobs/{job.id}/events"

    (named,) = parse((await client.get(path)).text)
    (unnamed,) = parse((await client.get(path + "?unnamed=1")).text)

    assert named.pop("event") == "job-complete"
    assert unnamed == named


async def test_an_event_is_the_job_as_it_can_be_polled(client: httpx2.AsyncClient, complete: Any):
    job = await complete()

    (frame,) = parse((await client.get(f"/api/jobs/{job.id}/events")).text)
    polled = (await client.get(f"/api/jobs/{job.id}")).json()

    assert json.loads(frame["data"]) == {"type": "job-complete", **polled}


@pytest.mark.parametrize("by_header", [True, False])
async def test_who_has_the_final_event_gets_204(
    client: httpx2.AsyncClient, hub: Hub, complete: Any, by_header: bool
):
    job = await complete()
    path = f"/api/jobs/{job.id}/events"
    headers = {"Last-Event-ID": str(job.seq)} if by_header else {}
    query = "" if by_header else f"?lastEventId={job.seq}"

    answer = await client.get(path + query, headers=headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert hub.streams == 0


async def test_who_has_another_id_gets_the_state(client: httpx2.AsyncClient, complete: Any):
    job = await complete()

    for seen in ("1", "99", "x", "-1", ""):
        answer = await client.get(f"/api/jobs/{job.id}/events", headers={"Last-Event-ID": seen})

        assert len(parse(answer.text)) == 1


async def test_head_opens_nothing(client: httpx2.AsyncClient, hub: Hub, enqueue: Any):
    job = await enqueue()

    answer = await client.head(f"/api/jobs/{job.id}/events")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert hub.streams == 0


@pytest.mark.parametrize("job_id", [NOBODYS_ID, "nonsense"])
async def test_an_unknown_job_has_no_stream(reader: httpx2.AsyncClient, hub: Hub, job_id: str):
    answer = await reader.get(f"/api/jobs/{job_id}/events")

    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert hub.streams == 0


async def test_a_user_has_so_many_streams_and_no_more(
    token_settings: Settings, database_url: str, enqueue: Any
):
    jobs = {user: await enqueue(user_id=user) for user in ("ada", "grace")}

    def path(user: str) -> str:
        return f"/api/jobs/{jobs[user].id}/events"

    async with serving(replace(token_settings, streams_per_user=2), database_url) as served:
        ada, grace = bearer("ada"), bearer("grace")
        async with asking(served.app, "/api/events", **ada):
            async with asking(served.app, path("ada"), **ada):
                refused = await served.client.get(path("ada"), headers=ada)
                feed = await served.client.get("/api/events", headers=ada)
                async with asking(served.app, path("grace"), **grace):
                    pass
            async with asking(served.app, path("ada"), **ada):
                pass

    assert (refused.status_code, feed.status_code) == (429, 429)
    assert refused.json()["code"] == "too_many_streams"
    assert int(refused.headers["retry-after"]) > 0


async def test_a_draining_server_opens_no_stream(served: Served, enqueue: Any):
    job = await enqueue()
    served.app.state.parts.hub.close()

    answer = await served.client.get(f"/api/jobs/{job.id}/events")

    assert (answer.status_code, answer.json()["code"]) == (503, "draining")
    assert (answer.headers["retry-after"], answer.headers["connection"]) == ("1", "close")


async def test_line_breaks_that_json_allows_are_escaped(
    client: httpx2.AsyncClient, enqueue: Any, queue: Queue
):
    title = "a\u2028b\u2029c\u0085d\re\nf שלום"
    job = await queue.cancel((await enqueue(title=title)).id)

    text = (await client.get(f"/api/jobs/{job.id}/events")).text

    assert len(text.splitlines()) == len(text.split("\n")) - 1
    assert json.loads(parse(text)[0]["data"])["title"] == title
