"""The bytes that jobs make: stored in chunks by the attempt, visible once the job completed."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import sql
from db.errors import ArtifactNotFound, ClaimLost
from db.jobs import Claim
from db.pool import Pool

_SQL = sql.statements("artifacts.sql")

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A visible artifact: what it is and whose; the bytes are read by Artifacts.read."""

    id: UUID
    job_id: UUID
    user_id: str
    session_id: str | None
    position: int
    file_name: str
    mime_type: str
    file_size: int
    sha256: str
    created_at: datetime

    @classmethod
    def from_row(cls, row: Any) -> "Artifact":
        """Take the columns of a row of document_job_artifacts."""
        return cls(**{name: row[name] for name in cls.__slots__})


class Artifacts:
    """Stores and streams artifacts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(
        self, claim: Claim, position: int, file_name: str, mime_type: str, data: bytes
    ) -> UUID:
        """Store the bytes under the claim, invisible until it completes. Raises ClaimLost."""
        digest = hashlib.sha256(data).hexdigest()
        async with self._pool.acquire() as connection, connection.transaction():
            artifact_id = await connection.fetchval(
                _SQL["put_artifact"], *claim, position, file_name, mime_type, len(data), digest
            )
            if artifact_id is None:
                raise ClaimLost(f"claim {claim} is no longer held")

            await connection.executemany(_SQL["put_chunk"], _chunks(artifact_id, data))

        return UUID(str(artifact_id))

    async def discard(self, claim: Claim) -> None:
        """Delete what an attempt stored before it lost its claim."""
        await self._pool.execute(_SQL["discard_artifacts"], *claim)

    async def sweep(self) -> None:
        """Delete what no attempt can still settle."""
        await self._pool.execute(_SQL["sweep_artifacts"])

    async def get(self, artifact_id: UUID) -> Artifact:
        """Return one visible artifact. Raises ArtifactNotFound."""
        row = await self._pool.fetchrow(_SQL["get_artifact"], artifact_id)
        if row is None:
            raise ArtifactNotFound

        return Artifact.from_row(row)

    async def read(self, artifact: Artifact, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes [start, stop), holding a connection only while a chunk is read."""
        while start < stop:
            position, offset = divmod(start, CHUNK_BYTES)
            data = await self._pool.fetchval(
                _SQL["read_chunk"],
                artifact.id,
                position,
                offset + 1,
                min(stop - start, CHUNK_BYTES - offset),
            )
            if not data:
                raise ArtifactNotFound("The artifact was pruned while it was read.")

            yield data
            start += len(data)


def _chunks(artifact_id: UUID, data: bytes) -> list[tuple[UUID, int, bytes]]:
    starts = range(0, len(data), CHUNK_BYTES)
    return [(artifact_id, n, data[at : at + CHUNK_BYTES]) for n, at in enumerate(starts)]
