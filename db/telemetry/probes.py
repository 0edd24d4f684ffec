"""The port where machines ask how a program is: /metrics, /healthz, /readyz.

A listener of its own, in the program's own event loop: that it answers at all is what /healthz
says, also before the program serves and while it drains.
"""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from db.errors import SettingInvalid
from db.telemetry import metrics

PATIENCE = timedelta(seconds=10)
JSON = "application/json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a program knows of itself: its figures, and why it is not ready (None: it is).

    Ready or not, it may add facts that somebody would ask for next.
    """

    metrics: Callable[[], Awaitable[bytes]]
    unready: Callable[[], Awaitable[str | None]]
    facts: Callable[[], dict[str, Any]] = dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status, a media type and a body."""

    status: HTTPStatus
    media_type: str
    body: bytes


@asynccontextmanager
async def listening(port: int | None, answers: Answers) -> AsyncIterator[None]:
    """Answer on all addresses within the block; not at all without a port.

    Raises SettingInvalid where the port is taken.
    """
    if port is None:
        yield
        return

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _converse(reader, writer, answers)

    server = await asyncio.start_server(converse, sock=_listen(port))
    log.info("probes.listening port=%d", server.sockets[0].getsockname()[1])
    try:
        yield
    finally:
        server.close()


async def reply(path: str, answers: Answers) -> Reply:
    """The reply to GET of a path."""
    match path:
        case "/healthz":
            return _json(HTTPStatus.OK, status="ok")
        case "/readyz":
            reason = await answers.unready()
            if reason is None:
                return _json(HTTPStatus.OK, status="ready", **answers.facts())
            return _json(
                HTTPStatus.SERVICE_UNAVAILABLE,
                status="not_ready",
                detail=reason,
                **answers.facts(),
            )
        case "/metrics":
            body = await answers.metrics()
            return Reply(status=HTTPStatus.OK, media_type=metrics.CONTENT_TYPE, body=body)

    return _json(HTTPStatus.NOT_FOUND, detail="Ask for /metrics, /healthz or /readyz.")


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: Answers
) -> None:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            request = await reader.readuntil(b"\r\n\r\n")
            writer.write(await _answered(request, answers))
            await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        log.debug("probes.broken error=%r", error)
    finally:
        writer.close()


async def _answered(request: bytes, answers: Answers) -> bytes:
    method, _, rest = request.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    if method not in ("GET", "HEAD"):
        return _written(_json(HTTPStatus.METHOD_NOT_ALLOWED, detail="GET only."))

    path = rest.partition(" ")[0].partition("?")[0]
    return _written(await reply(path, answers), has_body=method == "GET")


def _written(reply: Reply, *, has_body: bool = True) -> bytes:
    head = (
        f"HTTP/1.1 {reply.status.value} {reply.status.phrase}\r\n"
        f"Content-Type: {reply.media_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (reply.body if has_body else b"")


def _json(status: HTTPStatus, /, **body: Any) -> Reply:
    return Reply(status=status, media_type=JSON, body=json.dumps(body).encode())


def _listen(port: int) -> socket.socket:
    try:
        if socket.has_dualstack_ipv6():
            return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)

        return socket.create_server(("", port))
    except OSError as error:
        raise SettingInvalid(
            f"PRESSROOM_METRICS_PORT={port}: cannot listen: {error.strerror}; "
            "stop the program that does, name another port, or leave it out"
        ) from None
