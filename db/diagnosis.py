"""How the database is: what the doctor asks it."""

from typing import NamedTuple

from db import sql
from db.pool import Pool, is_pooled

_SQL = sql.statements("doctor.sql")


class Finding(NamedTuple):
    """Whether all is well, and what was seen."""

    is_well: bool
    says: str


class Diagnosis:
    """The questions, each one named statement of queries/doctor.sql."""

    questions = tuple(_SQL)

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ask(self, question: str) -> Finding:
        """Ask one of `questions`."""
        return Finding(*await self._pool.fetchrow(_SQL[question]))

    async def is_pooled(self) -> bool:
        """Whether a pooler stands between us and Postgres."""
        async with self._pool.acquire() as connection:
            return await is_pooled(connection)
