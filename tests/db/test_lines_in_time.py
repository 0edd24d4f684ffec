"""A line that was held up comes back to the time of all, and nothing takes it back on the way."""

from uuid import uuid4

import pytest

from tests.db.test_late_lines import ENDED, WAITS, _at_its_limit, served_of
from tests.db.test_turns import MANY, SLIDES, TYPES
from tests.factories import a_worker

AGED = (
    "UPDATE document_job_lines SET found_at = found_at - make_interval(secs => $1),"
    " free_since = free_since - make_interval(secs => $1),"
    " alone_since = alone_since - make_interval(secs => $1)"
)

NUMBERED = """
INSERT INTO document_jobs (user_id, job_type, title)
SELECT $1, 'pdf', to_char(n, '00000') FROM generate_series(1, $2::integer) AS n
"""
GOES_ON = "SELECT setval('document_jobs_clock', last_value + 10000) FROM document_jobs_clock"
RENEW = "SELECT document_jobs_renew('pdf', $1, $2)"
LATE = "SELECT count(*) FROM document_jobs WHERE status = 'pending' AND turn < $1"
TURNS = """
SELECT user_id, turn, row_number() OVER (PARTITION BY user_id ORDER BY turn)
                      = row_number() OVER (PARTITION BY user_id ORDER BY title, turn) AS is_in_order
FROM document_jobs
WHERE status = 'pending' AND job_type = 'pdf'
ORDER BY turn
"""


async def test_newcomers_to_a_line_whose_limit_is_every_slot_starve_no_other(
    pool, queue, worker, enqueue
):
    """Two workers were; one is left, with as many slots as the limit of the type: one."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await queue.find_lines(TYPES, limits)
    await enqueue(user_id="carol", job_type="presentation")

    assert "carol" in await _served_to_newcomers(pool, queue, worker, enqueue, limits, slots=1)


async def test_nor_do_they_where_the_limit_is_raised_to_every_slot(pool, queue, worker, enqueue):
    await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await enqueue(user_id="carol", job_type="presentation")

    served = await _served_to_newcomers(pool, queue, worker, enqueue, {"pdf": 4}, slots=4)

    assert "carol" in served


async def test_nor_do_they_while_a_service_raises_its_own(pool, queue, worker, enqueue):
    """Each raised job moves the clock of all."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await enqueue(user_id="carol", job_type="presentation")
    found: list[str] = []
    for _ in range(20):
        await enqueue(user_id="service", priority=100)
        found += await _served_to_newcomers(pool, queue, worker, enqueue, limits, 1, jobs=4)

    assert "carol" in found


async def test_long_jobs_beside_it_take_nobodys_place(pool, queue, worker, enqueue):
    """All is well: the type has its one slot, and others have the rest for as long as they take."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    (running,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
    await pool.execute(SLIDES, "dan", 50)
    await queue.claim(worker, ["presentation"], 1, type_limits=limits)
    await enqueue(user_id="dan")
    for _ in range(10):
        await queue.find_lines(TYPES, limits)
        await pool.execute(AGED, 2)
    await queue.complete(running.claim, {})

    assert "dan" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_who_does_not_serve_it_has_no_say_in_it(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    for _ in range(5):
        await queue.find_lines(["presentation"], limits)
        await pool.execute(AGED, 2)
    await enqueue(user_id="bob")

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_what_is_renewed_keeps_its_order_whatever_there_is_of_it(
    pool, queue, worker, enqueue
):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await pool.execute(NUMBERED, "bob", 300)
    await pool.execute(NUMBERED, "dan", 300)
    clock = await pool.fetchval(GOES_ON)
    await queue.find_lines(TYPES, limits)
    await pool.execute(RENEW, clock, 100)
    assert await pool.fetchval(LATE, clock), "some at a time"
    await enqueue(user_id="carol", job_type="presentation")
    await queue.find_lines(TYPES)

    turns = await pool.fetch(TURNS)
    assert [row["turn"] for row in turns if row["user_id"] == "dan"] == [
        *range(clock + 1, clock + 301)
    ]
    assert all(row["is_in_order"] for row in turns)
    assert "carol" in await served_of(queue, worker, TYPES, 5)


async def test_what_is_renewed_in_a_late_line_goes_by_its_time(pool, enqueue):
    clock = await pool.fetchval(GOES_ON) - 5000
    await pool.execute(SLIDES, "dan", 5)
    job = await enqueue(user_id="dan")
    await pool.execute("UPDATE document_jobs SET turn = $2 WHERE id = $1", job.id, clock - 100)

    await pool.execute(RENEW, clock, 100)

    turn = await pool.fetchval("SELECT turn FROM document_jobs WHERE id = $1", job.id)
    assert turn == clock + 1


async def test_what_somebody_has_locked_makes_nobody_late(pool, enqueue):
    """Or all that its user has would be written again with every look."""
    held, other = await enqueue(user_id="ada"), await enqueue(user_id="ada")
    clock = await pool.fetchval(GOES_ON)
    await pool.execute("UPDATE document_jobs SET turn = $2 WHERE id = $1", other.id, clock + 7)
    async with pool.acquire() as one, one.transaction():
        await one.execute("SELECT FROM document_jobs WHERE id = $1 FOR UPDATE", held.id)
        await pool.execute(RENEW, clock, 100)

    turn = await pool.fetchval("SELECT turn FROM document_jobs WHERE id = $1", other.id)
    assert turn == clock + 7


async def test_a_line_beside_which_nobody_waits_is_left_as_it_is(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await queue.claim(worker, ["pdf"], 1, type_limits=limits)
    for _ in range(5):
        await queue.find_lines(TYPES, limits)
        await pool.execute(AGED, 2)

    assert await pool.fetchval("SELECT clock FROM document_job_lines WHERE job_type = 'pdf'")
    assert await pool.fetchval(LATE, await pool.fetchval(GOES_ON) - 11000)


async def test_who_comes_after_some_seconds_without_a_limit_stands_behind_nobody(
    pool, queue, worker, enqueue
):
    """One replica is restarted, the other one is busy with presentations."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    for _ in range(3):
        await queue.find_lines(TYPES, limits)
        await pool.execute(AGED, 2)
    await enqueue(user_id="bob")

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_what_waited_for_a_limit_that_is_lifted_does_not_come_before_all_others(
    pool, queue, worker, enqueue
):
    await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await enqueue(user_id="carol", job_type="presentation")
    await queue.find_lines(TYPES)

    assert "carol" in await served_of(queue, worker, TYPES, 4)


