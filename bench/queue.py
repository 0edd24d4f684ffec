"""How fast the queue is: no-op jobs, durable, with triggers, fences and history.

Beside it in the same rounds: PgQueuer as it comes and tuned, and bare SQL without any of that.
Options: --jobs N a round, --rounds N, --kept N final jobs in the table, --pending N behind those
that are drained, --snapshot SECONDS of an old transaction.
"""

import argparse
import asyncio
import statistics
from collections.abc import Awaitable, Callable

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
    sizes = {
        "small table": (0, 0),
        f"{asked.kept:,} final jobs kept": (asked.kept, 0),
        f"{asked.pending:,} pending jobs": (0, asked.pending),
    }
    runs: dict[str, list[Run]] = {name: [] for name in sizes}
    for _ in range(asked.rounds):
        for name, (kept, pending) in sizes.items():
            more = {"kept": kept, "pending": pending}
            runs[name].append(await drain(postgres, asked.jobs, batch=10, loops=1, **more))

    _print(runs, "as the table grows, batch 10", console)


async def drain(
    postgres: Cluster, jobs: int, *, batch: int, loops: int, kept: int = 0, pending: int = 0
) -> Run:
    """Claim and complete so many jobs."""
    async with (
        cluster.database(postgres, "drained") as url,
        await connect_pool(url, name="bench", size=loops + 1) as pool,
    ):
        queue, worker = Queue(pool), a_worker(slots=batch)
        await queue.heartbeat(worker, [])
        await _keep(url, kept)
        for first in range(0, jobs + pending, IN_ONE_CALL):
            await queue.enqueue_many([_job(n) for n in range(first, first + IN_ONE_CALL)])
        await pool.execute("VACUUM ANALYZE document_jobs")

        left = jobs

        async def work() -> None:
            nonlocal left
            claimed: list[Job] = []
            while left > 0:
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


async def _keep(url: str, count: int) -> None:
    connection = await connect(url, name="bench")
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(
            "INSERT INTO document_jobs"
            " (user_id, job_type, payload, status, completed_at, expires_at)"
            " SELECT 'user ' || n % 1000, 'pdf', $2, 'completed', now(), now() + '7 days'"
            " FROM generate_series(1, $1::integer) AS n",
            count,
            PAYLOAD,
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
