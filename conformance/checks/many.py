"""One stream of many jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from conformance.suite import check, require
from conformance.target import NOBODY, Stream, Target


def _is(kind: str) -> Any:
    return lambda state: state.get("type") == kind


def _of(job_id: str) -> Any:
    return lambda state: state.get("jobId") == job_id


@asynccontextmanager
async def _following(target: Target, query: str) -> AsyncIterator[Stream]:
    """A stream of many jobs, after its snapshots."""
    async with target.open(f"/api/events?{query}") as stream:
        await stream.until(_is("ready"))
        yield stream


@check("many")
async def begins_with_all_that_are_named(target: Target) -> None:
    """The named jobs come first, final ones too."""
    waiting, (ended, _) = await target.submit(), await target.cancelled()
    async with target.open(f"/api/events?job={waiting}&job={ended}") as stream:
        found = {(await stream.state())["jobId"] for _ in range(2)}
    require(found == {waiting, ended}, f"{len(found)} of them came")


@check("many")
async def says_when_it_is_ready(target: Target) -> None:
    """`ready` ends the snapshots: what was not among them is not there any more."""
    job_id = await target.submit()
    async with target.open(f"/api/events?job={job_id}") as stream:
        kinds = [(await stream.state())["type"] for _ in range(2)]
    require(kinds == ["status", "ready"], f"it said {kinds}")


@check("many")
async def has_no_ids(target: Target) -> None:
    """Its frames have no id: one cannot say where a reader is in all jobs."""
    job_id = await target.submit()
    async with _following(target, f"job={job_id}") as stream:
        found = [frame.field("id") for frame in stream.frames]
    require(not any(found), f"there is {found}")


@check("many")
async def tells_changes(target: Target) -> None:
    """A change of a named job is told."""
    job_id = await target.submit()
    async with _following(target, f"job={job_id}") as stream:
        await target.cancel(job_id)
        state = await stream.until(_of(job_id))
    require(state["final"], f"it told {state['status']}")


@check("many")
async def stays_open(target: Target) -> None:
    """It goes on after a job's end."""
    first, second = await target.submit(), await target.submit()
    async with _following(target, f"job={first}&job={second}") as stream:
        for job_id in (first, second):
            await target.cancel(job_id)
            await stream.until(_of(job_id))


@check("many")
async def tells_of_a_reopened_job(target: Target) -> None:
    """A final job that was reopened is told again."""
    job_id, seq = await target.cancelled()
    async with _following(target, f"job={job_id}") as stream:
        await target.reopen(job_id)
        state = await stream.until(_of(job_id))
    require(state["seq"] > seq and not state["final"], f"it told {state['status']}")


@check("many")
async def tells_of_new_jobs(target: Target) -> None:
    """A job that a session gets later is told."""
    async with _following(target, f"session={target.session}") as stream:
        job_id = await target.submit()
        await stream.until(_of(job_id))


@check("many")
async def keeps_to_its_session(target: Target) -> None:
    """Jobs of another session are not told."""
    async with _following(target, f"session={target.session}") as stream:
        other = await target.submit(sessionId=f"{target.session}-other")
        own = await target.submit()
        seen: list[str] = []
        while not seen or seen[-1] != own:
            seen.append((await stream.state()).get("jobId", ""))
    require(other not in seen, "one was")


@check("many")
async def session_id_is_the_same(target: Target) -> None:
    """sessionId means session."""
    job_id = await target.submit()
    async with target.open(f"/api/events?sessionId={target.session}") as stream:
        await stream.until(_of(job_id))


@check("many")
async def shows_all_without_a_filter(target: Target) -> None:
    """Without job and session all of one's jobs are told, new ones included."""
    old = await target.submit()
    async with target.open("/api/events") as stream:
        await stream.until(_of(old))
        new = await target.submit()
        await stream.until(_of(new))


@check("many")
async def names_what_is_missing(target: Target) -> None:
    """A named job that is not there is told by an error with its id, and the rest goes on."""
    job_id = await target.submit()
    async with target.open(f"/api/events?job={job_id}&job={NOBODY}") as stream:
        error = await stream.until(_is("error"))
        await target.cancel(job_id)
        await stream.until(lambda state: state.get("final") is True)
    found = (error.get("code"), error.get("jobId"))
    require(found == ("job_not_found", NOBODY), f"it said {found}")


@check("many")
async def nothing_to_see_is_404(target: Target) -> None:
    """Where none of the named jobs is there, there is no stream."""
    answer = await target.ask("GET", f"/api/events?job={NOBODY}")
    answer.close()
    require(answer.status == 404, f"it was {answer.status}")


@check("many")
async def never_an_older_state(target: Target) -> None:
    """Of each job seq only rises."""
    jobs = [await target.submit() for _ in range(3)]
    last: dict[str, int] = {}
    query = "&".join(f"job={job_id}" for job_id in jobs)
    async with _following(target, query) as stream:
        for job_id in jobs * 3:
            await target.cancel(job_id)
            await target.reopen(job_id)
        end = (await target.cancel(jobs[-1]))["seq"]
        while last.get(jobs[-1]) != end:
            state = await stream.state()
            require(state["seq"] > last.get(state["jobId"], 0), "one fell")
            last[state["jobId"]] = state["seq"]
