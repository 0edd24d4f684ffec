"""Two servers behind Debian's nginx, rolled one after the other while streams are open."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from db.jobs import Job
from db.queue import Queue
from tests.nginx import nginx
from tests.server.conftest import Program, program
from tests.storm import Client

Claim = Callable[..., Awaitable[Job]]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]
CLIENTS, ROUNDS = 50, 3
STEPS_A_ROLL = 4


async def test_a_rolling_restart_behind_a_proxy_loses_nothing(
    database_url: str, queue: Queue, claim: Claim
):
    claims = [(await claim(title=str(n))).claim for n in range(CLIENTS)]
    async with (
        AsyncExitStack() as stack,
        asyncio.timeout(240),
        asyncio.TaskGroup() as watching,
    ):
        servers = [await stack.enter_async_context(program(database_url)) for _ in range(2)]
        proxy = await stack.enter_async_context(nginx(*(server.url for server in servers)))
        clients = [
            Client(str(c.job_id), [proxy.plain], random.Random(c.job_id.int)) for c in claims
        ]
        for client in clients:
            watching.create_task(client.run())

        for number in range(ROUNDS * 2):
            await _roll(stack, servers, number % 2, database_url)
            for step in range(STEPS_A_ROLL):
                for held in claims:
                    await queue.report_progress(held, message=f"{number}.{step}")
        for held in claims:
            await queue.complete(held, {})

    assert all(client.is_over for client in clients)
    print(f"{CLIENTS} ends over {sum(c.connects for c in clients)} connections, {ROUNDS * 2} rolls")


async def _roll(stack: AsyncExitStack, servers: list[Program], which: int, url: str) -> None:
    """One goes and comes back at its address; the other serves."""
    server = servers[which]
    server.process.send_signal(signal.SIGTERM)
    assert await server.process.wait() == 0
    port = server.url.rpartition(":")[2]
    servers[which] = await stack.enter_async_context(program(url, PRESSROOM_PORT=port))
