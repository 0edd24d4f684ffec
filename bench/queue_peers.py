"""What the queue is held against: PgQueuer, where it can be installed, and bare SQL."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import cluster
from bench.cluster import Run, Stopwatch
from db import settings
from db.embedded import Cluster
from db.pool import connect_pool

PGQUEUER = "pgqueuer==1.6.0"
SCRIPT = Path(__file__).parent / "pgqueuer_drain.py"

TABLE = """
CREATE TABLE bare (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payload jsonb NOT NULL,
    status text NOT NULL DEFAULT 'pending'
) WITH (fillfactor = 70);
CREATE INDEX bare_pending ON bare (id) WHERE status = 'pending';
"""
CLAIM = """
WITH candidate AS MATERIALIZED (
    SELECT id FROM bare WHERE status = 'pending' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE bare SET status = 'processing' FROM candidate WHERE bare.id = candidate.id
RETURNING bare.id, bare.payload
"""
COMPLETE = "UPDATE bare SET status = 'completed' WHERE id = ANY ($1::bigint[])"


async def bare(postgres: Cluster, jobs: int, *, batch: int, loops: int) -> Run:
    """Two statements a batch on a table without triggers."""
    async with (
        cluster.database(postgres, "bare", migrated=False) as url,
        await connect_pool(url, name="bench", size=loops) as pool,
    ):
        await pool.execute(TABLE)
        await pool.execute(
            "INSERT INTO bare (payload) SELECT jsonb_build_object('code', repeat('x', 800))"
            " FROM generate_series(1, $1::integer)",
            jobs,
        )
        await pool.execute("VACUUM ANALYZE bare")

        async def work() -> None:
            while rows := await pool.fetch(CLAIM, batch):
                await pool.execute(COMPLETE, [row["id"] for row in rows])

        watch = Stopwatch(postgres)
        await asyncio.gather(*(work() for _ in range(loops)))
        return watch.run(jobs)


def installed() -> dict[str, Callable[[Cluster, int], Awaitable[Run]]]:
    """PgQueuer as it comes and tuned; nothing where it cannot be had."""
    python = _venv()
    if python is None:
        return {}

    def contender(*options: str) -> Callable[[Cluster, int], Awaitable[Run]]:
        return lambda postgres, jobs: _pgqueuer(postgres, jobs, python, *options)

    return {
        "PgQueuer, batch 10": contender("10", "1"),
        "PgQueuer, batch 250, 4 connections": contender("250", "4"),
    }


async def _pgqueuer(postgres: Cluster, jobs: int, python: Path, *options: str) -> Run:
    async with cluster.database(postgres, "pgqueuer", migrated=False) as url:
        peer = await asyncio.create_subprocess_exec(
            *(str(python), "-I", str(SCRIPT), url, str(jobs), *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert peer.stdout
        await peer.stdout.readline()  # it has enqueued, and begins
        watch = Stopwatch(postgres)
        client_seconds = float(await peer.stdout.readline())
        run = watch.run(jobs, client_seconds)
        await peer.wait()

    return run


def _venv() -> Path | None:
    folder = settings.load().data_dir / "bench"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Installing {PGQUEUER} into {folder}, once", file=sys.stderr)
        made = subprocess.run([sys.executable, "-m", "venv", folder], check=False)
        pip = [str(python), "-m", "pip", "-q", "install", PGQUEUER, "asyncpg", "uvloop"]
        if made.returncode or subprocess.run(pip, check=False).returncode:
            return None

    return python
