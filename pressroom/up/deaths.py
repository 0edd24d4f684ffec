"""When a program has died too often."""

import signal
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from db.errors import PressroomError

EX_CONFIG = 78
MOST = 5
WITHIN = timedelta(seconds=30)
FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=5)


class ProgramFailed(PressroomError):
    """A program cannot be kept up."""

    def __init__(self, name: str, reason: str, lines: Sequence[str] = (), status: int = 1) -> None:
        super().__init__("\n".join([f"{name} {reason}", *(f"  {line}" for line in lines)]))
        self.status = status


class Deaths:
    """The recent deaths of one program."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._moments: deque[float] = deque(maxlen=MOST)

    def count(self, how: str, lines: Sequence[str]) -> timedelta:
        """Return how long to pause before the next start; ProgramFailed when there is none."""
        self._moments.append(time.monotonic())
        recent = [m for m in self._moments if m > time.monotonic() - WITHIN.total_seconds()]
        if len(recent) == MOST:
            raise ProgramFailed(
                self._name,
                f"died {MOST} times within {WITHIN.seconds} s, at last with {how}; "
                "it was started again each time, and now everything stops. Its last lines:",
                lines,
            )

        doublings: int = 2 ** (len(recent) - 1)

        return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def told(status: int) -> str:
    """Name how a process ended: its exit status or the signal."""
    if status >= 0:
        return f"exit status {status}"

    return f"signal {signal.Signals(-status).name}"
