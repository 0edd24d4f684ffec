"""The one LISTEN connection of a process: notices in, reconnecting for ever.

A notice is a hint. Whoever is told `resync` may have missed some, and reads again.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg

from db import patience, sql
from db.jobs import Status
from db.pool import OUTAGE, Connection, connect, is_pooled

WAKE = "document_jobs_wake"
CHANGES = "document_jobs_changes"
CANARY = "document_jobs_canary"

# Together less than five seconds: the longest that a connection may be dead and believed.
CHECK_INTERVAL = timedelta(seconds=1.5)
CANARY_TIMEOUT = timedelta(seconds=1)
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
    """Listens on channels and calls back; never gives up.

    The callbacks only mark: what does not read on holds back the notices of the whole cluster.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        on_notice: Callable[[str, str], None],
        on_resync: Callable[[], None],
        on_silence: Callable[[], None] = lambda: None,
        channels: Sequence[str] = (WAKE, CHANGES),
    ) -> None:
        self._url = url
        self._name = name
        self._channels = channels
        self._on_notice = on_notice
        self._on_resync = on_resync
        self._on_silence = on_silence
        self._heard = asyncio.Event()
        self._connections = 0
        self._connected_at = 0.0
        self.is_connected = False
        self.is_listening = False  # and notices do come

    @property
    def reconnects(self) -> int:
        """How many connections replaced a lost one."""
        return max(self._connections - 1, 0)

    @property
    def connected_for(self) -> timedelta:
        """The age of the present connection; zero without one."""
        age = time.monotonic() - self._connected_at if self.is_connected else 0
        return timedelta(seconds=age)

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is noticed within seconds and replaced."""
        wait = 0.0
        while True:
            try:
                await self._listen()
            except OUTAGE as error:
                wait = 0.1 if self.is_connected else wait * 2 or 0.1
                log.warning("listener.lost error=%r retry_seconds=%.1f", error, wait)
            finally:
                self.is_connected = self.is_listening = False

            await asyncio.sleep(min(wait, RECONNECT_MOST.total_seconds()))

    async def _listen(self) -> None:
        async with asyncio.timeout(CHECK_TIMEOUT.total_seconds() * 2):
            connection = await connect(self._url, name=f"{self._name} listener")
        try:
            canary = f"{CANARY}_{uuid4().hex[:8]}"
            async with asyncio.timeout(CHECK_TIMEOUT.total_seconds() * 2):
                await self._begin(connection, canary)
            self._on_resync()
            await self._watch(connection, canary)
        finally:
            connection.terminate()  # a goodbye would wait for an answer

    async def _begin(self, connection: Connection, canary: str) -> None:
        await connection.execute(_SQL["notice_a_dead_client"])
        for channel in self._channels:
            await connection.add_listener(channel, self._noticed)
        await connection.add_listener(canary, self._noticed_canary)

        self._connections += 1
        self._connected_at = time.monotonic()
        self.is_connected = True
        self.is_listening = not await is_pooled(connection)
        if not self.is_listening:
            log.warning("listener.pooled fix='set LISTEN_DATABASE_URL to a direct connection'")

    async def _watch(self, connection: Connection, canary: str) -> None:
        """Return never; raise when the connection is of no use any more."""
        is_direct = self.is_listening
        dead = asyncio.Event()
        connection.add_termination_listener(lambda _: dead.set())
        while not await patience.came(dead, CHECK_INTERVAL):
            self.is_listening = is_direct and await self._hears_itself(connection, canary)
            await self._check(connection, canary)

        raise ConnectionError("the server closed the connection")

    async def _check(self, connection: Connection, canary: str) -> None:
        # asyncpg sees a half-open connection only when TCP gives up, so ask.
        seconds = CHECK_TIMEOUT.total_seconds()
        try:
            there = await connection.fetchval(_SQL["listening_channels"], timeout=seconds)
        except TimeoutError:
            self._on_silence()
            raise

        if not {*self._channels, canary} <= set(there):
            raise ConnectionError("the server has forgotten what we listen to")

    async def _hears_itself(self, connection: Connection, canary: str) -> bool:
        self._heard.clear()
        seconds = CANARY_TIMEOUT.total_seconds()
        try:
            await connection.execute(_SQL["notify"], canary, timeout=seconds)
        except (TimeoutError, asyncpg.ProgramLimitExceededError) as error:
            log.warning("listener.deaf reason='NOTIFY is blocked' error=%r", error)
            return False

        if not await patience.came(self._heard, CANARY_TIMEOUT):
            raise ConnectionError("our own notice did not come")

        return True

    def _noticed(self, _connection: Any, _pid: int, channel: str, payload: Any) -> None:
        self._on_notice(channel, str(payload))

    def _noticed_canary(self, *_: Any) -> None:
        self._heard.set()
