"""The browser's half as files: read when asked for, revalidated always."""

import os
from importlib.resources import files
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import examples
from server.parts import parts
from server.wire import Json

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
SUFFIXES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


class Client(StaticFiles):
    """Serves the files of the client package, with the headers of a strict page."""

    def __init__(self) -> None:
        super().__init__(directory=Path(str(files("client"))))

    async def get_response(self, path: str, scope: Scope) -> Response:
        if Path(path).suffix not in SUFFIXES:
            raise HTTPException(404)

        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: "str | os.PathLike[str]",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        if response.status_code == 200:
            response.headers["Content-Type"] = SUFFIXES[Path(full_path).suffix]
        response.headers.update(HEADERS)

        return response


async def list_examples(request: Request) -> Response:
    """GET /api/examples: one script for each document type."""
    parts(request).access.identify(request)
    return Json(
        [
            {
                "documentType": example.document_type,
                "title": example.title,
                "fileName": example.file_name,
                "code": example.code,
            }
            for example in examples.load()
        ]
    )


client = Client()


async def index(request: Request) -> Response:
    """GET /: the chat page."""
    return await client.get_response("index.html", request.scope)


async def jobs(request: Request) -> Response:
    """GET /jobs: the jobs page."""
    return await client.get_response("jobs.html", request.scope)
