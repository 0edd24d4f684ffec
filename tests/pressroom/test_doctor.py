"""The doctor finds what was broken on purpose, says who it was, and what to do."""

from typing import Any

import pytest

from db import settings
from db.diagnosis import Diagnosis
from db.pool import Pool, connect
from db.queue import Queue, Worker
from pressroom import doctor

# What the tests before this one did is in them: statistics lag, and the server is everybody's.
LAGGING = ("dead_rows", "indexes", "connections")


@pytest.mark.parametrize("question", Diagnosis.questions)
async def test_all_is_well_with_an_empty_database(question: str, pool: Pool):
    is_well, says = await Diagnosis(pool).ask(question)

    assert says
    assert is_well or question in LAGGING, says


async def test_it_finds_jobs_that_nobody_takes(pool: Pool, queue: Queue, enqueue: Any):
    await enqueue()
    await pool.execute("UPDATE document_jobs SET scheduled_at = now() - interval '1 hour'")

    assert "1 due for more than 5 minutes" in await complaint(pool, "stuck_jobs")

    await queue.pause("pdf")
    assert (await Diagnosis(pool).ask("stuck_jobs")).is_well, "a paused job type may wait"


async def test_it_finds_jobs_that_a_dead_worker_holds(pool: Pool, claim: Any):
    await claim()
    await pool.execute("UPDATE document_jobs SET started_at = now() - interval '1 hour'")
    await pool.execute("UPDATE document_workers SET heartbeat_at = now() - interval '1 hour'")

    assert "1 held by a dead worker" in await complaint(pool, "stuck_jobs")


async def test_it_misses_the_listener_of_a_worker(pool: Pool, worker: Worker):
    assert "0 listening" in await complaint(pool, "listeners")


async def test_it_says_who_holds_an_old_snapshot(pool: Pool, database_url: str, monkeypatch: Any):
    age = "coalesce(age < interval '5 minutes'"
    assert age in _sql()["oldest_snapshot"]
    now = _sql()["oldest_snapshot"].replace(age, "coalesce(age < interval '0'")
    monkeypatch.setitem(_sql(), "oldest_snapshot", now)
    reader = await connect(database_url, name="a long report")
    transaction = reader.transaction(isolation="repeatable_read")
    await transaction.start()
    await reader.execute("SELECT count(*) FROM document_jobs")

    says = await complaint(pool, "oldest_snapshot")

    await transaction.rollback()
    await reader.close()
    assert "a long report" in says
    assert "idle in transaction" in says


async def test_it_finds_a_table_that_autovacuum_passes_by(pool: Pool):
    await pool.execute("ALTER TABLE document_workers SET (autovacuum_enabled = false)")
    says = await complaint(pool, "autovacuum")
    await pool.execute("ALTER TABLE document_workers RESET (autovacuum_enabled)")

    assert "document_workers" in says


async def test_each_complaint_comes_with_what_to_do(pool: Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(doctor._CHECKS, "sandbox")  # its attacks have tests of their own
    found = {report.check: report async for report in doctor._reports(pool, settings.load({}))}

    assert not found["workers"].is_well
    assert "pressroom worker" in str(found["workers"].fix)
    assert found["schema"].is_well
    assert found["schema"].fix is None


async def complaint(pool: Pool, question: str) -> str:
    is_well, says = await Diagnosis(pool).ask(question)
    assert not is_well, says
    return says


def _sql() -> dict[str, str]:
    from db import diagnosis

    return diagnosis._SQL
