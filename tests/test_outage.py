"""Postgres is away: who is healthy loses no job, and who died with it has lost theirs in time."""

import asyncio
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db import migrate
from db import queue as verbs
from db.jobs import Job, NewJob, Status
from db.pool import OUTAGE, connect_pool
from db.queue import Queue
from tests.chaos.faults import directly, restart_postgres_immediately, send
from tests.chaos.system import Postgres, Victim, victim
from tests.factories import a_worker
from workers import maintenance
from workers.heart import Heart

LEASE = timedelta(seconds=3)
# A connect that is given up, and a rest: nobody who is healthy takes longer to come back.
LATEST = LEASE / 3 + LEASE / 4
UPTIME = " AND pg_postmaster_start_time() < now() - 0.6 * lease"

ENQUEUE = """
INSERT INTO document_jobs (user_id, job_type, payload)
VALUES ('ada', 'spreadsheet', '{"code": "import time; time.sleep(60)"}') RETURNING id
"""
HOLDER = """
SELECT worker.pid FROM document_jobs AS job JOIN document_workers AS worker ON worker.id = worker_id
WHERE job.id = $1 AND attempt = $2
"""


@pytest.mark.parametrize("waits", [True, False], ids=["it waits", "without the wait"])
async def test_an_outage_longer_than_a_lease_takes_no_job_from_a_healthy_worker(
    tmp_path: Path, monkeypatch, waits
):
    if not waits:
        assert UPTIME in verbs._SQL["rescue"]
        monkeypatch.setitem(verbs._SQL, "rescue", verbs._SQL["rescue"].replace(UPTIME, ""))

    with Postgres(tmp_path / "postgres") as postgres:
        job = await after_an_outage(postgres, waits=waits)

    assert job.status is (Status.PROCESSING if waits else Status.PENDING)


async def after_an_outage(postgres: Postgres, *, waits: bool) -> Job:
    """Return the job of a worker that is the last to come back; another is back at once."""
    url = postgres.cluster.url
    await migrate.upgrade(url)
    async with await connect_pool(url, name="test", size=4) as pool:
        queue, last = Queue(pool), a_worker(lease=LEASE)
        await queue.heartbeat(last, [])
        await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))
        (job,), _ = await queue.claim(last, ["pdf"], 1)

        heart = Heart(url, a_worker(lease=LEASE), held=lambda: (), on_lost=lambda _: None)
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(heart.run())
            rescuing = tasks.create_task(rescue(queue, heart, waits=waits))
            await postgres.stop(signal.SIGINT)
            await asyncio.sleep((LEASE * 1.2).total_seconds())
            begun = time.monotonic()
            await postgres.start()

            await until(lambda: (heart.beaten_at or 0) > begun)
            await asyncio.sleep(LATEST.total_seconds())
            await queue.heartbeat(last, [job.claim])
            await until(lambda: heart.is_steady)
            await queue.heartbeat(last, [job.claim])
            await maintenance.rescue(queue)
            for task in (first, rescuing):
                task.cancel()

        return await queue.get(job.id)


async def rescue(queue: Queue, heart: Heart, *, waits: bool) -> None:
    while True:
        with suppress(*OUTAGE):
            await maintenance.tidy(queue, (lambda: heart.is_steady) if waits else (lambda: True))
        await asyncio.sleep(0.01)


async def until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - a clock has no event
            await asyncio.sleep(0.01)


@pytest.mark.timeout(120)
def test_whose_worker_dies_with_postgres_has_another_within_15_seconds(tmp_path: Path):
    with victim(tmp_path, lease_seconds=10) as target:
        seconds = asyncio.run(take_over(target))

    assert seconds < 15


async def take_over(target: Victim) -> float:
    async with directly(target) as connection:
        job = await connection.fetchval(ENQUEUE)
        holder = await held(connection, job, attempt=1)
    send(holder, signal.SIGKILL)
    killed_at = time.monotonic()
    await restart_postgres_immediately(target)

    async with directly(target) as connection:
        await held(connection, job, attempt=2)
        await connection.execute("UPDATE document_jobs SET status = 'cancelled'")
    return time.monotonic() - killed_at


async def held(connection: Any, job: Any, *, attempt: int) -> int:
    """Return who runs the attempt, once somebody does."""
    async with asyncio.timeout(60):
        while (holder := await connection.fetchval(HOLDER, job, attempt)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # without, it takes a core from those it waits for

    return int(holder)
