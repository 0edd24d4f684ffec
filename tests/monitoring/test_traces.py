"""One trace and one set of ids, from the request to the attempt, in spans and in log lines."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from db import migrate
from tests.conftest import empty_database
from tests.monitoring.conftest import WORKBOOK, make, running

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What two programs have told when they have ended: spans, and lines of their logs."""

    spans: list[Any]
    server: list[dict[str, Any]]
    worker: list[dict[str, Any]]


@pytest.fixture(scope="module")
async def told(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    spans: list[Any] = []
    async with empty_database(postgres_url) as url:
        await migrate.upgrade(url)
        with collector(spans) as endpoint:
            environment = {
                "DATABASE_URL": url,
                "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
                "NO_PROXY": "127.0.0.1",
                "PRESSROOM_DATA_DIR": str(tmp_path_factory.mktemp("data")),
                "PRESSROOM_LOG": "json",
                "PRESSROOM_PORT": "0",
            }
            ids = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Request-Id": "chat-7"}
            async with (
                running("server", **environment) as server,
                running("workers", **environment) as worker,
            ):
                await make(server.url, WORKBOOK, **ids)

    return Told(
        spans=spans,
        server=[json.loads(line) for line in server.log],
        worker=[json.loads(line) for line in worker.log],
    )


@contextmanager
def collector(spans: list[Any]) -> Iterator[str]:
    """An OTLP endpoint that keeps every span."""

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, name="collector")
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_the_trace_of_a_request_goes_on_in_the_attempt(told: Told):
    spans = {span.name: span for span in told.spans}
    request, attempt = spans["POST /api/jobs"], spans["attempt spreadsheet"]

    assert request.trace_id.hex() == attempt.trace_id.hex() == TRACE
    assert request.parent_span_id.hex() == CALLER
    assert attempt.parent_span_id == request.span_id
    facts = {fact.key: fact.value for fact in attempt.attributes}
    assert facts["pressroom.outcome"].string_value == "completed"


async def test_log_lines_carry_the_ids_of_what_they_are_about(told: Told):
    (request,) = [line for line in told.server if line.get("method") == "POST"]
    (ended,) = [line for line in told.worker if line.get("event") == "attempt.ended"]

    assert (request["event"], request["path"]) == ("http.request", "/api/jobs")
    assert (request["request"], request["status"]) == ("chat-7", 200)
    assert (ended["job"], ended["attempt"]) == (request["job"], 1)
    assert ended["outcome"] == "completed"
    assert ended["seconds"] > 0
    assert request["trace"] == ended["trace"] == TRACE
