"""What happens in between: no gap from reading to listening, whatever the moment."""

import asyncio

from conformance.suite import check, require
from conformance.target import Stream, Target

ROUNDS = 20
READERS = 50


async def _end(stream: Stream) -> int:
    return int((await stream.until(lambda state: bool(state["final"])))["seq"])


@check("race")
async def a_change_right_after_the_head(target: Target) -> None:
    """What changes as soon as the head of the answer is there is told."""
    for _ in range(ROUNDS):
        job_id = await target.submit()
        async with target.stream(job_id) as stream:
            await target.cancel(job_id)
            await _end(stream)


@check("race")
async def a_change_while_connecting(target: Target) -> None:
    """What changes while the request is on its way is told."""
    for _ in range(ROUNDS):
        job_id = await target.submit()
        changing = asyncio.create_task(target.cancel(job_id))
        async with target.stream(job_id) as stream:
            await _end(stream)
        await changing


@check("race")
async def a_change_while_away(target: Target) -> None:
    """What changed between two connections is told by the second."""
    for _ in range(ROUNDS):
        job_id = await target.submit()
        async with target.stream(job_id) as stream:
            seq = (await stream.state())["seq"]
        await target.cancel(job_id)
        async with target.stream(job_id, Last_Event_ID=str(seq)) as stream:
            await _end(stream)


@check("race")
async def quick_changes(target: Target) -> None:
    """Of changes faster than the stream the last one is told, and none out of order."""
    job_id = await target.submit()
    async with target.open(f"/api/events?job={job_id}") as stream:
        seqs = [(await stream.state())["seq"]]
        for _ in range(ROUNDS):
            await target.cancel(job_id)
            await target.reopen(job_id)
        last = (await target.get(job_id))["seq"]
        while seqs[-1] != last:
            state = await stream.state()
            seqs += [state["seq"]] if "seq" in state else []
    require(seqs == sorted(set(seqs)), f"they were {seqs}")


@check("race")
async def many_readers_one_end(target: Target) -> None:
    """Fifty readers of a job all get its end, the same one."""
    job_id = await target.submit()

    async def read() -> int:
        async with target.stream(job_id) as stream:
            await stream.state()
            opened.release()
            return await _end(stream)

    opened = asyncio.Semaphore(0)
    reading = [asyncio.create_task(read()) for _ in range(READERS)]
    for _ in reading:
        await opened.acquire()
    await target.cancel(job_id)
    found = set(await asyncio.gather(*reading))
    require(len(found) == 1, f"they ended with {sorted(found)}")


@check("race")
async def who_leaves_takes_nobody_along(target: Target) -> None:
    """A reader that hangs up does not end another's stream."""
    job_id = await target.submit()
    async with target.stream(job_id) as stays:
        await stays.state()
        async with target.stream(job_id) as leaves:
            await leaves.state()
        await target.cancel(job_id)
        await _end(stays)


@check("race")
async def hanging_up_at_once(target: Target) -> None:
    """Clients that connect and vanish break nothing for the next."""
    job_id = await target.submit()
    for _ in range(ROUNDS):
        (await target.ask("GET", f"/api/jobs/{job_id}/events")).close()
    async with target.stream(job_id) as stream:
        await stream.state()


@check("race")
async def polling_and_streaming_agree(target: Target) -> None:
    """What a stream told is never ahead of what GET says next."""
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        await stream.state()
        await target.cancel(job_id)
        told = await _end(stream)
    polled = (await target.get(job_id))["seq"]
    require(polled >= told, f"told {told}, polled {polled}")
