"""Any sequence of verbs by any worker, fresh or stale, alone or two at once, on a real Postgres.

After each step every job is what the model says, its change counter has moved if and only if the
row has, and the invariants of the schema hold.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import permutations, product
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db import queue
from db.artifacts import Artifacts
from db.errors import ClaimLost, JobFinal, JobNotFound
from db.jobs import Claim, Job, NewJob, Status
from db.pool import connect_pool
from db.queue import Queue
from tests.conftest import INVARIANTS
from tests.db.life import LEGAL, Known
from tests.factories import a_worker

Verb = Callable[[Queue], Awaitable[Any]]

HOUR = timedelta(hours=1)
ERROR = {"code": "internal_error", "message": "x", "retryable": True}
SETTLES = ["complete", "fail", "retry", "snooze", "release"]
VERBS = [*SETTLES, "cancel", "reopen"]
FINAL = [status for status in Status if status.is_final]
WORKERS = st.integers(0, 3)
READ = """
SELECT *, (SELECT count(*) FROM document_job_artifacts WHERE job_id = job.id) AS visible
FROM document_jobs AS job
"""
IS_BLOCKED = "SELECT cardinality(pg_blocking_pids($1)) > 0"
FAST = settings(max_examples=15, stateful_step_count=30, derandomize=True, phases=[Phase.generate])
BOTH = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


class Life(RuleBasedStateMachine):
    """The queue under test, and beside it what is known of each job."""

    claims = Bundle("claims")
    url: str
    arrows: set[tuple[Status, Status]]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.pool = self.wait(connect_pool(self.url, name="machine", size=4))
        self.queue, self.artifacts = Queue(self.pool), Artifacts(self.pool)
        # A life can last longer than a lease, on a busy machine; nobody dies but by `kill`.
        self.workers = [a_worker(lease=HOUR) for _ in range(4)]
        self.known: dict[UUID, Known] = {}
        self.issued: set[Claim] = set()
        self.stored: set[Claim] = set()
        self.seen: dict[UUID, Job] = {}
        for worker in self.workers:
            self.wait(self.queue.heartbeat(worker, []))

    def teardown(self) -> None:
        for table in ("document_jobs", "document_workers"):
            self.execute(f"DELETE FROM {table}")
        self.wait(self.pool.close())
        self.runner.close()

    @initialize()
    def begin(self) -> None:
        self.enqueue(max_retries=1, user="ada")

    # Few jobs meet often.
    @precondition(lambda self: len(self.of(Status.PENDING, Status.PROCESSING)) < 3)
    @rule(max_retries=st.integers(0, 2), user=st.sampled_from(["ada", "bob"]))
    def enqueue(self, max_retries: int, user: str) -> None:
        new = NewJob(user_id=user, job_type="pdf", max_retries=max_retries)
        job = self.wait(self.queue.enqueue(new))
        self.known[job.id] = Known(max_retries=max_retries)

    @rule(target=claims, worker=WORKERS, slots=st.integers(1, 3))
    def claim(self, worker: int, slots: int) -> Any:
        waiting = [k for k in self.known.values() if k.status is Status.PENDING and k.is_due]
        for _ in range(2):  # what has just fallen due is claimed the second time
            taken, *_ = self.wait(self.queue.claim(self.workers[worker], ["pdf"], slots))
            if taken or not waiting:
                break
        assert len(taken) <= slots
        assert taken or not waiting, "there was work, and nobody got it"
        return multiple(*(self.taken(job, worker) for job in taken))

    @rule(target=claims, worker=WORKERS)
    def claim_at_once(self, worker: int) -> Any:
        """While one claims, another takes others."""
        workers = [worker, (worker + 1) % 4]
        verbs = [lambda queue, n=n: queue.claim(self.workers[n], ["pdf"], 1) for n in workers]
        both = zip(self.wait(self.at_once, *verbs), workers, strict=True)
        return multiple(*(self.taken(job, n) for (jobs, *_), n in both for job in jobs))

    @rule(claim=claims, verb=st.sampled_from(VERBS))
    def act(self, claim: Claim, verb: str) -> None:
        self.follow(claim, [verb], [self.wait(applied(verb, claim, self.queue))])

    @rule(claim=claims, first=st.sampled_from(VERBS), second=st.sampled_from(VERBS))
    def act_at_once(self, claim: Claim, first: str, second: str) -> None:
        """Two at once do what one after the other does, in one order or the other."""
        verbs = [lambda queue, v=verb: applied(v, claim, queue) for verb in (first, second)]
        self.follow(claim, [first, second], self.wait(self.at_once, *verbs))

    @rule(claim=claims)
    def store(self, claim: Claim) -> None:
        put = self.artifacts.put(claim, 0, "a.pdf", "application/pdf", b"bytes")
        assert self.wait(succeeded(put)) == self.holds(claim)
        if self.holds(claim):
            self.stored.add(claim)

    @rule(claim=claims, percent=st.integers(0, 100))
    def report_progress(self, claim: Claim, percent: int) -> None:
        report = self.queue.report_progress(claim, percent=percent, message=f"{percent}")
        assert self.wait(succeeded(report)) == self.holds(claim)

    @rule(target=claims, claim=claims)
    def take_over(self, claim: Claim) -> Any:
        """The way to two who think that they hold the same job."""
        holder = self.known[claim.job_id].worker if self.holds(claim) else None
        if holder is not None:
            self.kill(holder)
        return self.claim(worker=((holder or 0) + 1) % 4, slots=3)

    @precondition(lambda self: self.of(Status.PROCESSING))
    @rule(worker=WORKERS)
    def kill(self, worker: int) -> None:
        """Its heart stops, and somebody rescues what it held; then it comes back."""
        self.execute(
            "UPDATE document_workers SET lease = interval '1 ms',"
            " heartbeat_at = now() - interval '1 s' WHERE id = $1",
            self.workers[worker].id,
        )
        held = [job for job, known in self.known.items() if known.worker == worker]
        rescued = [claim for claim, _ in self.wait(self.queue.rescue())]
        assert sorted(rescued) == sorted(map(self.claim_of, held))
        for job in held:
            self.become(job, self.known[job].lost())
        self.wait(self.queue.heartbeat(self.workers[worker], []))
        self.execute("UPDATE document_workers SET lease = interval '1 h'")

    @precondition(lambda self: self.issued)
    @rule(worker=WORKERS)
    def beat(self, worker: int) -> None:
        """It names all that anybody ever held, and hears what nobody holds any more."""
        lost = self.wait(self.queue.heartbeat(self.workers[worker], list(self.issued)))
        assert set(lost) == {claim for claim in self.issued if not self.holds(claim)}

    @precondition(lambda self: not all(k.is_due for k in self.known.values()))
    @rule()
    def let_time_pass(self) -> None:
        """What was put off is due; bytes that nobody can settle are swept."""
        self.execute("UPDATE document_jobs SET scheduled_at = created_at WHERE status = 'pending'")
        for job in self.of(Status.PENDING):
            self.become(job, self.known[job].becomes(Status.PENDING, is_due=True))
        self.wait(self.artifacts.sweep())

    @precondition(lambda self: self.of(Status.PENDING))
    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.of(Status.PENDING)))
        self.execute("UPDATE document_jobs SET start_before = now() WHERE id = $1", job)
        assert self.wait(self.queue.expire()) == [job]
        self.become(job, self.known[job].becomes(Status.FAILED))

    @precondition(lambda self: len(self.of(*FINAL)) > 2)
    @rule(data=st.data())
    def prune(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.of(*FINAL)))
        self.execute("UPDATE document_jobs SET expires_at = created_at WHERE id = $1", job)
        assert self.wait(self.queue.prune()) == 1
        del self.known[job], self.seen[job]
        self.issued -= {claim for claim in self.issued if claim.job_id == job}

    @invariant()
    def every_job_is_as_known(self) -> None:
        rows = {row["id"]: row for row in self.wait(self.pool.fetch(READ))}
        assert rows.keys() == self.known.keys()
        for job, row in rows.items():
            assert is_like(row, self.known[job]), (dict(row), self.known[job])
            completed = self.known[job].status is Status.COMPLETED
            assert row["visible"] == int(completed and self.claim_of(job) in self.stored)
            self.check_counter(row)

    @invariant()
    def the_schema_keeps_its_promises(self) -> None:
        assert not self.wait(self.pool.fetch(INVARIANTS))

    def check_counter(self, row: Any) -> None:
        job = Job.from_row(row)
        before, self.seen[job.id] = self.seen.get(job.id), job
        if before is not None:
            is_same = job._replace(seq=before.seq, updated_at=before.updated_at) == before
            assert (job.seq > before.seq) == (not is_same), "seq moves when the row does"

    def follow(self, claim: Claim, verbs: list[str], results: list[bool | None]) -> None:
        """Learn which order explains the row and the answers; one must."""
        before = self.known.get(claim.job_id)
        if before is None:
            assert not any(results), "a job that is gone does nothing"
            return None

        row = self.wait(self.pool.fetchrow(f"{READ} WHERE id = $1", claim.job_id))
        for order in permutations(range(len(verbs))):
            after, answers = before, [False] * len(verbs)
            for n in order:
                changed = after.after(verbs[n], claim.attempt)
                after, answers[n] = changed or after, changed is not None
            told = [r is None or r == answer for r, answer in zip(results, answers, strict=True)]
            if is_like(row, after) and all(told):
                return self.become(claim.job_id, after)

        raise AssertionError(f"{verbs} of {before} gave {results} and {dict(row)}")

    async def at_once(self, first: Verb, second: Verb) -> list[Any]:
        """Let the second run into the locks of the first, if it meets any; then commit."""
        async with self.pool.acquire() as one, self.pool.acquire() as other:
            async with one.transaction():
                result = await first(Queue(one))
                rival = asyncio.ensure_future(second(Queue(other)))
                while not rival.done() and not await self.is_blocked(other):
                    pass
            return [result, await rival]

    async def is_blocked(self, connection: Any) -> bool:
        return bool(await self.pool.fetchval(IS_BLOCKED, connection.get_server_pid()))

    def taken(self, job: Job, worker: int) -> Claim:
        self.become(job.id, self.known[job.id].claimed(worker))
        self.issued.add(job.claim)
        return job.claim

    def become(self, job: UUID, known: Known) -> None:
        if known.status is not self.known[job].status:
            self.arrows.add((self.known[job].status, known.status))
        self.known[job] = known

    def of(self, *statuses: Status) -> list[UUID]:
        return [job for job, known in self.known.items() if known.status in statuses]

    def status(self, job: UUID) -> Status | None:
        return self.known[job].status if job in self.known else None

    def claim_of(self, job: UUID) -> Claim:
        return Claim(job, self.known[job].attempt)

    def holds(self, claim: Claim) -> bool:
        held = self.status(claim.job_id) is Status.PROCESSING
        return held and self.claim_of(claim.job_id) == claim

    def execute(self, statement: str, *arguments: Any) -> None:
        self.wait(self.pool.execute(statement, *arguments))

    def wait(self, verb: Any, *arguments: Any) -> Any:
        async def call() -> Any:
            return await (verb(*arguments) if callable(verb) else verb)

        return self.runner.run(call())


async def applied(verb: str, claim: Claim, queue: Queue) -> bool | None:
    """Whether the verb did something; None when its answer does not tell."""
    match verb:
        case "cancel" | "reopen":
            await succeeded(getattr(queue, verb)(claim.job_id))
            return None
        case "complete":
            return await succeeded(queue.complete(claim, {}))
        case "fail":
            return await succeeded(queue.fail(claim, ERROR))
        case "retry":
            return await succeeded(queue.retry(claim, ERROR, HOUR))
        case "snooze":
            return await succeeded(queue.snooze(claim, HOUR))
        case _:
            return await succeeded(queue.release(claim))


async def succeeded(verb: Awaitable[Any]) -> bool:
    try:
        await verb
    except (ClaimLost, JobFinal, JobNotFound):
        return False
    return True


def is_like(row: Any, known: Known) -> bool:
    names = ("status", "attempt", "retry_count", "lost_count")
    return all(row[name] == getattr(known, name) for name in names)


def life(url: str) -> type[Life]:
    return type("Life", (Life,), {"url": url, "arrows": set()})


def live(url: str, lives: settings) -> set[tuple[Status, Status]]:
    machine = life(url)
    run_state_machine_as_test(machine, settings=settings(lives, **BOTH))
    return machine.arrows


def write_stale(url: str) -> None:
    machine = life(url)()
    try:
        machine.begin()
        (claim,) = machine.claim(worker=0, slots=1).values
        machine.take_over(claim)
        machine.act(claim, "complete")
        machine.every_job_is_as_known()
    finally:
        machine.teardown()


@pytest.mark.timeout(300)
async def test_whatever_happens_a_job_is_what_the_model_says(database_url: str):
    arrows = await asyncio.to_thread(live, database_url, FAST)

    assert arrows <= LEGAL


async def test_without_the_fence_the_model_and_the_table_part(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    """The machine does find a stale write; with the fence there is none to find."""
    await asyncio.to_thread(write_stale, database_url)

    unfenced = queue._SQL["complete"].replace("attempt = $2", "$2::int > 0")
    monkeypatch.setitem(queue._SQL, "complete", unfenced)
    with pytest.raises(AssertionError):
        await asyncio.to_thread(write_stale, database_url)


ILLEGAL = sorted({(a, b) for a, b in product(Status, Status) if a is not b} - LEGAL)


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
async def test_no_arrow_but_the_legal_ones(before: Status, after: Status, pool: Any, claim: Any):
    """Whoever writes, in whatever language."""
    job = await claim()
    if before is not Status.PROCESSING:
        await pool.execute(
            "UPDATE document_jobs SET status = $2, error = '{}' WHERE id = $1", job.id, before
        )

    with pytest.raises(asyncpg.CheckViolationError, match="cannot become"):
        await pool.execute("UPDATE document_jobs SET status = $2 WHERE id = $1", job.id, after)
