"""Whose job is next: a turn for each user, by rank within one, and never more than the limit."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from db import migrate, sql
from db.jobs import NewJob
from db.pool import connect_pool
from db.queue import _SQL, Queue
from tests.factories import a_worker

MANY = "INSERT INTO document_jobs (user_id, job_type) SELECT $1, 'pdf' FROM generate_series(1, $2)"

SLIDES = MANY.replace("'pdf'", "'presentation'")
TYPES = ["pdf", "presentation"]
RUNNING = """
SELECT count(*) FILTER (WHERE job_type = 'pdf'), count(*) FILTER (WHERE job_type = 'presentation')
FROM document_jobs WHERE status = 'processing'
"""


@pytest.fixture
def served(queue, worker):
    """Claim some jobs one after the other; return what their users or their titles are."""

    async def served(count: int, what: str = "user_id", slots: int = 1) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            jobs, _ = await queue.claim(worker, ["pdf"], slots)
            if not jobs:
                break
            found += [getattr(job, what) for job in jobs]
        return found

    return served


class TestUsers:
    async def test_a_thousand_jobs_of_one_do_not_delay_the_first_of_another(
        self, pool, enqueue, served
    ):
        await pool.execute(MANY, "ada", 1000)
        await served(100)
        await enqueue(user_id="bob")

        assert "bob" in await served(2)

    async def test_what_is_released_keeps_its_place(self, pool, queue, worker, enqueue):
        first = await enqueue()
        await pool.execute(MANY, "ada", 50)
        (job,), _ = await queue.claim(worker, ["pdf"], 1)
        await queue.release(job.claim)

        jobs, _ = await queue.claim(worker, ["pdf"], 3)

        assert first.id in {job.id for job in jobs}

    async def test_two_backlogs_get_equal_shares(self, pool, served):
        await pool.execute(MANY, "ada", 300)
        await served(50)
        await pool.execute(MANY, "bob", 100)

        shares = await served(100)

        assert shares.count("bob") == pytest.approx(50, abs=2)

    async def test_who_sends_one_after_the_other_gets_no_more_than_who_sent_all(
        self, pool, enqueue, served
    ):
        await pool.execute(MANY, "ada", 100)

        shares = []
        for _ in range(20):
            await enqueue(user_id="bob")
            shares += await served(2)

        assert shares.count("ada") >= 19

    async def test_the_first_jobs_of_all_are_in_the_order_in_which_they_came(self, enqueue, served):
        users = [f"user {n}" for n in range(20)]
        for user in users:
            await enqueue(user_id=user)

        assert await served(20, slots=1) == users

    async def test_a_batch_of_slots_is_shared_too(self, pool, served):
        await pool.execute(MANY, "ada", 50)
        await pool.execute(MANY, "bob", 50)

        assert sorted(await served(8, slots=8)) == ["ada"] * 4 + ["bob"] * 4

    async def test_what_comes_back_takes_a_new_turn(self, pool, queue, enqueue, served, claim):
        job = await claim(user_id="ada")
        await pool.execute(MANY, "bob", 3)
        await queue.release(job.claim)

        assert (await served(2)).count("ada") == 1

    async def test_scheduled_jobs_enter_the_line_when_they_are_due(
        self, pool, queue, enqueue, worker
    ):
        for _ in range(3):
            await enqueue(delay=timedelta(hours=1))
        await pool.execute("ALTER TABLE document_jobs DISABLE TRIGGER step")
        await pool.execute("UPDATE document_jobs SET scheduled_at = now()")
        await pool.execute("ALTER TABLE document_jobs ENABLE TRIGGER step")

        jobs, _ = await queue.claim(worker, ["pdf"], 5)

        assert len(jobs) == 3
        assert {job.seq for job in jobs} == {2}, "a turn is no visible change"

    async def test_a_job_that_somebody_moves_to_now_is_changed_and_in_the_line(
        self, pool, queue, enqueue, worker
    ):
        """Its seq stood still, for its turn had changed as well."""
        job = await enqueue(delay=timedelta(hours=1))

        await pool.execute("UPDATE document_jobs SET scheduled_at = now()")

        assert (await queue.get(job.id)).seq == job.seq + 1
        assert len((await queue.claim(worker, ["pdf"], 1))[0]) == 1

    async def test_a_job_that_a_long_transaction_brings_late_is_found(
        self, pool, queue, enqueue, served
    ):
        async with pool.acquire() as other:
            transaction = other.transaction()
            await transaction.start()
            await other.execute(MANY, "late", 1)
            await pool.execute(MANY, "ada", 300)
            await served(300, slots=100)
            await queue.find_lines(TYPES)
            await transaction.commit()

        assert await served(1) == [], "it stands before the begin"
        await queue.find_lines(TYPES)
        assert await served(1) == ["late"]

    async def test_what_is_paused_does_not_hold_the_begin_of_the_line(
        self, pool, queue, worker, served
    ):
        await pool.execute(MANY, "ada", 300)
        await pool.execute("INSERT INTO document_jobs (user_id, job_type) VALUES ('eve', 'old')")
        await queue.pause("old")
        await served(300, slots=100)

        await queue.find_lines(TYPES)
        begin, first = await pool.fetchrow(
            "SELECT (SELECT last_value FROM document_jobs_line_begin), min(turn)"
            " FROM document_jobs WHERE status = 'pending'"
        )
        await queue.resume("old")

        assert begin > first
        assert [job.user_id for job in (await queue.claim(worker, ["old"], 1))[0]] == ["eve"]


class TestRank:
    async def test_priority_ranks_the_jobs_of_one_user(self, enqueue, served):
        for title, priority in (("b", -1), ("d", -3), ("c", -2), ("a", 0), ("a2", 0)):
            await enqueue(title=title, priority=priority)

        assert await served(5, "title") == ["a", "a2", "b", "c", "d"]

    async def test_whoever_ranks_gets_no_more_turns(self, pool, enqueue, served):
        for priority in range(-100, 1):
            await enqueue(user_id="ada", priority=priority)
        await pool.execute(MANY, "bob", 100)

        assert (await served(40, slots=4)).count("bob") == pytest.approx(20, abs=1)

    async def test_a_low_job_rises_while_it_waits(self, pool, enqueue, served):
        old = await enqueue(title="low, but old", priority=-5)
        await pool.execute(
            "UPDATE document_jobs SET ranked_at = ranked_at - interval '6 minutes' WHERE id = $1",
            old.id,
        )
        await enqueue(title="new")

        assert await served(1, "title") == ["low, but old"]

    async def test_a_raised_job_passes_other_users(self, pool, enqueue, served):
        await pool.execute(MANY, "ada", 20)
        await pool.execute(MANY, "bob", 20)
        await served(4)
        await enqueue(user_id="bob", title="raised", priority=1)

        assert await served(1, "title") == ["raised"]

    async def test_a_flood_of_raised_jobs_starves_nobody(self, enqueue, served):
        await enqueue(user_id="bob")
        found = []
        for _ in range(30):
            await enqueue(user_id="ada", priority=10)
            found += await served(1)

        assert "bob" in found[:12]


class TestLimit:
    async def test_no_more_than_so_many_of_a_user_run(self, pool, queue, worker):
        await pool.execute(MANY, "ada", 10)
        await pool.execute(MANY, "bob", 10)

        jobs, _ = await queue.claim(worker, ["pdf"], 10, user_limit=3)
        more, _ = await queue.claim(worker, ["pdf"], 10, user_limit=3)

        assert sorted(job.user_id for job in jobs) == ["ada"] * 3 + ["bob"] * 3
        assert more == []

    @pytest.mark.parametrize(
        ("limit", "slot"), [("user_limit", "slot"), ("type_limits", "type_slot")]
    )
    async def test_it_holds_when_it_is_lowered(self, pool, queue, worker, limit, slot):
        """Those with the highest numbers still run, and all that it has now are free."""
        await pool.execute(MANY, "ada", 20)
        before, after = (6, 3) if limit == "user_limit" else ({"pdf": 6}, {"pdf": 3})
        await queue.claim(worker, ["pdf"], 6, **{limit: before})
        await pool.execute(f"UPDATE document_jobs SET status = 'completed' WHERE {slot} <= 4")

        jobs, _ = await queue.claim(worker, ["pdf"], 6, **{limit: after})

        assert len(jobs) == 1

    async def test_what_ends_makes_room(self, pool, queue, worker):
        await pool.execute(MANY, "ada", 3)
        (first, second), _ = await queue.claim(worker, ["pdf"], 9, user_limit=2)

        await queue.complete(second.claim, {})
        await queue.release(first.claim)

        assert len((await queue.claim(worker, ["pdf"], 9, user_limit=2))[0]) == 2

    async def test_it_is_told_that_there_is_more(self, pool, queue, worker):
        """A user at the limit fills the tickets; others behind them would wait for the poll."""
        await pool.execute(MANY, "ada", 10)
        await pool.execute(MANY, "bob", 1)
        await queue.claim(worker, ["pdf"], 1, user_limit=2)

        _, look_in = await queue.claim(worker, ["pdf"], 4, user_limit=2)

        assert look_in == timedelta(0)

    async def test_sixteen_claimers_never_pass_it(self, pool, queue):
        await pool.execute(MANY, "ada", 60)
        await pool.execute(MANY, "bob", 60)
        seen: list[int] = []

        async def work(worker) -> None:
            """Leave when everybody is at the limit; what is left then is claimed once more."""
            while jobs := (await queue.claim(worker, ["pdf"], 2, user_limit=3))[0]:
                seen.extend(await running_jobs(pool))
                for job in jobs:
                    await queue.complete(job.claim, {})

        while await pool.fetchval("SELECT count(*) FROM document_jobs WHERE status = 'pending'"):
            await asyncio.gather(*(work(a_worker()) for _ in range(16)))

        assert 2 <= max(seen) <= 3

    async def test_of_two_that_give_the_same_slot_the_second_looks_again(
        self, pool, queue, enqueue
    ):
        await enqueue()
        await enqueue()
        async with pool.acquire() as first:
            transaction = first.transaction()
            await transaction.start()
            await first.fetch(_SQL["claim"], uuid4(), ["pdf"], [], [], 1, 1)
            second = asyncio.ensure_future(queue.claim(a_worker(), ["pdf"], 1, user_limit=1))
            await waits_for_a_lock(pool)
            await transaction.commit()

        assert (await asyncio.wait_for(second, 10))[0] == []


class TestAside:
    """What a user at their limit has in the line is put aside, and let in as slots become free."""

    @pytest.fixture
    async def running(self, pool, queue, worker):
        """One of ten jobs runs, one may; the others stand aside."""
        await pool.execute(MANY, "ada", 10)
        (job,), _ = await queue.claim(worker, ["pdf"], 4, user_limit=1)
        await queue.claim(worker, ["pdf"], 4, user_limit=1)
        assert await aside(pool) == 9
        return job

    async def test_a_settle_lets_the_best_in(self, pool, queue, worker, enqueue, running):
        best = await enqueue(priority=-5)
        await pool.execute(
            "UPDATE document_jobs SET ranked_at = ranked_at - interval '1 hour' WHERE id = $1",
            best.id,
        )
        await queue.complete(running.claim, {})

        (job,), _ = await queue.claim(worker, ["pdf"], 4, user_limit=1)

        assert job.id == best.id

    @pytest.mark.parametrize("end", ["release", "cancel", "rescue"])
    async def test_whatever_ends_lets_one_in(self, pool, queue, worker, running, end):
        if end == "rescue":
            await pool.execute("UPDATE document_workers SET heartbeat_at = '-infinity'")
            await pool.execute("UPDATE document_workers SET lease = interval '1 ms'")
            await queue.rescue()
        else:
            await getattr(queue, end)(running.claim if end == "release" else running.id)

        assert len((await queue.claim(worker, ["pdf"], 4, user_limit=1))[0]) == 1

    async def test_what_comes_meanwhile_stands_aside_too(self, pool, enqueue, running):
        await enqueue()
        await enqueue(user_id="bob")

        assert await aside(pool) == 10

    async def test_what_nobody_may_claim_does_not_keep_out_the_rest(
        self, pool, queue, worker, enqueue, running
    ):
        await enqueue(job_type="presentation", priority=-1)
        await pool.execute("UPDATE document_jobs SET ranked_at = '-infinity' WHERE priority = -1")
        await queue.claim(worker, ["pdf"], 4, user_limit=1)
        await queue.complete(running.claim, {})

        assert len((await queue.claim(worker, ["pdf"], 4, user_limit=1))[0]) == 1

    async def test_what_nobody_may_claim_does_not_count_as_being_in_the_line(
        self, pool, queue, worker, enqueue, running
    ):
        await queue.complete(running.claim, {})
        await pool.execute(
            "UPDATE document_jobs SET job_type = 'presentation'"
            " WHERE status = 'pending' AND turn < 10 ^ 15"
        )
        assert (await queue.claim(worker, ["pdf"], 4, user_limit=1))[0] == []

        await queue.let_in(1)

        assert len((await queue.claim(worker, ["pdf"], 4, user_limit=1))[0]) == 1

    async def test_others_do_not_wait_for_it(self, queue, worker, enqueue, running):
        await enqueue(user_id="bob")

        (job,), _ = await queue.claim(worker, ["pdf"], 4, user_limit=1)

        assert job.user_id == "bob"

    async def test_who_has_a_free_slot_and_nothing_in_the_line_is_let_in(
        self, pool, queue, worker, running
    ):
        await queue.complete(running.claim, {})
        in_line = await pool.fetchval(
            "SELECT id FROM document_jobs WHERE status = 'pending' ORDER BY turn LIMIT 1"
        )
        await queue.cancel(in_line)
        assert (await queue.claim(worker, ["pdf"], 4, user_limit=1))[0] == []

        await queue.let_in(1)

        assert len((await queue.claim(worker, ["pdf"], 4, user_limit=1))[0]) == 1

    async def test_it_is_found_where_there_is_no_limit_any_more(self, pool, queue, worker, running):
        clock = "SELECT last_value FROM document_jobs_clock"
        before = await pool.fetchval(clock)

        jobs, _ = await queue.claim(worker, ["pdf"], 20)

        assert len(jobs) == 9
        assert await pool.fetchval(clock) == before

    async def test_a_limit_that_is_lifted_lets_all_in(self, pool, queue, running):
        await queue.let_in(None)

        assert await aside(pool) == 0

    async def test_what_ends_while_it_is_put_aside_waits_and_lets_one_in(
        self, pool, queue, worker, enqueue
    ):
        await pool.execute(MANY, "ada", 3)
        (job,), _ = await queue.claim(worker, ["pdf"], 1, user_limit=1)
        async with pool.acquire() as first:
            transaction = first.transaction()
            await transaction.start()
            assert (await Queue(first).claim(a_worker(), ["pdf"], 1, user_limit=1))[0] == []
            settle = asyncio.ensure_future(queue.complete(job.claim, {}))
            await waits_for_a_lock(pool)
            await transaction.commit()
        await asyncio.wait_for(settle, 10)

        assert await aside(pool) == 1
        assert len((await queue.claim(worker, ["pdf"], 1, user_limit=1))[0]) == 1


async def test_a_raised_job_that_stood_aside_does_not_take_the_clock_along(empty_url):
    """Where the clock is young, its turn is below 0."""
    await migrate.upgrade(empty_url)
    statement = sql.with_numbers(_SQL["claim"], 5, 1, 1)
    async with await connect_pool(empty_url, name="test", size=1) as pool:
        queue, worker = Queue(pool), a_worker()
        await queue.enqueue(NewJob(user_id="ada", job_type="pdf"))
        (running,), _ = await queue.claim(worker, ["pdf"], 1, user_limit=1)
        await queue.enqueue(NewJob(user_id="ada", job_type="pdf", priority=100))
        await pool.fetch(statement, worker.id, ["pdf"], [], [])
        await queue.complete(running.claim, {})

        (raised,), _ = await queue.claim(worker, ["pdf"], 1, user_limit=1)

        assert raised.priority == 100
        assert await pool.fetchval("SELECT last_value FROM document_jobs_clock") < 100


class TestTypeLimit:
    async def test_no_more_than_so_many_of_a_type_run(self, pool, queue, worker):
        await pool.execute(MANY, "ada", 10)
        await pool.execute(SLIDES, "ada", 10)
        limits = {"presentation": 2}

        jobs, _ = await queue.claim(worker, TYPES, 20, type_limits=limits)
        more, look_in = await queue.claim(worker, TYPES, 20, type_limits=limits)

        assert sorted(job.job_type for job in jobs) == ["pdf"] * 10 + ["presentation"] * 2
        assert (more, look_in) == ([], None)

    async def test_what_ends_makes_room(self, pool, queue, worker):
        await pool.execute(MANY, "ada", 4)
        limits = {"pdf": 2}
        (first, second), _ = await queue.claim(worker, ["pdf"], 9, type_limits=limits)

        await queue.complete(second.claim, {})
        await queue.release(first.claim)

        assert len((await queue.claim(worker, ["pdf"], 9, type_limits=limits))[0]) == 2

    async def test_a_type_at_its_limit_does_not_hold_up_the_others(self, pool, queue, worker):
        await pool.execute(SLIDES, "ada", 10)
        await pool.execute(MANY, "bob", 1)
        await queue.claim(worker, TYPES, 1, type_limits={"presentation": 1})

        jobs, _ = await queue.claim(worker, TYPES, 1, type_limits={"presentation": 1})

        assert [job.user_id for job in jobs] == ["bob"]

    async def test_the_best_job_of_a_user_takes_the_slot_of_its_own_type(
        self, queue, enqueue, worker
    ):
        await enqueue(job_type="pdf", priority=-1)
        await enqueue(job_type="presentation")

        jobs, _ = await queue.claim(worker, TYPES, 1, type_limits={"presentation": 1})
        more, _ = await queue.claim(worker, TYPES, 2, type_limits={"presentation": 1})

        assert [job.job_type for job in jobs + more] == ["presentation", "pdf"]

    async def test_sixteen_claimers_never_pass_it(self, pool, queue):
        await pool.execute(MANY, "ada", 40)
        await pool.execute(SLIDES, "bob", 40)
        limits = {"pdf": 3, "presentation": 2}
        seen: list[tuple[int, int]] = []

        async def work(worker) -> None:
            """Leave when everything is at its limit; what is left then is claimed once more."""
            while jobs := (await queue.claim(worker, TYPES, 2, user_limit=4, type_limits=limits))[
                0
            ]:
                seen.append(tuple(await pool.fetchrow(RUNNING)))
                for job in jobs:
                    await queue.complete(job.claim, {})

        while await pool.fetchval("SELECT count(*) FROM document_jobs WHERE status = 'pending'"):
            await asyncio.gather(*(work(a_worker()) for _ in range(16)))

        assert 2 <= max(pdf for pdf, _ in seen) <= 3
        assert max(slides for _, slides in seen) <= 2

    async def test_of_two_that_give_the_same_slot_the_second_looks_again(
        self, pool, queue, enqueue
    ):
        await enqueue(user_id="ada")
        await enqueue(user_id="bob")
        limits = {"pdf": 1}
        async with pool.acquire() as first:
            transaction = first.transaction()
            await transaction.start()
            await Queue(first).claim(a_worker(), ["pdf"], 1, type_limits=limits)
            second = asyncio.ensure_future(queue.claim(a_worker(), ["pdf"], 1, type_limits=limits))
            await waits_for_a_lock(pool)
            await transaction.commit()

        assert (await asyncio.wait_for(second, 10))[0] == []


async def aside(pool) -> int:
    return int(
        await pool.fetchval(
            "SELECT count(*) FROM document_jobs WHERE status = 'pending' AND turn >= 10 ^ 15"
        )
    )


async def waits_for_a_lock(pool) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while not await pool.fetchval(waiting):
            pass


async def running_jobs(pool) -> list[int]:
    rows = await pool.fetch(
        "SELECT count(*) FROM document_jobs WHERE status = 'processing' GROUP BY user_id"
    )
    return [row["count"] for row in rows]
