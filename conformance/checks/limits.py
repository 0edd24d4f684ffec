"""Too much of something."""

import asyncio
import time

from conformance.http import Answer
from conformance.suite import check, require
from conformance.target import Broken, Target

STREAMS = 60
SILENCE_SECONDS = 30


@check("limit")
async def many_streams_or_429(target: Target) -> None:
    """Sixty streams at once are served, or refused by 429 with Retry-After."""
    job_id = await target.submit()
    for answer in await _open(target, job_id):
        answer.close()
        require(answer.status in (200, 429), f"one was {answer.status}")
        refusal = answer.status == 429
        require(not refusal or "retry-after" in answer.headers, "429 without Retry-After")


@check("limit")
async def streams_are_given_back(target: Target) -> None:
    """Whoever hangs up makes room: after many streams there is one more."""
    job_id = await target.submit()
    for _ in range(3):
        for answer in await _open(target, job_id):
            answer.close()
    deadline = time.monotonic() + target.patience
    while (await _status(target, job_id)) != 200:
        require(time.monotonic() < deadline, "there was none")


@check("limit")
async def a_long_id_is_no_accident(target: Target) -> None:
    """A Last-Event-ID of kilobytes is ignored or refused; it is no 500."""
    job_id = await target.submit()
    answer = await target.ask("GET", f"/api/jobs/{job_id}/events", {"Last-Event-ID": "9" * 4000})
    answer.close()
    require(answer.status < 500, f"it was {answer.status}")


@check("limit")
async def a_pipelined_request_is_answered_after(target: Target) -> None:
    """A stream keeps its connection: the next request on it does not tear it."""
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        await stream.state()
        stream.answer.writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await target.cancel(job_id)
        state = await stream.until(lambda state: bool(state["final"]))
    require(state["final"], "it was torn")


@check("limit", slow=True)
async def silence_is_broken(target: Target) -> None:
    """Within thirty seconds of silence comes a comment: proxies cut what is idle for sixty."""
    job_id = await target.submit()
    async with target.stream(job_id, patience=SILENCE_SECONDS) as stream:
        await stream.state()
        seen = len(stream.parser.raw)
        async with asyncio.timeout(SILENCE_SECONDS):
            piece = await stream.answer.read()
    require(seen and piece.startswith(b":"), f"it was {piece!r:.40}")


async def _open(target: Target, job_id: str) -> list[Answer]:
    path = f"/api/jobs/{job_id}/events"
    return await asyncio.gather(*(target.ask("GET", path) for _ in range(STREAMS)))


async def _status(target: Target, job_id: str) -> int:
    answer = await target.ask("GET", f"/api/jobs/{job_id}/events")
    answer.close()
    if answer.status >= 500:
        raise Broken(f"it was {answer.status}")

    return answer.status
