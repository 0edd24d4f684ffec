"""Runs revisions on the connection that db.migrate hands over."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


async def run() -> None:
    """Open the engine over asyncpg and run what alembic was asked for."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=context.config.attributes["connect"],
        poolclass=NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


asyncio.run(run())
