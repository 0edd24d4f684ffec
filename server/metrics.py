"""What the server counts, and what it says of itself at a scrape."""

from collections.abc import Iterator
from functools import partial

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from starlette.requests import Request
from starlette.responses import Response

from db.telemetry import connections, metrics
from db.telemetry.metrics import REGISTRY
from server import auth
from server.census import of_pauses, of_queue
from server.hub import Hub
from server.parts import Parts, parts

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

REQUESTS = Counter(
    "pressroom_http_requests",
    "Answered requests, by the route that they matched.",
    ["route", "method", "status"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "pressroom_http_request_seconds",
    "From a request until its answer began.",
    ["route"],
    registry=REGISTRY,
)
FRAMES = Counter(
    "pressroom_stream_frames", "States of jobs that were sent on streams.", registry=REGISTRY
)


async def show(request: Request) -> Response:
    """GET /metrics: figures about all users, for admins and backends."""
    auth.check_may_operate(parts(request).access.identify(request))
    body = await exposition(parts(request))

    return Response(body, headers={"Content-Type": metrics.CONTENT_TYPE})


async def exposition(parts: Parts) -> bytes:
    """The text of a scrape."""
    return metrics.exposition(
        partial(of_queue, await parts.census.take()),
        partial(of_pauses, parts.census.paused),
        partial(_of_streams, parts.hub),
        partial(connections.of_listener, parts.listener),
        partial(connections.of_pool, parts.pool),
    )


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request; `route` is the pattern, never the path."""
    known = method if method in METHODS else "other"
    REQUESTS.labels(route, known, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def _of_streams(hub: Hub) -> Iterator[Metric]:
    yield GaugeMetricFamily("pressroom_streams", "Readers that watch a job.", value=hub.streams)
