"""Brings the schema up to date: safe from many processes at once, polite to a running system."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from db import sql
from db.errors import SettingInvalid
from db.pool import OUTAGE, Connection, Pool, connect, connect_pool, is_pooled

LOCK_TIMEOUT = timedelta(seconds=2)
TRY_AGAIN = timedelta(seconds=1)
LOOK_AGAIN = timedelta(seconds=5)
PATIENCE = timedelta(seconds=120)
MIGRATIONS = str(Path(__file__).parent / "migrations")
_SQL = sql.statements("migrations.sql")

Step = Callable[[Config, str], None]

log = logging.getLogger(__name__)


async def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade to `revision`. Raises TimeoutError when locks were not to be had for two minutes.

    A schema newer than this program is left as it is: after a roll back, it serves both.
    """
    async with await connect_pool(url, name="pressroom migrate", size=1) as pool:
        if set(await _revisions(pool)) - _known():
            log.warning("migrate.leaves reason=newer")
            return

    await _alone(url, command.upgrade, revision)


async def wait(url: str) -> None:
    """Wait, however long, until the schema is as new as this program; change nothing."""
    while not await _is_current_at(url):
        log.warning("migrate.waits reason=schema")
        await asyncio.sleep(LOOK_AGAIN.total_seconds())


async def downgrade(url: str, revision: str = "base") -> None:
    """Downgrade to `revision`; for development."""
    await _alone(url, command.downgrade, revision)


async def is_current(pool: Pool) -> bool:
    """Whether the schema is as new as this program, or newer: the next release has migrated."""
    found = await _revisions(pool)
    return bool(found) and not set(found) & (_known() - {_newest()})


async def _is_current_at(url: str) -> bool:
    try:
        async with await connect_pool(url, name="pressroom migrate", size=1) as pool:
            return await is_current(pool)
    except OUTAGE as error:
        log.warning("migrate.failed error=%r", error)
        return False


async def _revisions(pool: Pool) -> list[str]:
    if not await pool.fetchval(_SQL["is_migrated"]):
        return []

    return await pool.fetchval(_SQL["revisions"]) or []


@cache
def _known() -> frozenset[str]:
    return frozenset(revision.revision for revision in _scripts().walk_revisions())


@cache
def _newest() -> str | None:
    return _scripts().get_current_head()


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)

    return ScriptDirectory.from_config(config)


async def _alone(url: str, step: Step, revision: str) -> None:
    async with asyncio.timeout(PATIENCE.total_seconds()):
        guard = await connect(url, name="pressroom migrate")
        try:
            if await is_pooled(guard):
                raise SettingInvalid(
                    "DATABASE_URL leads to a connection pooler, and a migration's lock would be"
                    " anybody's there; set LISTEN_DATABASE_URL to the direct address of Postgres"
                )
            while not await guard.fetchval(_SQL["lock"]):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.2)

            await _politely(url, step, revision)
        finally:
            await guard.close()


async def _politely(url: str, step: Step, revision: str) -> None:
    """Give a lock up after a moment, so that nobody queues behind us, and try again."""
    while True:
        try:
            return await asyncio.to_thread(step, _config(url), revision)
        except asyncpg.LockNotAvailableError:
            log.info("migrate.waits reason=locks")
            await asyncio.sleep(TRY_AGAIN.total_seconds())


def _config(url: str) -> Config:
    async def connect_politely() -> Connection:
        return await asyncpg.connect(
            url,
            server_settings={
                "application_name": "pressroom migrate",
                "lock_timeout": f"{LOCK_TIMEOUT.total_seconds() * 1000:.0f}ms",
            },
        )

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connect"] = connect_politely

    return config
