"""`./dev soak stream`: 200 clients, 10,000 jobs of 20 changes, and everything restarts."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from db import migrate, settings
from db.embedded import Cluster
from db.pool import connect_pool
from tests.server.conftest import program
from tests.storm import gathering

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
CLIENTS, JOBS, CHANGES, RESTARTS, TERMINATIONS, ROLLS = 200, 10_000, 20, 5, 20, 5


async def test_every_client_sees_every_end_through_the_storm(tmp_path: Path):
    cluster = Cluster(tmp_path / "postgres", settings.load({}).postgres_bin)
    cluster.start(durable=False)
    try:
        await migrate.upgrade(cluster.url)
        async with (
            await connect_pool(cluster.url, name="storm", size=20) as pool,
            gathering(cluster.url, pool, jobs=JOBS, changes=CHANGES) as storm,
            AsyncExitStack() as stack,
        ):

            async def restart() -> None:
                await asyncio.to_thread(cluster.stop)
                await asyncio.to_thread(cluster.start, durable=False)

            async def roll() -> None:
                """The one server goes and comes back at its address; the other serves."""
                server = storm.servers[0]
                server.process.send_signal(signal.SIGTERM)
                await server.process.wait()
                port = server.url.rpartition(":")[2]
                again = program(cluster.url, PRESSROOM_PORT=port)
                storm.servers[0] = await stack.enter_async_context(again)

            woes = [restart] * RESTARTS + [storm.terminate] * TERMINATIONS + [roll] * ROLLS
            seen = await storm.rage(CLIENTS, woes, seed=7)
    finally:
        cluster.stop()

    assert all(client.is_over for client in seen)
    print(f"{len(seen)} ends seen over {sum(client.connects for client in seen)} connections")
