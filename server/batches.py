"""Many jobs in one request, and how far they are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from db.errors import AccessDenied, PayloadInvalid
from db.jobs import NewJob
from db.settings import Settings
from server import auth, bodies, jobs, requests, wire
from server.auth import Principal
from server.bodies import Body
from server.parts import parts
from server.requests import Id
from server.wire import Json

JOBS_MOST = 10_000
BODY_LIMIT_BYTES = 64 * 1024 * 1024


class BatchRequest(Body):
    """The body of POST /api/jobs/enqueue with many jobs: all are stored, or none."""

    jobs: Annotated[
        list[Any], Field(min_length=1, max_length=JOBS_MOST, description="each a JobRequest")
    ]
    batch_id: Annotated[
        Id | None, Field(description="of the jobs that name none; made when it is missing")
    ] = None


async def enqueue(request: Request) -> Response:
    """POST /api/jobs/enqueue: a backend's door, one job or many, for any users that it names."""
    principal = parts(request).access.identify(request)
    if not principal.is_local and principal.user_id is not None:
        raise AccessDenied("This route takes a service key; use POST /api/jobs.")

    key = requests.idempotency_key(request)
    settings = parts(request).settings
    body = await bodies.read(request, limit_bytes=BODY_LIMIT_BYTES)
    new = await bodies.understood(body, lambda sent: _jobs_of(principal, sent, key, settings))
    if isinstance(new, NewJob):
        job = await parts(request).queue.enqueue(new, pending_limit=settings.pending_per_user)
        return await jobs.accepted(request, job)

    return await _enqueue_many(request, new)


async def show(request: Request) -> Response:
    """GET /api/batches/{id}: its jobs by status, and the percentage of all of them."""
    principal = parts(request).access.identify(request)
    user_id = auth.listed_user(principal, request.query_params.get("userId"))
    batch_id = request.path_params["batch_id"]

    return Json(wire.batch(batch_id, await parts(request).queue.batch(batch_id, user_id)))


async def _enqueue_many(request: Request, new: Sequence[NewJob]) -> Response:
    limit = parts(request).settings.pending_per_user
    made = await parts(request).queue.enqueue_many(new, pending_limit=limit)
    batch_id = str(made[0].batch_id)
    told = {"batchId": batch_id, "batchUrl": f"/api/batches/{quote(batch_id, safe='')}"}

    return Json({**told, "jobs": [wire.accepted(job) for job in made]}, 202)


def _jobs_of(
    principal: Principal, sent: Any, key: str | None, settings: Settings
) -> NewJob | list[NewJob]:
    if not isinstance(sent, dict) or "jobs" not in sent:
        return requests.job_of(principal, sent, key=key, settings=settings)
    if key is not None:
        raise PayloadInvalid("Idempotency-Key", "is for one job; give each its `idempotencyKey`")

    asked = bodies.parse(BatchRequest, sent)
    batch_id = asked.batch_id or str(uuid4())
    return [
        _one_of_many(principal, one, f"jobs.{number}", batch_id, settings)
        for number, one in enumerate(asked.jobs)
    ]


def _one_of_many(
    principal: Principal, sent: Any, path: str, batch_id: str, settings: Settings
) -> NewJob:
    try:
        key, rest = _without_key(sent)
        job = requests.job_of(principal, rest, key=key, settings=settings)
    except PayloadInvalid as error:
        raise type(error)(f"{path}.{error.field}", error.reason) from None

    return replace(job, batch_id=job.batch_id or batch_id)


def _without_key(sent: Any) -> tuple[str | None, Any]:
    key = sent.get("idempotencyKey") if isinstance(sent, dict) else None
    if key is None:
        return None, sent
    if not isinstance(key, str):
        raise PayloadInvalid("idempotencyKey", "must be a text")

    rest = {name: value for name, value in sent.items() if name != "idempotencyKey"}
    return requests.checked_key(key, "idempotencyKey"), rest
