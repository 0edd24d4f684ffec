"""The routes of jobs."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from db import payloads
from db.errors import JobNotFound, PayloadInvalid
from db.jobs import Job, Status
from db.queue import Page
from db.telemetry import logs
from server import auth, bodies, requests, wire
from server.auth import Principal
from server.parts import parts
from server.requests import BODY_PER_CODE
from server.wire import Json

WAIT_MOST = timedelta(seconds=60)
PAGE_MOST = 200


async def create(request: Request) -> Response:
    """POST /api/jobs: 202 means committed."""
    principal = parts(request).access.identify(request)
    job = await _enqueue(request, principal)

    return await accepted(request, job)


async def list_jobs(request: Request) -> Response:
    """GET /api/jobs: newest first, a page at a time."""
    principal = parts(request).access.identify(request)
    page = _page(request, principal)
    jobs = await parts(request).queue.list(replace(page, limit=page.limit + 1))
    shown = jobs[: page.limit]
    cursor = _cursor(shown[-1]) if len(jobs) > len(shown) else None

    return Json({"jobs": [wire.job(job) for job in shown], "nextCursor": cursor})


async def show(request: Request) -> Response:
    """GET /api/jobs/{id} and /status: the job, or 304 when the caller has it already."""
    job = await _own_job(request)
    include = request.query_params.get("include", "")
    headers = {"ETag": f'"{job.seq}"', "Cache-Control": "private, no-cache"}
    if not include and _has_already(request, job):
        return Response(status_code=304, headers=headers)

    body = wire.job(job)
    if "payload" in include.split(","):
        body["payload"] = job.payload
    if "attempts" in include.split(","):
        history = await parts(request).queue.attempts(job.id)
        body["attempts"] = [wire.attempt(row) for row in history]

    return Json(body, headers=headers)


async def cancel(request: Request) -> Response:
    """POST /api/jobs/{id}/cancel: cancelled, or final already."""
    job = await _own_job(request)
    return Json(wire.job(await parts(request).queue.cancel(job.id)))


async def retry(request: Request) -> Response:
    """POST /api/jobs/{id}/retry: a failed or cancelled job runs again."""
    job = await _own_job(request)
    return Json(wire.job(await parts(request).queue.reopen(job.id)))


async def stats(request: Request) -> Response:
    """GET /api/stats: how many jobs of each type and status."""
    auth.check_may_operate(parts(request).access.identify(request))
    return Json({"stats": [wire.stat(row) for row in await parts(request).queue.stats()]})


async def _enqueue(request: Request, principal: Principal) -> Job:
    settings = parts(request).settings
    key = requests.idempotency_key(request)
    body = await bodies.read(request, limit_bytes=BODY_PER_CODE * settings.code_limit_bytes)
    new = await bodies.understood(
        body, lambda sent: requests.job_of(principal, sent, key=key, settings=settings)
    )
    job = await parts(request).queue.enqueue(new, pending_limit=settings.pending_per_user)
    logs.bind(job=str(job.id))

    return job


async def accepted(request: Request, job: Job) -> Response:
    """202, or 200 and the job when the caller waits for its end and it comes in time."""
    wait = _preferred_wait(request)
    headers = {"Location": f"/api/jobs/{job.id}"}
    if wait:
        headers["Preference-Applied"] = f"wait={wait.total_seconds():.0f}"
        ended = await _ended_within(request, job, wait)
        if ended:
            return Json(wire.job(ended), headers=headers)

    return Json(wire.accepted(job), 202, headers)


async def _ended_within(request: Request, job: Job, wait: timedelta) -> Job | None:
    if parts(request).hub.is_closed:  # the job is committed, so no refusal now
        return None

    subscription = parts(request).hub.subscribe(job.id)
    try:
        return await subscription.final(wait)
    finally:
        subscription.close()


def _preferred_wait(request: Request) -> timedelta:
    """RFC 7240: `Prefer: wait=20`, in seconds; a preference that we do not understand is none."""
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\b", request.headers.get("prefer", ""))
    return min(timedelta(seconds=int(found[1])), WAIT_MOST) if found else timedelta(0)


async def _own_job(request: Request) -> Job:
    principal = parts(request).access.identify(request)
    job_id = auth.parse_id(request.path_params["job_id"], JobNotFound)
    job = await parts(request).queue.get(job_id)
    auth.check_sees_job(principal, job)

    return job


def _has_already(request: Request, job: Job) -> bool:
    known = request.headers.get("if-none-match", "")
    return f'"{job.seq}"' in (tag.strip().removeprefix("W/") for tag in known.split(","))


def _page(request: Request, principal: Principal) -> Page:
    query = request.query_params
    status = _filter(request, "status")
    if status is not None and status not in list(Status):
        raise PayloadInvalid("status", f"must be one of {', '.join(Status)}")

    return Page(
        user_id=auth.listed_user(principal, _filter(request, "userId", "user_id")),
        status=status,
        session_id=_filter(request, "sessionId", "session_id"),
        job_type=_filter(request, "jobType", "job_type"),
        batch_id=_filter(request, "batchId", "batch_id"),
        search=_filter(request, "search"),
        before=_read_cursor(query["cursor"]) if query.get("cursor") else None,
        limit=_limit(query.get("limit", "50")),
    )


def _filter(request: Request, *names: str) -> str | None:
    for name in names:
        value = request.query_params.get(name)
        if value is not None:
            payloads.refuse_unstorable({name: value})
            return value

    return None


def _limit(text: str) -> int:
    limit = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if not 1 <= limit <= PAGE_MOST:
        raise PayloadInvalid("limit", f"must be a whole number from 1 to {PAGE_MOST}")

    return limit


def _cursor(job: Job) -> str:
    return base64.urlsafe_b64encode(f"{job.created_at.isoformat()} {job.id}".encode()).decode()


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    try:
        created_at, job_id = base64.urlsafe_b64decode(text.encode()).decode().split(" ")
        return datetime.fromisoformat(created_at).astimezone(UTC), UUID(job_id)
    except (ValueError, OverflowError):
        raise PayloadInvalid("cursor", "is not a nextCursor of this list; leave it out") from None
