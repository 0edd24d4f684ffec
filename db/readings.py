"""What people look at: lists, counts, the history of a job, who works."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import sql
from db.errors import BatchNotFound
from db.jobs import Batch, Job, Status
from db.pool import Pool

_SQL = sql.statements("readings.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which jobs to list: a filter that is None does not filter."""

    user_id: str | None = None
    status: str | None = None
    session_id: str | None = None
    job_type: str | None = None
    batch_id: str | None = None
    search: str | None = None
    before: tuple[datetime, UUID] | None = None
    limit: int = 50


class Readings:
    """Reads of document_jobs that no worker waits for."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def batch(self, batch_id: str, user_id: str | None) -> Batch:
        """Return how far the jobs of a batch are, one user's or everybody's.

        Raises BatchNotFound.
        """
        rows = await self._pool.fetch(_SQL["batch"], batch_id, user_id)
        if not rows:
            raise BatchNotFound

        counts = {Status(row["status"]): row["jobs"] for row in rows}
        return Batch(counts=counts, progress=sum(row["progress"] for row in rows))

    async def paused(self) -> dict[str, datetime]:
        """Return the paused job types, and since when they are."""
        rows = await self._pool.fetch(_SQL["paused"])
        return {row["job_type"]: row["paused_at"] for row in rows}

    async def attempts(self, job_id: UUID) -> list[dict[str, Any]]:
        """Return the history of a job, oldest attempt first."""
        return [dict(row) for row in await self._pool.fetch(_SQL["attempts"], job_id)]

    async def stats(self) -> list[dict[str, Any]]:
        """Return document_job_stats: a row for each job type and status."""
        return [dict(row) for row in await self._pool.fetch(_SQL["stats"])]

    async def census(self) -> list[dict[str, Any]]:
        """Return how many jobs wait, are due and run, a row for each job type and status."""
        return [dict(row) for row in await self._pool.fetch(_SQL["census"])]

    async def workers(self) -> list[dict[str, Any]]:
        """Return the workers that the database knows, with what they run."""
        return [dict(row) for row in await self._pool.fetch(_SQL["workers"])]

    async def server_version(self) -> str:
        """Return the version of Postgres, as it says it."""
        return str(await self._pool.fetchval(_SQL["server_version"]))

    async def list(self, page: Page) -> list[Job]:
        """Return jobs without their payloads, newest first."""
        created_at, job_id = page.before or (None, None)
        rows = await self._pool.fetch(
            _SQL["list"],
            page.user_id,
            page.status,
            page.session_id,
            page.job_type,
            page.batch_id,
            created_at,
            job_id,
            page.limit,
            page.search,
        )
        return [Job.from_row(row) for row in rows]
