"""Races, forced by hand: one side holds the lock, the other is seen waiting, then it goes on."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from itertools import chain

import pytest

from db import artifacts
from db.errors import ClaimLost, JobNotFound
from db.jobs import NewJob, Status
from db.pool import connect_pool
from db.queue import _SQL, Queue
from tests.factories import a_worker
from tests.lease import race


@pytest.fixture
async def rival(database_url):
    """The same verbs on a connection of their own, which can be seen waiting."""
    async with await connect_pool(database_url, name="rival", size=1) as pool:
        yield Queue(pool)


class Held:
    """A transaction that holds a job's row until told otherwise."""

    def __init__(self, pool, statement: str, *arguments: object) -> None:
        self._pool, self._statement, self._arguments = pool, statement, arguments

    async def __aenter__(self) -> "Held":
        self._connection = await self._pool.acquire()
        self._transaction = self._connection.transaction()
        await self._transaction.start()
        await self._connection.execute(self._statement, *self._arguments)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transaction.commit()
        await self._pool.release(self._connection)


async def blocked(pool, verb: Awaitable[object]) -> "asyncio.Task[object]":
    """Start a verb of the rival and return once Postgres says that it waits for a lock."""
    task = asyncio.ensure_future(verb)
    async with asyncio.timeout(5):
        while not await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rival'"
            " AND datname = current_database() AND wait_event_type = 'Lock'"
        ):
            assert not task.done(), "it did not wait"

    return task


COMPLETE = "UPDATE document_jobs SET status = 'completed', result = '{}' WHERE id = $1"


async def test_complete_first_then_cancel_finds_a_completed_job(pool, rival, claim):
    job = await claim()

    async with Held(pool, COMPLETE, job.id):
        cancel = await blocked(pool, rival.cancel(job.id))

    assert (await cancel).status is Status.COMPLETED


async def test_cancel_first_then_complete_loses_its_claim(pool, queue, rival, claim):
    job = await claim()

    async with Held(pool, "UPDATE document_jobs SET status = 'cancelled' WHERE id = $1", job.id):
        complete = await blocked(pool, rival.complete(job.claim, {}))

    with pytest.raises(ClaimLost):
        await complete
    assert (await queue.get(job.id)).status is Status.CANCELLED


async def test_a_rescue_does_not_wait_for_a_worker_that_settles(pool, queue, rival, claim):
    job = await claim()
    await age(pool)

    async with Held(pool, COMPLETE, job.id):
        rescued = await asyncio.wait_for(rival.rescue(), 5)

    assert rescued == []
    assert (await queue.get(job.id)).status is Status.COMPLETED


async def test_a_rescued_job_cannot_be_completed_by_its_old_worker(pool, queue, claim):
    job = await claim()
    await age(pool)
    await queue.rescue()

    with pytest.raises(ClaimLost):
        await queue.complete(job.claim, {})

    assert (await queue.get(job.id)).status is Status.PENDING


async def test_a_heartbeat_that_comes_first_saves_the_worker(pool, rival, worker, claim):
    await claim()
    await age(pool)

    beat = "UPDATE document_workers SET heartbeat_at = now(), lease = interval '1 day'"
    async with Held(pool, beat):
        rescued = await asyncio.wait_for(rival.rescue(), 5)

    assert rescued == []


async def test_one_key_from_two_sides_is_one_job(pool, queue, rival, enqueue):
    insert = (
        "INSERT INTO document_jobs (user_id, job_type, idempotency_key, request_digest)"
        " VALUES ('ada', 'pdf', 'k', 'd')"
    )
    async with Held(pool, insert):
        second = await blocked(
            pool,
            rival.enqueue(
                NewJob(user_id="ada", job_type="pdf", idempotency_key="k", request_digest="d")
            ),
        )

    assert (await second).id == await pool.fetchval("SELECT id FROM document_jobs")


async def test_a_thousand_claims_by_eight_workers_take_each_job_once(pool, queue, enqueue):
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT 'ada', 'pdf' FROM generate_series(1, 1000)"
    )
    workers = [a_worker() for _ in range(8)]

    async def claim_all(worker) -> list[object]:
        mine: list[object] = []
        while jobs := (await queue.claim(worker, ["pdf"], 7))[0]:
            mine += [job.claim for job in jobs]
        return mine

    taken = list(chain.from_iterable(await asyncio.gather(*map(claim_all, workers))))

    assert len(taken) == len(set(taken)) == 1000


