"""When a worker is ready, and what it counts."""

import asyncio
import json
import time

import pytest

from db.errors import SandboxMissing
from db.telemetry import probes
from tests.factories import until
from workers import metrics
from workers.health import Health, of_worker
from workers.worker import Worker

ENDLESS = "progress(7)\nwhile True: pass"


@pytest.fixture
def health(worker, sandbox, pool) -> Health:
    health = Health()
    health.introduce(worker, sandbox, pool)
    return health


def attempts(outcome: str) -> float:
    return metrics.ATTEMPTS.labels("spreadsheet", outcome)._value.get()


async def made(queue, enqueue, code: str, **fields: object):
    job = await enqueue(job_type="spreadsheet", payload={"code": code}, **fields)
    return await until(queue, job.id, lambda job: job.status.is_final)


async def test_before_there_is_a_worker_it_is_alive_and_not_ready():
    answers = Health().answers

    assert "sandbox" in str(await answers.unready())
    assert b"pressroom_build_info" in await answers.metrics()


async def test_a_worker_is_ready_when_the_database_has_taken_its_heartbeat(health, queue, enqueue):
    await made(queue, enqueue, "1/0")
    async with asyncio.timeout(10):  # its heart has a connection of its own, and may be later
        while "not answered" in str(await health.answers.unready()):
            await queue.server_version()  # waits for Postgres, so nothing spins

    assert await health.answers.unready() is None


async def test_a_worker_that_cannot_beat_for_a_lease_is_not_ready(
    configured, worker, health, queue, enqueue, monkeypatch
):
    await made(queue, enqueue, "1/0")
    late = time.monotonic() + configured.lease.total_seconds() + 3
    monkeypatch.setattr(time, "monotonic", lambda: late)

    assert "heartbeat" in str(worker.unready)


async def test_a_worker_that_drains_is_not_ready(configured, sandbox, pool, database_url):
    worker = Worker(configured, pool, sandbox, listen_url=database_url)
    assert "not answered" in str(worker.unready)

    worker.drain()

    assert "draining" in str(worker.unready)


async def test_slots_are_busy_while_attempts_run(worker, queue, enqueue):
    job = await enqueue(job_type="spreadsheet", payload={"code": ENDLESS})
    await until(queue, job.id, lambda job: job.progress == 7)
    (family,) = of_worker(worker)
    busy = {sample.labels["state"]: sample.value for sample in family.samples}
    await queue.cancel(job.id)

    assert busy == {"busy": 1, "free": 1}


@pytest.mark.parametrize(
    ("code", "fields", "outcome"),
    [
        ("open(OUTPUT_PATH, 'w').close()", {}, "failed"),
        ("import os; os.kill(os.getpid(), 9)", {"max_retries": 0}, "failed"),
    ],
    ids=["its own fault", "retries are spent"],
)
async def test_an_attempt_is_counted_by_what_was_written(
    worker, queue, enqueue, pool, code, fields, outcome
):
    before = attempts(outcome)

    job = await made(queue, enqueue, code, **fields)
    await worker.idle.wait()

    assert attempts(outcome) == before + 1
    assert [row["outcome"] for row in await queue.attempts(job.id)] == [outcome]


async def test_a_cancelled_attempt_is_counted_as_lost(worker, queue, enqueue):
    before = attempts("lost")
    job = await enqueue(job_type="spreadsheet", payload={"code": ENDLESS})
    await until(queue, job.id, lambda job: job.progress == 7)

    await queue.cancel(job.id)
    await worker.idle.wait()

    assert attempts("lost") == before + 1


async def test_the_wait_is_from_when_the_job_was_due(worker, queue, enqueue, pool):
    waits = metrics.WAIT.labels("spreadsheet")
    before = waits._sum.get()
    job = await pool.fetchval(
        "INSERT INTO document_jobs (user_id, job_type, payload, scheduled_at)"
        " VALUES ('ada', 'spreadsheet', $1, now() - interval '90 seconds') RETURNING id",
        {"code": "1/0"},
    )
    await until(queue, job, lambda job: job.status.is_final)

    assert 90 <= waits._sum.get() - before < 110


async def test_readiness_says_what_confines_the_code(health, sandbox):
    reply = await probes.reply("/readyz", health.answers)

    said = json.loads(reply.body)["sandbox"]
    assert said == sandbox.report
    assert (said["failed"], said["seccomp"]) == ({}, True)


async def test_a_worker_whose_sandbox_was_refused_is_not_ready(health, sandbox, monkeypatch):
    monkeypatch.setattr(sandbox, "refused", SandboxMissing("seccomp", "Use a native node."))

    assert "native node" in str(await health.answers.unready())
