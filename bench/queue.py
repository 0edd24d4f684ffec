"""How fast the queue is: no-op jobs, durable, with triggers, fences and history.

Beside it in the same rounds: PgQueuer as it comes and tuned, graphile-worker tuned, and bare SQL
without any of that. Options: --jobs N a round, --rounds N, --kept N final jobs in the table,
--pending N among which are those that are drained, --snapshot SECONDS of an old transaction.
"""

import argparse
import asyncio
import statistics
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from rich.console import Console
from rich.table import Table

from bench import cluster, queue_peers, queue_times
from bench.cluster import Run, Stopwatch
from db.embedded import Cluster
from db.jobs import Job, NewJob
from db.pool import connect, connect_pool
from db.queue import Queue
from tests.factories import a_worker

PAYLOAD = {"code": "x" * 800}
USERS = 100
IN_ONE_CALL = 1000

FILL_SECONDS = 600
KEPT = """
INSERT INTO document_jobs
    (user_id, job_type, payload, status, attempt, started_at, completed_at, expires_at)
SELECT 'user ' || n % 1000, 'pdf', $2, 'completed', 1, now(), now(), now() + interval '7 days'
FROM generate_series(1, $1::integer) AS n
"""
HISTORY = """
INSERT INTO document_job_history (job_id, attempt, worker_id, started_at, ended_at, outcome)
SELECT id, 1, id, started_at, completed_at, status FROM document_jobs
"""
PENDING = """
INSERT INTO document_jobs (user_id, job_type, payload, turn, ranked_at)
SELECT 'waiting ' || n % 10000, 'pdf', $2, 1 + n / 10000, now()
FROM generate_series(1, $1::integer) AS n
"""

Drain = Callable[[Cluster, int], Awaitable[Run]]


def main() -> None:
    """Run the benchmark and print its tables."""
    asked = _asked()
    console = Console()
    with cluster.durable() as postgres:
        asyncio.run(_drains(postgres, asked, console))
        asyncio.run(_growth(postgres, asked, console))
        asyncio.run(queue_times.pick_up(postgres, console))
        asyncio.run(queue_times.enqueue(postgres, asked.seconds, console))
        asyncio.run(queue_times.old_snapshot(postgres, asked.snapshot, console))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench queue", description=__doc__)
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kept", type=int, default=20_000)
    parser.add_argument("--pending", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--snapshot", type=float, default=5)
    return parser.parse_known_args()[0]


async def _drains(postgres: Cluster, asked: argparse.Namespace, console: Console) -> None:
    contenders: dict[str, Drain] = {
        "Pressroom, batch 10": lambda p, n: drain(p, n, batch=10, loops=1),
        "Pressroom, batch 10, 2 loops": lambda p, n: drain(p, n, batch=10, loops=2),
        "Pressroom, batch 100, 2 loops": lambda p, n: drain(p, n, batch=100, loops=2),
        "bare SQL, batch 10": lambda p, n: queue_peers.bare(p, n, batch=10, loops=1),
        "bare SQL, batch 100, 2 loops": lambda p, n: queue_peers.bare(p, n, batch=100, loops=2),
        **queue_peers.installed(),
    }
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(asked.rounds):  # in turns, so that a noisy machine is noisy for all
        for name, contender in contenders.items():
            runs[name].append(await contender(postgres, asked.jobs))

    _print(runs, f"{asked.jobs} no-op jobs, median of {asked.rounds} rounds", console)


async def _growth(postgres: Cluster, asked: argparse.Namespace, console: Console) -> None:
    """Each table is filled once, and drained again and again."""
    sizes = {
        "small table": (0, 0),
        f"{asked.kept:,} final jobs kept": (asked.kept, 0),
        f"{asked.pending:,} pending jobs": (0, asked.pending),
    }
    async with AsyncExitStack() as databases:
        urls = {}
        for number, (name, (kept, pending)) in enumerate(sizes.items()):
            database = cluster.database(postgres, f"growth_{number}")
            urls[name] = await databases.enter_async_context(database)
            await _fill(urls[name], kept, pending)

        runs: dict[str, list[Run]] = {name: [] for name in sizes}
        for _ in range(asked.rounds):
            for name, url in urls.items():
                runs[name].append(await _drain(postgres, url, asked.jobs, batch=10, loops=1))

    _print(runs, "as the table grows, batch 10", console)


async def drain(postgres: Cluster, jobs: int, *, batch: int, loops: int) -> Run:
    """Claim and complete so many jobs of a fresh database."""
    async with cluster.database(postgres, "drained") as url:
        return await _drain(postgres, url, jobs, batch=batch, loops=loops)


async def _drain(postgres: Cluster, url: str, jobs: int, *, batch: int, loops: int) -> Run:
    async with await connect_pool(url, name="bench", size=loops + 1) as pool:
        queue, worker = Queue(pool), a_worker(slots=batch)
        await queue.heartbeat(worker, [])
        for first in range(0, jobs, IN_ONE_CALL):
            await queue.enqueue_many([_job(n) for n in range(first, first + IN_ONE_CALL)])
        await pool.execute("VACUUM ANALYZE document_jobs")
        left = jobs

        async def work() -> None:
            nonlocal left
            claimed: list[Job] = []
            while left > 0:  # as a worker does: results, and the claim of what takes their place
                settling = [queue.complete(job.claim, {}) for job in claimed]
                (claimed, _), *_ = await asyncio.gather(
                    queue.claim(worker, ["pdf"], batch), *settling
                )
                left -= len(claimed)
            await asyncio.gather(*(queue.complete(job.claim, {}) for job in claimed))

        watch = Stopwatch(postgres)
        await asyncio.gather(*(work() for _ in range(loops)))
        return watch.run(jobs)


def _job(number: int) -> NewJob:
    return NewJob(user_id=f"user {number % USERS}", job_type="pdf", payload=PAYLOAD)


async def _fill(url: str, kept: int, pending: int) -> None:
    """Final jobs with their history, and pending ones of many users, without their triggers."""
    connection = await connect(url, name="bench")
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(KEPT, kept, PAYLOAD, timeout=FILL_SECONDS)
        await connection.execute(HISTORY, timeout=FILL_SECONDS)
        await connection.execute(PENDING, pending, PAYLOAD, timeout=FILL_SECONDS)
    await connection.execute(
        "VACUUM ANALYZE document_jobs, document_job_history", timeout=FILL_SECONDS
    )
    await connection.close()


def _print(runs: dict[str, list[Run]], title: str, console: Console) -> None:
    table = Table("", "jobs/s", "min-max", "client CPU ms/job", "server CPU ms/job", title=title)
    for name, of_name in runs.items():
        rates = [run.rate for run in of_name]
        table.add_row(
            name,
            f"{statistics.median(rates):,.0f}",
            f"{min(rates):,.0f}-{max(rates):,.0f}",
            f"{statistics.median(run.client_ms for run in of_name):.3f}",
            f"{statistics.median(run.server_ms for run in of_name):.3f}",
        )
    console.print(table)
