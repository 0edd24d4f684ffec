"""The queue: every verb of a job's life, each one named statement of queries/jobs.sql."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from db import sql
from db.errors import (
    ClaimLost,
    IdempotencyConflict,
    JobFinal,
    JobNotFound,
    QuotaExceeded,
)
from db.jobs import MAX_LOST, Claim, Job, NewJob, Status
from db.pool import Connection, Pool
from db.readings import Page as Page
from db.readings import Readings
from db.turnover import Turnover

_SQL = sql.statements("jobs.sql")

CANCELLED = {"code": "cancelled", "message": "The job was cancelled.", "retryable": True}
EXPIRED = {"code": "expired", "message": "The job was not begun in time.", "retryable": True}
WORKER_LOST = {
    "code": "worker_lost",
    "message": "The worker that ran the job stopped answering.",
    "retryable": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker as it introduces itself with every heartbeat."""

    id: UUID
    hostname: str
    pid: int
    slots: int
    lease: timedelta
    sandbox: dict[str, Any] = field(default_factory=dict)


class Queue(Readings):
    """The verbs of document_jobs. Methods that settle raise ClaimLost when the fence is broken."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._turnover = Turnover(pool)

    async def enqueue(self, job: NewJob, *, pending_limit: int | None = None) -> Job:
        """Insert a job, or return the one that the same idempotency key made before.

        Raises QuotaExceeded when `pending_limit` jobs of the user wait, IdempotencyConflict.
        """
        return (await _enqueue(self._pool, [job], pending_limit))[0]

    async def enqueue_many(
        self, jobs: Sequence[NewJob], *, pending_limit: int | None = None
    ) -> list[Job]:
        """Insert all of them, in their order, or none. Raises as `enqueue`."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await _enqueue(connection, jobs, pending_limit)

    async def claim(
        self,
        worker: Worker,
        job_types: Sequence[str],
        slots: int,
        *,
        user_limit: int | None = None,
        type_limits: Mapping[str, int] = MappingProxyType({}),
    ) -> tuple[list[Job], timedelta | None]:
        """Take up to `slots` pending jobs, so that no more of a user or a job type run than may.

        Also say how long until it is worth looking again; None is when somebody notifies.
        """
        if user_limit is None and not type_limits:
            claimed = await self._turnover.claim(worker.id, job_types, slots)
            if claimed is not None:
                return claimed

        statement = sql.with_numbers(_SQL["claim"], 5, slots, user_limit)
        limits = list(type_limits), list(type_limits.values())
        while True:
            try:
                rows = await self._pool.fetch(statement, worker.id, list(job_types), *limits)
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
                continue  # another claim took the slot, and has committed

            jobs = [Job.from_row(row) for row in rows if row["id"] is not None]
            if jobs or not rows[0]["has_more"]:
                return jobs, timedelta(0) if rows[0]["has_more"] else rows[0]["due_in"]

    async def heartbeat(self, worker: Worker, claims: Sequence[Claim]) -> list[Claim]:
        """Say that the worker lives; return those of its claims that it holds no longer."""
        rows = await self._pool.fetch(
            _SQL["heartbeat"],
            worker.id,
            worker.hostname,
            worker.pid,
            worker.slots,
            worker.sandbox,
            worker.lease,
            [claim.job_id for claim in claims],
            [claim.attempt for claim in claims],
        )
        return [Claim(row["job_id"], row["attempt"]) for row in rows]

    async def report_progress(
        self,
        claim: Claim,
        *,
        percent: int | None = None,
        message: str | None = None,
        stage: str | None = None,
        total_files: int | None = None,
        processed_files: int | None = None,
    ) -> None:
        """Write what is given; the percentage never falls."""
        await self._fenced(
            "report_progress", claim, percent, message, stage, total_files, processed_files
        )

    async def complete(self, claim: Claim, result: dict[str, Any]) -> None:
        """Settle: the result stands, the attempt's artifacts become visible."""
        if not await self._turnover.complete(claim, result):
            await self._fenced("complete", claim, result)

    async def retry(self, claim: Claim, error: dict[str, Any], delay: timedelta) -> Status:
        """Settle: pending again after `delay`, or failed when the retries are spent."""
        return Status(await self._fenced("retry", claim, error, delay))

    async def snooze(self, claim: Claim, delay: timedelta) -> None:
        """Settle: not now; costs no retry."""
        await self._fenced("snooze", claim, delay)

    async def release(self, claim: Claim) -> None:
        """Settle: the worker stops; the job keeps its place in the line."""
        await self._fenced("release", claim)

    async def fail(self, claim: Claim, error: dict[str, Any]) -> None:
        """Settle: running it again would change nothing."""
        await self._fenced("fail", claim, error)

    async def cancel(self, job_id: UUID) -> Job:
        """Cancel a job that is not final; return it as it now is. Raises JobNotFound."""
        row = await self._pool.fetchrow(_SQL["cancel"], job_id, CANCELLED)
        return Job.from_row(row) if row else await self.get(job_id)

    async def reopen(self, job_id: UUID) -> Job:
        """Put a failed or cancelled job back; an unfinished one is returned as it is."""
        row = await self._pool.fetchrow(_SQL["reopen"], job_id)
        job = Job.from_row(row) if row else await self.get(job_id)
        if job.status is Status.COMPLETED:
            raise JobFinal

        return job

    async def rescue(self) -> list[tuple[Claim, Status]]:
        """Take jobs from dead workers: pending again, or failed after MAX_LOST of them."""
        rows = await self._pool.fetch(_SQL["rescue"], MAX_LOST, WORKER_LOST)
        return [(Claim(row["job_id"], row["attempt"]), Status(row["status"])) for row in rows]

    async def find_lines(
        self, job_types: Sequence[str], type_limits: Mapping[str, int] = MappingProxyType({})
    ) -> int:
        """Say where the lines of these types begin, and the time of those held up by a limit.

        What is late in one that nothing holds up gets new turns, some at a time; say of how many.
        """
        limits = list(type_limits), list(type_limits.values())
        found = await self._pool.fetchrow(_SQL["find_lines"], list(job_types), *limits)
        if not found or not found["late"]:
            return 0

        late = zip(found["late"], found["clocks"], strict=True)
        return sum([await self._pool.fetchval(_SQL["renew"], *line) for line in late])

    async def let_in(self, user_limit: int | None) -> None:
        """Put jobs back into the line that stand aside although their user has free slots."""
        await self._pool.execute(_SQL["let_in"], user_limit)

    async def expire(self) -> list[UUID]:
        """Fail the pending jobs whose start_before has passed."""
        return [row["id"] for row in await self._pool.fetch(_SQL["expire"], EXPIRED)]

    async def prune(self, limit: int = 500) -> int:
        """Delete up to `limit` expired jobs with all that belongs to them; say how many."""
        return len(await self._pool.fetch(_SQL["prune"], limit))

    async def unregister(self, worker: Worker) -> None:
        """Forget a worker that holds nothing any more."""
        await self._pool.execute(_SQL["unregister"], worker.id)

    async def get(self, job_id: UUID) -> Job:
        """Return one job. Raises JobNotFound."""
        row = await self._pool.fetchrow(_SQL["get"], job_id)
        if row is None:
            raise JobNotFound

        return Job.from_row(row)

    async def get_newer(self, known: Mapping[UUID, int]) -> list[Job]:
        """Return, without payloads, those of the jobs whose seq is above the known one."""
        rows = await self._pool.fetch(_SQL["get_newer"], list(known), list(known.values()))
        return [Job.from_row(row) for row in rows]

    async def pause(self, job_type: str) -> None:
        """Let no worker claim jobs of this type any more; those that run go on."""
        await self._pool.execute(_SQL["pause"], job_type)

    async def resume(self, job_type: str) -> None:
        """Let workers claim jobs of this type again."""
        await self._pool.execute(_SQL["resume"], job_type)

    async def _fenced(self, name: str, claim: Claim, *arguments: Any) -> Any:
        value = await self._pool.fetchval(_SQL[name], claim.job_id, claim.attempt, *arguments)
        if value is None:
            raise ClaimLost(f"claim {claim} is no longer held")

        return value


async def _enqueue(
    connection: Pool | Connection, jobs: Sequence[NewJob], pending_limit: int | None
) -> list[Job]:
    ids = [uuid4() for _ in jobs]
    columns = [[getattr(job, column.name) for job in jobs] for column in fields(NewJob)]
    rows = await connection.fetch(_SQL["enqueue"], ids, *columns, pending_limit)
    made = {row["id"]: Job.from_row(row) for row in rows}

    return [
        made.get(job_id) or await _enqueued_before(connection, job, pending_limit)
        for job_id, job in zip(ids, jobs, strict=True)
    ]


async def _enqueued_before(
    connection: Pool | Connection, job: NewJob, pending_limit: int | None
) -> Job:
    row = await connection.fetchrow(
        _SQL["find_by_idempotency_key"], job.user_id, job.idempotency_key
    )
    if row is None and pending_limit is not None:
        raise QuotaExceeded
    if row is None:  # pruned between the two statements: the key is free again
        return (await _enqueue(connection, [job], None))[0]
    if row["request_digest"] != job.request_digest:
        raise IdempotencyConflict

    return Job.from_row(row)
