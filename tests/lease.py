"""Leases that end while their workers write: who writes late is refused, every time."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from db.artifacts import Artifacts
from db.errors import ClaimLost
from db.jobs import Claim
from db.pool import Pool
from db.queue import Queue, Worker
from tests.factories import a_worker

AT_ONCE = 50
AGE = """
UPDATE document_workers SET heartbeat_at = now() - interval '1 s', lease = interval '1 ms'
WHERE id = $1
"""
# A result, and an artifact, of an attempt that does not own the job.
STALE = """
SELECT job.id FROM document_jobs AS job
WHERE (result ->> 'attempt')::integer <> attempt
   OR EXISTS (SELECT FROM document_job_artifacts WHERE job_id = job.id AND attempt <> job.attempt)
   OR status <> 'completed'
"""


async def race(pool: Pool, rounds: int) -> tuple[int, int]:
    """Race AT_ONCE leases a round; return how many were lost, and how many stale writes stood."""
    lost = stale = 0
    for number in range(rounds):
        rescued = await _round(pool, ahead=number * 13 % AT_ONCE)
        lost += len(rescued)
        stale += len(await pool.fetch(STALE))
        await pool.execute("DELETE FROM document_jobs")

    return lost, stale


async def _round(pool: Pool, ahead: int) -> set[Claim]:
    """One round; the rescue begins when about `ahead` writers are through."""
    queue, early, late = Queue(pool), a_worker(slots=AT_ONCE), a_worker(slots=AT_ONCE)
    for worker in (early, late):
        await queue.heartbeat(worker, [])
    await pool.execute(
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT 'user ' || n, 'pdf' FROM generate_series(1, $1) AS n",
        AT_ONCE,
    )

    first = await _claim_all(queue, early)
    await pool.execute(AGE, early.id)
    async with pool.acquire() as connection:  # it does not stand in line behind the writers
        writing = [asyncio.create_task(_write(pool, claim)) for claim in first]
        if ahead:
            await asyncio.wait(writing[ahead:], return_when=asyncio.FIRST_COMPLETED)
        rescued = await _rescue_all(Queue(connection))
    accepted = {claim for claim in await asyncio.gather(*writing) if claim is not None}
    assert not rescued & accepted, "rescued, and completed all the same"

    second = await _claim_all(queue, late)
    again, new = await asyncio.gather(_write_all(pool, first), _write_all(pool, second))
    assert not again, "an old claim wrote after all"
    assert accepted | new == (set(first) - rescued) | set(second), "each job once"

    return rescued


async def _claim_all(queue: Queue, worker: Worker) -> list[Claim]:
    jobs, _ = await queue.claim(worker, ["pdf"], AT_ONCE)
    return [job.claim for job in jobs]


async def _rescue_all(queue: Queue) -> set[Claim]:
    """What one rescue steps over, because a writer holds it, the next one takes."""
    rescued = set()
    for _ in range(3):
        rescued |= {claim for claim, _ in await queue.rescue()}
    return rescued


async def _write_all(pool: Pool, claims: Iterable[Claim]) -> set[Claim]:
    """Return the claims whose completion was accepted."""
    written = await asyncio.gather(*(_write(pool, claim) for claim in claims))
    return {claim for claim in written if claim is not None}


async def _write(pool: Pool, claim: Claim) -> Claim | None:
    queue, artifacts = Queue(pool), Artifacts(pool)
    with suppress(ClaimLost):
        await queue.report_progress(claim, percent=50)
        await artifacts.put(claim, 0, "a.pdf", "application/pdf", b"bytes")
        await queue.complete(claim, {"attempt": claim.attempt})
        return claim

    return None
