"""What the queue is held against: bare SQL, and PgQueuer and graphile-worker where to be had."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bench import cluster
from bench.cluster import Run, Stopwatch
from db import settings
from db.embedded import Cluster
from db.pool import connect_pool

PGQUEUER = "pgqueuer==1.6.0"
GRAPHILE = "graphile-worker@0.18.0"
HERE = Path(__file__).parent

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


Contender = Callable[[Cluster, int], Awaitable[Run]]


def installed() -> dict[str, Contender]:
    """PgQueuer as it comes and tuned, graphile-worker tuned; without those that cannot be had."""
    folder = settings.load().data_dir / "bench"
    return {**_pgqueuer(folder), **_graphile(folder)}


def _pgqueuer(folder: Path) -> dict[str, Contender]:
    python = _venv(folder)
    if python is None:
        return {}

    script = (str(python), "-I", str(HERE / "pgqueuer_drain.py"))
    return {
        "PgQueuer, batch 10": _program(*script, more=("10", "1")),
        "PgQueuer, batch 250, 4 connections": _program(*script, more=("250", "4")),
    }


def _graphile(folder: Path) -> dict[str, Contender]:
    modules = _node_modules(folder)
    if modules is None:
        return {}

    script = shutil.copy(HERE / "graphile_drain.mjs", modules.parent)
    return {"graphile-worker, 24 jobs, queue of 500": _program("node", str(script))}


def _program(*command: str, more: Sequence[str] = ()) -> Contender:
    """One that says when it has enqueued and begins, and at the end its CPU seconds."""

    async def drain(postgres: Cluster, jobs: int) -> Run:
        async with cluster.database(postgres, "peer", migrated=False) as url:
            peer = await asyncio.create_subprocess_exec(
                *(*command, url, str(jobs), *more),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            assert peer.stdout
            await peer.stdout.readline()
            watch = Stopwatch(postgres)
            client_seconds = float(await peer.stdout.readline())
            run = watch.run(jobs, client_seconds)
            await peer.wait()

        return run

    return drain


def _venv(folder: Path) -> Path | None:
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Installing {PGQUEUER} into {folder}, once", file=sys.stderr)
        made = subprocess.run([sys.executable, "-m", "venv", folder], check=False)
        pip = [str(python), "-m", "pip", "-q", "install", PGQUEUER, "asyncpg", "uvloop"]
        if made.returncode or subprocess.run(pip, check=False).returncode:
            return None

    return python


def _node_modules(folder: Path) -> Path | None:
    modules = folder / "node" / "node_modules"
    if shutil.which("npm") is None:
        print("No graphile-worker beside it: there is no node here", file=sys.stderr)
        return None

    if not (modules / "graphile-worker").exists():
        print(f"Installing {GRAPHILE} into {modules.parent}, once", file=sys.stderr)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix"]
        if subprocess.run([*npm, str(modules.parent), GRAPHILE], check=False).returncode:
            return None

    return modules