async def test_two_rescuers_share_the_work_and_repeat_none(pool, queue, claim):
    claims = {(await claim()).claim for _ in range(20)}
    await age(pool)

    first, second = await asyncio.gather(queue.rescue(), queue.rescue())

    assert {c for c, _ in first + second} == claims
    assert len(first + second) == len(claims)


async def test_a_claim_does_not_wait_for_a_claim_and_locks_no_more_than_it_takes(
    pool, rival, worker, enqueue
):
    """A plan that locks beyond its limit would leave nothing to the second."""
    jobs = {(await enqueue()).id for _ in range(2)}
    async with pool.acquire() as connection, connection.transaction():
        (first,), _ = await Queue(connection).claim(worker, ["pdf"], 1)
        (second,), _ = await asyncio.wait_for(rival.claim(a_worker(), ["pdf"], 1), 5)

    assert {first.id, second.id} == jobs


async def test_a_rescue_that_comes_first_wins_against_completion(pool, queue, rival, claim):
    job = await claim()
    await age(pool)

    async with pool.acquire() as connection, connection.transaction():
        await Queue(connection).rescue()
        complete = await blocked(pool, rival.complete(job.claim, {}))

    with pytest.raises(ClaimLost):
        await complete
    assert (await queue.get(job.id)).status is Status.PENDING


async def test_a_heartbeat_that_meets_a_rescue_waits_and_hears_what_was_lost(
    pool, rival, worker, claim
):
    job = await claim()
    await age(pool)

    async with pool.acquire() as connection, connection.transaction():
        await Queue(connection).rescue()
        beat = await blocked(pool, rival.heartbeat(worker, [job.claim]))
    await beat

    assert await rival.heartbeat(worker, [job.claim]) == [job.claim]


async def test_a_job_that_is_being_put_back_is_not_pruned(pool, queue, rival, claim):
    job = await expired(pool, queue, claim)

    async with pool.acquire() as connection, connection.transaction():
        await Queue(connection).reopen(job.id)
        pruned = await asyncio.wait_for(rival.prune(), 5)

    assert pruned == 0
    assert (await queue.get(job.id)).status is Status.PENDING


async def test_a_job_that_was_pruned_first_cannot_be_put_back(pool, queue, rival, claim):
    job = await expired(pool, queue, claim)

    async with pool.acquire() as connection, connection.transaction():
        assert await Queue(connection).prune() == 1
        reopen = await blocked(pool, rival.reopen(job.id))

    with pytest.raises(JobNotFound):
        await reopen


async def test_a_rescue_of_more_than_one_statement_takes_forgets_none(pool, queue, worker):
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT 'user ' || n, 'pdf' FROM generate_series(1, 250) AS n"
    )
    await queue.claim(worker, ["pdf"], 250)
    await age(pool)

    rescued = [claim for _ in range(3) for claim, _ in await queue.rescue()]

    assert len(rescued) == len(set(rescued)) == 250


async def test_leases_that_end_under_their_writers_let_no_stale_write_stand(pool):
    lost, stale = await race(pool, rounds=4)

    assert lost > 0
    assert stale == 0


async def test_without_the_fence_stale_writes_would_stand(pool, monkeypatch):
    """The twin of the test above."""
    statements = [(_SQL, "complete"), (_SQL, "report_progress"), (artifacts._SQL, "put_artifact")]
    for of, name in statements:
        monkeypatch.setitem(of, name, of[name].replace("attempt = $2", "$2::integer > 0"))

    with pytest.raises(AssertionError):
        await race(pool, rounds=4)


async def expired(pool, queue, claim):
    job = await claim()
    await queue.cancel(job.id)
    await pool.execute("UPDATE document_jobs SET expires_at = created_at")
    return job


async def age(pool) -> None:
    await pool.execute(
        "UPDATE document_workers SET heartbeat_at = now() - $1::interval, lease = $2::interval",
        timedelta(seconds=1),
        timedelta(milliseconds=1),
    )
