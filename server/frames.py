"""Server-sent events as bytes: the wordings of a job's state, and what is said besides."""

import random
from typing import Any
from uuid import UUID

from sse_starlette import ServerSentEvent

from db.jobs import Job, Status
from server import wire

RETRY_MS = 2000
FAREWELL_RETRY_MS = (500, 4000)  # spread, so that a restarted server is not met by all at once

COMMENT = ServerSentEvent(comment="", sep="\n").encode()
RETRY = b"retry: %d\n" % RETRY_MS


def named(job: Job) -> bytes:
    """The frame of a job's stream."""
    return _state(job, id=str(job.seq), event=kind(job))


def unnamed(job: Job) -> bytes:
    """The same frame for readers that switch on data.type."""
    return _state(job, id=str(job.seq))


def named_of_many(job: Job) -> bytes:
    """The frame among those of other jobs: one id cannot say where a reader is in all of them."""
    return _state(job, event=kind(job))


def unnamed_of_many(job: Job) -> bytes:
    """The same frame for readers that switch on data.type."""
    return _state(job)


def ready(*, is_named: bool) -> bytes:
    """All snapshots of a stream of many jobs have been sent."""
    return _said("ready", is_named=is_named)


def missing(job_id: UUID, *, is_named: bool) -> bytes:
    """There is no such job for this reader."""
    return _said(
        "error",
        is_named=is_named,
        code="job_not_found",
        jobId=str(job_id),
        message="There is no such job.",
    )


def expired(*, is_named: bool) -> bytes:
    """The token of the stream has run out."""
    message = "The token has expired; connect again with a new one."
    return _said("error", is_named=is_named, code="token_expired", message=message)


def farewell() -> bytes:
    """The server ends the stream; the reader comes back, a little later than the next one."""
    retry = random.randint(*FAREWELL_RETRY_MS)  # noqa: S311 - spreads load, guards nothing
    return ServerSentEvent(retry=retry, sep="\n").encode()


def kind(job: Job) -> str:
    """The type of a job's event."""
    if job.status is Status.COMPLETED:
        return "job-complete"

    return "job-failed" if job.status.is_final else "status"


def _state(job: Job, **fields: Any) -> bytes:
    data = wire.encode({"type": kind(job), **wire.job(job)})
    return ServerSentEvent(data, **fields, sep="\n").encode()


def _said(event: str, *, is_named: bool, **data: str) -> bytes:
    text = wire.encode({"type": event, **data})
    return ServerSentEvent(text, event=event if is_named else None, sep="\n").encode()
