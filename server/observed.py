"""What is noted of every request: an id, a span, a count, a line in the log."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from db.telemetry import logs, tracing
from server import metrics, request_ids

# Asked for every few seconds by machines; of these only a refusal is news.
PROBES = ("/healthz", "/readyz", "/metrics")
CLOSED_BY_CLIENT = 499

log = logging.getLogger(__name__)


class Observed:
    """One request under observation: `send` for its answer, and what was seen of it."""

    __slots__ = ("_began_at", "_request_id", "_send", "seconds", "status")

    def __init__(self, request_id: str, send: Send) -> None:
        self._request_id = request_id
        self._send = send
        self._began_at = time.monotonic()
        self.status = 0
        self.seconds = 0.0

    async def send(self, message: Message) -> None:
        """Send on; the answer carries the request's id."""
        if message["type"] == "http.response.start":
            self.begin_answer(message["status"])
            named = (request_ids.HEADER.encode(), self._request_id.encode())
            message = {**message, "headers": [*message["headers"], named]}

        await self._send(message)

    def begin_answer(self, status: int) -> None:
        """Note the status, and how long the caller waited for it."""
        if self.status == 0:
            self.status = status
            self.seconds = time.monotonic() - self._began_at


@contextmanager
def observe(scope: Scope, send: Send) -> Iterator[Observed]:
    """Observe a request within the block; the ids stay with the task, for what follows it."""
    headers = Headers(scope=scope)
    request_id = request_ids.adopt(headers.get(request_ids.HEADER))
    logs.bind(request=request_id)
    observed = Observed(request_id, send)
    with tracing.span(scope["method"], "SERVER", headers.get(tracing.PARENT)) as span:
        try:
            yield observed
        finally:
            observed.begin_answer(CLOSED_BY_CLIENT)
            _tell(scope, observed, span)


def _tell(scope: Scope, observed: Observed, span: tracing.Span) -> None:
    method, route = scope["method"], getattr(scope.get("route"), "path", "unmatched")
    metrics.count_request(route, method, observed.status, observed.seconds)
    span.describe(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": observed.status,
        },
        name=f"{method} {route}",
        is_failure=observed.status >= 500,
    )
    log.log(
        logging.DEBUG if route in PROBES and observed.status < 400 else logging.INFO,
        "http.request method=%s path=%s status=%d seconds=%.3f",
        method,
        quote(scope["path"]),  # a line break in a path forges no line
        observed.status,
        observed.seconds,
    )
