"""The heart beats whatever the worker's loop is at."""

import asyncio
import threading
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from db.jobs import Claim
from db.pool import connect
from db.queue import Queue
from tests.factories import a_worker
from workers.heart import Heart

LEASE = timedelta(seconds=1)
SINCE = "SELECT heartbeat_at > $1 FROM document_workers"


@pytest.fixture
async def worker(queue):
    """A worker that the database knows, and nobody beats for."""
    worker = a_worker(lease=LEASE)
    await queue.heartbeat(worker, [])
    return worker


@asynccontextmanager
async def beating(url: str, worker, claims: list[Claim]):
    lost: asyncio.Queue[Claim] = asyncio.Queue()

    def lose(claims) -> None:
        for claim in claims:
            lost.put_nowait(claim)

    heart = Heart(url, worker, held=lambda: tuple(claims), on_lost=lose)
    running = asyncio.create_task(heart.run())
    async with asyncio.timeout(20):
        while heart.beaten_at is None:
            await asyncio.wait({running}, timeout=0.001)
    yield heart, lost
    running.cancel()
    await asyncio.wait({running})


async def test_a_loop_that_is_busy_for_longer_than_a_lease_is_not_a_dead_worker(
    database_url, claim, worker
):
    job = await claim()
    rescued: list[object] = []

    async with beating(database_url, worker, [job.claim]):
        onlooker = threading.Thread(
            target=lambda: rescued.extend(asyncio.run(rescue_after_a_lease(database_url)))
        )
        onlooker.start()
        onlooker.join()  # nothing else runs on this loop meanwhile

    assert rescued == [[], True]


async def rescue_after_a_lease(url: str) -> list[object]:
    """Wait until the worker has beaten for longer than its lease from now on, then try to rescue.

    Postgres itself must have been up for a lease, or nobody is rescued anyway.
    """
    connection = await connect(url, name="onlooker")
    begun = await connection.fetchval("SELECT now()")
    beaten = "SELECT heartbeat_at > $1::timestamptz + lease FROM document_workers"
    async with asyncio.timeout(20):
        while not await connection.fetchval(beaten, begun):
            pass
    trusted = await connection.fetchval(
        "SELECT pg_postmaster_start_time() < now() - lease FROM document_workers"
    )
    rescued = await Queue(connection).rescue()
    await connection.close()

    return [rescued, trusted]


async def test_lost_claims_are_told_to_the_loop(database_url, queue, worker, claim):
    job = await claim()
    async with beating(database_url, worker, [job.claim]) as (_, lost):
        await queue.cancel(job.id)

        assert await asyncio.wait_for(lost.get(), 10) == job.claim


async def test_a_hurried_beat_does_not_wait_for_the_next(database_url, queue, worker, claim):
    job = await claim()
    async with beating(database_url, worker, [job.claim]) as (heart, lost):
        heart._interval = timedelta(hours=1)
        await queue.cancel(job.id)
        heart.beat_now()
        await asyncio.wait_for(lost.get(), 10)  # the beat that was under way, or the next
        heart.beat_now()

        assert await asyncio.wait_for(lost.get(), 10) == job.claim


async def test_it_beats_again_when_its_connection_was_cut(database_url, pool, worker):
    async with beating(database_url, worker, []):
        cut_at = await pool.fetchval(
            "SELECT now() FROM pg_terminate_backend((SELECT pid FROM pg_stat_activity"
            " WHERE application_name = 'pressroom heartbeat' AND datname = current_database()))"
        )

        async with asyncio.timeout(10):
            while not await pool.fetchval(SINCE, cut_at):
                pass


async def test_it_is_not_steady_before_everybody_can_be_back(database_url, pool):
    async with beating(database_url, a_worker(), []) as (heart, _):
        assert not heart.is_steady, "it has only begun"
        heart._steady_since -= heart._return.total_seconds()
        assert heart.is_steady

        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'pressroom heartbeat' AND datname = current_database()"
        )
        async with asyncio.timeout(10):
            while heart.is_steady:
                heart.beat_now()
                await pool.fetchval("SELECT 1")


async def test_a_process_that_stood_still_is_not_steady(database_url, pool):
    """It wakes with all others that stood still, and would be the first to look."""
    async with beating(database_url, a_worker(), []) as (heart, _):
        for moment in ("beaten_at", "_steady_since"):
            setattr(heart, moment, getattr(heart, moment) - heart._return.total_seconds())
        assert not heart.is_steady

        stopped_at = heart.beaten_at
        heart.beat_now()
        async with asyncio.timeout(10):
            while heart.beaten_at == stopped_at:
                await pool.fetchval("SELECT 1")

        assert not heart.is_steady
