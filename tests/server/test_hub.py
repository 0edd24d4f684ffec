"""The hub stepped by hand: every interleaving of change, read and reader is forced."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.changes import CHANGES, WAKE
from db.errors import JobNotFound
from db.jobs import Job
from db.pool import Pool
from db.queue import Queue
from db.states import States
from server.hub import SWEEP_POLLS, Hub
from server.problems import Problem
from server.subscription import Subscription

NOW = timedelta(0)
SOON = timedelta(seconds=20)  # a bound, not a wait
POLL = timedelta(milliseconds=20)


class SteppedQueue(Queue):
    """A real queue that counts its reads, and can be stopped before or after one."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.reads: list[set[UUID]] = []
        self.before_read: Any = None
        self.after_read: Any = None

    async def get_newer(self, known: Mapping[UUID, int]) -> list[Job]:
        self.reads.append(set(known))
        if self.before_read:
            await self.before_read()
        jobs = await super().get_newer(known)
        if self.after_read:
            await self.after_read()
        return jobs


@pytest.fixture
def stepped(pool: Pool) -> SteppedQueue:
    return SteppedQueue(pool)


@pytest.fixture
def hub(stepped: SteppedQueue, pool: Pool) -> Hub:
    return Hub(stepped, States(pool), poll_interval=POLL, is_listening=lambda: True)


def notice(job: Job) -> tuple[str, str]:
    return CHANGES, f"{job.id} {job.seq} {job.status} 00000000 -"


async def states(subscription: Subscription) -> list[tuple[int, str]]:
    """What the reader finds without waiting."""
    found = []
    while frame := await subscription.next(NOW):
        found.append((frame.job.seq, str(frame.job.status)))

    return found


async def test_a_reader_gets_the_present_state_first(hub: Hub, enqueue: Any):
    job = await enqueue()
    subscription = hub.subscribe(job.id)

    await hub.tick()

    assert await states(subscription) == [(1, "pending")]


