"""The one LISTEN connection of a process: notices in, reconnecting for ever.

A notice is a hint. Whoever is told `resync` may have missed some, and reads again.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from db import patience, sql
from db.jobs import Status
from db.pool import OUTAGE, Connection, connect

WAKE = "document_jobs_wake"
CHANGES = "document_jobs_changes"

CHECK_INTERVAL = timedelta(seconds=2)
CHECK_TIMEOUT = timedelta(seconds=2)
RECONNECT_MOST = timedelta(seconds=5)
_SQL = sql.statements("changes.sql")

log = logging.getLogger(__name__)


class Change(NamedTuple):
    """A row changed: enough to route the news, not to tell it."""

    job_id: UUID
    seq: int
    status: Status
    user_route: str
    session_route: str


def parse(payload: str) -> list[Change]:
    """Read the changes of one notice."""
    changes = []
    for line in payload.splitlines():
        job_id, seq, status, user, session = line.split(" ")
        changes.append(Change(UUID(job_id), int(seq), Status(status), user, session))

    return changes


class Listener:
    """Listens on channels and calls back; never gives up."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        on_notice: Callable[[str, str], None],
        on_resync: Callable[[], None],
        channels: Sequence[str] = (WAKE, CHANGES),
    ) -> None:
        self._url = url
        self._name = name
        self._channels = channels
        self._on_notice = on_notice
        self._on_resync = on_resync
        self._connections = 0
        self._connected_at = 0.0
        self.is_listening = False

    @property
    def reconnects(self) -> int:
        """How many connections replaced a lost one."""
        return max(self._connections - 1, 0)

    @property
    def connected_for(self) -> timedelta:
        """The age of the present connection; zero without one."""
        age = time.monotonic() - self._connected_at if self.is_listening else 0
        return timedelta(seconds=age)

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is noticed within seconds and replaced."""
        wait = 0.0
        while True:
            try:
                await self._listen()
            except OUTAGE as error:
                wait = wait * 2 or 0.1 if not self.is_listening else 0.1
                log.warning("listener.lost error=%r retry_seconds=%.1f", error, wait)
            finally:
                self.is_listening = False

            await asyncio.sleep(min(wait, RECONNECT_MOST.total_seconds()))

    async def _listen(self) -> None:
        async with asyncio.timeout(CHECK_TIMEOUT.total_seconds() * 2):
            connection = await connect(self._url, name=self._name)
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._noticed)

            self._connections += 1
            self._connected_at = time.monotonic()
            self.is_listening = True
            self._on_resync()
            await self._watch(connection)
        finally:
            with suppress(*OUTAGE):
                await connection.close(timeout=1)

    async def _watch(self, connection: Connection) -> None:
        # asyncpg sees a half-open connection only when TCP gives up, so ask.
        dead = asyncio.Event()
        connection.add_termination_listener(lambda _: dead.set())
        while not dead.is_set():
            if await patience.came(dead, CHECK_INTERVAL):
                break

            await connection.execute(_SQL["check"], timeout=CHECK_TIMEOUT.total_seconds())

        raise ConnectionError("the server closed the connection")

    def _noticed(self, _connection: Any, _pid: int, channel: str, payload: Any) -> None:
        self._on_notice(channel, str(payload))
