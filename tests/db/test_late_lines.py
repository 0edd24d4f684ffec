"""A line that is closed stays behind the clock: one at its limit, or one that was paused."""

import asyncio
from types import MappingProxyType

import pytest

from db.jobs import Claim
from tests.db.test_turns import MANY, SLIDES, TYPES

ENDED = (
    "UPDATE document_jobs SET status = 'completed'"
    " WHERE status = 'processing' AND job_type = 'presentation'"
)
WAITS = "SELECT count(*) FROM document_jobs WHERE user_id = $1 AND status = 'pending'"


async def test_who_comes_while_a_type_is_paused_does_not_stand_behind_all_of_another(
    pool, queue, worker, enqueue
):
    await _clock_goes_on(pool, queue, worker, "pdf", 100)
    await enqueue(user_id="bob")
    await queue.resume("pdf")
    await queue.find_lines(TYPES)

    assert "bob" in await served_of(queue, worker, TYPES, 4)


async def test_what_was_paused_does_not_come_before_all_that_others_have(
    pool, queue, worker, enqueue
):
    await _clock_goes_on(pool, queue, worker, "pdf", 100)
    await enqueue(user_id="bob", job_type="presentation")
    await queue.resume("pdf")
    await queue.find_lines(TYPES)

    assert "bob" in await served_of(queue, worker, TYPES, 4)


async def test_users_of_what_was_paused_take_turns(pool, queue, worker):
    await queue.pause("pdf")
    await pool.execute(MANY, "ada", 50)
    await pool.execute(SLIDES, "ada", 100)
    await queue.claim(worker, TYPES, 100)
    await pool.execute(MANY, "bob", 50)
    await queue.resume("pdf")
    await queue.find_lines(TYPES)

    served = await served_of(queue, worker, ["pdf"], 20)

    assert served.count("bob") == 10


async def test_what_was_paused_brings_its_user_no_second_share(pool, queue, worker):
    await queue.pause("pdf")
    for user in ("ada", "bob"):
        await pool.execute(SLIDES, user, 50)
    await pool.execute(MANY, "ada", 50)
    await queue.resume("pdf")
    await queue.find_lines(TYPES)

    served = await served_of(queue, worker, TYPES, 40)

    assert served.count("bob") == pytest.approx(20, abs=1)


async def test_to_resume_waits_for_nobody(pool, queue, worker, enqueue):
    await queue.pause("pdf")
    held = await enqueue(user_id="eve")
    await pool.execute(MANY, "ada", 5)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM document_jobs WHERE id = $1 FOR UPDATE", held.id)

        async with asyncio.timeout(10):
            await queue.resume("pdf")
            await queue.find_lines(TYPES)

        assert await served_of(queue, worker, ["pdf"], 9) == ["ada"] * 5


async def test_a_raised_job_that_was_paused_is_still_raised(pool, queue, worker, enqueue):
    await queue.pause("pdf")
    await pool.execute(MANY, "ada", 50)
    await enqueue(user_id="bob", priority=5)
    await queue.resume("pdf")
    await queue.find_lines(TYPES)

    assert await served_of(queue, worker, ["pdf"], 1) == ["bob"]


async def test_who_comes_to_a_type_at_its_limit_does_not_stand_behind_all_of_another(
    pool, queue, worker, enqueue
):
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    await enqueue(user_id="bob")

    assert "bob" in await served_of(queue, worker, TYPES, 4, limits)


