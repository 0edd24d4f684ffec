"""The SSE edge: one job's states as a stream that ends with its final one."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from db.errors import JobNotFound
from db.jobs import Job, Status
from server import auth, metrics, wire
from server.parts import parts
from server.subscription import Frame, Subscription

PING = timedelta(seconds=15)
SNAPSHOT_PATIENCE = timedelta(seconds=5)
RETRY_MS = 2000
FAREWELL_RETRY_MS = (500, 4000)  # spread, so that a restarted server is not met by all at once

COMMENT = ServerSentEvent(comment="", sep="\n").encode()
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}
RAW_HEADERS = MutableHeaders(HEADERS).raw
# Where in its scope a request leaves the stream that answers it.
STREAM = "pressroom.stream"


async def job_events(request: Request) -> Response:
    """GET /api/jobs/{id}/events: the present state, then every later one, until the final."""
    principal = parts(request).access.identify_reader(request)
    job_id = auth.parse_id(request.path_params["job_id"], JobNotFound)
    subscription = parts(request).hub.subscribe(job_id)
    try:
        first = await subscription.first(SNAPSHOT_PATIENCE)
        auth.check_sees_job(principal, first.job)
    except BaseException:
        subscription.close()
        raise

    if _saw_the_end(request, first.job):
        subscription.close()
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    is_named = request.query_params.get("unnamed") != "1"
    return EventStream(first, subscription, is_named=is_named, expires_at=principal.expires_at)


class EventStream(EventSourceResponse):
    """Sends shared frames by a plain loop; the inherited one costs a stream four tasks."""

    def __init__(
        self,
        first: Frame,
        subscription: Subscription,
        *,
        is_named: bool,
        expires_at: datetime | None,
    ) -> None:
        # Not the inherited constructor: what it builds is for the inherited loop.
        self._start = {"type": "http.response.start", "status": 200, "headers": RAW_HEADERS}
        self._next: Frame | None = first
        self._subscription = subscription
        self._is_named = is_named
        self._expires_at = expires_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer HEAD; a stream is left to the application, which runs it when routing is over."""
        if scope["method"] == "HEAD":
            self._subscription.close()
            await send(self._start)
            await send(_body(b"", is_last=True))
        else:
            scope[STREAM] = self

    async def run(self, receive: Receive, send: Send) -> None:
        """Send states until the end; whatever ends it, the subscription ends with it."""
        gone = asyncio.create_task(self._leave_with(receive), name="disconnect")
        prefix = b"retry: %d\n" % RETRY_MS
        is_last = False
        try:
            await send(self._start)
            while not is_last:
                chunk, is_last = await self._next_chunk()
                await send(_body(prefix + chunk, is_last=is_last))
                prefix = b""
        finally:
            gone.cancel()
            self._subscription.close()

    async def _next_chunk(self) -> tuple[bytes, bool]:
        """What to send next, and whether it is the last."""
        frame = self._next or await self._subscription.next(min(PING, self._time_left()))
        self._next = None
        if frame:
            metrics.FRAMES.inc()
            return frame.encoded(named if self._is_named else unnamed), frame.is_final
        if self._subscription.is_closed:
            return _farewell(), True
        if self._time_left() <= timedelta(0):
            return _expired("error" if self._is_named else None), True

        return COMMENT, False

    async def _leave_with(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

        self._subscription.close()

    def _time_left(self) -> timedelta:
        if self._expires_at is None:
            return PING

        return max(self._expires_at - datetime.now(UTC), timedelta(0))


def _body(data: bytes, *, is_last: bool) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": not is_last}


def named(job: Job) -> bytes:
    """The frame of a job's stream."""
    return _frame(job, _kind(job))


def unnamed(job: Job) -> bytes:
    """The same frame for readers that switch on data.type."""
    return _frame(job, None)


def _frame(job: Job, event: str | None) -> bytes:
    data = wire.encode({"type": _kind(job), **wire.job(job)})
    return ServerSentEvent(data, id=str(job.seq), event=event, sep="\n").encode()


def _kind(job: Job) -> str:
    if job.status is Status.COMPLETED:
        return "job-complete"

    return "job-failed" if job.status.is_final else "status"


def _farewell() -> bytes:
    retry = random.randint(*FAREWELL_RETRY_MS)  # noqa: S311 - spreads load, guards nothing
    return ServerSentEvent(retry=retry, sep="\n").encode()


def _expired(event: str | None) -> bytes:
    message = "The token has expired; connect again with a new one."
    data = wire.encode({"type": "error", "code": "token_expired", "message": message})
    return ServerSentEvent(data, event=event, sep="\n").encode()


def _saw_the_end(request: Request, job: Job) -> bool:
    seen = request.headers.get("last-event-id") or request.query_params.get("lastEventId")
    return job.status.is_final and seen == str(job.seq)
