"""Results that are ready together are written together, and none for another's sake not at all."""

import asyncio

import asyncpg
import pytest

from db.errors import ClaimLost
from db.jobs import Status

MANY = 5


@pytest.fixture
async def jobs(queue, worker, enqueue):
    for _ in range(MANY):
        await enqueue()
    return (await queue.claim(worker, ["pdf"], MANY))[0]


async def statements(pool) -> int:
    """How many transactions changed jobs, by the times of their ends."""
    return int(await pool.fetchval("SELECT count(DISTINCT completed_at) FROM document_jobs"))


async def test_they_are_one_statement(pool, queue, jobs):
    await asyncio.gather(*(queue.complete(job.claim, {"n": n}) for n, job in enumerate(jobs)))

    done = [await queue.get(job.id) for job in jobs]
    assert [(job.status, job.result) for job in done] == [
        (Status.COMPLETED, {"n": n}) for n in range(MANY)
    ]
    assert await statements(pool) == 1


async def test_whoever_lost_its_claim_is_told_and_the_others_are_not(queue, jobs):
    await queue.cancel(jobs[0].id)

    answers = await asyncio.gather(
        *(queue.complete(job.claim, {}) for job in jobs), return_exceptions=True
    )

    assert isinstance(answers[0], ClaimLost)
    assert answers[1:] == [None] * (MANY - 1)


async def test_a_claim_is_settled_once(queue, jobs):
    answers = await asyncio.gather(
        *(queue.complete(jobs[0].claim, {}) for _ in range(2)), return_exceptions=True
    )

    assert answers[0] is None
    assert isinstance(answers[1], ClaimLost)


async def test_what_cannot_be_stored_takes_nobody_along(queue, jobs):
    results = [{"bad": "\x00"}, *({} for _ in jobs[1:])]

    answers = await asyncio.gather(
        *(queue.complete(job.claim, result) for job, result in zip(jobs, results, strict=True)),
        return_exceptions=True,
    )

    assert isinstance(answers[0], asyncpg.PostgresError)
    assert answers[1:] == [None] * (MANY - 1)


async def test_nobody_waits_for_a_job_that_somebody_has_locked(pool, queue, jobs):
    async with pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM document_jobs WHERE id = $1 FOR UPDATE", jobs[0].id)
        settling = [asyncio.ensure_future(queue.complete(job.claim, {})) for job in jobs]

        await asyncio.wait_for(asyncio.gather(*settling[1:]), 10)
        assert not settling[0].done()
        await transaction.rollback()

    await asyncio.wait_for(settling[0], 10)


async def test_who_is_cancelled_leaves_the_others_alone(queue, jobs):
    settling = [asyncio.ensure_future(queue.complete(job.claim, {})) for job in jobs]
    await asyncio.sleep(0)
    settling[0].cancel()

    await asyncio.wait_for(asyncio.gather(*settling[1:]), 10)

    assert settling[0].cancelled()
