"""Previews: what a person sees of an artifact without opening it, made by a job of its own."""

from db import sql
from db.artifacts import Artifact
from db.errors import ArtifactNotFound
from db.jobs import Job
from db.pool import Pool

_SQL = sql.statements("previews.sql")

_OFFICE = "application/vnd.openxmlformats-officedocument"
# What a file of each type is shown as.
KINDS = {
    "application/pdf": "pages",
    f"{_OFFICE}.spreadsheetml.sheet": "sheets",
    f"{_OFFICE}.wordprocessingml.document": "html",
    f"{_OFFICE}.presentationml.presentation": "slides",
}


class Previews:
    """Finds the one preview of an artifact, and its parts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, artifact: Artifact) -> Job | None:
        """Return the job that makes or made the preview."""
        row = await self._pool.fetchrow(_SQL["find_preview"], artifact.user_id, _key(artifact))
        return Job.from_row(row) if row else None

    async def enqueue(self, artifact: Artifact, trace_context: str | None = None) -> Job:
        """Have the preview made; asked twice it is still one. Raises ArtifactNotFound."""
        row = await self._pool.fetchrow(
            _SQL["enqueue_preview"], artifact.id, _key(artifact), trace_context
        )
        job = Job.from_row(row) if row else await self.find(artifact)
        if job is None:
            raise ArtifactNotFound

        return job

    async def part(self, artifact: Artifact, number: int) -> Artifact:
        """Return a part, counted from 1. Raises ArtifactNotFound."""
        row = await self._pool.fetchrow(
            _SQL["get_part"], artifact.user_id, _key(artifact), number - 1
        )
        if row is None:
            raise ArtifactNotFound

        return Artifact.from_row(row)


def _key(artifact: Artifact) -> str:
    # The arrow is no ASCII, so that no Idempotency-Key of a request can be the same.
    return f"artifact {artifact.id} → preview"