async def test_nor_does_who_has_other_jobs_that_wait(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    await pool.execute(SLIDES, "bob", 50)
    await enqueue(user_id="bob")

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_nobody_has_more_than_their_turns_in_it(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    await pool.execute(SLIDES, "bob", 120)
    await pool.execute(MANY, "bob", 50)
    await pool.execute(MANY, "eve", 50)

    served = await served_of(queue, worker, ["pdf"], 30, limits)

    assert served.count("bob") <= served.count("eve") + 1
    assert served.count("ada") == pytest.approx(served.count("eve"), abs=2)


async def test_those_who_keep_coming_do_not_starve_who_was_there(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    found = await _served_while_two_keep_coming(pool, queue, worker, enqueue, limits, 60, looks=20)

    assert found.count("ada") == pytest.approx(20, abs=3)


async def test_who_is_served_and_comes_back_at_once_passes_nobody(pool, queue, worker, enqueue):
    """Their job has ended, the next one is not claimed yet: nothing runs, and little is written."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=1000)
    found: list[str] = []
    for n in range(60):
        (job,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
        if n % 20 == 0:
            await queue.find_lines(TYPES, limits)
        await queue.complete(job.claim, {})
        if not await pool.fetchval(WAITS, "bob"):
            await enqueue(user_id="bob")
        found.append(job.user_id)

    assert found.count("ada") == pytest.approx(30, abs=3)


async def test_a_look_between_two_jobs_does_not_take_its_clock(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=1000)
    await queue.find_lines(TYPES, limits)  # nothing runs
    await pool.execute(MANY, "carol", 50)
    found = await _served_while_two_keep_coming(pool, queue, worker, enqueue, limits, 80, looks=5)

    assert found.count("carol") == pytest.approx(20, abs=3)


async def test_nor_does_a_pause(pool, queue, worker, enqueue):
    limits = {"pdf": 1}
    await enqueue(user_id="eve")
    (running,), _ = await queue.claim(worker, TYPES, 1, type_limits=limits)
    await pool.execute(MANY, "ada", 100)
    await pool.execute(SLIDES, "ada", 300)
    await queue.claim(worker, TYPES, 300, type_limits=limits)
    await queue.find_lines(TYPES, limits)
    for step in (queue.pause, queue.resume):
        await step("pdf")
        await queue.find_lines(TYPES, limits)
    await queue.complete(running.claim, {})
    found: list[str] = []
    for _ in range(40):
        if not await pool.fetchval(WAITS, "bob"):
            await enqueue(user_id="bob")
        found += await served_of(queue, worker, ["pdf"], 1, limits)

    assert found.count("ada") == pytest.approx(20, abs=2)


async def test_who_comes_to_a_late_line_that_is_empty_is_found_at_once(
    pool, queue, worker, enqueue
):
    limits = {"pdf": 1}
    await enqueue(user_id="eve")
    (running,), _ = await queue.claim(worker, TYPES, 1, type_limits=limits)
    await pool.execute(SLIDES, "ada", 300)
    await queue.claim(worker, TYPES, 300, type_limits=limits)
    for _ in range(5):
        await queue.find_lines(TYPES, limits)
        await enqueue(user_id="bob")
        await queue.complete(running.claim, {})

        (running,), _ = await queue.claim(worker, TYPES, 1, type_limits=limits)


async def test_two_types_that_are_resumed_at_once_are_one_share(pool, queue, worker, enqueue):
    for job_type in TYPES:
        await queue.pause(job_type)
    await pool.execute(SLIDES, "ada", 300)
    await enqueue(user_id="ada")
    await pool.execute("DELETE FROM document_paused_job_types")
    await pool.execute(MANY, "bob", 300)

    assert (await served_of(queue, worker, TYPES, 50)).count("ada") == pytest.approx(25, abs=1)


async def test_a_raised_job_is_raised_in_a_line_that_is_held_up(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=1000)
    await enqueue(user_id="service", priority=5)

    assert await served_of(queue, worker, ["pdf"], 1, limits) == ["service"]


async def test_raised_jobs_do_not_take_others_along(pool, queue, worker, enqueue):
    """They stand before their time; whoever came by theirs would pass everybody."""
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    await enqueue(user_id="eve", priority=100)
    await pool.execute(MANY, "bob", 50)

    served = await served_of(queue, worker, ["pdf"], 21, limits)

    assert served[0] == "eve"
    assert served.count("bob") == pytest.approx(10, abs=1)


async def test_raised_jobs_without_end_starve_nobody_there(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    found: list[str] = []
    for _ in range(60):
        await enqueue(user_id="service", priority=10)
        (job,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
        await queue.find_lines(TYPES, limits)  # every second, while they run
        await queue.complete(job.claim, {})
        found.append(job.user_id)

    assert "ada" in found[:13]


async def test_one_old_job_does_not_let_newcomers_pass(pool, queue, worker, enqueue):
    """Somebody holds it, or a worker has released it; the line itself is not late."""
    await enqueue(user_id="eve")
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM document_jobs FOR UPDATE")
        await pool.execute(MANY, "ada", 200)
        await served_of(queue, worker, ["pdf"], 100)
        await queue.find_lines(TYPES)
        await pool.execute(MANY, "bob", 50)

        served = await served_of(queue, worker, ["pdf"], 40)

    assert served.count("ada") == pytest.approx(20, abs=1)


async def test_a_line_whose_limit_is_no_longer_reached_starves_no_other(
    pool, queue, worker, enqueue
):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=200)
    await queue.find_lines(TYPES, limits)
    await pool.execute("UPDATE document_job_lines SET free_since = free_since - interval '1 min'")
    await queue.find_lines(TYPES, limits)
    await enqueue(user_id="carol", job_type="presentation")
    found: list[str] = []
    for n in range(150):
        await enqueue(user_id=f"new {n}")
        found += await served_of(queue, worker, TYPES, 1, limits)

    assert "carol" in found


async def test_a_user_who_is_let_in_stands_in_the_time_of_the_line(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue)
    await pool.execute(MANY, "bob", 2)
    mine = {"user_limit": 1, "type_limits": limits}
    while not (bobs := await _running(pool, "bob")):
        (job,), _ = await queue.claim(worker, ["pdf"], 1, **mine)
        if job.user_id != "bob":
            await queue.complete(job.claim, {})
    await pool.execute(
        "UPDATE document_jobs SET turn = 10 ^ 15 WHERE user_id = 'bob' AND turn IS NOT NULL"
        " AND status = 'pending'"
    )
    await queue.complete(bobs[0], {})

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def _clock_goes_on(pool, queue, worker, paused: str, jobs: int) -> None:
    await queue.pause(paused)
    await pool.execute(MANY, "ada", jobs)
    await pool.execute(SLIDES, "ada", 1)
    await queue.claim(worker, TYPES, 1)


async def _at_its_limit(pool, queue, worker, enqueue, ahead: int = 1) -> dict[str, int]:
    """A hundred of ada's wait behind the only slot of their type, and the clock goes on."""
    limits = {"pdf": 1}
    await enqueue(user_id="eve")
    (running,), _ = await queue.claim(worker, TYPES, 1, type_limits=limits)
    await pool.execute(MANY, "ada", 100)
    await pool.execute(SLIDES, "ada", ahead)
    await queue.claim(worker, TYPES, ahead, type_limits=limits)
    await pool.execute(ENDED)
    await queue.find_lines(TYPES, limits)
    await queue.complete(running.claim, {})
    return limits


async def _served_while_two_keep_coming(pool, queue, worker, enqueue, limits, count, looks):
    """While one runs, bob and eve enqueue what they do not have; workers look at times."""
    found: list[str] = []
    for n in range(count):
        (job,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
        if n % looks == 0:
            await queue.find_lines(TYPES, limits)
        for user in ("bob", "eve"):
            if not await pool.fetchval(WAITS, user):
                await enqueue(user_id=user)
        await queue.complete(job.claim, {})
        found.append(job.user_id)
    return found


async def _running(pool, user: str) -> list[Claim]:
    rows = await pool.fetch(
        "SELECT id, attempt FROM document_jobs WHERE user_id = $1 AND status = 'processing'",
        user,
    )
    return [Claim(row["id"], row["attempt"]) for row in rows]


async def served_of(queue, worker, job_types, count, type_limits=MappingProxyType({})):
    """Claim and complete jobs one after the other; return whose they were."""
    found: list[str] = []
    while len(found) < count:
        jobs, _ = await queue.claim(worker, job_types, 1, type_limits=type_limits)
        if not jobs:
            break
        await queue.complete(jobs[0].claim, {})
        found.append(jobs[0].user_id)
    return found
