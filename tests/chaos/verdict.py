"""What must hold when it is over, and how long each fault was felt."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg

from db import artifacts
from tests.chaos.faults import Fault, directly
from tests.chaos.load import Load
from tests.chaos.system import Victim
from tests.conftest import INVARIANTS

WINDOW_SECONDS = 3.0
ENOUGH = 0.9
PATIENCE_SECONDS = 60

UNFINISHED = """
SELECT concat_ws(' ', accepted.id, 'is', coalesce(status, 'lost'), 'attempt', attempt, stage,
                 'due in', scheduled_at - now(), 'since', now() - updated_at) AS job
FROM unnest($1::uuid[]) AS accepted (id)
LEFT JOIN document_jobs AS job USING (id)
WHERE job.id IS NULL OR job.completed_at IS NULL
"""
BROKEN = """
SELECT 'was settled twice' AS broken, job_id AS id FROM document_job_attempts
WHERE outcome IN ('completed', 'failed', 'cancelled') GROUP BY job_id HAVING count(*) > 1
UNION ALL
SELECT 'has not exactly its own artifact', job.id FROM document_jobs AS job
WHERE (SELECT count(*) FROM document_artifacts WHERE job_id = job.id)
      <> (CASE status WHEN 'completed' THEN 1 ELSE 0 END)
UNION ALL
SELECT 'has an artifact of another attempt', job.id FROM document_jobs AS job
JOIN document_artifacts AS artifact ON artifact.job_id = job.id
WHERE artifact.attempt <> job.attempt
UNION ALL
SELECT 'does not serve the artifact that it names', job.id FROM document_jobs AS job
WHERE status = 'completed' AND NOT EXISTS (
    SELECT FROM document_job_artifacts WHERE id = (job.result ->> 'artifact_id')::uuid)
"""
COMPLETED_SINCE = """
SELECT extract(epoch FROM completed_at)::float8 AS at FROM document_jobs
WHERE status = 'completed' AND completed_at > to_timestamp($1) ORDER BY completed_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """What a fault did."""

    name: str
    lasted_seconds: float
    completed_meanwhile: int
    back_after_seconds: float | None


async def feel(fault: Fault, victim: Victim, load: Load) -> Felt:
    """Throw a fault, and wait until jobs are completed as fast as they come."""
    began = time.time()
    await fault(victim)
    ended = time.time()

    return Felt(
        name=fault.__name__.replace("_", " "),
        lasted_seconds=ended - began,
        completed_meanwhile=len([at for at in await completed(victim, began) if at < ended]),
        back_after_seconds=await _back(victim, ended, load.rate),
    )


async def _back(victim: Victim, ended: float, rate: float) -> float | None:
    """Seconds until a window begins in which 90 % of what comes is completed."""
    enough = ENOUGH * rate * WINDOW_SECONDS
    while time.time() < ended + PATIENCE_SECONDS:
        await asyncio.sleep(WINDOW_SECONDS / 3)
        moments = await completed(victim, ended)
        for start in [ended, *moments]:
            if sum(start <= moment < start + WINDOW_SECONDS for moment in moments) >= enough:
                return start - ended

    return None


async def completed(victim: Victim, since: float) -> list[float]:
    """When jobs were completed, in seconds of the epoch."""
    async with directly(victim) as connection:
        return [row["at"] for row in await connection.fetch(COMPLETED_SINCE, since)]


async def broken_promises(victim: Victim, load: Load) -> list[str]:
    """Wait until every accepted job is final; return what does not hold then."""
    async with directly(victim) as connection:
        left = await _unfinished(connection, load)
        await connection.execute(artifacts._SQL["sweep_artifacts"])
        rows = [*await connection.fetch(BROKEN), *await connection.fetch(INVARIANTS)]

    return left + [f"{row['id']} {row['broken']}" for row in rows]


async def outcomes(victim: Victim) -> dict[str, int]:
    """How attempts and jobs ended."""
    async with directly(victim) as connection:
        rows = await connection.fetch(
            "SELECT 'attempts ' || outcome AS what, count(*) FROM document_job_attempts GROUP BY 1"
            " UNION ALL SELECT 'jobs ' || status, count(*) FROM document_jobs GROUP BY 1"
        )
    return {row["what"]: row["count"] for row in rows}


async def _unfinished(connection: asyncpg.Connection, load: Load) -> list[str]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        left = [row["job"] for row in await connection.fetch(UNFINISHED, list(load.accepted))]
        if not left or time.monotonic() > deadline:
            return left

        await asyncio.sleep(0.1)
