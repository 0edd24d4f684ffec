"""What turns cost, and what they buy, beside the same claim by time of arrival.

Options: --pending N jobs of --users N. One more user's first job comes when all of them wait.
"""

import argparse
import asyncio
import json
import statistics
import time
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from bench import cluster
from db import queue, turnover
from db.embedded import Cluster
from db.pool import Connection, connect

CLAIMS = 100
SLOTS = 10
ENQUEUES = 500

# The claim as it would be without turns, users and limits.
BY_TIME = """
WITH candidate AS MATERIALIZED (
    SELECT id FROM document_jobs
    WHERE status = 'pending' AND scheduled_at <= now() AND job_type = ANY ($2::text[])
    ORDER BY scheduled_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE document_jobs AS job
SET status = 'processing', attempt = job.attempt + 1, worker_id = $1, started_at = now()
FROM candidate WHERE job.id = candidate.id
RETURNING job.*
"""
INDEX = "CREATE INDEX by_time ON document_jobs (scheduled_at, id) WHERE status = 'pending'"
ME, TYPES = uuid4(), ["pdf"]
CONTENDERS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "by time": (BY_TIME, (ME, TYPES, SLOTS)),
    "by turn": (turnover._SQL["turn_over"], ([], [], [], ME, TYPES, SLOTS)),
    "by turn, the whole claim": (queue._SQL["claim"], (ME, TYPES, [], [], SLOTS, None)),
    "by turn, 4 running a user": (queue._SQL["claim"], (ME, TYPES, [], [], SLOTS, 4)),
}


def main() -> None:
    """Run the benchmark and print a table."""
    parser = argparse.ArgumentParser("bench fairness", description=__doc__)
    parser.add_argument("--pending", type=int, default=50_000)
    parser.add_argument("--users", type=int, default=1_000)
    asked = parser.parse_known_args()[0]
    with cluster.durable() as postgres:
        rows = [asyncio.run(_measure(postgres, name, asked)) for name in CONTENDERS]

    title = f"{asked.pending:,} pending of {asked.users:,} users; claims of {SLOTS}"
    table = Table("", "claim p50 ms", "p99 ms", "buffers", "waits for", "enqueue ms", title=title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


async def _measure(postgres: Cluster, name: str, asked: argparse.Namespace) -> list[str]:
    statement, arguments = CONTENDERS[name]
    async with cluster.database(postgres, "fairness") as url:
        connection = await connect(url, name="bench")
        if statement == BY_TIME:
            await connection.execute("DROP TRIGGER enter ON document_jobs")
            await connection.execute(INDEX)
        await _enqueue(connection, "user", asked.pending, asked.users)
        await connection.execute("VACUUM ANALYZE document_jobs")
        enqueues = [await _enqueue(connection, f"new {n}", 1, 1) for n in range(ENQUEUES)]
        await _enqueue(connection, "last", 1, 1)

        claims, found = await _claims(connection, statement, arguments)
        buffers = await _buffers(connection, statement, arguments)
        await connection.close()

    return [
        name,
        f"{statistics.median(claims):.2f}",
        f"{statistics.quantiles(claims, n=100)[-1]:.2f}",
        str(buffers),
        f"{found:,} jobs",
        f"{statistics.median(enqueues):.2f}",
    ]


async def _enqueue(connection: Connection, name: str, jobs: int, users: int) -> float:
    begun = time.perf_counter()
    await connection.execute(
        "INSERT INTO document_jobs (user_id, job_type)"
        " SELECT $1 || ' ' || n % $3::integer, 'pdf' FROM generate_series(1, $2::integer) AS n",
        name,
        jobs,
        users,
        timeout=600,
    )
    return (time.perf_counter() - begun) * 1000


async def _claims(
    connection: Connection, statement: str, arguments: tuple[Any, ...]
) -> tuple[list[float], int]:
    """Milliseconds of each claim, and how many jobs go before the last user's first."""
    waits = []
    for _ in range(CLAIMS):
        begun = time.perf_counter()
        await connection.fetch(statement, *arguments)
        waits.append((time.perf_counter() - begun) * 1000)

    ahead = await connection.fetchval(
        "SELECT count(*) FROM document_jobs AS job, document_jobs AS last"
        " WHERE last.user_id = 'last 0' AND job.id <> last.id"
        " AND (job.turn, job.ranked_at) <= (last.turn, last.ranked_at)"
    )
    if statement == BY_TIME:
        ahead = await connection.fetchval("SELECT count(*) - 1 FROM document_jobs")
    return waits, ahead


async def _buffers(connection: Connection, statement: str, arguments: tuple[Any, ...]) -> int:
    explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
    plan = json.loads(await connection.fetchval(explained, *arguments))[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
