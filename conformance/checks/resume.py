"""Coming back: exactly where one was, or at the present state."""

from conformance.suite import check, require
from conformance.target import NOBODY, Target

STRANGE = ("1", "x", "-1", "1e999", "99999999999999999999999", "%00", "1-2", "é", " ")


@check("resume")
async def nothing_more_is_204(target: Target) -> None:
    """Who has the final event is told 204: any other answer makes EventSource come again."""
    job_id, seq = await target.cancelled()
    answer = await target.ask("GET", f"/api/jobs/{job_id}/events", {"Last-Event-ID": str(seq)})
    answer.close()
    require(answer.status == 204, f"it was {answer.status}")


@check("resume")
async def the_query_says_it_too(target: Target) -> None:
    """?lastEventId= does what the header does: a first connect can send no header."""
    job_id, seq = await target.cancelled()
    answer = await target.ask("GET", f"/api/jobs/{job_id}/events?lastEventId={seq}")
    answer.close()
    require(answer.status == 204, f"it was {answer.status}")


@check("resume")
async def a_204_is_empty(target: Target) -> None:
    """A 204 has no body, and says no length of one."""
    job_id, seq = await target.cancelled()
    answer = await target.ask("GET", f"/api/jobs/{job_id}/events?lastEventId={seq}")
    answer.close()
    length = answer.headers.get("content-length", "0")
    require(length == "0" and "transfer-encoding" not in answer.headers, "there is one")


@check("resume")
async def an_old_id_gets_the_present(target: Target) -> None:
    """Who was away gets the state of now."""
    job_id, seq = await target.cancelled()
    async with target.stream(job_id, Last_Event_ID=str(seq - 1)) as stream:
        state = await stream.state()
    require(state["seq"] == seq, f"it got {state['seq']}, not {seq}")


@check("resume")
async def a_future_id_gets_the_present(target: Target) -> None:
    """An id that never was, as after a restore from a backup, gets the state of now."""
    job_id, seq = await target.cancelled()
    async with target.stream(job_id, Last_Event_ID=str(seq + 1000)) as stream:
        state = await stream.state()
    require(state["seq"] == seq, f"it got {state['seq']}, not {seq}")


@check("resume")
async def a_strange_id_gets_the_present(target: Target) -> None:
    """Ids that nobody gave are none, whatever is in them."""
    job_id, seq = await target.cancelled()
    for strange in STRANGE:
        async with target.stream(job_id, Last_Event_ID=strange) as stream:
            state = await stream.state()
        require(state["seq"] == seq, f"after {strange!r} it got {state['seq']}")


@check("resume")
async def a_present_id_waits_for_the_next(target: Target) -> None:
    """Who has the present state of a living job stays connected, and gets the next one."""
    job_id = await target.submit()
    seq = (await target.get(job_id))["seq"]
    async with target.stream(job_id, Last_Event_ID=str(seq)) as stream:
        await target.cancel(job_id)
        state = await stream.until(lambda state: bool(state["seq"] > seq))
    require(state["final"], "the next one was not told")


@check("resume")
async def a_reopened_job_is_not_over(target: Target) -> None:
    """The old final id of a reopened job gets no 204."""
    job_id, seq = await target.cancelled()
    await target.reopen(job_id)
    async with target.stream(job_id, Last_Event_ID=str(seq)) as stream:
        state = await stream.state()
    require(not state["final"], "it was final")


@check("resume")
async def never_goes_back(target: Target) -> None:
    """However often one comes back, seq never falls."""
    job_id = await target.submit()
    seqs = []
    for step in (target.cancel, target.reopen, target.cancel):
        async with target.stream(job_id) as stream:
            seqs.append((await stream.state())["seq"])
        await step(job_id)
    require(seqs == sorted(set(seqs)), f"they were {seqs}")


@check("resume")
async def an_unknown_job_is_404_with_any_id(target: Target) -> None:
    """An id does not make a job."""
    answer = await target.ask("GET", f"/api/jobs/{NOBODY}/events", {"Last-Event-ID": "1"})
    answer.close()
    require(answer.status == 404, f"it was {answer.status}")
