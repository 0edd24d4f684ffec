"""An operator pauses a job type: its jobs wait, the others go on."""

import asyncio

from db.changes import WAKE
from db.jobs import Status


async def test_a_paused_job_type_is_not_claimed_and_the_others_are(queue, worker, enqueue):
    waits, runs = await enqueue(), await enqueue(job_type="document")
    await queue.pause("pdf")

    jobs, _ = await queue.claim(worker, ["pdf", "document"], 2)

    assert [job.id for job in jobs] == [runs.id]
    assert (await queue.get(waits.id)).status is Status.PENDING


async def test_what_runs_when_it_is_paused_ends(queue, claim):
    job = await claim()
    await queue.pause("pdf")

    await queue.complete(job.claim, {})

    assert (await queue.get(job.id)).status is Status.COMPLETED


async def test_to_pause_and_to_resume_twice_is_to_do_it_once(queue, worker, enqueue):
    await enqueue()
    await queue.pause("pdf")
    since = await queue.paused()
    await queue.pause("pdf")
    assert await queue.paused() == since
    assert list(since) == ["pdf"]

    await queue.resume("pdf")
    await queue.resume("pdf")

    assert await queue.paused() == {}
    assert len((await queue.claim(worker, ["pdf"], 1))[0]) == 1


async def test_resuming_wakes_the_workers(pool, queue):
    await queue.pause("pdf")
    woken = asyncio.Event()
    async with pool.acquire() as listening:
        await listening.add_listener(WAKE, lambda *_: woken.set())
        await queue.resume("pdf")

        await asyncio.wait_for(woken.wait(), 10)
        await listening.reset()