async def test_a_change_between_subscribe_and_read_is_in_the_first_state(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    subscription = hub.subscribe(job.id)
    stepped.before_read = lambda: stepped.cancel(job.id)

    await hub.tick()

    assert await states(subscription) == [(2, "cancelled")]


async def test_a_change_during_the_read_comes_with_the_next_tick(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    subscription = hub.subscribe(job.id)

    async def change_and_notify():
        stepped.after_read = None
        hub.notice(*notice(await stepped.cancel(job.id)))

    stepped.after_read = change_and_notify
    await hub.tick()
    first = await states(subscription)
    await hub.tick()

    assert first == [(1, "pending")]
    assert await states(subscription) == [(2, "cancelled")]


async def test_a_job_that_was_final_before_the_reader_came_is_told_at_once(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    await stepped.cancel(job.id)

    subscription = hub.subscribe(job.id)
    await hub.tick()

    assert await states(subscription) == [(2, "cancelled")]


async def test_a_late_reader_of_a_watched_job_gets_a_fresh_state_though_no_notice_came(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    early = hub.subscribe(job.id)
    await hub.tick()
    await states(early)
    await stepped.cancel(job.id)

    late = hub.subscribe(job.id)
    await hub.tick()

    assert await states(late) == [(2, "cancelled")]
    assert await states(early) == [(2, "cancelled")]


async def test_a_late_reader_of_an_unchanged_job_gets_its_state(hub: Hub, enqueue: Any):
    job = await enqueue()
    early = hub.subscribe(job.id)
    await hub.tick()
    await states(early)

    late = hub.subscribe(job.id)
    await hub.tick()

    assert await states(late) == [(1, "pending")]
    assert await states(early) == [], "the same state is told once"


async def test_a_slow_reader_finds_the_latest_state_and_then_the_final_one(
    hub: Hub, stepped: SteppedQueue, claim: Any
):
    job = await claim()
    subscription = hub.subscribe(job.id)
    await hub.tick()
    for percent in (10, 20, 30):
        await stepped.report_progress(job.claim, percent=percent)
        hub.resync()
        await hub.tick()

    latest = await subscription.next(NOW)
    await stepped.fail(job.claim, {"code": "script_error"})
    hub.resync()
    await hub.tick()

    assert latest is not None
    assert latest.job.progress == 30
    assert [status for _, status in await states(subscription)] == ["failed"]


async def test_the_final_state_is_kept_for_a_reader_who_slept_through_a_retry(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    subscription = hub.subscribe(job.id)
    await stepped.cancel(job.id)
    await hub.tick()

    await stepped.reopen(job.id)
    hub.resync()
    await hub.tick()

    assert await states(subscription) == [(2, "cancelled")]


async def test_an_older_state_never_follows_a_newer_one(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    subscription = hub.subscribe(job.id)
    await stepped.cancel(job.id)
    await hub.tick()

    hub.notice(*notice(job))
    await hub.tick()

    assert await states(subscription) == [(2, "cancelled")]


async def test_many_changes_and_many_readers_cost_one_read_a_tick(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    jobs = [await enqueue() for _ in range(3)]
    readers = [hub.subscribe(job.id) for job in jobs for _ in range(50)]
    for job in jobs * 10:
        hub.notice(*notice(job))

    await hub.tick()

    assert stepped.reads == [{job.id for job in jobs}]
    assert [await states(reader) for reader in readers] == [[(1, "pending")]] * 150


async def test_newcomers_wait_for_each_other_and_share_reads(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    running = asyncio.create_task(hub.run())
    readers = []
    for _ in range(50):
        readers.append(hub.subscribe(job.id))
        await asyncio.sleep(0)
    for reader in readers:
        await reader.first(SOON)
    running.cancel()

    assert len(stepped.reads) < 10


async def test_a_frame_is_encoded_once_for_all_its_readers(hub: Hub, enqueue: Any):
    job = await enqueue()
    readers = [hub.subscribe(job.id) for _ in range(3)]
    encoded: list[Job] = []

    def encode(job: Job) -> bytes:
        encoded.append(job)
        return b"bytes"

    await hub.tick()
    chunks = [frame.encoded(encode) for r in readers if (frame := await r.next(NOW))]

    assert chunks == [b"bytes"] * 3
    assert len(encoded) == 1


async def test_notices_of_others_and_of_known_states_cost_nothing(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    watched, other = await enqueue(), await enqueue()
    hub.subscribe(watched.id)
    await hub.tick()

    hub.notice(*notice(other))
    hub.notice(*notice(watched))
    hub.notice(WAKE, "")
    await hub.tick()

    assert len(stepped.reads) == 1


async def test_an_unknown_job_is_told_as_such(hub: Hub):
    subscription = hub.subscribe(uuid4())

    await hub.tick()

    with pytest.raises(JobNotFound):
        await subscription.first(NOW)


async def test_a_database_that_does_not_answer_is_told_as_such(hub: Hub):
    subscription = hub.subscribe(uuid4())

    with pytest.raises(Problem) as raised:
        await subscription.first(NOW)

    assert (raised.value.status, raised.value.code) == (503, "database_unavailable")


async def test_an_outage_loses_no_news(hub: Hub, stepped: SteppedQueue, enqueue: Any):
    job = await enqueue()
    subscription = hub.subscribe(job.id)

    async def fail():
        raise ConnectionError

    stepped.before_read = fail
    with suppress(ConnectionError):
        await hub.tick()
    stepped.before_read = None
    await hub.tick()

    assert await states(subscription) == [(1, "pending")]


async def test_a_row_that_cannot_be_read_silences_nobody_else(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    bad, good = await enqueue(), await enqueue()
    well, ill = hub.subscribe(good.id), hub.subscribe(bad.id)

    async def fail_for_the_bad():
        if bad.id in stepped.reads[-1]:
            raise ValueError

    stepped.after_read = fail_for_the_bad
    running = asyncio.create_task(hub.run())
    with pytest.raises(Problem):
        await ill.first(SOON)
    first = await well.first(SOON)
    running.cancel()
    await asyncio.wait({running})

    assert first.job.id == good.id


async def test_the_last_reader_takes_the_job_along(hub: Hub, stepped: SteppedQueue, enqueue: Any):
    job = await enqueue()
    first, second = hub.subscribe(job.id), hub.subscribe(job.id)

    first.close()
    assert hub.streams == 1
    second.close()
    second.close()
    hub.notice(*notice(job))
    await hub.tick()

    assert hub.streams == 0
    assert stepped.reads == []


async def test_closing_wakes_every_reader_and_keeps_what_they_have_not_read(
    hub: Hub, stepped: SteppedQueue, enqueue: Any
):
    job = await enqueue()
    asleep, behind = hub.subscribe(job.id), hub.subscribe(job.id)
    await hub.tick()
    await states(asleep)
    waiting = asyncio.create_task(asleep.next(SOON))
    await asyncio.sleep(0)

    hub.close()

    assert await waiting is None
    assert await states(behind) == [(1, "pending")]
    assert asleep.is_closed
    assert behind.is_closed
    with pytest.raises(Problem) as raised:
        hub.subscribe(job.id)
    assert (raised.value.status, raised.value.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("is_listening", [True, False])
async def test_a_change_without_any_notice_is_found_by_looking(
    stepped: SteppedQueue, pool: Pool, enqueue: Any, is_listening: bool
):
    hub = Hub(stepped, States(pool), poll_interval=POLL, is_listening=lambda: is_listening)
    job = await enqueue()
    subscription = hub.subscribe(job.id)
    async with asyncio.timeout((POLL * SWEEP_POLLS * 50).total_seconds()):
        running = asyncio.create_task(hub.run())
        await subscription.first(SOON)
        await stepped.cancel(job.id)

        ended = await subscription.final(SOON)
    running.cancel()

    assert ended is not None
    assert ended.status == "cancelled"


async def test_any_schedule_of_changes_reads_and_readers_ends_with_the_truth(
    hub: Hub, stepped: SteppedQueue, claim: Any
):
    """The model: states come in rising order, and the last one is what the row says."""
    job = await claim()
    readers: list[tuple[Subscription, list[int]]] = []

    async def change(percent: int) -> None:
        await stepped.report_progress(job.claim, percent=percent)
        hub.notice(CHANGES, f"{job.id} {999} processing 00000000 -")

    async def read(subscription: Subscription, seen: list[int]) -> None:
        while seen[-1:] != [62] and (frame := await subscription.next(SOON)):
            seen.append(frame.job.seq)
            await asyncio.sleep(0)

    running = asyncio.create_task(hub.run())
    async with asyncio.TaskGroup() as tasks:
        for percent in range(1, 60):
            readers.append((hub.subscribe(job.id), []))
            tasks.create_task(read(*readers[-1]))
            await change(percent)
        await stepped.complete(job.claim, {})
        hub.resync()
    running.cancel()

    assert (await stepped.get(job.id)).seq == 62
    for _, seen in readers:
        assert seen == sorted(set(seen))
        assert seen[-1] == 62
