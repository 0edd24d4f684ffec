"""A request becomes a job; every refusal names the field and the fix."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints
from starlette.requests import Request

from db import payloads
from db.errors import PayloadInvalid
from db.jobs import NewJob
from db.settings import Settings
from db.telemetry import tracing
from server import auth, bodies
from server.auth import Principal
from server.bodies import Body
from server.tokens import ID_LENGTH

# JSON may spell one character of code in six bytes, and `data` comes on top.
BODY_PER_CODE = 4
PAYLOAD = ("code", "data")
TEN_YEARS = timedelta(days=3653)
KEY_LENGTH = 255
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _as_text(value: Any) -> Any:
    """Ids may be numbers: other people's databases count."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)

    return value


def _as_moment(value: Any) -> Any:
    if not isinstance(value, str) or not MOMENT.match(value):
        raise ValueError("must be an RFC 3339 timestamp with a zone, such as 2030-01-31T12:00:00Z")

    return value


Id = Annotated[
    str, BeforeValidator(_as_text), StringConstraints(min_length=1, max_length=ID_LENGTH)
]
Seconds = Annotated[float, Field(ge=0, le=TEN_YEARS.total_seconds())]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_as_moment)]


class JobRequest(Body):
    """The body of POST /api/jobs; snake_case is understood too."""

    document_type: Annotated[str, Field(description="spreadsheet, document, pdf, presentation")]
    code: Annotated[Any, Field(description="Python that writes the file to OUTPUT_PATH")] = None
    data: Annotated[Any, Field(description="any JSON; the code finds it as DATA")] = None
    title: Annotated[
        str | None, Field(max_length=300, description="names the file; the code finds it as TITLE")
    ] = None
    user_id: Annotated[Id | None, Field(description="with a service key: whose job it is")] = None
    session_id: Annotated[Id | None, Field(description="a conversation; lists filter by it")] = None
    message_id: Annotated[Id | None, Field(description="kept with the job, for you")] = None
    batch_id: Annotated[Id | None, Field(description="jobs that belong together")] = None
    priority: Annotated[
        int, Field(ge=-100, le=100, description="higher runs first; above 0 takes a service key")
    ] = 0
    max_retries: Annotated[
        int, Field(ge=0, le=20, description="after failures that are not the code's own")
    ] = 3
    scheduled_at: Annotated[Moment | None, Field(description="not before this moment")] = None
    delay_seconds: Annotated[Seconds, Field(description="not before so many seconds")] = 0
    start_before: Annotated[
        Moment | None, Field(description="failed as `expired` when not begun by then")
    ] = None
    timeout_seconds: Annotated[
        float | None, Field(ge=0.1, description="wall time of an attempt; at most the server's own")
    ] = None
    expires_in_seconds: Annotated[
        float | None,
        Field(ge=1, le=TEN_YEARS.total_seconds(), description="kept so long after its end"),
    ] = None


def job_of(principal: Principal, sent: Any, *, key: str | None, settings: Settings) -> NewJob:
    """The job that a caller asks for with a body. Raises PayloadInvalid, AccessDenied."""
    asked = bodies.parse(JobRequest, sent)
    user_id = auth.owner_of_new_job(principal, asked.user_id)
    auth.check_may_rank(principal, asked.priority)

    return new_job(asked, sent, user_id=user_id, key=key, settings=settings)


def new_job(
    asked: JobRequest, sent: Any, *, user_id: str, key: str | None, settings: Settings
) -> NewJob:
    """The job that a valid request asks for. Raises PayloadInvalid, JobTypeUnknown."""
    _check_times(asked, settings)
    job = NewJob(
        user_id=user_id,
        job_type=asked.document_type,
        payload=_payload(asked, settings),
        title=asked.title,
        session_id=asked.session_id,
        message_id=asked.message_id,
        batch_id=asked.batch_id,
        priority=asked.priority,
        max_retries=asked.max_retries,
        timeout=_seconds(asked.timeout_seconds),
        scheduled_at=asked.scheduled_at,
        delay=timedelta(seconds=asked.delay_seconds),
        start_before=asked.start_before,
        idempotency_key=key,
        request_digest=_digest(sent) if key else None,
        trace_context=tracing.context(),
    )
    retention = _seconds(asked.expires_in_seconds)
    return replace(job, retention=retention) if retention else job


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key. Raises PayloadInvalid when it cannot be stored."""
    key = request.headers.get("idempotency-key")
    return None if key is None else checked_key(key, "Idempotency-Key")


def checked_key(key: str, field: str) -> str:
    """A key that can be stored. Raises PayloadInvalid."""
    if not 0 < len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise PayloadInvalid(field, f"must be 1 to {KEY_LENGTH} printable ASCII characters")

    return key


def _payload(asked: JobRequest, settings: Settings) -> dict[str, Any]:
    payload: dict[str, Any] = {
        name: getattr(asked, name) for name in PAYLOAD if name in asked.model_fields_set
    }
    return payloads.parse(asked.document_type, payload, code_limit_bytes=settings.code_limit_bytes)


def _check_times(asked: JobRequest, settings: Settings) -> None:
    most = settings.job_timeout.total_seconds()
    if asked.timeout_seconds is not None and asked.timeout_seconds > most:
        raise PayloadInvalid("timeoutSeconds", f"may be {most:g} at most")
    if asked.scheduled_at and asked.delay_seconds:
        raise PayloadInvalid("delaySeconds", "and scheduledAt exclude each other; send one")

    for name, moment in (("scheduledAt", asked.scheduled_at), ("startBefore", asked.start_before)):
        if moment and abs(moment - datetime.now(UTC)) > TEN_YEARS:
            raise PayloadInvalid(name, "must be within ten years of now")


def _seconds(value: float | None) -> timedelta | None:
    return timedelta(seconds=value) if value is not None else None


def _digest(sent: Any) -> str:
    canonical = json.dumps(sent, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
