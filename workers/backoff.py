"""How long a retry waits: exponential, with full jitter, so that a crowd spreads out."""

import random
from collections.abc import Callable
from datetime import timedelta

BASE = timedelta(seconds=2)
MOST = timedelta(minutes=5)


def delay(retry_count: int, pick: Callable[[float, float], float] = random.uniform) -> timedelta:
    """Return the wait before the retry that follows `retry_count` earlier ones."""
    most = min(BASE * 2 ** min(retry_count, 16), MOST)
    return timedelta(seconds=pick(0, most.total_seconds()))
