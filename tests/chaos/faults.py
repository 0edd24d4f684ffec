"""The faults: each goes on until its coroutine returns."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg

from tests.chaos.system import WORKERS, Victim, descendants

Fault = Callable[[Victim], Awaitable[None]]

TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name LIKE 'pressroom %' AND backend_type = 'client backend'
"""
HOLDS_THE_LOCK_OF_NOTIFY = """
SELECT count(*) FROM pg_locks
WHERE pid = $1 AND granted AND locktype = 'object' AND classid = 'pg_database'::regclass
  AND objid = 0
"""


async def kill_worker(victim: Victim) -> None:
    kill(victim.pid(random.choice(WORKERS)))


async def kill_both_workers(victim: Victim) -> None:
    for name in WORKERS:
        kill(victim.pid(name))


async def kill_server(victim: Victim) -> None:
    kill(victim.pid("server"))


async def kill_warm_parent(victim: Victim) -> None:
    kill(victim.warm_parent(random.choice(WORKERS)))


async def stop_worker_past_its_lease(victim: Victim) -> None:
    """The worker, and all below it, as a frozen host would."""
    pid = victim.pid(random.choice(WORKERS))
    if pid is None:
        return

    family = [pid, *descendants(pid)]
    for member in family:
        send(member, signal.SIGSTOP)
    await asyncio.sleep(victim.lease_seconds + 3)
    for member in family:
        send(member, signal.SIGCONT)


async def restart_postgres_fast(victim: Victim) -> None:
    await victim.postgres.stop(signal.SIGINT)
    await victim.postgres.start()


async def restart_postgres_immediately(victim: Victim) -> None:
    await victim.postgres.stop(signal.SIGQUIT)
    await victim.postgres.start()


async def keep_postgres_down_past_the_lease(victim: Victim) -> None:
    await victim.postgres.stop(signal.SIGINT)
    await asyncio.sleep(victim.lease_seconds + 3)
    await victim.postgres.start()


async def terminate_backends(victim: Victim) -> None:
    async with directly(victim) as connection:
        await connection.execute(TERMINATE)


async def terminate_backends_repeatedly(victim: Victim) -> None:
    for _ in range(5):
        await terminate_backends(victim)
        await asyncio.sleep(0.5)


async def exhaust_connections(victim: Victim) -> None:
    """Somebody else takes every connection that there is, and keeps them for a while."""
    taken: list[asyncpg.Connection] = []
    async with directly(victim) as connection:
        while await connection.fetchval(TERMINATE):
            with suppress(asyncpg.TooManyConnectionsError):
                while True:
                    taken.append(await asyncpg.connect(victim.url))
        await asyncio.sleep(5)
    for held in taken:
        held.terminate()


async def block_notify(victim: Victim) -> None:
    """Freeze a backend in a commit in which it holds the lock of all who notify."""
    async with directly(victim) as connection, directly(victim) as onlooker:
        await connection.execute("SET commit_delay = 100000; SET commit_siblings = 0")
        pid = connection.get_server_pid()
        async with asyncio.timeout(10):
            while True:
                commit = asyncio.create_task(connection.execute("NOTIFY chaos"))
                while not commit.done():
                    if await onlooker.fetchval(HOLDS_THE_LOCK_OF_NOTIFY, pid):
                        send(pid, signal.SIGSTOP)
                        break
                if await onlooker.fetchval(HOLDS_THE_LOCK_OF_NOTIFY, pid):
                    break
                send(pid, signal.SIGCONT)
                await commit
        await asyncio.sleep(6)
        send(pid, signal.SIGCONT)
        await commit


async def cut_the_network(victim: Victim) -> None:
    victim.proxy.cut()


async def cut_the_network_repeatedly(victim: Victim) -> None:
    for _ in range(5):
        victim.proxy.cut()
        await asyncio.sleep(0.5)


async def half_open_the_network(victim: Victim) -> None:
    """Nothing comes through, and nobody is told; afterwards only new connections work."""
    victim.proxy.freeze()
    await asyncio.sleep(8)
    victim.proxy.thaw()


async def fill_the_scratch(victim: Victim) -> None:
    """Only where the scratch is small."""
    filler = victim.scratch / "filler"
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(1 << 20))
            file.flush()
    await asyncio.sleep(5)
    filler.unlink()


ALL: list[Fault] = [
    kill_worker,
    kill_both_workers,
    kill_server,
    kill_warm_parent,
    stop_worker_past_its_lease,
    restart_postgres_fast,
    restart_postgres_immediately,
    keep_postgres_down_past_the_lease,
    terminate_backends_repeatedly,
    exhaust_connections,
    block_notify,
    cut_the_network_repeatedly,
    half_open_the_network,
]


@asynccontextmanager
async def directly(victim: Victim):
    connection = await asyncpg.connect(victim.url)
    try:
        yield connection
    finally:
        connection.terminate()


def kill(pid: int | None) -> None:
    if pid is not None:
        send(pid, signal.SIGKILL)


def send(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)
