"""Spans, where OpenTelemetry is installed (the extra `otel`); nothing at all elsewhere.

A trace goes from the request through a column of the job's row to each of its attempts.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

from db.settings import Settings
from db.telemetry import logs, metrics

try:
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError:
    is_installed = False
else:
    is_installed = True

PARENT = "traceparent"
# For a collector that does not answer: at the end it comes on top of the drain's grace.
PATIENCE = timedelta(seconds=5)

log = logging.getLogger(__name__)


class Span:
    """A stretch of work in a trace, or a stand-in that forgets what it is told."""

    def __init__(self, recording: "trace.Span | None" = None) -> None:
        self._recording = recording

    def describe(
        self,
        attributes: Mapping[str, str | int],
        *,
        name: str | None = None,
        is_failure: bool = False,
    ) -> None:
        """Add what is known now; the name replaces the one that the span began with."""
        if self._recording is None:
            return

        self._recording.set_attributes(attributes)
        if name is not None:
            self._recording.update_name(name)
        if is_failure:
            self._recording.set_status(trace.StatusCode.ERROR)


@contextmanager
def span(name: str, kind: Literal["SERVER", "CONSUMER"], parent: str | None) -> Iterator[Span]:
    """Record the block as a span of the trace of `parent`, a W3C traceparent, else of a new one."""
    if not is_installed:
        yield Span()
        return

    context = TraceContextTextMapPropagator().extract({PARENT: parent or ""}, Context())
    tracer = trace.get_tracer("pressroom", metrics.program_version())
    with tracer.start_as_current_span(name, context, trace.SpanKind[kind]) as recording:
        known = recording.get_span_context()
        if known.is_valid:
            logs.bind(trace=trace.format_trace_id(known.trace_id))
        yield Span(recording)


def context() -> str | None:
    """The present span as a W3C traceparent; None outside of any."""
    carrier: dict[str, str] = {}
    if is_installed:
        TraceContextTextMapPropagator().inject(carrier)

    return carrier.get(PARENT)


def set_up(settings: Settings, *, service: str) -> None:
    """Send spans to the collector that the settings name, if they name one."""
    if settings.otlp_endpoint is None:
        return

    try:
        _export(settings.otlp_endpoint, service)
    except ImportError as error:
        log.warning(
            "tracing.off reason=%r", f"install the extra otel (pip install -e '.[otel]'): {error}"
        )
    else:
        log.info("tracing.on endpoint=%s", settings.otlp_endpoint)


def _export(endpoint: str, service: str) -> None:
    # Imported here: they take half a second, which only those pay who want traces.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource({"service.name": service, "service.version": metrics.program_version()})
    provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()))
    exporter = OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=PATIENCE.total_seconds()
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
