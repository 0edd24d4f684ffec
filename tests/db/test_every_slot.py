"""A line that is late and has every slot is seen to, whoever else is about."""

import asyncio

import pytest

from tests.db.test_late_lines import _at_its_limit, served_of
from tests.db.test_lines_in_time import AGED, GOES_ON, _served_to_newcomers
from tests.db.test_turns import MANY, TYPES

LOOKS = {
    "of another type": (["video"], {"pdf": 1}),
    "without limits": (["video"], {}),
}


async def test_a_raised_job_beside_it_does_not_hide_it(pool, queue, worker, enqueue):
    """It keeps a line that was resumed from being in time."""
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await queue.pause("presentation")
    await enqueue(user_id="carol", job_type="presentation")
    await enqueue(user_id="service", job_type="presentation", priority=50)
    await queue.resume("presentation")

    assert "carol" in await _served_to_newcomers(pool, queue, worker, enqueue, limits, slots=1)


async def test_nor_does_a_job_that_runs_elsewhere(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await enqueue(user_id="carol", job_type="presentation")
    await enqueue(user_id="olga", job_type="video")
    await queue.claim(worker, ["video"], 1)

    assert "carol" in await _served_to_newcomers(pool, queue, worker, enqueue, limits, slots=1)


async def test_nor_does_a_job_that_runs_for_hours(pool, queue, worker, enqueue):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await enqueue(user_id="lena", job_type="presentation")
    await queue.claim(worker, ["presentation"], 1)
    await enqueue(user_id="carol", job_type="presentation")
    await pool.execute(
        "UPDATE document_jobs SET started_at = now() - interval '1 hour'"
        " WHERE status = 'processing'"
    )

    assert "carol" in await _served_to_newcomers(pool, queue, worker, enqueue, limits, slots=1)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
async def test_nor_does_a_look_of_who_does_not_serve_it(pool, queue, worker, enqueue, look):
    limits = await _at_its_limit(pool, queue, worker, enqueue, ahead=2000)
    await enqueue(user_id="carol", job_type="presentation")
    found: list[str] = []
    for _ in range(40):
        await queue.find_lines(*look)
        found += await _served_to_newcomers(pool, queue, worker, enqueue, limits, 1, jobs=1)

    assert "carol" in found


async def test_a_look_undoes_no_resume_that_it_does_not_see(pool, queue, worker, enqueue):
    await queue.pause("pdf")
    await pool.execute(MANY, "ada", 100)
    await pool.execute(GOES_ON)
    await queue.find_lines(TYPES)
    await pool.execute(AGED, 6)
    await pool.execute(GOES_ON)
    async with pool.acquire() as other, other.transaction():
        await other.execute("DELETE FROM document_paused_job_types")

        await asyncio.wait_for(queue.find_lines(TYPES), 10)

    await queue.find_lines(TYPES)
    await enqueue(user_id="carol", job_type="presentation")
    assert "carol" in await served_of(queue, worker, TYPES, 4)
