"""What is ready together is written together, and nothing for another's sake not at all."""

import asyncio

import asyncpg
import pytest

from db.errors import ClaimLost
from db.jobs import Claim, Status

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
        *(queue.complete(jobs[0].claim, {"n": n}) for n in range(2)), return_exceptions=True
    )

    assert answers[0] is None
    assert isinstance(answers[1], ClaimLost)
    assert (await queue.get(jobs[0].id)).result == {"n": 0}


async def test_of_two_attempts_at_one_job_the_stale_one_is_refused(pool, queue, worker, claim):
    stale = await claim()
    await pool.execute("UPDATE document_workers SET heartbeat_at = '-infinity', lease = '1 ms'")
    await queue.rescue()
    ((present,), _) = await queue.claim(worker, ["pdf"], 1)

    answers = await asyncio.gather(
        queue.complete(stale.claim, {"is": "stale"}),
        queue.complete(present.claim, {"is": "good"}),
        return_exceptions=True,
    )

    assert isinstance(answers[0], ClaimLost)
    assert answers[1] is None
    assert (await queue.get(stale.id)).result == {"is": "good"}


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


class TestClaim:
    async def test_results_and_what_takes_their_place_are_one_statement(
        self, pool, queue, worker, enqueue, jobs
    ):
        await enqueue()

        settling = [queue.complete(job.claim, {}) for job in jobs]
        (claimed, _), *_ = await asyncio.gather(queue.claim(worker, ["pdf"], MANY), *settling)

        (ended,) = await pool.fetch("SELECT DISTINCT completed_at FROM document_jobs WHERE seq = 3")
        assert [job.started_at for job in claimed] == [ended["completed_at"]]

    async def test_a_result_that_cannot_be_stored_costs_no_claim(
        self, queue, worker, enqueue, jobs
    ):
        await enqueue()

        bad = queue.complete(jobs[0].claim, {"bad": "\x00"})
        claimed, refused = await asyncio.gather(
            queue.claim(worker, ["pdf"], 1), bad, return_exceptions=True
        )

        assert isinstance(refused, asyncpg.PostgresError)
        assert len(claimed[0]) == 1

    async def test_two_at_once_claim_different_jobs(self, queue, worker, enqueue):
        for _ in range(4):
            await enqueue()

        claims = await asyncio.gather(*(queue.claim(worker, ["pdf"], 2) for _ in range(2)))

        assert len({job.id for jobs, _ in claims for job in jobs}) == 4

    async def test_who_is_cancelled_claims_nothing(self, pool, queue, worker, enqueue, jobs):
        await enqueue()
        claiming = asyncio.ensure_future(queue.claim(worker, ["pdf"], 1))
        settling = [asyncio.ensure_future(queue.complete(job.claim, {})) for job in jobs]
        await asyncio.sleep(0)
        claiming.cancel()

        await asyncio.wait_for(asyncio.gather(*settling), 10)

        assert await pool.fetchval("SELECT count(*) FROM document_jobs WHERE status = 'pending'")


class TestHistory:
    async def test_a_running_attempt_is_in_it(self, queue, worker, claim):
        job = await claim()

        (attempt,) = await queue.attempts(job.id)

        assert (attempt["worker_id"], attempt["ended_at"]) == (worker.id, None)

    async def test_it_goes_with_its_job(self, pool, queue, claim):
        job = await claim()
        await queue.complete(job.claim, {})

        await pool.execute("DELETE FROM document_jobs WHERE id = $1", job.id)

        assert await queue.attempts(job.id) == []

    async def test_a_claim_by_hand_has_its_date_and_its_history(self, pool, queue, enqueue):
        job = await enqueue()
        await pool.execute(
            "UPDATE document_jobs SET status = 'processing', worker_id = id, attempt = attempt + 1"
        )
        await pool.execute("UPDATE document_jobs SET status = 'failed', error = '{}'")

        (attempt,) = await queue.attempts(job.id)

        assert attempt["outcome"] == "failed"
        assert attempt["started_at"]

    async def test_a_claim_by_hand_that_is_no_new_attempt_is_refused(self, pool, enqueue):
        await enqueue()

        with pytest.raises(asyncpg.CheckViolationError, match="new attempt"):
            await pool.execute("UPDATE document_jobs SET status = 'processing', worker_id = id")

    async def test_what_was_put_to_work_without_a_date_can_end(self, pool, queue):
        job_id = await pool.fetchval(
            "INSERT INTO document_jobs (user_id, job_type, status, worker_id, attempt)"
            " VALUES ('ada', 'pdf', 'processing', gen_random_uuid(), 1) RETURNING id"
        )

        await queue.complete(Claim(job_id, 1), {})

        assert [attempt["outcome"] for attempt in await queue.attempts(job_id)] == ["completed"]
