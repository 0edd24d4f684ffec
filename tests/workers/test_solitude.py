"""Who runs beside whom when a job is suspected of taking workers down."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from db.jobs import Status
from tests.factories import until
from workers.solitude import Solitude

DAY = timedelta(days=1)
WORKBOOK = "from openpyxl import Workbook\nWorkbook().save(OUTPUT_PATH)\n"


class Resident:
    """A job that begins when it may and ends when it is told to."""

    def __init__(self, solitude: Solitude, lost_count: int) -> None:
        self.asked, self.begun, self.over = (asyncio.Event() for _ in range(3))
        self._job: Any = SimpleNamespace(lost_count=lost_count)
        self.task = asyncio.create_task(self._run(solitude))

    async def _run(self, solitude: Solitude) -> None:
        self.asked.set()
        async with solitude.kept(self._job):
            self.begun.set()
            await self.over.wait()

    async def end(self) -> None:
        self.over.set()
        await self.task


async def test_jobs_run_together_also_after_one_loss() -> None:
    solitude = Solitude()
    jobs = [Resident(solitude, lost_count=n % 2) for n in range(4)]

    for job in jobs:
        await job.begun.wait()

    assert not solitude.wait_for_a_suspect
    for job in jobs:
        await job.end()


async def test_a_suspect_waits_for_the_others_and_nobody_begins_beside_it() -> None:
    solitude = Solitude()
    before = Resident(solitude, 0)
    await before.begun.wait()
    suspect = Resident(solitude, 2)
    await suspect.asked.wait()
    after = Resident(solitude, 0)

    await before.end()
    await suspect.begun.wait()
    began_beside_it = after.begun.is_set()
    await suspect.end()
    await after.begun.wait()

    assert not began_beside_it
    await after.end()


async def test_suspects_run_one_by_one() -> None:
    solitude = Solitude()
    first, second = Resident(solitude, 2), Resident(solitude, 2)
    await first.begun.wait()

    began_beside_it = second.begun.is_set()
    await first.end()
    await second.begun.wait()

    assert not began_beside_it
    await second.end()


async def test_a_suspect_that_gives_up_waiting_holds_nobody_up() -> None:
    solitude = Solitude()
    before = Resident(solitude, 0)
    await before.begun.wait()
    suspect = Resident(solitude, 2)
    await suspect.asked.wait()

    suspect.task.cancel()
    await asyncio.wait([suspect.task])
    after = Resident(solitude, 0)
    await after.begun.wait()

    for job in (before, after):
        await job.end()


async def test_a_job_that_outlived_two_workers_runs_alone(worker, pool, queue, enqueue) -> None:
    code = "progress(7)\nwhile True: pass"
    neighbour = await enqueue(job_type="spreadsheet", payload={"code": code})
    await until(queue, neighbour.id, lambda job: job.progress == 7)
    suspect = await enqueue(job_type="spreadsheet", payload={"code": WORKBOOK}, delay=DAY)
    await pool.execute(
        "UPDATE document_jobs SET lost_count = 2, scheduled_at = now() WHERE id = $1", suspect.id
    )
    waits = await until(queue, suspect.id, lambda job: job.status is Status.PROCESSING)

    await queue.cancel(neighbour.id)
    ended = await until(queue, suspect.id, lambda job: job.status.is_final)

    assert (waits.stage, ended.status) == ("starting", Status.COMPLETED)
