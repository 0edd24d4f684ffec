"""Waiting for processes that are not our children to end."""

import os
import select
from collections.abc import Iterable


def gone(pids: Iterable[int], within_seconds: float = 15) -> bool:
    """Wait until every process has ended; False when one of them does not."""
    return all(_is_gone(pid, within_seconds) for pid in pids)


def _is_gone(pid: int, within_seconds: float) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True

    try:
        readable, _, _ = select.select([descriptor], [], [], within_seconds)
    finally:
        os.close(descriptor)

    return bool(readable)
