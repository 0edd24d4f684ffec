"""Spans without OpenTelemetry, and without anybody who collects them."""

import subprocess
import sys

import pytest

from db.telemetry import tracing

WITHOUT = """
import logging, sys
sys.modules["opentelemetry"] = None  # as if it were not installed
from dataclasses import replace
from db import settings
from db.telemetry import tracing

logging.basicConfig()
assert not tracing.is_installed
tracing.set_up(replace(settings.load({}), otlp_endpoint="http://127.0.0.1:9"), service="x")
with tracing.span("attempt pdf", "CONSUMER", "00-%032d-%016d-01" % (1, 1)) as span:
    span.describe({"pressroom.attempt": 1}, name="other", is_failure=True)
    assert tracing.context() is None
"""


def test_without_the_extra_it_does_nothing_and_says_so():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )

    assert "tracing.off" in done.stderr
    assert "pip install -e '.[otel]'" in done.stderr


@pytest.mark.parametrize("parent", [None, "", "nonsense", "00-0-0-00", "é" * 400])
def test_what_is_no_traceparent_is_no_parent(parent: str | None):
    with tracing.span("attempt pdf", "CONSUMER", parent) as span:
        span.describe({"pressroom.attempt": 1})


def test_a_trace_goes_through_a_program_that_records_nothing():
    """The caller's trace reaches the row, though no collector is named here."""
    trace = "0af7651916cd43dd8448eb211c80319c"

    with tracing.span("POST", "SERVER", f"00-{trace}-b7ad6b7169203331-01"):
        assert trace in str(tracing.context())
    assert tracing.context() is None
