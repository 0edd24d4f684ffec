"""How long things wait: from a commit to the handler, for an enqueue, for a claim."""

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import cluster
from db import settings
from db.embedded import Cluster
from db.jobs import NewJob
from db.pool import Pool, connect, connect_pool
from db.queue import Queue
from tests.factories import a_worker
from workers.handlers import HANDLERS
from workers.outcomes import Completed
from workers.worker import Worker

WRITERS = 16
RATES = (200, 400, 800, 1600)
WARM_UP = 20  # until the worker listens
PICK_UPS = 200
CLAIMS_A_SECOND = 50


async def pick_up(postgres: Cluster, console: Console) -> None:
    """A worker at rest: from the end of the commit until its handler begins."""
    begun: asyncio.Queue[float] = asyncio.Queue()

    async def handle(_assignment: Any) -> Completed:
        begun.put_nowait(time.perf_counter())
        return Completed(files=())

    async with (
        cluster.database(postgres, "pick_up") as url,
        await connect_pool(url, name="bench", size=1) as pool,
        _working(url, handle) as worker,
    ):
        queue, waits = Queue(pool), []
        for _ in range(WARM_UP + PICK_UPS):
            await worker.idle.wait()
            await queue.enqueue(NewJob(user_id="ada", job_type="noop"))
            committed = time.perf_counter()
            waits.append((await begun.get() - committed) * 1000)

    rows = {"commit to handler": waits[WARM_UP:]}
    _print(console, f"pick-up from rest, ms, {PICK_UPS} jobs", rows)


@asynccontextmanager
async def _working(url: str, handle: Callable[[Any], Awaitable[Any]]) -> AsyncIterator[Worker]:
    configured = replace(settings.load({}), worker_concurrency=4)
    HANDLERS["noop"] = handle
    no_sandbox: Any = SimpleNamespace(report={})
    async with await connect_pool(url, name="worker", size=8) as pool:
        worker = Worker(configured, pool, no_sandbox, listen_url=url)
        running = asyncio.create_task(worker.run(), name="worker")
        yield worker
        worker.drain()
        await running
    del HANDLERS["noop"]


async def enqueue(postgres: Cluster, seconds: float, console: Console) -> None:
    """16 writers at fixed rates, with the trigger that notifies and without, in turns."""
    rows: dict[str, list[float]] = {}
    async with (
        cluster.database(postgres, "enqueue") as url,
        await connect_pool(url, name="bench", size=WRITERS) as pool,
    ):
        listening = await connect(url, name="listener")
        await listening.add_listener("document_jobs_changes", lambda *_: None)
        await _offer(pool, RATES[0], 1)  # every connection opened, every statement prepared
        for rate in RATES:
            for word in ("ENABLE", "DISABLE"):
                await pool.execute(f"ALTER TABLE document_jobs {word} TRIGGER notify_insert")
                name = f"{rate}/s, {'with' if word == 'ENABLE' else 'without'} NOTIFY"
                rows[name] = await _offer(pool, rate, seconds)
        await listening.close()

    _print(console, f"enqueue, ms, by {WRITERS} writers", rows)


async def _offer(pool: Pool, rate: float, seconds: float) -> list[float]:
    """Milliseconds from when each insert was due until it was committed."""
    queue, start, number = Queue(pool), time.perf_counter(), itertools.count()
    waits: list[float] = []

    async def write(writer: int) -> None:
        while (due := start + next(number) / rate) < start + seconds:
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            await queue.enqueue(NewJob(user_id=f"user {writer}", job_type="pdf"))
            waits.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    return waits


async def old_snapshot(postgres: Cluster, seconds: float, console: Console) -> None:
    """50 jobs a second while a transaction holds a snapshot: what vacuum may not take away."""
    async with (
        cluster.database(postgres, "snapshot") as url,
        await connect_pool(url, name="bench", size=2) as pool,
    ):
        old = await connect(url, name="old")
        holding = old.transaction(isolation="repeatable_read")
        await holding.start()
        await old.execute("SELECT count(*) FROM document_jobs")

        waits = await _claim_for(Queue(pool), seconds)
        await holding.rollback()
        await old.close()

    title = f"claim, ms, {CLAIMS_A_SECOND}/s with a snapshot held for {seconds:g} s"
    tenth = max(len(waits) // 10, 1)
    _print(console, title, {"all": waits, "the last tenth": waits[-tenth:]})


async def _claim_for(queue: Queue, seconds: float) -> list[float]:
    worker, waits, start = a_worker(), [], time.perf_counter()
    await queue.heartbeat(worker, [])
    for number in range(int(seconds * CLAIMS_A_SECOND)):
        await asyncio.sleep(max(start + number / CLAIMS_A_SECOND - time.perf_counter(), 0))
        await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))
        begun = time.perf_counter()
        (job,), _ = await queue.claim(worker, ["pdf"], 1)
        waits.append((time.perf_counter() - begun) * 1000)
        await queue.complete(job.claim, {})
        if number % CLAIMS_A_SECOND == 0:
            await queue.find_lines(["pdf"])

    return waits


def _print(console: Console, title: str, rows: dict[str, list[float]]) -> None:
    table = Table("", "p50", "p99", "max", "n", title=title)
    for name, waits in rows.items():
        late = statistics.quantiles(waits, n=100)[-1]
        values = (statistics.median(waits), late, max(waits))
        table.add_row(name, *(f"{value:.2f}" for value in values), str(len(waits)))
    console.print(table)
