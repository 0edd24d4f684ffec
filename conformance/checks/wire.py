"""The bytes of a stream: fields, line ends, frames."""

import re

from conformance.frames import Frame
from conformance.suite import check, require
from conformance.target import Stream, Target

FIELDS = {"", "data", "event", "id", "retry"}
EVENTS = {"status", "job-complete", "job-failed", "error", "ready"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


async def _whole(target: Target, query: str = "") -> Stream:
    """A stream from a job's first state to its last."""
    job_id = await target.submit(title="Wire")
    async with target.stream(job_id, query) as stream:
        await stream.state()
        await target.cancel(job_id)
        await stream.rest()

        return stream


async def _states(target: Target) -> list[Frame]:
    return [frame for frame in (await _whole(target)).frames if frame.data]


@check("wire")
async def is_utf_8(target: Target) -> None:
    """Every byte is UTF-8."""
    (await _whole(target)).parser.raw.decode()


@check("wire")
async def no_byte_order_mark(target: Target) -> None:
    """It begins with no byte order mark: some clients read it as part of the first field."""
    require(not (await _whole(target)).parser.raw.startswith(b"\xef\xbb\xbf"), "there is one")


@check("wire")
async def one_line_end(target: Target) -> None:
    """Lines end with a line feed only: a CR at the end of a packet delays the frame."""
    require(b"\r" not in (await _whole(target)).parser.raw, "there is a carriage return")


@check("wire")
async def known_fields(target: Target) -> None:
    """Only data, event, id, retry and comments."""
    names = {name for frame in (await _whole(target)).frames for name, _ in frame.lines}
    require(names <= FIELDS, f"there is {', '.join(sorted(names - FIELDS))}")


@check("wire")
async def one_space_after_the_colon(target: Target) -> None:
    """One space follows the colon: a reader that strips none and one that strips all agree."""
    for frame in (await _whole(target)).frames:
        for line in frame.raw.decode().split("\n"):
            require(re.match(r"\w*: \S|: ?$", line), f"a line is {line!r:.40}")


@check("wire")
async def data_is_one_line(target: Target) -> None:
    """A frame has one data line, so that naive clients read it too."""
    for frame in await _states(target):
        count = sum(name == "data" for name, _ in frame.lines)
        require(count == 1, f"a frame has {count}")


@check("wire")
async def ends_with_a_whole_frame(target: Target) -> None:
    """The last frame is ended by a blank line; what is not is thrown away."""
    rest = (await _whole(target)).parser.rest
    require(not rest, f"it ends within {rest!r:.60}")


@check("wire")
async def ends_with_a_whole_body(target: Target) -> None:
    """The body ends as HTTP says; a torn one is a network error in the browser's log."""
    stream = await _whole(target)
    require(stream.answer.is_whole, "the connection was cut without the terminating chunk")


@check("wire")
async def retry_is_sent_first(target: Target) -> None:
    """The first frame says when to come back: browsers differ where nobody does."""
    frame = (await _whole(target)).frames[0]
    require(frame.field("retry"), f"it is {frame.raw!r:.60}")


@check("wire")
async def retry_is_digits(target: Target) -> None:
    """retry is ASCII digits; anything else is ignored."""
    for frame in (await _whole(target)).frames:
        retry = frame.field("retry")
        require(retry is None or re.fullmatch("[0-9]+", retry), f"it is {retry!r}")


@check("wire")
async def retry_is_sane(target: Target) -> None:
    """retry lies between a tenth of a second and a minute."""
    for frame in (await _whole(target)).frames:
        retry = int(frame.field("retry") or 1000)
        require(100 <= retry <= 60_000, f"it is {retry} ms")


@check("wire")
async def every_state_has_an_id(target: Target) -> None:
    """Every state of a job's stream has an id, or a reconnect knows nothing."""
    for frame in await _states(target):
        require(frame.field("id"), f"{frame.raw!r:.60} has none")


@check("wire")
async def ids_fit_a_header(target: Target) -> None:
    """An id can be sent back in a header: letters, digits, dot, dash, underscore."""
    for frame in await _states(target):
        found = frame.field("id") or ""
        require(re.fullmatch(r"[A-Za-z0-9._-]{1,64}", found), f"one is {found!r}")


@check("wire")
async def ids_are_the_seq(target: Target) -> None:
    """The id is the seq of the state that it comes with."""
    for frame in await _states(target):
        require(frame.field("id") == str(frame.state["seq"]), f"{frame.field('id')!r}")


@check("wire")
async def known_events(target: Target) -> None:
    """Event types are those of the contract."""
    names = {frame.event for frame in await _states(target)}
    require(names <= EVENTS, f"there is {', '.join(sorted(names - EVENTS))}")


@check("wire")
async def no_event_without_data(target: Target) -> None:
    """A frame with a type has data: without, it is never dispatched."""
    for frame in (await _whole(target)).frames:
        require(frame.field("event") is None or frame.data, f"{frame.raw!r:.60}")


@check("wire")
async def data_is_an_object(target: Target) -> None:
    """The data is a JSON object."""
    for frame in await _states(target):
        require(isinstance(frame.state, dict), f"it is {frame.data!r:.60}")


@check("wire")
async def type_is_the_event(target: Target) -> None:
    """data.type repeats the event's type."""
    for frame in await _states(target):
        found = frame.state.get("type")
        require(found == frame.event, f"{found!r} came as {frame.event!r}")


@check("wire")
async def unnamed_has_no_event(target: Target) -> None:
    """?unnamed=1 sends no event field, for clients that switch on data.type."""
    for frame in (await _whole(target, "?unnamed=1")).frames:
        require(frame.field("event") is None, f"there is {frame.event!r}")


@check("wire")
async def unnamed_has_the_same_data(target: Target) -> None:
    """?unnamed=1 changes nothing else."""
    job_id, _ = await target.cancelled()
    async with target.stream(job_id) as named, target.stream(job_id, "?unnamed=1") as unnamed:
        require(await named.state() == await unnamed.state(), "the data differs")


@check("state")
async def names_its_job(target: Target) -> None:
    """Every state says whose it is."""
    for frame in await _states(target):
        require(frame.state.get("jobId"), "jobId is missing")


@check("state")
async def has_a_seq(target: Target) -> None:
    """seq is a whole number above 0."""
    for frame in await _states(target):
        found = frame.state.get("seq")
        require(isinstance(found, int) and found > 0, f"it is {found!r}")


@check("state")
async def has_a_percentage(target: Target) -> None:
    """progress lies between 0 and 100."""
    for frame in await _states(target):
        found = frame.state.get("progress")
        require(isinstance(found, int) and 0 <= found <= 100, f"it is {found!r}")


@check("state")
async def says_whether_it_is_final(target: Target) -> None:
    """final is a boolean, so that no client spells statuses."""
    for frame in await _states(target):
        found = frame.state.get("final")
        require(isinstance(found, bool), f"it is {found!r}")


@check("state")
async def has_moments_with_a_zone(target: Target) -> None:
    """Timestamps are RFC 3339 with a zone."""
    for frame in await _states(target):
        for name in ("createdAt", "scheduledAt", "startedAt", "completedAt"):
            found = frame.state.get(name)
            require(found is None or MOMENT.fullmatch(found), f"{name} is {found!r}")


@check("state")
async def begins_with_the_present(target: Target) -> None:
    """The first state is what GET of the job says."""
    job_id = await target.submit()
    async with target.stream(job_id) as stream:
        state = await stream.state()
    polled = await target.get(job_id)
    differing = [name for name in polled if polled[name] != state.get(name)]
    require(not differing, f"these differ: {', '.join(differing)}")
