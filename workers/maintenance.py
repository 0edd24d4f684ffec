"""What every worker does for all of them: rescue, expire, prune, sweep.

Each statement takes a lock for itself: of many workers one does the work, in batches, and skips the
rows that somebody else has locked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from db.artifacts import Artifacts
from db.pool import OUTAGE
from db.queue import Queue
from workers import metrics

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

log = logging.getLogger(__name__)


async def run(
    queue: Queue,
    artifacts: Artifacts,
    *,
    may_rescue: Callable[[], bool],
    job_types: Sequence[str] = (),
    type_limits: Mapping[str, int] = MappingProxyType({}),
    user_limit: int | None = None,
) -> None:
    """Keep house until cancelled; jobs are taken from the dead only while `may_rescue` says so."""

    async def tidy_up() -> None:
        await tidy(queue, may_rescue, user_limit)

    async def line_up() -> None:
        while await queue.find_lines(job_types, type_limits):
            continue  # there is more to renew, which comes before everybody else meanwhile

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_every(MINUTE, lambda: prune(queue, artifacts)), name="prune")
        tasks.create_task(_every(SECOND, tidy_up), name="tidy")
        tasks.create_task(_every(SECOND, line_up), name="line up")


async def tidy(queue: Queue, may_rescue: Callable[[], bool], user_limit: int | None = None) -> None:
    """Give the jobs of dead workers to the living, fail those that nobody began in time."""
    if may_rescue():
        await rescue(queue)
    for job_id in await queue.expire():
        log.info("job.expired job=%s", job_id)
    await queue.let_in(user_limit)


async def rescue(queue: Queue) -> None:
    """Take jobs from dead workers, a batch after the other."""
    while rescued := await queue.rescue():
        for claim, status in rescued:
            log.warning("job.rescued job=%s attempt=%d status=%s", *claim, status)
            metrics.count_rescue(status)


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
