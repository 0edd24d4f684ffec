"""The routes of streams: who may read what, and with which state a stream begins."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from db import payloads
from db.errors import JobNotFound, PayloadInvalid
from db.jobs import Job
from db.payloads import PREVIEW
from db.states import Scope
from server import auth
from server.auth import Principal
from server.parts import parts
from server.stream import SNAPSHOT_PATIENCE, FeedStream, JobStream
from server.subscription import unanswered

NAMED_MOST = 100
# How long the answer may wait for the database, so that it begins with the snapshots.
FEED_PATIENCE = timedelta(seconds=1)


async def job_events(request: Request) -> Response:
    """GET /api/jobs/{id}/events: the present state, then every later one, until the final."""
    principal = parts(request).access.identify_reader(request)
    job_id = auth.parse_id(request.path_params["job_id"], JobNotFound)
    subscription = parts(request).hub.subscribe(job_id, owner=principal.user_id)
    try:
        first = await subscription.first(SNAPSHOT_PATIENCE)
        auth.check_sees_job(principal, first.job)
    except BaseException:
        subscription.close()
        raise

    if _saw_the_end(request, first.job):
        subscription.close()
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    return JobStream(subscription, first, **_manners(request, principal))


async def many_events(request: Request) -> Response:
    """GET /api/events: the states of the named jobs, of a session's, or of all of one's jobs."""
    principal = parts(request).access.identify_reader(request)
    named = _named_jobs(request, principal)
    scope = _scope(request, principal, named)
    feed = parts(request).hub.follow(
        scope,
        named,
        sees=lambda job: auth.sees_job(principal, job) and _is_shown(job, named),
        owner=principal.user_id,
    )
    try:
        # Without a scope nothing is known of the reader's right to any job before it is read.
        patience = SNAPSHOT_PATIENCE if scope is None else FEED_PATIENCE
        if not await feed.opened(patience) and scope is None:
            raise feed.reason or unanswered()
        if scope is None and len(feed.unseen) == len(feed.named):
            raise JobNotFound
    except BaseException:
        feed.close()
        raise

    return FeedStream(feed, **_manners(request, principal))


def _named_jobs(request: Request, principal: Principal) -> list[UUID]:
    query = request.query_params
    texts = query.getlist("job") + query.getlist("jobId")
    if len(texts) > NAMED_MOST:
        raise PayloadInvalid("job", f"may be named {NAMED_MOST} times at most; use session")

    named = [auth.parse_id(text, JobNotFound) for text in texts]
    granted = principal.grant and principal.grant.job_id

    return [granted] if granted and not named else named


def _is_shown(job: Job, named: list[UUID]) -> bool:
    # A preview is made for somebody who looks at a document, not among the jobs of a person.
    return job.job_type != PREVIEW or job.id in named


def _scope(request: Request, principal: Principal, named: list[UUID]) -> Scope | None:
    session = auth.granted_session(principal, _query(request, "session", "sessionId", "session_id"))
    if session is None and named:
        return None

    return Scope(auth.listed_user(principal, _query(request, "userId", "user_id")), session)


def _query(request: Request, *names: str) -> str | None:
    values = {name: request.query_params[name] for name in names if name in request.query_params}
    payloads.refuse_unstorable(values)

    return next(iter(values.values()), None)


def _manners(request: Request, principal: Principal) -> dict[str, Any]:
    return {
        "is_named": request.query_params.get("unnamed") != "1",
        "lifetime": parts(request).settings.stream_lifetime,
        "expires_at": principal.expires_at,
    }


def _saw_the_end(request: Request, job: Job) -> bool:
    seen = request.headers.get("last-event-id") or request.query_params.get("lastEventId")
    return job.status.is_final and seen == str(job.seq)