async def test_what_waited_for_a_worker_has_not_had_its_share_yet(pool, queue, worker, enqueue):
    await pool.execute(MANY, "ada", 200)
    await pool.execute(SLIDES, "eve", 100)
    await queue.claim(worker, ["presentation"], 100)
    await enqueue(user_id="carol", job_type="presentation")
    for _ in range(2):
        await queue.find_lines(TYPES)

    assert await served_of(queue, worker, TYPES, 4) == ["ada"] * 4


async def test_those_who_waited_for_it_are_served_in_turn(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await pool.execute(MANY, "bob", 100)
    await served_of(queue, worker, ["pdf"], 40, limits)
    await queue.find_lines(TYPES)

    served = await served_of(queue, worker, ["pdf"], 20)

    assert served.count("ada") == 10


@pytest.mark.parametrize("straggler", [True, False])
async def test_one_straggler_does_not_take_the_clock_of_a_limited_line_back(
    pool, queue, worker, enqueue, straggler
):
    """A long transaction brings it; what runs is old; what waits besides is in time."""
    limits = {"pdf": 1}
    running = await _time_goes_on_while_one_runs(pool, queue, worker, enqueue, limits, 500)
    async with pool.acquire() as other:
        late = other.transaction()
        await late.start()
        await other.execute(MANY, "late", int(straggler))
        await pool.execute(SLIDES, "ada", 1500)
        await queue.claim(worker, ["presentation"], 1500, type_limits=limits)
        await pool.execute(MANY, "ada", 100)
        await pool.execute(AGED, 6)
        await queue.find_lines(TYPES, limits)
        await late.commit()
    await queue.find_lines(TYPES, limits)
    await queue.complete(running.claim, {})

    found = await _served_while_two_always_wait(pool, queue, worker, enqueue, limits, 90)

    assert found.count("ada") == pytest.approx(30, abs=3)


@pytest.mark.parametrize("straggler", [True, False])
async def test_one_straggler_does_not_take_a_resumed_line_back(
    pool, queue, worker, enqueue, straggler
):
    """Its row is locked by somebody at the moment of the resume, so it keeps its old turn."""
    limits = {"pdf": 1}
    running = await _time_goes_on_while_one_runs(pool, queue, worker, enqueue, limits, 1)
    held = await enqueue(user_id="late")
    await pool.execute(MANY, "ada", 100)
    await pool.execute(SLIDES, "eve", 3000)
    await queue.claim(worker, ["presentation"], 3000, type_limits=limits)
    await pool.execute(AGED, 6)
    await queue.find_lines(TYPES, limits)
    await queue.pause("pdf")
    await pool.execute(AGED, 6)
    await queue.find_lines(TYPES, limits)
    async with pool.acquire() as other, other.transaction():
        if straggler:
            await other.execute("SELECT FROM document_jobs WHERE id = $1 FOR UPDATE", held.id)
        await queue.resume("pdf")
        await queue.find_lines(TYPES, limits)
    await queue.complete(running.claim, {})

    found = await _served_while_two_always_wait(pool, queue, worker, enqueue, limits, 90)

    assert found.count("ada") == pytest.approx(30, abs=3)


async def test_a_clock_that_nobody_looks_after_lets_nobody_pass(pool, queue, worker, enqueue):
    """The workers have gone, or are of a version that knows nothing of it."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await queue.find_lines(TYPES, limits)
    await served_of(queue, worker, ["pdf"], 100, limits)
    await pool.execute(AGED, 600)
    await enqueue(user_id="carol", job_type="presentation")
    for n in range(10):
        await enqueue(user_id=f"new {n}")

    assert "carol" in await served_of(queue, worker, TYPES, 1)


async def test_a_clock_that_is_looked_after_stays(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    (running,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
    for _ in range(60):
        await pool.execute(AGED, 6)
        await queue.find_lines(TYPES, limits)
    await enqueue(user_id="bob")
    await queue.complete(running.claim, {})

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_a_raised_job_that_is_let_in_takes_nobody_along(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=500)
    await pool.execute(MANY, "ada", 900)
    mine = {"user_limit": 1, "type_limits": limits}
    await enqueue(user_id="service", job_type="presentation", priority=100)
    (other,), _ = await queue.claim(worker, ["presentation"], 1, **mine)
    await enqueue(user_id="service", priority=100)  # which stands aside meanwhile
    (job,), _ = await queue.claim(worker, ["pdf"], 1, **mine)
    await queue.complete(job.claim, {})
    await queue.complete(other.claim, {})
    while job.user_id != "service":
        (job,), _ = await queue.claim(worker, ["pdf"], 1, **mine)
        await queue.find_lines(TYPES, limits)
        await queue.complete(job.claim, {})
    await enqueue(user_id="bob")

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_nor_does_one_that_is_released(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=500)
    await enqueue(user_id="service", priority=100)
    for settle in (queue.release, lambda claim: queue.complete(claim, {})):
        (job,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
        assert job.user_id == "service"
        await queue.find_lines(TYPES, limits)
        await settle(job.claim)
    await enqueue(user_id="bob")

    assert "bob" in await served_of(queue, worker, ["pdf"], 4, limits)


async def test_a_look_at_a_raised_job_takes_no_clock_back(pool, queue, worker, enqueue):
    limits = {"pdf": 1}
    await pool.execute(MANY, "ada", 400)
    await served_of(queue, worker, ["pdf"], 200, limits)
    await queue.find_lines(TYPES, limits)
    await enqueue(user_id="service", priority=100)
    await queue.find_lines(TYPES, limits)
    await pool.execute(MANY, "bob", 100)

    served = await served_of(queue, worker, ["pdf"], 101, limits)

    assert served.count("bob") == pytest.approx(50, abs=2)


async def test_two_replicas_of_which_one_goes(pool, queue, worker, enqueue):
    limits = {"pdf": 2}
    gone = a_worker()
    await queue.heartbeat(gone, [])
    await pool.execute(MANY, "ada", 40)
    running, _ = await queue.claim(worker, ["pdf"], 2, type_limits=limits)
    await pool.execute(SLIDES, "dan", 1000)
    await queue.claim(gone, TYPES, 1000, type_limits=limits)
    await pool.execute(ENDED)
    await queue.find_lines(TYPES, limits)
    await pool.execute(SLIDES, "carol", 5)

    found = await _served_to_newcomers(pool, queue, worker, enqueue, limits, 2, running)

    assert "carol" in found


async def _served_to_newcomers(pool, queue, worker, enqueue, limits, slots, running=(), jobs=150):
    """Whose jobs end, while somebody new comes to the line with each; one takes two seconds."""
    running = list(running)
    found: list[str] = []
    for _ in range(jobs):
        await enqueue(user_id=str(uuid4()))
        free = slots - len(running)
        running += (await queue.claim(worker, TYPES, free, type_limits=limits))[0]
        await queue.find_lines(TYPES, limits)
        await pool.execute(AGED, 2)
        job = running.pop(0)
        await queue.complete(job.claim, {})
        found.append(job.user_id)
    return found


async def _time_goes_on_while_one_runs(pool, queue, worker, enqueue, limits, ahead):
    """An old job of eve's runs in the only slot; its line is empty, and the clock goes on."""
    await enqueue(user_id="eve")
    (running,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
    await pool.execute(SLIDES, "ada", ahead)
    await queue.claim(worker, ["presentation"], ahead, type_limits=limits)
    await queue.find_lines(TYPES, limits)
    return running


async def _served_while_two_always_wait(pool, queue, worker, enqueue, limits, count):
    """Whose jobs were served: bob and eve have one each there before every claim and every end."""
    found: list[str] = []
    for _ in range(count):
        await _both_have_one(pool, enqueue)
        (job,), _ = await queue.claim(worker, ["pdf"], 1, type_limits=limits)
        await queue.find_lines(TYPES, limits)
        await _both_have_one(pool, enqueue)
        await queue.complete(job.claim, {})
        found.append(job.user_id)
    return found


async def _both_have_one(pool, enqueue):
    for user in ("bob", "eve"):
        if not await pool.fetchval(WAITS, user):
            await enqueue(user_id=user)
