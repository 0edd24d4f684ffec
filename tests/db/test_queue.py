"""Every verb, every arrow of a job's life, and every arrow that must be refused."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from db.errors import ClaimLost, IdempotencyConflict, JobFinal, JobNotFound, QuotaExceeded
from db.jobs import MAX_LOST, Claim, NewJob, Status
from db.queue import Page
from tests.factories import a_worker

ERROR = {"code": "script_error", "message": "boom", "retryable": False}


class TestEnqueue:
    async def test_a_plain_insert_is_an_enqueue(self, pool, queue, worker):
        await pool.execute(
            "INSERT INTO document_jobs (user_id, job_type, payload) VALUES ('ada', 'pdf', '{}')"
        )

        jobs, _ = await queue.claim(worker, ["pdf"], 1)

        assert [job.user_id for job in jobs] == ["ada"]

    async def test_defaults_of_python_are_those_of_the_table(self, pool, queue, enqueue):
        await pool.execute(
            "INSERT INTO document_jobs (user_id, job_type, payload)"
            " VALUES ('ada', 'pdf', '{\"code\": \"pass\"}')"
        )
        await enqueue()

        plain, ours = await queue.list(Page())

        for name in ("priority", "max_retries", "retention", "timeout", "status", "seq"):
            assert getattr(plain, name) == getattr(ours, name)

    async def test_the_same_key_and_request_is_the_same_job(self, enqueue):
        first = await enqueue(idempotency_key="k", request_digest="d")
        second = await enqueue(idempotency_key="k", request_digest="d")

        assert first.id == second.id

    async def test_the_same_key_with_another_request_is_a_conflict(self, enqueue):
        await enqueue(idempotency_key="k", request_digest="d")

        with pytest.raises(IdempotencyConflict):
            await enqueue(idempotency_key="k", request_digest="other")

    async def test_a_key_outlives_the_end_of_its_job_and_goes_when_it_is_pruned(
        self, pool, queue, enqueue
    ):
        first = await enqueue(idempotency_key="k", request_digest="d")
        await queue.cancel(first.id)
        again = await enqueue(idempotency_key="k", request_digest="d")
        await pool.execute("UPDATE document_jobs SET expires_at = now() - interval '1 day'")
        await queue.prune()
        anew = await enqueue(idempotency_key="k", request_digest="d")

        assert (again.id == first.id, anew.id == first.id) == (True, False)

    async def test_many_are_inserted_in_their_order_or_none_is(self, queue):
        jobs = [NewJob(user_id="ada", job_type="pdf", title=str(n)) for n in range(50)]
        made = await queue.enqueue_many(jobs)

        with pytest.raises(QuotaExceeded):
            await queue.enqueue_many(jobs, pending_limit=99)

        assert [job.title for job in made] == [job.title for job in jobs]
        assert len(await queue.list(Page(limit=200))) == 50

    async def test_a_key_belongs_to_its_user(self, enqueue):
        mine = await enqueue(idempotency_key="k", request_digest="d")
        theirs = await enqueue(user_id="bob", idempotency_key="k", request_digest="other")

        assert mine.id != theirs.id


class TestClaim:
    async def test_order_is_priority_then_time(self, queue, worker, enqueue):
        late = await enqueue()
        urgent = await enqueue(priority=5)

        (first,), _ = await queue.claim(worker, ["pdf"], 1)
        (second,), _ = await queue.claim(worker, ["pdf"], 1)

        assert [first.id, second.id] == [urgent.id, late.id]

    async def test_a_scheduled_job_waits_and_says_how_long(self, queue, worker, enqueue):
        await enqueue(delay=timedelta(seconds=60))

        jobs, due_in = await queue.claim(worker, ["pdf"], 1)

        assert jobs == []
        assert timedelta(seconds=50) < due_in <= timedelta(seconds=60)

    async def test_unknown_job_types_are_left_for_others(self, queue, worker, enqueue):
        await enqueue(job_type="hologram")

        jobs, _ = await queue.claim(worker, ["pdf"], 1)

        assert jobs == []

    async def test_a_claim_opens_an_attempt(self, queue, worker, claim):
        job = await claim()

        (attempt,) = await queue.attempts(job.id)

        assert (attempt["attempt"], attempt["worker_id"]) == (1, worker.id)
        assert (job.status, job.attempt, job.stage) == (Status.PROCESSING, 1, "starting")

    async def test_a_locked_job_is_skipped_not_waited_for(self, pool, queue, worker, enqueue):
        locked, free = await enqueue(), await enqueue()

        async with pool.acquire() as other, other.transaction():
            await other.execute("SELECT 1 FROM document_jobs WHERE id = $1 FOR UPDATE", locked.id)
            jobs, _ = await queue.claim(worker, ["pdf"], 2)

        assert [job.id for job in jobs] == [free.id]


class TestSettle:
    async def test_complete(self, queue, claim):
        job = await claim()

        await queue.complete(job.claim, {"pages": 2})

        done = await queue.get(job.id)
        assert (done.status, done.result, done.progress) == (Status.COMPLETED, {"pages": 2}, 100)
        assert done.expires_at - done.completed_at == timedelta(days=7)

    async def test_retry_waits_and_counts(self, queue, claim):
        job = await claim()

        status = await queue.retry(job.claim, ERROR, timedelta(seconds=30))

        again = await queue.get(job.id)
        assert status is Status.PENDING
        assert (again.retry_count, again.error, again.retry_at) == (1, ERROR, again.scheduled_at)

    async def test_retry_fails_when_the_retries_are_spent(self, queue, claim):
        job = await claim(max_retries=0)

        status = await queue.retry(job.claim, ERROR, timedelta(0))

        assert status is Status.FAILED
        assert (await queue.attempts(job.id))[0]["outcome"] == "failed"

    async def test_fail_keeps_the_error_with_the_job_and_the_attempt(self, queue, claim):
        job = await claim()

        await queue.fail(job.claim, ERROR)

        assert (await queue.get(job.id)).error == ERROR
        assert (await queue.attempts(job.id))[0]["error"] == ERROR

    async def test_release_and_snooze_cost_no_retry(self, queue, worker, claim):
        job = await claim()

        await queue.release(job.claim)
        ((again,), _) = await queue.claim(worker, ["pdf"], 1)
        await queue.snooze(again.claim, timedelta(seconds=5))

        snoozed = await queue.get(job.id)
        assert (snoozed.attempt, snoozed.retry_count) == (2, 0)
        assert [a["outcome"] for a in await queue.attempts(job.id)] == ["released", "snoozed"]

    @pytest.mark.parametrize("verb", ["complete", "fail", "retry", "snooze", "release", "progress"])
    async def test_a_late_worker_is_refused_by_every_verb(self, queue, worker, claim, verb):
        job = await claim()
        stale = Claim(job.id, job.attempt)
        await queue.release(job.claim)
        ((again,), _) = await queue.claim(worker, ["pdf"], 1)

        with pytest.raises(ClaimLost):
            await {
                "complete": lambda: queue.complete(stale, {}),
                "fail": lambda: queue.fail(stale, ERROR),
                "retry": lambda: queue.retry(stale, ERROR, timedelta(0)),
                "snooze": lambda: queue.snooze(stale, timedelta(0)),
                "release": lambda: queue.release(stale),
                "progress": lambda: queue.report_progress(stale, percent=50),
            }[verb]()

        assert await queue.get(job.id) == again


class TestHistory:
    async def test_it_writes_itself_whoever_moves_the_job(self, pool, queue, worker, claim):
        job = await claim()

        await pool.execute(
            "UPDATE document_jobs SET status = 'failed', error = $2 WHERE id = $1", job.id, ERROR
        )

        (attempt,) = await queue.attempts(job.id)
        assert (attempt["outcome"], attempt["error"]) == ("failed", ERROR)

    async def test_one_plain_update_closes_each_attempt_by_its_own_end(self, pool, queue, claim):
        jobs = [await claim() for _ in range(4)]
        await queue.release(jobs[1].claim)
        again = (await queue.claim(a_worker(), ["pdf"], 1))[0][0]
        ends = ["completed", "completed", "failed", "pending"]

        await pool.execute(
            "UPDATE document_jobs AS job SET status = ending.status, error = $3"
            " FROM unnest($1::uuid[], $2::text[]) AS ending (id, status) WHERE job.id = ending.id",
            [jobs[0].id, again.id, jobs[2].id, jobs[3].id],
            ends,
            ERROR,
        )

        histories = [[a["outcome"] for a in await queue.attempts(job.id)] for job in jobs]
        assert histories == [["completed"], ["released", "completed"], ["failed"], ["released"]]

    async def test_an_attempt_keeps_what_its_worker_said_of_its_sandbox(self, queue, enqueue):
        proven = a_worker(sandbox={"landlock_abi": 7})
        await queue.heartbeat(proven, [])
        job = await enqueue()
        await queue.claim(proven, ["pdf"], 1)

        assert (await queue.attempts(job.id))[0]["sandbox"] == {"landlock_abi": 7}


class TestProgress:
    async def test_it_never_falls(self, queue, claim):
        job = await claim()

        await queue.report_progress(job.claim, percent=60, message="halfway")
        await queue.report_progress(job.claim, percent=20)

        now = await queue.get(job.id)
        assert (now.progress, now.progress_message) == (60, "halfway")

    async def test_every_visible_change_moves_seq_by_one(self, queue, claim):
        job = await claim()

        await queue.report_progress(job.claim, percent=10)
        await queue.report_progress(job.claim, percent=10)

        assert (await queue.get(job.id)).seq == job.seq + 2 - 1, "the second changed nothing"


class TestCancel:
    async def test_pending(self, queue, enqueue):
        job = await enqueue()

        cancelled = await queue.cancel(job.id)

        assert (cancelled.status, cancelled.error["code"]) == (Status.CANCELLED, "cancelled")

    async def test_processing_closes_the_attempt(self, queue, claim):
        job = await claim()

        await queue.cancel(job.id)

        assert (await queue.attempts(job.id))[0]["outcome"] == "cancelled"
        with pytest.raises(ClaimLost):
            await queue.complete(job.claim, {})

    async def test_a_final_job_is_returned_as_it_is(self, queue, claim):
        job = await claim()
        await queue.complete(job.claim, {})

        assert (await queue.cancel(job.id)).status is Status.COMPLETED

    async def test_an_unknown_job(self, queue):
        with pytest.raises(JobNotFound):
            await queue.cancel(uuid4())


class TestReopen:
    async def test_a_failed_job_starts_anew_and_keeps_its_history(self, queue, worker, claim):
        job = await claim()
        await queue.fail(job.claim, ERROR)

        reopened = await queue.reopen(job.id)

        assert (reopened.status, reopened.error, reopened.completed_at) == (
            Status.PENDING,
            None,
            None,
        )
        ((again,), _) = await queue.claim(worker, ["pdf"], 1)
        assert again.attempt == 2

    async def test_a_completed_job_is_refused(self, queue, claim):
        job = await claim()
        await queue.complete(job.claim, {})

        with pytest.raises(JobFinal):
            await queue.reopen(job.id)


class TestArrows:
    @pytest.mark.parametrize(
        ("final", "then"),
        [("complete", "processing"), ("complete", "failed"), ("complete", "pending")],
    )
    async def test_completed_is_for_ever(self, pool, queue, claim, final, then):
        job = await claim()
        await queue.complete(job.claim, {})

        with pytest.raises(asyncpg.CheckViolationError, match="cannot become"):
            await pool.execute("UPDATE document_jobs SET status = $2 WHERE id = $1", job.id, then)

    async def test_an_attempt_cannot_go_down(self, pool, claim):
        job = await claim()

        with pytest.raises(asyncpg.CheckViolationError, match="only grows"):
            await pool.execute("UPDATE document_jobs SET attempt = 0 WHERE id = $1", job.id)

    @pytest.mark.parametrize(
        "assignment",
        [
            "status = 'done'",
            "result = '{}'",
            "progress = 101",
            *(f"{name} = ''" for name in ("user_id", "job_type")),
            *(f"{name} = -1" for name in ("total_files", "processed_files", "attempt")),
            *(f"{name} = -1" for name in ("retry_count", "max_retries", "lost_count")),
            *(f"{name} = 0" for name in ("slot", "type_slot")),
            *(f"{name} = '0 s'" for name in ("timeout", "retention")),
        ],
    )
    async def test_nonsense_is_refused(self, pool, claim, assignment):
        job = await claim()

        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(f"UPDATE document_jobs SET {assignment} WHERE id = $1", job.id)


class TestHeartbeat:
    async def test_it_returns_the_claims_that_are_lost(self, queue, worker, claim):
        kept, cancelled = await claim(), await claim()
        await queue.cancel(cancelled.id)

        lost = await queue.heartbeat(worker, [kept.claim, cancelled.claim])

        assert lost == [cancelled.claim]

    async def test_a_claim_whose_answer_was_lost_is_released(self, pool, queue, worker, claim):
        """It stayed processing for as long as the worker lived that knew nothing of it."""
        lost, kept = await claim(), await claim()
        await queue.heartbeat(worker, [kept.claim])
        young = await queue.get(lost.id)
        await pool.execute("UPDATE document_jobs SET started_at = now() - interval '11 seconds'")

        await queue.heartbeat(worker, [kept.claim])

        assert young.status is Status.PROCESSING, "its answer may still be on its way"
        assert (await queue.get(lost.id)).status is Status.PENDING
        assert (await queue.get(kept.id)).status is Status.PROCESSING
        assert (await queue.attempts(lost.id))[0]["outcome"] == "released"


class TestRescue:
    async def test_the_job_of_a_dead_worker_is_pending_again(self, pool, queue, worker, claim):
        job = await claim()
        await let_die(pool, worker)

        rescued = await queue.rescue()

        assert rescued == [(job.claim, Status.PENDING)]
        assert (await queue.get(job.id)).lost_count == 1
        assert (await queue.attempts(job.id))[0]["outcome"] == "lost"

    async def test_a_living_worker_keeps_its_jobs(self, queue, worker, claim):
        await claim()

        assert await queue.rescue() == []

    async def test_a_job_that_kills_its_workers_fails_and_says_so(self, pool, queue, claim):
        job = await claim()
        for _ in range(MAX_LOST):
            await let_die(pool, None)
            await queue.rescue()
            fresh = a_worker()
            await queue.heartbeat(fresh, [])
            await queue.claim(fresh, ["pdf"], 1)

        failed = await queue.get(job.id)
        assert (failed.status, failed.error["code"]) == (Status.FAILED, "worker_lost")
        assert failed.attempt == MAX_LOST

    async def test_an_outage_of_postgres_strands_nobody(self, pool, queue, claim):
        # The server of this test is younger than the lease, as after a restart.
        forever = a_worker(lease=timedelta(days=400))
        await queue.heartbeat(forever, [])
        await claim()
        await pool.execute("UPDATE document_workers SET heartbeat_at = now() - interval '500 days'")
        await pool.execute("UPDATE document_workers SET lease = interval '400 days'")

        assert await queue.rescue() == []

    async def test_the_dead_worker_is_forgotten_when_it_holds_nothing(self, pool, queue, worker):
        await let_die(pool, worker)

        await queue.rescue()

        assert await queue.workers() == []


class TestTime:
    async def test_a_job_not_begun_in_time_expires(self, pool, queue, worker, enqueue):
        job = await enqueue()
        await pool.execute("UPDATE document_jobs SET start_before = now() - interval '1 second'")

        jobs, _ = await queue.claim(worker, ["pdf"], 1)
        await queue.expire()

        assert jobs == []
        assert (await queue.get(job.id)).error["code"] == "expired"

    async def test_prune_deletes_what_has_outlived_its_time(self, pool, queue, artifacts, claim):
        job = await claim()
        await artifacts.put(job.claim, 0, "a.pdf", "application/pdf", b"bytes")
        await queue.complete(job.claim, {})
        await pool.execute("UPDATE document_jobs SET expires_at = now() - interval '1 second'")

        assert await queue.prune() == 1

        assert await pool.fetchval("SELECT count(*) FROM document_artifact_chunks") == 0


class TestList:
    async def test_newest_first_by_pages(self, queue, enqueue):
        jobs = [await enqueue() for _ in range(3)]

        first = await queue.list(Page(user_id="ada", limit=2))
        rest = await queue.list(
            Page(user_id="ada", limit=2, before=(first[-1].created_at, first[-1].id))
        )

        assert [job.id for job in first + rest] == [job.id for job in reversed(jobs)]

    async def test_filters(self, queue, enqueue):
        wanted = await enqueue(session_id="s", batch_id="b")
        await enqueue(user_id="bob")
        await enqueue()

        found = await queue.list(
            Page(user_id="ada", session_id="s", batch_id="b", status="pending")
        )

        assert [job.id for job in found] == [wanted.id]


async def let_die(pool, worker) -> None:
    """Age the heartbeat, and the lease with it, so that the server's uptime is enough."""
    await pool.execute(
        "UPDATE document_workers SET heartbeat_at = now() - interval '1 second',"
        " lease = interval '1 millisecond' WHERE $1::uuid IS NULL OR id = $1",
        worker and worker.id,
    )
