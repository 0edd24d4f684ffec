"""One stream for many jobs: what it begins with, what it follows, whose jobs it shows."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from db.jobs import Job
from db.pool import Pool
from db.queue import Queue
from db.states import Scope, States
from server.feed import FRAMES_AT_ONCE
from server.hub import Hub
from tests.server.conftest import NOBODYS_ID, SERVICE, Served, bearer
from tests.server.readers import asking

NOW = timedelta(0)
POLL = timedelta(milliseconds=20)


@pytest.fixture
def app(local_app: Served, database_url: str) -> Any:
    return local_app.app


@pytest.fixture
def guarded_app(token_app: Served, database_url: str) -> Any:
    return token_app.app


@pytest.fixture
def hub(queue: Queue, pool: Pool) -> Hub:
    """A hub that only hears what a test tells it."""
    return Hub(queue, States(pool), poll_interval=POLL, is_listening=lambda: True)


def key(job: Job) -> str:
    return str(job.id)


async def test_it_begins_with_the_named_jobs_final_ones_too(app: Any, enqueue: Any, complete: Any):
    ended, waiting, other = await complete(), await enqueue(), await enqueue()

    async with asking(app, f"/api/events?job={waiting.id}&job={ended.id}") as reader:
        seen = await reader.states_until_ready()

    assert seen == {key(waiting): 1, key(ended): ended.seq}
    assert key(other) not in seen


async def test_without_names_it_begins_with_what_is_not_final(
    app: Any, enqueue: Any, complete: Any
):
    ended = await complete()
    waiting = [await enqueue(user_id=user) for user in ("ada", "grace")]

    async with asking(app, "/api/events") as reader:
        seen = await reader.states_until_ready()
    seen.pop(key(ended), None)  # its notice may have come just now

    assert seen == {key(job): 1 for job in waiting}


async def test_it_stays_open_and_tells_of_new_jobs_and_of_their_ends(
    app: Any, enqueue: Any, queue: Queue
):
    async with asking(app, "/api/events") as reader:
        assert await reader.states_until_ready() == {}
        for _ in range(2):
            job = await enqueue()
            assert await reader.state() == ("status", key(job), 1)
            await queue.cancel(job.id)
            assert await reader.state() == ("job-failed", key(job), 2)
            await queue.reopen(job.id)
            assert await reader.state() == ("status", key(job), 3)


@pytest.mark.parametrize("name", ["session", "sessionId", "session_id"])
async def test_a_session_is_followed_and_named_jobs_beside_it(
    app: Any, enqueue: Any, complete: Any, queue: Queue, name: str
):
    ended = await complete()
    inside, outside = await enqueue(session_id="s"), await enqueue(session_id="t")

    async with asking(app, f"/api/events?{name}=s&job={ended.id}") as reader:
        seen = await reader.states_until_ready()
        await queue.cancel(outside.id)
        await queue.cancel(inside.id)
        change = await reader.state()

    assert seen == {key(inside): 1, key(ended): ended.seq}
    assert change == ("job-failed", key(inside), 2)


async def test_frames_have_no_id_and_the_same_data(
    app: Any, client: httpx2.AsyncClient, complete: Any
):
    job = await complete()

    async with asking(app, f"/api/events?job={job.id}") as reader:
        frame = await reader.frame()
    async with asking(app, f"/api/events?job={job.id}&unnamed=1") as reader:
        unnamed = await reader.frame()

    assert (frame["retry"], frame["event"]) == ("2000", "job-complete")
    assert "id" not in frame
    assert json.loads(frame["data"]) == {
        "type": "job-complete",
        **(await client.get(f"/api/jobs/{job.id}")).json(),
    }
    assert unnamed == {name: frame[name] for name in ("retry", "data")}


async def test_a_user_sees_their_own_jobs_and_no_others(
    guarded_app: Any, enqueue: Any, queue: Queue
):
    own = await enqueue(user_id="ada", session_id="s")
    anothers = await enqueue(user_id="mallory", session_id="s")

    for query in ("", "?session=s", f"?session=s&job={anothers.id}", "?userId=ada"):
        async with asking(guarded_app, f"/api/events{query}", **bearer("ada")) as reader:
            seen = await reader.states_until_ready()
            await queue.reopen((await queue.cancel(anothers.id)).id)
            late = await enqueue(user_id="ada", session_id="s")
            changes = await reader.states_until(late)

        assert seen.pop(key(anothers), 0) == 0, "its state was told"
        assert seen.pop(key(own)) == 1
        assert key(anothers) not in changes
        assert changes[key(late)] == 1


async def test_what_is_named_and_not_there_is_told_by_name(guarded_app: Any, enqueue: Any):
    own, anothers = await enqueue(user_id="ada"), await enqueue(user_id="mallory")
    path = f"/api/events?job={own.id}&job={anothers.id}&job={NOBODYS_ID}"

    async with asking(guarded_app, path, **bearer("ada")) as reader:
        assert await reader.state() == ("status", key(own), 1)
        told = [await reader.frame() for _ in range(2)]

    assert {frame["event"] for frame in told} == {"error"}
    errors = [json.loads(frame["data"]) for frame in told]
    assert {error["code"] for error in errors} == {"job_not_found"}
    assert {error["jobId"] for error in errors} == {key(anothers), NOBODYS_ID}


async def test_nothing_to_see_is_no_stream(guarded: httpx2.AsyncClient, enqueue: Any):
    anothers = await enqueue(user_id="mallory")
    ada = bearer("ada")

    async def status(query: str) -> int:
        return (await guarded.get(f"/api/events?{query}", headers=ada)).status_code

    assert await status(f"job={anothers.id}&job={NOBODYS_ID}") == 404
    assert await status("job=nonsense") == 404
    assert await status("userId=mallory") == 403
    assert await status("session=%00") == 422
    assert await status("&".join([f"job={NOBODYS_ID}"] * 101)) == 422


async def test_admins_and_backends_see_all_or_one_user(guarded_app: Any, enqueue: Any):
    jobs = {user: await enqueue(user_id=user) for user in ("ada", "grace")}

    for headers in (bearer("root", role="admin"), SERVICE):
        async with asking(guarded_app, "/api/events", **headers) as reader:
            assert set(await reader.states_until_ready()) == {key(job) for job in jobs.values()}
        async with asking(guarded_app, "/api/events?userId=ada", **headers) as reader:
            assert set(await reader.states_until_ready()) == {key(jobs["ada"])}


async def test_a_sessions_token_opens_its_stream_and_no_other(
    guarded_app: Any, guarded: httpx2.AsyncClient, enqueue: Any
):
    inside = await enqueue(user_id="ada", session_id="s")
    outside = await enqueue(user_id="ada", session_id="t")
    await enqueue(user_id="mallory", session_id="s")
    asked = {"scope": "events", "sessionId": "s"}
    token = (await guarded.post("/api/tokens", json=asked, headers=bearer("ada"))).json()["token"]

    for query in ("", "&session=s", f"&job={outside.id}"):
        async with asking(guarded_app, f"/api/events?token={token}{query}") as reader:
            seen = await reader.states_until_ready()
            assert seen.pop(key(outside), 0) == 0, "its state was told"
            assert seen == {key(inside): 1}
    refused = await guarded.get(f"/api/events?token={token}&session=t")
    foreign = await guarded.get(f"/api/events?token={token}&userId=mallory")

    assert (refused.status_code, foreign.status_code) == (403, 403)


async def test_a_jobs_token_opens_a_stream_of_that_job(
    guarded_app: Any, guarded: httpx2.AsyncClient, enqueue: Any
):
    job, other = await enqueue(user_id="ada"), await enqueue(user_id="ada")
    asked = {"scope": "events", "jobId": key(job)}
    token = (await guarded.post("/api/tokens", json=asked, headers=bearer("ada"))).json()["token"]

    async with asking(guarded_app, f"/api/events?token={token}") as reader:
        assert await reader.states_until_ready() == {key(job): 1}
    refused = await guarded.get(f"/api/events?token={token}&job={other.id}")

    assert refused.status_code == 404


async def test_a_slow_reader_gets_the_latest_state_of_each_job(hub: Hub, queue: Queue, claim: Any):
    jobs = [await claim() for _ in range(3)]
    feed = hub.follow(Scope(), (), sees=lambda _: True)
    await hub.tick()
    await feed.next(NOW)
    for percent in (10, 20, 30):
        for job in jobs:
            await queue.report_progress(job.claim, percent=percent)
        hub.resync()
        await hub.tick()

    frames = await feed.next(NOW)

    found = [(frame.job.id, frame.job.progress) for frame in frames]
    assert sorted(found) == sorted((job.id, 30) for job in jobs)


async def test_an_end_is_told_though_the_job_was_reopened_meanwhile(
    hub: Hub, queue: Queue, enqueue: Any
):
    job = await enqueue()
    feed = hub.follow(None, [job.id], sees=lambda _: True)
    for change in (queue.cancel, queue.reopen):
        await hub.tick()
        await change(job.id)
        hub.resync()
    await hub.tick()

    told = [frame.seq for _ in range(3) for frame in await feed.next(NOW)]

    assert told == [2, 3]


async def test_jobs_that_came_and_ended_in_silence_are_found(hub: Hub, queue: Queue, enqueue: Any):
    old = await queue.cancel((await enqueue()).id)
    feed = hub.follow(Scope("ada"), (), sees=lambda _: True)
    await hub.tick()
    waiting = await enqueue()
    ended = await queue.cancel((await enqueue()).id)
    await enqueue(user_id="grace")

    hub.resync()
    await hub.tick()

    told = {frame.job.id for frame in await feed.next(NOW)}
    assert {waiting.id, ended.id} <= told <= {waiting.id, ended.id, old.id}


async def test_snapshots_go_out_in_pieces(hub: Hub, enqueue: Any):
    for _ in range(FRAMES_AT_ONCE + 1):
        await enqueue()
    feed = hub.follow(Scope(), (), sees=lambda _: True)

    await hub.tick()

    assert [len(await feed.next(NOW)) for _ in range(2)] == [FRAMES_AT_ONCE, 1]


async def test_who_leaves_leaves_nothing_behind(hub: Hub, enqueue: Any, queue: Queue):
    job = await enqueue(session_id="s")
    feeds = [
        hub.follow(scope, named, sees=lambda _: True, owner="ada")
        for scope in (None, Scope(), Scope("ada"), Scope(None, "s"), Scope("ada", "s"))
        for named in ((), (job.id,))
    ]
    await hub.tick()
    for feed in feeds:
        feed.close()
        feed.close()
    await queue.cancel(job.id)
    hub.resync()

    audience = hub._audience
    assert (audience.watched, audience._feeds, audience._readers) == ({}, {}, set())
    assert not audience._routes
    assert not audience._owners


async def test_a_stream_opens_and_waits_while_the_database_is_away(
    app: Any, enqueue: Any, monkeypatch: pytest.MonkeyPatch
):
    """Whose jobs it shows is known without reading; so no browser sees an error."""
    monkeypatch.setattr("server.events.FEED_PATIENCE", NOW)
    hub = app.state.parts.hub
    job = await enqueue()
    is_back = asyncio.Event()

    async def away(*_: object, **__: object) -> list[object]:
        if not is_back.is_set():
            raise ConnectionError
        return await States.find(hub._states, *_, **__)

    monkeypatch.setattr(hub._states, "find", away)
    async with asking(app, "/api/events") as reader:
        assert await reader.frame() == {"retry": "2000", "": ""}
        is_back.set()
        while "data" not in (frame := await reader.frame()):
            continue

    assert json.loads(frame["data"])["jobId"] == key(job)
