"""What a run says of its progress: a stranger's lines, parsed as such."""

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any

from workers.sandbox.streams import clean
from workers.sandbox.values import Progress

LINE_BYTES = 4 * 1024
LEAST_BYTES = 256  # what a line counts as, for a short one is as much work
REPORT_BYTES = 64 * 1024  # how a run ended, with its traceback
MESSAGE_LENGTH = 200
DELIVERY_SECONDS = 0.05
MOST_FILES = 1_000_000

OnProgress = Callable[[Progress], None]


class Lines:
    """The control pipe of one run: progress goes on, the report of its end is kept."""

    def __init__(self, on_progress: "OnProgress | None") -> None:
        self.report: dict[str, Any] = {}
        self.seen = 0
        self._throttle = Throttle(on_progress)
        self._rest = bytearray()
        self._skipping = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; lines that are too long or make no sense are dropped."""
        *whole, rest = chunk.split(b"\n")
        self.seen += max(len(chunk), LEAST_BYTES * len(whole))
        for part in whole:
            self._rest += part
            if not self._skipping:
                self._line(bytes(self._rest))
            self._rest.clear()
            self._skipping = False

        self._rest += rest
        if len(self._rest) > REPORT_BYTES:
            self._rest.clear()
            self._skipping = True

    def close(self) -> None:
        """Deliver what was held back."""
        self._throttle.flush()

    def _line(self, line: bytes) -> None:
        message = _parsed(line)
        if "failure" in message or "sandbox" in message:
            self.report = message
        elif message and len(line) <= LINE_BYTES:
            self._throttle.offer(message)


class Throttle:
    """Delivers at most 20 times a second, the latest state each time."""

    def __init__(self, deliver: "OnProgress | None") -> None:
        self._deliver = deliver
        self._latest = Progress()
        self._delivered = self._latest
        self._timer: asyncio.TimerHandle | None = None
        self._open_at = -math.inf

    def offer(self, message: dict[str, Any]) -> None:
        """Merge a message and deliver it now or soon."""
        self._latest = merge(self._latest, message)
        loop = asyncio.get_running_loop()
        if loop.time() >= self._open_at:
            self._send()
        elif self._timer is None:
            self._timer = loop.call_at(self._open_at, self._send)

    def flush(self) -> None:
        """Deliver the latest state if nobody has seen it, and stop."""
        self._send()

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._deliver is None or self._latest == self._delivered:
            return

        self._delivered = self._latest
        self._open_at = asyncio.get_running_loop().time() + DELIVERY_SECONDS
        self._deliver(self._latest)


def merge(before: Progress, message: dict[str, Any]) -> Progress:
    """Return the state after a message; what it does not say, or says badly, stays."""
    percent = _whole(message.get("percent"), 100)
    if percent is not None and before.percent is not None:
        percent = max(percent, before.percent)
    words = message.get("message")

    return Progress(
        percent=before.percent if percent is None else percent,
        message=_words(words) if isinstance(words, str) else before.message,
        total_files=_or(_whole(message.get("total_files"), MOST_FILES), before.total_files),
        processed_files=_or(
            _whole(message.get("processed_files"), MOST_FILES), before.processed_files
        ),
    )


def _parsed(line: bytes) -> dict[str, Any]:
    if not line.startswith(b"{"):
        return {}

    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}

    return message if isinstance(message, dict) else {}


def _whole(value: object, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return None

    return int(min(max(value, 0), most))


def _words(text: str) -> str:
    # A lone surrogate is no text: Postgres and UTF-8 refuse it.
    whole = text.encode(errors="replace").decode()
    return " ".join(clean(whole).split())[:MESSAGE_LENGTH]


def _or(value: int | None, before: int | None) -> int | None:
    return before if value is None else value
