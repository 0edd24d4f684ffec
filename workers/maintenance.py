"""What every worker does for all of them: rescue, expire, prune, sweep.

Each statement locks what it takes and skips what another worker has locked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from db.artifacts import Artifacts
from db.pool import OUTAGE
from db.queue import Queue
from workers import metrics

RESCUE_EVERY = timedelta(seconds=1)
PRUNE_EVERY = timedelta(minutes=1)

log = logging.getLogger(__name__)


async def run(queue: Queue, artifacts: Artifacts) -> None:
    """Keep house until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_every(RESCUE_EVERY, lambda: rescue(queue)), name="rescue")
        tasks.create_task(_every(PRUNE_EVERY, lambda: prune(queue, artifacts)), name="prune")


async def rescue(queue: Queue) -> None:
    """Give the jobs of dead workers to the living, and fail those that nobody began in time."""
    for claim, status in await queue.rescue():
        log.warning("job.rescued job=%s attempt=%d status=%s", *claim, status)
        metrics.count_rescue(status)
    for job_id in await queue.expire():
        log.info("job.expired job=%s", job_id)


async def prune(queue: Queue, artifacts: Artifacts) -> None:
    """Delete what has outlived its time, and the artifacts that no attempt can settle any more."""
    while pruned := await queue.prune():
        log.info("jobs.pruned count=%d", pruned)
    await artifacts.sweep()


async def _every(interval: timedelta, step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await step()
        except OUTAGE as error:
            log.warning("maintenance.failed error=%r", error)
        await asyncio.sleep(interval.total_seconds())
