"""The routes of artifacts. The bytes are strangers' work: saved, never shown on our origin."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from db.artifacts import Artifact
from db.errors import ArtifactNotFound
from server import auth, wire
from server.parts import parts
from server.problems import Problem
from server.wire import Json


async def show(request: Request) -> Response:
    """GET /api/artifacts/{id}: what is known of the file."""
    return Json(wire.artifact(await own_artifact(request)))


async def download(request: Request) -> Response:
    """GET /api/artifacts/{id}/download: the file, or the one range of it that was asked for."""
    artifact = await own_artifact(request)
    headers = _headers(artifact)
    if knows(request, headers):
        return Response(status_code=304, headers=headers)

    start, stop = _range(request, artifact)
    headers["Content-Length"] = str(stop - start)
    is_part = (start, stop) != (0, artifact.file_size)
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{artifact.file_size}"
    status = 206 if is_part else 200
    if request.method == "HEAD":
        return Response(None, status, headers, artifact.mime_type)

    body = parts(request).artifacts.read(artifact, start, stop)
    return StreamingResponse(body, status, headers, artifact.mime_type)


def content_disposition(file_name: str) -> str:
    """RFC 6266: the name in full (RFC 8187), and what is left of it for readers of ASCII."""
    plain = re.sub(r"[^\x20-\x7e]|[\"\\/%;]", "_", file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


async def own_artifact(request: Request) -> Artifact:
    """The artifact that the path names. Raises ArtifactNotFound for another's too."""
    principal = parts(request).access.identify_reader(request)
    artifact_id = auth.parse_id(request.path_params["artifact_id"], ArtifactNotFound)
    artifact = await parts(request).artifacts.get(artifact_id)
    auth.check_sees_artifact(principal, artifact)

    return artifact


def knows(request: Request, headers: dict[str, str]) -> bool:
    """Whether the caller has already what these headers describe (RFC 9110, If-None-Match)."""
    known = request.headers.get("if-none-match", "").split(",")
    return headers["ETag"] in (tag.strip().removeprefix("W/") for tag in known)


def _headers(artifact: Artifact) -> dict[str, str]:
    return {
        "ETag": f'"{artifact.sha256}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(artifact.file_name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }


def _range(request: Request, artifact: Artifact) -> tuple[int, int]:
    """The bytes [start, stop) to send; all of them when the header is no single byte range."""
    size = artifact.file_size
    found = re.fullmatch(
        r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", request.headers.get("range", "").strip()
    )
    if not found or found.groups() == ("", "") or not _range_is_current(request, artifact):
        return 0, size

    first, last = found.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    if first and last and int(last) < int(first):
        return 0, size
    if start >= size or start == stop:
        raise Problem(
            416,
            "range_not_satisfiable",
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )

    return start, stop


def _range_is_current(request: Request, artifact: Artifact) -> bool:
    return request.headers.get("if-range", f'"{artifact.sha256}"') == f'"{artifact.sha256}"'
