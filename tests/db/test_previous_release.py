"""The release before this one goes on working on the schema of this one, beside it.

Its statements are kept as they were released, in release_0_1; what it wrote in Python around them
is only the order of the arguments.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from db import sql
from db.jobs import MAX_LOST, Claim, NewJob, Status
from db.pool import Pool
from db.queue import WORKER_LOST, Page, Queue, Worker
from tests.factories import a_worker

ERROR = {"code": "internal_error", "message": "x", "retryable": True}
AGE = """
UPDATE document_workers SET heartbeat_at = now() - interval '1 s', lease = interval '1 ms'
WHERE id = $1
"""


class Previous:
    """The verbs of the previous release."""

    def __init__(self, pool: Pool) -> None:
        folder = Path(__file__).parent / "release_0_1"
        self.statements: dict[str, str] = {}
        for file in sorted(folder.glob("*.sql")):
            parts = sql._NAME.split(file.read_text())
            self.statements |= dict(zip(parts[1::2], parts[2::2], strict=True))
        self._pool = pool
        self.worker = a_worker()

    async def run(self, name: str, *arguments: Any) -> list[Any]:
        return await self._pool.fetch(self.statements[name], *arguments)

    async def enqueue(self) -> Any:
        lasting = (None, timedelta(days=7), None, timedelta(0), None, None, None, None)
        identity = ("ada", None, None, None, "pdf", None, {"code": "pass"}, 0, 3)
        (row,) = await self.run("enqueue", *identity, *lasting)
        return row

    async def beat(self, *held: Claim) -> list[Any]:
        me = self.worker
        who = (me.id, me.hostname, me.pid, me.slots, me.sandbox, me.lease)
        return await self.run(
            "heartbeat", *who, [c.job_id for c in held], [c.attempt for c in held]
        )

    async def claim(self) -> Claim:
        (row, *_) = await self.run("claim", self.worker.id, ["pdf"], 1)
        return Claim(row["id"], row["attempt"])


@pytest.fixture
async def previous(pool: Pool) -> Previous:
    previous = Previous(pool)
    await previous.beat()
    return previous


async def test_its_jobs_live_their_lives(previous: Previous, queue: Queue):
    await previous.enqueue()
    for settle, arguments, status in [
        ("snooze", [timedelta(0)], Status.PENDING),
        ("release", [], Status.PENDING),
        ("retry", [ERROR, timedelta(0)], Status.PENDING),
        ("complete", [{}], Status.COMPLETED),
    ]:
        claim = await previous.claim()
        assert await previous.beat(claim) == []
        await previous.run("report_progress", *claim, 50, "half", "running", 1, 0)
        await previous.run("put_artifact", *claim, 0, "a.pdf", "application/pdf", 1, "x")
        (settled,) = await previous.run(settle, *claim, *arguments)
        assert settled["status"] == status
        await previous.run("sweep_artifacts")

    await queue._pool.execute("DELETE FROM document_artifacts")  # nobody wrote its bytes
    assert [a["outcome"] for a in await queue.attempts(claim.job_id)] == [
        "snoozed",
        "released",
        "retried",
        "completed",
    ]


async def test_it_reads_cancels_reopens_and_prunes_beside_us(previous: Previous, queue: Queue):
    job = await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))

    assert (await previous.run("get", job.id))[0]["status"] == "pending"
    assert len(await previous.run("get_newer", [job.id], [0])) == 1
    assert len(await previous.run("list", "ada", *[None] * 6, 10)) == 1
    assert len(await previous.run("cancel", job.id, ERROR)) == 1
    assert len(await previous.run("reopen", job.id)) == 1
    for name in ("stats", "census", "workers"):
        assert await previous.run(name)
    await previous.run("expire", ERROR)
    await previous.run("prune", 500)
    await previous.run("unregister", uuid4())

    assert len(await queue.list(Page())) == 1


async def test_what_one_enqueues_the_other_claims(previous: Previous, queue: Queue, worker: Worker):
    theirs = await previous.enqueue()
    ((claimed, *_), _) = await queue.claim(worker, ["pdf"], 1)
    assert claimed.id == theirs["id"]
    await queue.complete(claimed.claim, {})

    ours = await queue.enqueue(NewJob(user_id="bob", job_type="pdf"))
    claim = await previous.claim()
    assert claim.job_id == ours.id
    assert await previous.run("complete", *claim, {})


async def test_each_rescues_the_other_and_the_fence_holds_between_them(
    previous: Previous, queue: Queue, worker: Worker, pool: Pool
):
    await previous.enqueue()
    theirs = await previous.claim()
    await pool.execute(AGE, previous.worker.id)
    assert await queue.rescue() == [(theirs, Status.PENDING)]

    ((ours, *_), _) = await queue.claim(worker, ["pdf"], 1)
    assert await previous.run("complete", *theirs, {}) == []
    assert [Claim(*row) for row in await previous.beat(theirs)] == [theirs]

    await pool.execute(AGE, worker.id)
    (rescued,) = await previous.run("rescue", MAX_LOST, WORKER_LOST)
    assert Claim(rescued["job_id"], rescued["attempt"]) == ours.claim
