"""A worker with a real sandbox and a real queue: what comes of code, good and bad."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from db.jobs import Job, Status
from tests.factories import until
from workers.handlers import HANDLERS
from workers.outcomes import Completed
from workers.sandbox import Sandbox
from workers.worker import Worker

NO_SANDBOX: Any = SimpleNamespace(report={})
WORKBOOK = "from openpyxl import Workbook\nWorkbook().save(OUTPUT_PATH)\n"


@pytest.fixture
def finish(worker, enqueue, queue):
    """Enqueue code and return the job as it ended."""

    async def finish(code: str, job_type: str = "spreadsheet", **fields: object) -> Job:
        job = await enqueue(job_type=job_type, payload={"code": code}, **fields)
        return await until(queue, job.id, lambda job: job.status.is_final)

    return finish


@pytest.fixture(scope="module")
def files_of_runs(sandbox: Sandbox) -> Callable[[], set[Path]]:
    """The files that runs have on disk now; those of the sandbox itself do not count."""

    def files() -> set[Path]:
        return {path for path in sandbox._scratch.root.rglob("*") if not path.is_dir()}

    own = files()
    return lambda: files() - own


async def test_a_document_is_made_checked_and_stored(finish, artifacts):
    job = await finish(WORKBOOK, title="Plan: Q3/Q4")

    assert job.status is Status.COMPLETED
    assert job.result["file_name"] == "Plan Q3 Q4.xlsx"
    assert job.result["sheets"] == 1
    artifact = await artifacts.get(job.result["artifact_id"])
    data = b"".join([piece async for piece in artifacts.read(artifact, 0, artifact.file_size)])
    assert data.startswith(b"PK")


async def test_a_fenced_script_keeps_its_line_numbers(finish):
    job = await finish("```python\nx = 1\nprint(totl)\n```")

    assert (job.error["code"], job.error["line"], job.error["type"]) == (
        "script_error",
        3,
        "NameError",
    )


BAD = [
    ("nothing is written", "x = 1", "no_output"),
    ("an empty file", "open(OUTPUT_PATH, 'w').close()", "empty_output"),
    ("a directory", "import os; os.mkdir(OUTPUT_PATH)", "not_a_file"),
    ("not a workbook", "open(OUTPUT_PATH, 'w').write('hello')", "wrong_type"),
    (
        "a zip that is no workbook",
        "import zipfile\nzipfile.ZipFile(OUTPUT_PATH, 'w').writestr('a', 'b')",
        "wrong_type",
    ),
    (
        "a formula that fetches",
        "from openpyxl import Workbook\nbook = Workbook()\n"
        "book.active.append(['=WEBSERVICE(A1)'])\nbook.save(OUTPUT_PATH)",
        "unsafe_output",
    ),
    (
        "more files than a job may return",
        "for n in range(21): open(f'{OUTPUT_DIR}/{n}.xlsx', 'w').write('x')",
        "too_many_outputs",
    ),
    ("a syntax error", "def broken(:\n  pass", "syntax_error"),
    ("an exception", "1/0", "script_error"),
    ("a bad exit", "raise SystemExit(3)", "script_error"),
    ("a NUL in what it prints", WORKBOOK + "print('a\\x00b')\n1/0", "script_error"),
    ("half a surrogate in its error", "raise ValueError('\\ud800')", "script_error"),
]


@pytest.mark.parametrize(("code", "error"), [case[1:] for case in BAD], ids=[c[0] for c in BAD])
async def test_bad_code_is_a_clear_error_and_leaves_nothing(
    finish, pool, files_of_runs, code, error
):
    job = await finish(code)

    assert (job.status, job.error["code"]) == (Status.FAILED, error)
    assert job.error["message"]
    assert job.attempt == 1, "its own mistake is not tried again"
    assert await pool.fetchval("SELECT count(*) FROM document_artifacts") == 0
    assert files_of_runs() == set()


DECK = "import pptx\npptx.Presentation().save(OUTPUT_PATH)\n"
LETTER = "import docx\ndocx.Document().save(OUTPUT_PATH)\n"
TEXT = "open(OUTPUT_PATH, 'w').write('hello')"
WRONG = [
    *(("spreadsheet", code) for code in (DECK, LETTER, TEXT)),
    *(("document", code) for code in (WORKBOOK, DECK, TEXT)),
    *(("presentation", code) for code in (WORKBOOK, LETTER, TEXT)),
    *(("pdf", code) for code in (WORKBOOK, TEXT)),
]


@pytest.mark.parametrize(("job_type", "code"), WRONG)
async def test_what_does_not_open_is_told_by_the_name_of_its_own_file(finish, job_type, code):
    job = await finish(code, job_type=job_type, title="Plan")

    assert job.error["code"] == "wrong_type"
    assert job.error["message"].startswith("Plan.")
    assert not any(ours in job.error["message"] for ours in ("input", "file.", "Package not"))


ODD_NAMES = """
import os
from openpyxl import Workbook
for name in (b"/.xlsx", b"/~a.XLSX", b"/\\xff.xlsx", b"/a\\n.xlsx"):
    with open(os.fsencode(OUTPUT_DIR) + name, "wb") as file:
        Workbook().save(file)
