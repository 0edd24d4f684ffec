"""Waiting for an event, but not for ever."""

import asyncio
from datetime import timedelta


async def came(event: asyncio.Event, patience: timedelta) -> bool:
    """Wait for an event at most so long, and say whether it came.

    Not `asyncio.wait_for`: in Python 3.11 it swallows a cancellation that arrives together with
    the event, and the loop that was told to end goes on for ever.
    """
    try:
        async with asyncio.timeout(patience.total_seconds()):
            await event.wait()
    except TimeoutError:
        return False

    return True
