"""A line for each thing that happened: text for a person, an object for a machine.

A call names the event and its fields: `log.info("attempt.ended job=%s seconds=%.3f", job, took)`.
The object takes the names from the format and the values from the arguments, so that no value
can be mistaken for a field.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

PLAIN = "%(asctime)s %(levelname)s %(message)s"
EVENT = re.compile(r"[a-z_]+(?:\.[a-z_]+)+(?= |$)")
PLACE = re.compile(r"(?:(\w+)=)?%[-#0 +]*\d*(?:\.\d+)?([a-zA-Z%])")

_bound: ContextVar[Mapping[str, Any]] = ContextVar("bound", default=MappingProxyType({}))


def set_up(style: str) -> None:
    """Write lines to stderr, `plain` or `json`."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else logging.Formatter(PLAIN))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def bind(**fields: Any) -> None:
    """Add fields to every object that the present task, and those it starts, will log."""
    _bound.set({**_bound.get(), **fields})


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: time, level, logger, message, event if it has one, then the fields."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if found := EVENT.match(str(record.msg)):
            line["event"] = found[0]
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)

        return json.dumps({**line, **_bound.get(), **dict(_fields(record))}, default=str)


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    if not isinstance(record.args, tuple):
        return

    places = [place for place in PLACE.findall(str(record.msg)) if place[1] != "%"]
    for (name, conversion), value in zip(places, record.args, strict=False):
        if name:
            yield name, repr(value) if conversion == "r" else value