"""


async def test_a_file_of_any_name_is_opened(finish):
    job = await finish(ODD_NAMES)

    assert job.status is Status.COMPLETED, job.error
    assert len(job.result["artifacts"]) == 4


async def test_a_symlink_is_not_followed(finish):
    job = await finish("import os; os.symlink('/etc/passwd', OUTPUT_PATH)")

    assert job.status is Status.FAILED
    assert "root:" not in json.dumps(job.error)


async def test_a_job_that_takes_too_long_is_ended(finish):
    job = await finish("while True: pass", timeout=timedelta(seconds=0.3))

    assert job.error["code"] == "timeout"


async def test_cancel_kills_a_running_job_at_once(worker, enqueue, queue, files_of_runs):
    code = "open('left.txt', 'w').write('x')\nprogress(7, 'busy')\nwhile True: pass"
    job = await enqueue(job_type="spreadsheet", payload={"code": code})
    await until(queue, job.id, lambda job: job.progress == 7)
    assert files_of_runs() != set(), "or the check below could not fail"

    await queue.cancel(job.id)
    async with asyncio.timeout(2):
        await worker.idle.wait()

    assert files_of_runs() == set()


async def test_a_drain_releases_what_does_not_end(
    configured, sandbox, pool, database_url, queue, enqueue
):
    hurried = replace(configured, shutdown=timedelta(seconds=0))
    worker = Worker(hurried, pool, sandbox, listen_url=database_url)
    running = asyncio.create_task(worker.run())
    job = await enqueue(job_type="spreadsheet", payload={"code": "while True: pass"})
    await until(queue, job.id, lambda job: job.status is Status.PROCESSING)

    worker.drain()
    await asyncio.wait_for(running, 10)

    released = await queue.get(job.id)
    assert (released.status, released.retry_count, released.attempt) == (Status.PENDING, 0, 1)
    assert await queue.workers() == []


async def test_many_jobs_share_few_slots(worker, enqueue, queue):
    jobs = [await enqueue(job_type="spreadsheet", payload={"code": WORKBOOK}) for _ in range(6)]

    done = [await until(queue, job.id, lambda job: job.status.is_final) for job in jobs]

    assert {job.status for job in done} == {Status.COMPLETED}


async def test_progress_reaches_the_row(finish, worker, enqueue, queue):
    code = "progress(40, 'Half way')\nimport time\ntime.sleep(0.4)\n" + WORKBOOK
    job = await enqueue(job_type="spreadsheet", payload={"code": code})

    seen = await until(queue, job.id, lambda job: job.progress == 40)

    assert (seen.progress_message, seen.stage) == ("Half way", "running")
    await until(queue, job.id, lambda job: job.status.is_final)


async def test_a_result_is_written_together_with_the_claim_of_the_next_job(
    configured, pool, database_url, queue, enqueue
):
    jobs = [await enqueue(job_type="noop") for _ in range(4)]
    one_slot = replace(configured, worker_concurrency=1)
    HANDLERS["noop"] = complete_at_once
    worker = Worker(one_slot, pool, NO_SANDBOX, listen_url=database_url)
    running = asyncio.create_task(worker.run())

    ended = [await until(queue, job.id, lambda job: job.status.is_final) for job in jobs]
    worker.drain()
    await asyncio.wait_for(running, 10)
    del HANDLERS["noop"]

    # Not every time: a claim that is under way just then does not wait for a result.
    assert {job.started_at for job in ended} & {job.completed_at for job in ended}


async def complete_at_once(_assignment: Any) -> Completed:
    return Completed(files=())
