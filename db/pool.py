"""Connections: how this project talks to Postgres."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
from asyncpg import Connection as Connection
from asyncpg import Pool as Pool

COMMAND_TIMEOUT = timedelta(seconds=30)

# What an unreachable, restarting or overfull Postgres raises; the same call may work later.
OUTAGE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    # An idle connection that Postgres has said goodbye to, and that has not hung up yet.
    asyncpg.InternalClientError,
)


async def connect_pool(url: str, *, name: str, size: int = 8) -> Pool:
    """Open a pool of at most `size` connections; `name` is shown in pg_stat_activity."""
    return await asyncpg.create_pool(
        url,
        init_size=1,
        min_size=0,  # restoring a floor fails with a traceback while Postgres is down
        max_size=size,
        init=_prepare,
        reset=_keep,
        command_timeout=COMMAND_TIMEOUT.total_seconds(),
        server_settings={"application_name": name},
    )


async def connect(url: str, *, name: str) -> Connection:
    """Open one connection of one's own."""
    connection = await asyncpg.connect(
        url,
        command_timeout=COMMAND_TIMEOUT.total_seconds(),
        server_settings={"application_name": name},
    )
    await _prepare(connection)

    return connection


def encode(value: Any) -> str:
    """Encode JSON as it is stored: text stays text, a NUL is refused by Postgres."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode, decoder=json.loads
    )


async def _keep(connection: Connection) -> None:
    """Spare the reset query on release: nothing here leaves state in a session."""
