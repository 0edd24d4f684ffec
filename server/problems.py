"""Errors as application/problem+json; the one table of what is which status."""

import logging
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from db import errors
from db.errors import PayloadInvalid, PressroomError
from server import request_ids, wire

log = logging.getLogger(__name__)

Headers = dict[str, str]


class Problem(PressroomError):
    """A request that only HTTP can get wrong."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Headers | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = headers or {}


# The first class that fits, so the narrower one stands first.
TABLE: dict[type[PressroomError], tuple[int, str, Headers]] = {
    errors.JobTypeUnknown: (422, "unknown_document_type", {}),
    errors.PayloadInvalid: (422, "invalid_request", {}),
    errors.IdempotencyConflict: (409, "idempotency_conflict", {}),
    errors.QuotaExceeded: (429, "quota_exceeded", {"Retry-After": "5"}),
    errors.JobNotFound: (404, "job_not_found", {}),
    errors.BatchNotFound: (404, "batch_not_found", {}),
    errors.JobFinal: (409, "job_completed", {}),
    errors.ArtifactNotFound: (404, "artifact_not_found", {}),
    errors.AccessDenied: (403, "access_denied", {}),
    errors.Unauthenticated: (401, "unauthenticated", {"WWW-Authenticate": "Bearer"}),
}
HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}


def answer(_request: Request, error: Exception) -> Response:
    """Answer with what Pressroom raised on purpose."""
    if isinstance(error, Problem):
        return response(error.status, error.code, str(error), headers=error.headers)

    for known, (status, code, headers) in TABLE.items():
        if isinstance(error, known):
            more = {"field": error.field} if isinstance(error, PayloadInvalid) else {}
            return response(status, code, str(error), headers=headers, **more)

    return unexpected(_request, error)


def answer_http(_request: Request, error: Exception) -> Response:
    """Answer with what Starlette raised: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise error

    code = HTTP_CODES.get(error.status_code, "http_error")
    return response(error.status_code, code, error.detail, headers=dict(error.headers or {}))


def unavailable(_request: Request, error: Exception) -> Response:
    """Answer while Postgres is away; the same request may work in a moment."""
    log.warning("database.unavailable error=%r", error)
    return response(
        503,
        "database_unavailable",
        "The database does not answer; try again.",
        headers={"Retry-After": "1"},
    )


def unexpected(_request: Request, _error: Exception) -> Response:
    """Answer for a mistake of ours; the log has the traceback."""
    return response(500, "internal_error", "The server made a mistake; its log says which.")


def gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: the caller hung up while sending."""
    return Response(status_code=400)


def response(
    status: int, code: str, detail: str, *, headers: Headers | None = None, **more: Any
) -> Response:
    """One problem; `code` is stable, `detail` is for people."""
    body = {"type": "about:blank", "title": _title(code), "status": status, "code": code}
    told = {"detail": detail, "requestId": request_ids.present.get()}
    return Response(
        wire.encode({**body, **told, **more}),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        "application/problem+json",
    )


def _title(code: str) -> str:
    return code.replace("_", " ").capitalize()
