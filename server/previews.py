"""The routes of previews: what there is to look at, made when somebody looks for the first time."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from db.artifacts import Artifact
from db.errors import ArtifactNotFound
from db.jobs import Status
from db.previews import KINDS
from db.telemetry import tracing
from server import wire
from server.artifacts import knows, own_artifact
from server.parts import parts
from server.problems import Problem
from server.wire import Json

NUMBER = re.compile(r"[1-9][0-9]{0,3}")
# What never changes: for whoever may see it, and for no cache that others share.
CACHED = {
    "Cache-Control": "private, max-age=3600, immutable",
    "Vary": "Authorization, Cookie",
}
# Made of a stranger's file by a process that has parsed it: it shows, and does nothing.
HARMLESS = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
}


async def show(request: Request) -> Response:
    """GET /api/artifacts/{id}/preview: the list of parts; 202 while they are being made."""
    artifact = await own_artifact(request)
    if artifact.mime_type not in KINDS:
        raise _never(f"There is no preview of {artifact.mime_type}.")

    previews = parts(request).previews
    job = await previews.find(artifact) or await previews.enqueue(artifact, tracing.context())
    if job.status in (Status.FAILED, Status.CANCELLED):
        raise _never((job.error or {}).get("message", "It was cancelled."))
    if job.status is not Status.COMPLETED:
        body = {"jobId": str(job.id), "status": job.status, **wire.links(job)}
        return Json(body, 202, {"Retry-After": "1"})

    headers = {**CACHED, "ETag": f'"{job.id}"'}
    if knows(request, headers):
        return Response(status_code=304, headers=headers)

    return Json(_manifest(artifact, job.result or {}), headers=headers)


async def show_part(request: Request) -> Response:
    """GET /api/artifacts/{id}/preview/{number}: a page, a sheet, a slide."""
    artifact = await own_artifact(request)
    part = await parts(request).previews.part(artifact, _number(request))
    headers = {**CACHED, **HARMLESS, "ETag": f'"{part.sha256}"'}
    if knows(request, headers):
        return Response(status_code=304, headers=headers)

    headers["Content-Length"] = str(part.file_size)
    if request.method == "HEAD":
        return Response(None, headers=headers, media_type=part.mime_type)

    body = parts(request).artifacts.read(part, 0, part.file_size)
    return StreamingResponse(body, headers=headers, media_type=part.mime_type)


def _manifest(artifact: Artifact, result: dict[str, Any]) -> dict[str, Any]:
    """The parts with their addresses; `total` is larger when some were left out."""
    made = zip(result["parts"], result["artifacts"], strict=True)
    url = f"/api/artifacts/{artifact.id}/preview"
    return {
        "kind": result["kind"],
        "total": result["total"],
        "parts": [
            {"url": f"{url}/{number}", "mimeType": stored["mime_type"], **part}
            for number, (part, stored) in enumerate(made, 1)
        ],
    }


def _never(reason: str) -> Problem:
    return Problem(404, "preview_failed", reason)


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not NUMBER.fullmatch(text):
        raise ArtifactNotFound

    return int(text)
