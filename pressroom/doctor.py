"""Looks at everything a Pressroom stands on, and says what to mend."""

import asyncio
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.markup import escape

from db import address
from db.errors import PressroomError
from db.pool import OUTAGE, Pool, connect_pool
from db.queue import Queue
from db.settings import Settings
from workers.sandbox import Sandbox

Check = Callable[[Pool, Settings], Awaitable[str]]


def run(settings: Settings) -> int:
    """Print a line for each check; return 0 when all is well."""
    return asyncio.run(_run(settings, Console()))


async def _run(settings: Settings, console: Console) -> int:
    url = address.database_url(settings)
    broken = 0
    async with await connect_pool(url, name="pressroom doctor", size=2) as pool:
        for name, check in _CHECKS.items():
            try:
                console.print(f"[green]✓[/] {name}: {escape(await check(pool, settings))}")
            except (PressroomError, *OUTAGE) as error:
                broken += 1
                console.print(f"[red]✗[/] {name}: {escape(str(error))}")

    return 1 if broken else 0


async def _database(pool: Pool, settings: Settings) -> str:
    return f"Postgres {await Queue(pool).server_version()}"


async def _workers(pool: Pool, settings: Settings) -> str:
    workers = await Queue(pool).workers()
    alive = [worker for worker in workers if worker["is_alive"]]
    if not alive:
        raise PressroomError("no worker is alive; start one with `pressroom worker`")

    slots = sum(worker["slots"] for worker in alive)
    running = sum(worker["running"] for worker in alive)
    return f"{len(alive)} alive, {running} of {slots} slots busy"


async def _jobs(pool: Pool, settings: Settings) -> str:
    counts: dict[str, int] = {}
    for row in await Queue(pool).stats():
        counts[row["status"]] = counts.get(row["status"], 0) + row["jobs"]

    return ", ".join(f"{count} {status}" for status, count in counts.items()) or "none"


async def _sandbox(pool: Pool, settings: Settings) -> str:
    async with Sandbox(settings, slots=1) as sandbox:
        report = sandbox.report

    layers = f"Landlock {report['landlock_abi']}, seccomp, uid {report['uid']}"
    return f"{report['probes']} attacks tried, none succeeded; {layers}"


_CHECKS: dict[str, Check] = {
    "database": _database,
    "workers": _workers,
    "jobs": _jobs,
    "sandbox": _sandbox,
}
