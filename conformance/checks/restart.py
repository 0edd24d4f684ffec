"""The server goes and comes back: streams end whole, and nothing that happened is lost."""

import asyncio
import re
from contextlib import AsyncExitStack

from conformance.suite import check, require
from conformance.target import Broken, Skipped, Target

READERS = 20


def _command(target: Target) -> str:
    if target.restart is None:
        raise Skipped("no --restart command was given")

    return target.restart


async def _run(command: str) -> None:
    process = await asyncio.create_subprocess_shell(command)
    require(await process.wait() == 0, "the --restart command failed")


async def _back(target: Target, job_id: str) -> None:
    async with asyncio.timeout(target.patience * 6):
        while True:
            try:
                await target.get(job_id)
            except Broken:
                await asyncio.sleep(0.1)
            else:
                return


@check("restart")
async def ends_streams_whole(target: Target) -> None:
    """A server that goes ends its streams at a frame, with a retry, the body terminated."""
    command = _command(target)
    job_id = await target.submit()
    async with target.stream(job_id, patience=30) as stream:
        await stream.state()
        await asyncio.gather(_run(command), stream.rest())
    require(stream.answer.is_whole, "the body was cut")
    require(not stream.parser.rest, f"a frame was cut: {stream.parser.rest!r:.40}")
    require(stream.frames[-1].field("retry"), "there was no retry")
    await _back(target, job_id)


@check("restart")
async def spreads_the_return(target: Target) -> None:
    """Not all are told to come back at the same moment."""
    command = _command(target)
    job_id = await target.submit()
    async with AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(target.stream(job_id, patience=30))
            for _ in range(READERS)
        ]
        for stream in streams:
            await stream.state()
        await asyncio.gather(_run(command), *(stream.rest() for stream in streams))
    found = {stream.frames[-1].field("retry") for stream in streams}
    require(len(found) > 1 and all(re.fullmatch("[0-9]+", r or "") for r in found), f"{found}")
    await _back(target, job_id)


@check("restart")
async def loses_nothing(target: Target) -> None:
    """What changed while the server was away is told on return."""
    command = _command(target)
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        seq = (await stream.state())["seq"]
    await _run(command)
    await _back(target, job_id)
    await target.cancel(job_id)
    async with target.stream(job_id, Last_Event_ID=str(seq)) as stream:
        state = await stream.state()
    require(state["final"], f"it was {state['status']}")
