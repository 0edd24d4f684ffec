"""How many jobs wait and run, counted seldom, for whoever scrapes."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from db.jobs import Status
from db.payloads import JOB_TYPES, PREVIEW
from db.pool import OUTAGE
from db.queue import Queue

FRESH = timedelta(seconds=5)
PATIENCE = timedelta(seconds=3)
SHARE = 20
OTHER = "other"
COUNTED = (*JOB_TYPES, PREVIEW)
UNFINISHED = (Status.PENDING, Status.PROCESSING)

Rows = Sequence[Mapping[str, Any]]

log = logging.getLogger(__name__)


class Census:
    """Asks the database at most every five seconds.

    A count that took long is kept the longer, so that it never costs the database more than a
    twentieth of one process.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._rows: Rows | None = None
        self.paused: Collection[str] = ()
        self._good_until = 0.0
        self._counting = asyncio.Lock()

    async def take(self) -> Rows | None:
        """What Queue.census returned lately; None in an outage: old figures look like peace."""
        async with self._counting:
            if time.monotonic() >= self._good_until:
                self._rows, keep_seconds = await self._count()
                self._good_until = time.monotonic() + keep_seconds

            return self._rows

    async def _count(self) -> tuple[Rows | None, float]:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                rows = await self._queue.census()
                self.paused = await self._queue.paused()
        except OUTAGE as error:
            log.warning("census.failed error=%r", error)
            return None, FRESH.total_seconds()

        return rows, max(FRESH.total_seconds(), SHARE * (time.monotonic() - begun))


def of_queue(rows: Rows | None) -> Iterator[Metric]:
    """Jobs, due jobs and the oldest wait by job type, zeros too; nothing in an outage."""
    if rows is None:
        return

    jobs = Counter(dict.fromkeys(product(COUNTED, UNFINISHED), 0))
    due = Counter(dict.fromkeys(COUNTED, 0))
    oldest = dict.fromkeys(COUNTED, 0.0)
    for row in rows:
        # Whoever inserts rows may name any type, and a label is a series for good.
        job_type = row["job_type"] if row["job_type"] in COUNTED else OTHER
        jobs[job_type, Status(row["status"])] += row["jobs"]
        due[job_type] += row["due"]
        oldest[job_type] = max(oldest.get(job_type, 0.0), row["oldest_wait_seconds"] or 0.0)

    yield _by_type_and_status(jobs)
    yield _by_type("queue_due_jobs", "Pending jobs that a worker could claim now.", due)
    yield _by_type("queue_oldest_wait_seconds", "Since when the first of them is due.", oldest)


def of_pauses(paused: Collection[str]) -> Iterator[Metric]:
    """Which job types an operator has paused."""
    yield _by_type(
        "job_type_paused",
        "1 while no worker claims it.",
        {name: name in paused for name in COUNTED},
    )


def _by_type_and_status(jobs: Mapping[tuple[str, Status], int]) -> Metric:
    family = GaugeMetricFamily(
        "pressroom_jobs", "Jobs that have not ended.", labels=["job_type", "status"]
    )
    for labels, count in jobs.items():
        family.add_metric(labels, count)

    return family


def _by_type(name: str, meaning: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"pressroom_{name}", meaning, labels=["job_type"])
    for job_type, value in values.items():
        family.add_metric([job_type], value)

    return family
