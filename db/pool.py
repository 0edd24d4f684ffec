"""Connections: how this project talks to Postgres."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
from asyncpg import Connection as Connection
from asyncpg import Pool as Pool

from db import sql

COMMAND_TIMEOUT = timedelta(seconds=30)

# A peer that is gone without a word: seconds of silence, between questions, their number, and
# milliseconds that sent bytes may stay unacknowledged.
KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}

# What an unreachable, restarting or overfull Postgres raises; the same call may work later.
OUTAGE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    # A deadlock's victim; a primary that was demoted; the queue of notices, when it is full.
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.ProgramLimitExceededError,
    # An idle connection that Postgres has said goodbye to, and that has not hung up yet.
    asyncpg.InternalClientError,
)
# What a database raises that was not migrated as far as this program needs it.
UNMIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
_SQL = sql.statements("connections.sql")


async def connect_pool(url: str, *, name: str, size: int = 8, is_lazy: bool = False) -> Pool:
    """Open a pool of at most `size` connections; `name` is shown in pg_stat_activity.

    A lazy one opens while Postgres is away, and connects when it is first asked for something.
    """
    return await asyncpg.create_pool(
        url,
        connect=_dial,
        init_size=0 if is_lazy else 1,
        min_size=0,  # restoring a floor fails with a traceback while Postgres is down
        max_size=size,
        init=_prepare,
        reset=_keep,
        command_timeout=COMMAND_TIMEOUT.total_seconds(),
        server_settings={"application_name": name},
    )


async def connect(url: str, *, name: str) -> Connection:
    """Open one connection of one's own."""
    connection = await _dial(
        url,
        command_timeout=COMMAND_TIMEOUT.total_seconds(),
        server_settings={"application_name": name},
    )
    with _not_left_open(connection):
        await _prepare(connection)

    return connection


async def is_pooled(connection: Connection) -> bool:
    """Whether a pooler stands between: it greets with a process id of its own making."""
    # Without a name, because a name would stay behind in the pooler's connection.
    asked = await connection.prepare(_SQL["backend_pid"], name="")

    return bool(connection.get_server_pid() != await asked.fetchval())


def cut(pool: Pool) -> None:
    """Drop every connection; what is under way on them fails as an outage.

    A connection that nobody answers on holds its statement until COMMAND_TIMEOUT, and its cancel
    as long again. asyncpg's own ways to close a pool close it for good.
    """
    for holder in pool._holders:
        holder.terminate()


def encode(value: Any) -> str:
    """Encode JSON as it is stored: text stays text, a NUL is refused by Postgres."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _dial(*where: Any, **how: Any) -> Connection:
    connection = await asyncpg.connect(*where, **how)
    with _not_left_open(connection):
        is_direct = not await is_pooled(connection)
        if is_direct:
            await connection.execute(_SQL["use_indexes"])
    if not is_direct:
        # The next statement may run on another server connection, which knows no prepared ones.
        connection.terminate()
        connection = await asyncpg.connect(*where, **how, statement_cache_size=0)

    _keep_alive(connection._transport.get_extra_info("socket"))
    return connection


@contextmanager
def _not_left_open(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.terminate()
        raise


def _keep_alive(connected: socket.socket) -> None:
    if connected.family == socket.AF_UNIX:
        return

    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):  # macOS lacks some
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode, decoder=json.loads
    )


async def _keep(connection: Connection) -> None:
    """Spare the reset query on release: nothing here leaves state in a session."""
