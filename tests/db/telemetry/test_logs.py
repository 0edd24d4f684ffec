"""Lines for machines: the fields are the call's own, whatever the values hold."""

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

from db.telemetry import logs

JOB = UUID("5f0c1a52-0000-4000-8000-000000000000")


def written(message: str, *arguments: object, **more: Any) -> dict[str, Any]:
    record = logging.LogRecord(
        "workers.attempt", logging.INFO, "f", 1, message, arguments, more.get("exc_info")
    )
    line = logs.JsonLines().format(record)
    assert "\n" not in line

    return dict(json.loads(line))


def test_fields_are_named_by_the_format_and_keep_their_types():
    line = written("attempt.ended job=%s attempt=%d seconds=%.3f", JOB, 2, 1.23456)

    assert line["message"] == f"attempt.ended job={JOB} attempt=2 seconds=1.235"
    assert (line["event"], line["level"], line["logger"]) == (
        "attempt.ended",
        "info",
        "workers.attempt",
    )
    assert (line["job"], line["attempt"], line["seconds"]) == (str(JOB), 2, 1.23456)
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize(
    ("message", "arguments", "fields"),
    [
        ("a.b error=%r", (OSError("no"),), {"error": "OSError('no')"}),
        ("a.b path=%s", ("x status=500\nforged",), {"path": "x status=500\nforged"}),
        ("a.b done=50%% of=%d", (4,), {"of": 4}),
        ("a.b %s of=%d", ("all", 4), {"of": 4}),
        ("a.b wait=%5.1f", (0.5,), {"wait": 0.5}),
        ("no fields at all", (), {}),
    ],
)
def test_no_value_becomes_a_field(message: str, arguments: Any, fields: dict[str, Any]):
    line = written(message, *arguments)

    own = {"time", "level", "logger", "message", "event"}
    assert {name: value for name, value in line.items() if name not in own} == fields


@pytest.mark.parametrize("message", ["Started server process [%d]", "a.b.", "A.b c=%d"])
def test_a_line_of_somebody_elses_has_no_event(message: str):
    arguments = (1,) if "%" in message else ()

    assert "event" not in written(message, *arguments)


def test_an_exception_stays_on_the_line():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        line = written("handler.broke", exc_info=sys.exc_info())

    assert "ValueError: two\nlines" in line["exception"]


async def test_bound_fields_belong_to_a_task_and_those_it_starts():
    async def child() -> dict[str, Any]:
        return written("child.says")

    async def request(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        logs.bind(request=name)
        return written("parent.says"), await asyncio.create_task(child())

    one, two = await asyncio.gather(*(asyncio.create_task(request(n)) for n in ("one", "two")))

    assert [line["request"] for line in (*one, *two)] == ["one", "one", "two", "two"]
    assert "request" not in written("outside.says")


@pytest.mark.parametrize(("style", "begins"), [("plain", "20"), ("json", '{"time": "20')])
def test_a_program_writes_the_style_it_is_told(style: str, begins: str):
    code = f"""
import logging
from db.telemetry import logs
logs.set_up("plain")
logs.set_up({style!r})
logging.getLogger("x").info("it.runs n=%d", 1)
logging.getLogger("x").debug("not.this")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    (line,) = done.stderr.splitlines()
    assert line.startswith(begins)
    assert "it.runs n=1" in line
