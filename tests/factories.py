"""Values and rows as tests need them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from db.jobs import Job
from db.queue import Queue, Worker


def a_worker(**fields: object) -> Worker:
    defaults = {"id": uuid4(), "hostname": "test", "pid": 1, "slots": 4}
    return Worker(**{**defaults, "lease": timedelta(seconds=10), **fields})  # type: ignore[arg-type]


async def until(queue: Queue, job_id: UUID, holds: Callable[[Job], bool]) -> Job:
    """Read a job until something holds of it; each read waits for Postgres, so nothing spins."""
    async with asyncio.timeout(20):
        while not holds(job := await queue.get(job_id)):
            pass

    return job
