"""The end: it comes, once, last, and says so."""

import time

from conformance.suite import check, require
from conformance.target import Target


@check("final")
async def comes_with_cancel(target: Target) -> None:
    """A cancelled job's stream gets job-failed with the status cancelled."""
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        await stream.state()
        await target.cancel(job_id)
        state = await stream.until(lambda state: bool(state["final"]))
    found = (state["type"], state["status"])
    require(found == ("job-failed", "cancelled"), f"it got {found}")


@check("final")
async def names_its_error(target: Target) -> None:
    """job-failed has an error with a code and a message."""
    job_id, _ = await target.cancelled()
    async with target.stream(job_id) as stream:
        error = (await stream.state()).get("error") or {}
    require(error.get("code") and error.get("message"), f"it is {error!r}")


@check("final")
async def is_the_last(target: Target) -> None:
    """Nothing is dispatched after the final event."""
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        await stream.state()
        await target.cancel(job_id)
        frames = [frame for frame in await stream.rest() if frame.data]
    after = [frame for frame in frames[:-1] if frame.state["final"]]
    require(frames and frames[-1].state["final"], "the last one is not final")
    require(not after, "something came after it")


@check("final")
async def ends_the_stream(target: Target) -> None:
    """The server closes within two seconds of the final event."""
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        await stream.state()
        await target.cancel(job_id)
        await stream.until(lambda state: bool(state["final"]))
        begun = time.monotonic()
        await stream.rest()
    require(time.monotonic() - begun < 2, "it took longer")


@check("final")
async def is_told_at_once(target: Target) -> None:
    """Who connects to a final job gets the final event, that alone, and the end."""
    job_id, _ = await target.cancelled()
    async with target.stream(job_id) as stream:
        frames = [frame for frame in await stream.rest() if frame.data]
    require(len(frames) == 1, f"{len(frames)} events came")
    require(frames[0].state["final"], "it was not final")


@check("final")
async def stands_still(target: Target) -> None:
    """A final job's seq is the same for whoever asks, whenever."""
    job_id, seq = await target.cancelled()
    found = set()
    for _ in range(3):
        async with target.stream(job_id) as stream:
            found.add((await stream.state())["seq"])
    require(found == {seq}, f"they were {sorted(found)}, not {seq}")


@check("final")
async def completes_with_a_result(target: Target) -> None:
    """A completed job's stream gets job-complete with the result."""
    job_id = await target.completed()
    async with target.stream(job_id) as stream:
        state = await stream.state()
    require(state["type"] == "job-complete", f"it was {state['type']}")
    require(isinstance(state.get("result"), dict), f"the result is {state.get('result')!r}")


@check("final")
async def rises_to_it(target: Target) -> None:
    """On the way to the end seq only rises."""
    job_id = await target.submit(delaySeconds=0)
    async with target.stream(job_id) as stream:
        states = [await stream.state()]
        await target.cancel(job_id)
        while not states[-1]["final"]:
            states.append(await stream.state())
    seqs = [state["seq"] for state in states]
    require(seqs == sorted(set(seqs)), f"the seqs were {seqs}")


@check("final")
async def is_not_for_ever(target: Target) -> None:
    """A job that was reopened is streamed as what it is: not final, with a higher seq."""
    job_id, seq = await target.cancelled()
    await target.reopen(job_id)
    async with target.stream(job_id) as stream:
        state = await stream.state()
    require(not state["final"] and state["seq"] > seq, f"it was {state['status']}")
