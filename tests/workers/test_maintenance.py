"""Every worker keeps house; one at a time does, and nobody waits for it."""

import asyncio

import pytest

from db.errors import ClaimLost
from db.jobs import Status
from tests.factories import a_worker
from workers import maintenance

DYING = "UPDATE document_workers SET heartbeat_at = now() - interval '1 minute', lease = '1 ms'"


@pytest.fixture
async def worker(queue):
    """A worker that the database knows, and nobody beats for."""
    worker = a_worker()
    await queue.heartbeat(worker, [])
    return worker


@pytest.mark.parametrize("verb", ["rescue", "expire", "prune"])
async def test_one_worker_at_a_time_does_it(pool, queue, claim, enqueue, verb):
    job = await claim()
    await enqueue(start_before=job.created_at)
    pruned = await enqueue()
    await queue.cancel(pruned.id)
    await pool.execute("UPDATE document_jobs SET expires_at = now() WHERE completed_at IS NOT NULL")
    await pool.execute(DYING)

    async with pool.acquire() as other, other.transaction():
        await other.fetchval(
            "SELECT pg_advisory_xact_lock(hashtext('document_jobs ' || $1::text))", verb
        )
        assert not await getattr(queue, verb)(), "another worker is at it"

    assert await getattr(queue, verb)()


async def test_hundreds_of_lost_jobs_are_rescued_at_once(pool, queue, worker):
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT 'ada', 'pdf' FROM generate_series(1, 250)"
    )
    await queue.claim(worker, ["pdf"], 250)
    await pool.execute(DYING)

    await maintenance.rescue(queue)

    assert await pool.fetchval("SELECT min(lost_count) FROM document_jobs") == 1


async def test_who_has_lost_the_database_lately_rescues_nobody(pool, queue, claim):
    job = await claim()
    await pool.execute(DYING)

    await maintenance.tidy(queue, lambda: False)
    assert (await queue.get(job.id)).status is Status.PROCESSING

    await maintenance.tidy(queue, lambda: True)
    assert (await queue.get(job.id)).status is Status.PENDING


async def test_what_was_resumed_is_renewed_until_nothing_is_late(pool, queue, artifacts):
    await queue.pause("pdf")
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT 'ada', 'pdf' FROM generate_series(1, 9)"
    )
    await pool.execute(
        "SELECT setval('document_jobs_clock', last_value + 99) FROM document_jobs_clock"
    )
    await queue.resume("pdf")
    find_lines, looks = queue.find_lines, []

    async def look(*_) -> int:
        looks.append(await find_lines(["pdf"]))
        if looks[-1] == 0:
            house.cancel()
        return looks[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "find_lines", look)
        house = asyncio.create_task(maintenance.run(queue, artifacts, may_rescue=lambda: False))
        await asyncio.wait([house], timeout=10)

    assert looks == [9, 0]


async def test_a_prune_does_not_wait_for_who_reads_nor_they_for_it(pool, queue, enqueue):
    for _ in range(3):
        await queue.cancel((await enqueue()).id)
    await pool.execute("UPDATE document_jobs SET expires_at = now() - interval '1 day'")

    async with pool.acquire() as other, other.transaction():
        await other.fetch("SELECT FROM document_jobs LIMIT 1 FOR UPDATE")
        assert await asyncio.wait_for(queue.prune(), 10) == 2

    assert await queue.prune() == 1


async def test_the_bytes_of_an_attempt_that_died_are_swept(pool, queue, artifacts, claim):
    job = await claim()
    await artifacts.put(job.claim, 0, "half.pdf", "application/pdf", b"half")
    await artifacts.sweep()
    assert await count(pool) == 1, "it may still be completed"

    await pool.execute(DYING)
    await maintenance.prune(queue, artifacts)
    await maintenance.rescue(queue)
    await maintenance.prune(queue, artifacts)

    assert await count(pool) == 0
    with pytest.raises(ClaimLost):
        await artifacts.put(job.claim, 0, "late.pdf", "application/pdf", b"late")


async def count(pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM document_artifact_chunks"))
