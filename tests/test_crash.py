"""kill -9 of a worker in the middle of a job: the job is done elsewhere, once."""

import os
import signal
import time

from db.pool import connect
from pressroom.api import Api
from pressroom.up import System

CODE = """
import time
from openpyxl import Workbook

progress(10, "Thinking")
time.sleep(1.5)
Workbook().save(OUTPUT_PATH)
"""


async def test_a_killed_workers_job_completes_elsewhere_within_15_seconds(system: System):
    async with Api(system.url) as api:
        accepted = await api.submit(CODE, "spreadsheet", "Survivor")
        killed_at = None
        async for state in api.watch(accepted["eventsUrl"]):
            if state["progress"] == 10 and killed_at is None:
                os.kill(system.pid("worker"), signal.SIGKILL)
                killed_at = time.monotonic()

    assert killed_at is not None, "the job was never seen at work"
    assert time.monotonic() - killed_at < 15
    assert (state["status"], state["attempt"], state["retryCount"]) == ("completed", 2, 0)

    database = await connect(system.database_url, name="test")
    outcomes = await database.fetch(
        "SELECT outcome FROM document_job_attempts WHERE job_id = $1 ORDER BY attempt",
        accepted["jobId"],
    )
    artifacts = await database.fetchval(
        "SELECT count(*) FROM document_artifacts WHERE job_id = $1", accepted["jobId"]
    )
    await database.close()
    assert [row["outcome"] for row in outcomes] == ["lost", "completed"]
    assert artifacts == 1
