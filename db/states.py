"""Which jobs somebody follows without naming them: a user's, a session's, everybody's."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from db import sql
from db.changes import Change
from db.pool import Pool

_SQL = sql.statements("states.sql")

# The most unfinished jobs of one scope that a newcomer is shown, the newest first.
MOST = 500
# Writers date the end of a job by the start of their transaction.
SLOWEST_COMMIT = timedelta(seconds=10)


class Scope(NamedTuple):
    """Whose jobs are followed; None is any user, or any session."""

    user_id: str | None = None
    session_id: str | None = None


class Sighting(NamedTuple):
    """A job of some scope, and its seq when it was seen."""

    job_id: UUID
    seq: int
    user_id: str
    session_id: str | None


class States:
    """Finds the jobs of scopes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(
        self, scopes: Collection[Scope], *, ended_within: timedelta | None = None
    ) -> list[Sighting]:
        """The unfinished jobs of the scopes, and those that ended within a time."""
        sessions = [scope for scope in scopes if scope.session_id is not None]
        rows = await self._pool.fetch(
            _SQL["find"],
            [s.user_id for s in scopes if s.session_id is None and s.user_id is not None],
            [s.user_id for s in sessions],
            [s.session_id for s in sessions],
            Scope() in scopes,
            ended_within and ended_within + SLOWEST_COMMIT,
            MOST,
        )
        return [Sighting(*row) for row in rows]


def scopes_of(user_id: str, session_id: str | None) -> Iterator[Scope]:
    """Every scope that a job of this user and session belongs to."""
    yield Scope()
    yield Scope(user_id)
    if session_id is not None:
        yield Scope(None, session_id)
        yield Scope(user_id, session_id)


def routes_of(change: Change) -> Iterator[Scope]:
    """The same of a notice, which holds hashes instead of names."""
    session = change.session_route
    return scopes_of(change.user_route, None if session == "-" else session)


def route(scope: Scope) -> Scope:
    """A scope as notices spell it: document_jobs_route() of the schema."""
    return Scope(*(name and _route(name) for name in scope))


def _route(word: str) -> str:
    return hashlib.md5(word.encode(), usedforsecurity=False).hexdigest()[:8]
