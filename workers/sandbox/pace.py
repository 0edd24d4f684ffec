"""Lets a script say its progress in every turn of a loop: what comes too fast becomes its latest.

A courtesy in the code's own process. The worker bounds what it hears by itself.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

SECONDS = 0.05  # between two words, as often as the worker hands them on
AT_ONCE = 100  # words that go out as they come, before that is asked of a script


class Pace:
    """Tells the state of a script: at once while it says little, else the latest in time."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {}
        self._told: dict[str, Any] = {}
        self._spent_until = 0.0
        self._timer: threading.Timer | None = None

    def say(self, news: dict[str, Any]) -> None:
        """Take what is new, from whichever thread; None says nothing."""
        with self._lock:
            self._state |= {name: value for name, value in news.items() if value is not None}
            if self._state == self._told:
                return

            now = time.monotonic()
            self._spent_until = max(self._spent_until, now - AT_ONCE * SECONDS)
            if self._spent_until <= now:
                self._tell_state()
            elif self._timer is None:
                self._tell_later(self._spent_until - now)

    def finish(self) -> None:
        """Tell what was held back."""
        with self._lock:
            self._timer = None
            if self._state != self._told:
                self._tell_state()

    def _tell_state(self) -> None:
        self._spent_until += SECONDS
        self._told = dict(self._state)
        self._tell(self._told)

    def _tell_later(self, seconds: float) -> None:
        # A loop may be followed by a minute of silence, which is not to be spent on its last but
        # few words. Not for good, so that a script with no room for a thread loses only that.
        timer = threading.Timer(seconds, self.finish)
        timer.daemon = True
        with suppress(RuntimeError):
            timer.start()
            self._timer = timer
